//go:build race

package contract_test

// The race detector makes everything about ten times slower.
const events = 400_000

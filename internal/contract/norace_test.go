//go:build !race

package contract_test

const events = 10_000_000

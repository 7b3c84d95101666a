//go:build !race

package e2e

// together is how many rows run at the same time. They sleep most of the time.
const together = 12

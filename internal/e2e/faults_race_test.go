//go:build race

package e2e

// together is how many rows run at the same time. The race detector makes each of them several times as costly.
const together = 3

//go:build !race

package otelsli_test

// raceEnabled is whether the race detector slows this run down and allocates.
const raceEnabled = false

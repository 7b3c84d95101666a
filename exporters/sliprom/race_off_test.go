//go:build !race

package sliprom

// raceEnabled says that the race detector is on, which makes pools forget now and then.
const raceEnabled = false

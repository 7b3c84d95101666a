//go:build race

package setup_test

// raceEnabled says that everything takes several times as long.
const raceEnabled = true

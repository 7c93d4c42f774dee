//go:build race

package bridge

// raceEnabled: the race detector allocates for itself.
const raceEnabled = true

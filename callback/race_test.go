//go:build race

package callback

// raceEnabled: the race detector allocates for itself.
const raceEnabled = true

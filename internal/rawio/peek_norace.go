//go:build linux && !race

package rawio

func learn(uintptr) {}

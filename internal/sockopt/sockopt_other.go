//go:build !linux

package sockopt

// Only Linux has these two; elsewhere the system's ways hold.

func deferAccept(int, int) {}

func userTimeout(int, int) {}

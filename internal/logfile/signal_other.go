//go:build !linux

package logfile

// IgnoreSignal does nothing here: there is no SIGRTMIN.
func IgnoreSignal() {}

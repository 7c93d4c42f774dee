package logfile

import (
	"syscall"
	"unsafe"
)

// IgnoreSignal keeps SIGRTMIN, with which a Swoole server is told to open its log again, from ending this process: Go's runtime leaves it to
// the system (musl uses it for itself), whose default that is. That the file was moved away is seen without it.
func IgnoreSignal() {
	const (
		sigRTMIN = 34
		sigIgn   = 1
		setSize  = 8 // bytes of a set of signals, on most architectures
	)
	action := [8]uintptr{sigIgn}                                                                                          // the handler comes first in the kernel's struct
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, sigRTMIN, uintptr(unsafe.Pointer(&action)), 0, setSize, 0, 0) //nolint:gosec // the kernel reads it
}

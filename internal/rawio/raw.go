//go:build linux && !race

package rawio

import (
	"syscall"
	"unsafe"
)

// limit is how much is copied in one call, in bytes: the scheduler cannot stop the thread meanwhile.
const limit = 256 << 10

// Read reads once into p, which stays the caller's. Any goroutine may call it; it never blocks, if the descriptor does not. It returns 0 and no
// error at the end of file, as for an empty p.
func Read(fd uintptr, p []byte) (int, syscall.Errno) { return call(syscall.SYS_READ, fd, p) }

// Write writes p once, or as much of it as the descriptor takes; p stays the caller's. Any goroutine may call it; it never blocks, if the
// descriptor does not.
func Write(fd uintptr, p []byte) (int, syscall.Errno) { return call(syscall.SYS_WRITE, fd, p) }

func call(trap, fd uintptr, p []byte) (int, syscall.Errno) {
	p = p[:min(len(p), limit)]
	n, _, errno := syscall.RawSyscall(trap, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p))) //nolint:gosec // p lives until the call returns
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

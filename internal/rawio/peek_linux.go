package rawio

import (
	"syscall"
	"unsafe"
)

// Peek reads as Read does, from a socket, and leaves there what it read.
func Peek(fd uintptr, p []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(min(len(p), peekLimit)), syscall.MSG_PEEK, 0, 0) //nolint:gosec // p lives until the call returns
	if errno != 0 {
		return 0, errno
	}
	learn(fd)
	return int(n), 0
}

// peekLimit is Read's limit, which is another file's for other builds.
const peekLimit = 256 << 10

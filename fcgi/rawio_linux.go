package fcgi

import (
	"syscall"
	"unsafe"
)

// The descriptors do not block, so these calls need no help of the scheduler. Telling it all the same, as syscall.Read
// does, keeps the runtime's monitor thread running, which looks for threads that are stuck: an eighth of the CPU time of
// a busy bridge on two cores.

// rawLimit is how much is copied in one such call: the scheduler cannot stop the thread meanwhile.
const rawLimit = 64 << 10

func rawRead(fd uintptr, p []byte) (int, syscall.Errno) { return rawCall(syscall.SYS_READ, fd, p) }

func rawWrite(fd uintptr, p []byte) (int, syscall.Errno) { return rawCall(syscall.SYS_WRITE, fd, p) }

func rawCall(trap, fd uintptr, p []byte) (int, syscall.Errno) {
	p = p[:min(len(p), rawLimit)]
	n, _, errno := syscall.RawSyscall(trap, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p))) //nolint:gosec // p lives until the call returns
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

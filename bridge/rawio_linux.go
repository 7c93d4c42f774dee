package bridge

import (
	"syscall"
	"unsafe"
)

// A socket that does not block needs no help of the scheduler around its system calls. Telling it all the same
// (syscall.Read does) lets the runtime's monitor thread take the processor away from a write that takes 20 us, which on
// loopback they do: it then never sleeps, and costs an eighth of the CPU time (measured with perf, 2 cores).

// rawLimit is how much is copied in one such call: the scheduler cannot stop the thread meanwhile.
const rawLimit = 256 << 10

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

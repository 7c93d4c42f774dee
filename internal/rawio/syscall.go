//go:build unix && (!linux || race)

package rawio

import "syscall"

// Read reads once into p, which stays the caller's. Any goroutine may call it; it never blocks, if the descriptor does not. It returns 0 and no
// error at the end of file, as for an empty p.
func Read(fd uintptr, p []byte) (int, syscall.Errno) { return result(syscall.Read(int(fd), p)) }

// Write writes p once, or as much of it as the descriptor takes; p stays the caller's. Any goroutine may call it; it never blocks, if the
// descriptor does not.
func Write(fd uintptr, p []byte) (int, syscall.Errno) { return result(syscall.Write(int(fd), p)) }

func result(n int, err error) (int, syscall.Errno) {
	errno, _ := err.(syscall.Errno) //nolint:errorlint // package syscall returns it bare, and errors.As allocates
	return max(n, 0), errno
}

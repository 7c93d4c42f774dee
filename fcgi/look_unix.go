//go:build unix

package fcgi

import "syscall"

// look reads one byte, which a healthy idle connection does not have: the descriptor does not
// block, so EAGAIN is the good outcome, and end of file, an error or a stray byte are all reasons
// not to use it again.
func (c *conn) look(fd uintptr) {
	for {
		_, err := syscall.Read(int(fd), c.probe[:])
		if err != syscall.EINTR {
			c.silent = err == syscall.EAGAIN
			return
		}
	}
}

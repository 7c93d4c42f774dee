//go:build unix

package fcgi

import (
	"io"
	"syscall"
)

// socket is what a connection's calls to its descriptor need. The runtime's poller takes functions of the descriptor
// alone, and to make those anew for each call would be an allocation, so their arguments and results stand here.
type socket struct {
	look  func(fd uintptr)
	read  func(fd uintptr) bool
	write func(fd uintptr) bool

	silent   bool // what look found
	probe    [1]byte
	in       []byte
	n        int
	readErr  error
	out      []byte
	written  int
	writeErr error
}

func (s *socket) init() { s.look, s.read, s.write = s.lookNow, s.readNow, s.writeNow }

// lookNow reads one byte, which a healthy idle connection does not have: the descriptor does not
// block, so EAGAIN is the good outcome, and end of file, an error or a stray byte are all reasons
// not to use it again.
func (s *socket) lookNow(fd uintptr) {
	for {
		_, err := rawRead(fd, s.probe[:])
		if err != syscall.EINTR {
			s.silent = err == syscall.EAGAIN
			return
		}
	}
}

// readNow reads once; false means to wait until there is something.
func (s *socket) readNow(fd uintptr) bool {
	for {
		s.n, s.readErr = rawRead(fd, s.in)
		switch {
		case s.readErr == syscall.EINTR:
			continue
		case s.readErr == syscall.EAGAIN:
			return false
		case s.readErr == nil && s.n == 0:
			s.readErr = io.EOF
		}
		return true
	}
}

// writeNow writes all of out; false means to wait until the socket takes more.
func (s *socket) writeNow(fd uintptr) bool {
	for len(s.out) > 0 {
		n, err := rawWrite(fd, s.out)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return false
		case err != nil:
			s.writeErr = err
			return true
		}
		s.written += n
		s.out = s.out[n:]
	}
	return true
}

// readSome is a Read of the connection, with its deadline.
func (c *conn) readSome(b []byte) (int, error) {
	if c.raw == nil || len(b) == 0 {
		return c.nc.Read(b)
	}
	c.socket.in = b
	err := c.raw.Read(c.socket.read)
	c.socket.in = nil
	if err != nil {
		return 0, err
	}
	return c.socket.n, c.socket.readErr
}

// writeAll is a Write of the connection, with its deadline.
func (c *conn) writeAll(b []byte) (int, error) {
	if c.raw == nil {
		return c.nc.Write(b)
	}
	s := &c.socket
	s.out, s.written, s.writeErr = b, 0, nil
	err := c.raw.Write(s.write)
	s.out = nil
	if err == nil {
		err = s.writeErr
	}
	return s.written, err
}

//go:build unix

package fcgi

import (
	"errors"
	"io"
	"syscall"

	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

var errStale = errors.New("the kept connection had ended")

// socket is what a connection's calls to its descriptor need. The runtime's poller takes functions of the descriptor
// alone, and to make those anew for each call would be an allocation, so their arguments and results stand here.
type socket struct {
	look  func(fd uintptr)
	read  func(fd uintptr) bool
	write func(fd uintptr) bool
	ask   func(fd uintptr) bool

	silent   bool // what look found
	probe    [1]byte
	in       []byte
	n        int
	readErr  error
	out      []byte
	written  int
	writeErr error
	asked    bool

	more   bool // another answer comes behind the one that is read
	peeks  bool // answers are peeked at, see peek.go
	unread int  // bytes at the head of the socket that readNow has already returned
	waste  [maxUnread]byte
}

func (s *socket) init() { s.look, s.read, s.write, s.ask = s.lookNow, s.readNow, s.writeNow, s.askNow }

// lookNow reads one byte, which a healthy idle connection does not have: the descriptor does not
// block, so EAGAIN is the good outcome, and end of file, an error or a stray byte are all reasons
// not to use it again.
func (s *socket) lookNow(fd uintptr) {
	for {
		_, errno := s.probeOne(fd)
		if errno != syscall.EINTR {
			s.silent = errno == syscall.EAGAIN
			return
		}
	}
}

// readNow reads once; false means to wait until there is something.
func (s *socket) readNow(fd uintptr) bool {
	for {
		var errno syscall.Errno
		s.n, errno = s.readOrPeek(fd)
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			return false
		case errno != 0:
			s.readErr = errno
		case s.n == 0:
			s.readErr = io.EOF
		default:
			s.readErr = nil
		}
		return true
	}
}

// writeNow writes all of out; false means to wait until the socket takes more.
func (s *socket) writeNow(fd uintptr) bool {
	for len(s.out) > 0 {
		n, errno := rawio.Write(fd, s.out)
		switch errno {
		case 0:
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return false
		default:
			s.writeErr = errno
			return true
		}
		s.written += n
		s.out = s.out[n:]
	}
	return true
}

// askNow looks, writes, and when all of out is out has the poller wait for the answer.
func (s *socket) askNow(fd uintptr) bool {
	if s.asked {
		return true
	}
	if !s.silent {
		s.lookNow(fd)
	}
	s.asked = s.silent && s.writeNow(fd) && s.writeErr == nil
	_ = s.drop(fd) // an error is the next read's to report
	return !s.asked
}

// writeAndWait writes b, and returns when there is something to read, or will not be: the next read says which. Of a kept
// connection stale says that it was not silent, so that nothing was written.
//
// All of it happens inside one call of the poller for reading, which forgets older news first, so the read that otherwise
// has to find nothing before it may wait is saved. The look has to be inside, too: an end of the connection that came
// between a look and that forgetting would be missed until the deadline (seen on TCP with pm.max_requests).
func (c *conn) writeAndWait(b []byte, kept bool) (n int, stale bool, err error) {
	if c.raw == nil {
		n, err = c.nc.Write(b)
		return n, false, err
	}
	s := &c.socket
	s.out, s.written, s.writeErr, s.asked, s.silent = b, 0, nil, false, !kept
	err = c.raw.Read(s.ask)
	if err == nil && s.silent && !s.asked && s.writeErr == nil {
		err = c.raw.Write(s.write) // the socket did not take all of it at once
	}
	s.out = nil
	switch {
	case s.writeErr != nil:
		return s.written, false, s.writeErr
	case s.written == len(b):
		return s.written, false, nil // an error of waiting is the read's to report
	case err == nil && !s.silent:
		return 0, true, errStale
	}
	return s.written, false, err
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

// cut ends the connection for both sides, and reads what the server wrote before: whatever it writes from then on fails.
func (c *conn) cut(rest *leftover) error {
	if c.raw == nil {
		return errNoDescriptor
	}
	errno := syscall.EINTR
	err := c.raw.Control(func(fd uintptr) {
		_ = syscall.Shutdown(int(fd), syscall.SHUT_RDWR)
		if errno = c.socket.drop(fd); errno != 0 {
			return
		}
		n := 0
		for n, errno = rawio.Read(fd, c.rbuf); n > 0 || errno == syscall.EINTR; n, errno = rawio.Read(fd, c.rbuf) {
			rest.take(c.rbuf[:n])
		}
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}

var errNoDescriptor = errors.New("no descriptor")

package fcgi

import (
	"syscall"

	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

// On a Unix socket Linux wakes whoever sleeps in a read when the peer takes what he wrote, as if there were something to read: he
// looks, finds nothing and sleeps again. php-fpm's child sleeps in such a read by the time its answer is taken. That was a sixth
// of our CPU time per request, and two switches of PHP's (measured with perf, Linux 6.18). So the end of an answer stays in
// the socket until the next request is out, when the child does not sleep. An answer of more than maxUnread is taken at once.

// maxUnread is in bytes; small answers have about 200.
const maxUnread = 1024

// soPeekOff makes a peek begin where the one before ended (socket(7)).
const soPeekOff = 42

// peek prepares a socket for it.
func (s *socket) peek(fd uintptr) {
	s.peeks = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, soPeekOff, 0) == nil
}

// probeOne reads or peeks at one byte.
func (s *socket) probeOne(fd uintptr) (int, syscall.Errno) {
	if s.peeks {
		return rawio.Peek(fd, s.probe[:])
	}
	return rawio.Read(fd, s.probe[:])
}

// readOrPeek reads what comes into in. The first bytes of an answer, if they are few, are only peeked at.
func (s *socket) readOrPeek(fd uintptr) (int, syscall.Errno) {
	if !s.peeks || s.more && s.unread == 0 {
		return rawio.Read(fd, s.in) // with more behind it the child goes on, and sleeps not
	}
	if s.unread > 0 {
		// The answer goes on: it may be large, and the peer waits for room.
		if errno := s.drop(fd); errno != 0 {
			return 0, errno
		}
		return rawio.Read(fd, s.in)
	}
	n, errno := rawio.Peek(fd, s.in)
	if errno != 0 || n == 0 {
		return n, errno
	}
	if n > maxUnread {
		return rawio.Read(fd, s.in[:n])
	}
	s.unread = n
	return n, 0
}

// drop takes out of the socket what was peeked at. It never waits: the bytes are there.
func (s *socket) drop(fd uintptr) syscall.Errno {
	for s.unread > 0 {
		n, errno := rawio.Read(fd, s.waste[:s.unread])
		switch {
		case errno == syscall.EINTR:
			continue
		case errno != 0:
			return errno
		case n == 0:
			s.unread = 0 // cannot be
			return 0
		}
		s.unread -= n
	}
	return 0
}

// Package rawconn makes connections whose calls go past Go's scheduler, see package rawio: for sockets over which small
// questions and answers go in large numbers.
//
// [Conn] is all of it. It does not know what is said over a connection, and imports internal/rawio and the standard library only.
package rawconn

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

// Conn is a net.Conn that reads and writes its descriptor itself, where it has one; deadlines hold. One goroutine may read while one
// other writes. Its memory is made once, so its calls allocate nothing.
type Conn struct {
	net.Conn

	raw   syscall.RawConn // nil where there is no descriptor (TLS, pipes): the calls are those of Conn
	early []byte

	read, write       func(fd uintptr) bool
	in, out           []byte
	n, written        int
	readErr, writeErr error
	wait              bool // whether write waits for room
}

// New returns a Conn for nc. early is what was read of it already: it comes first. A Conn with nothing early is returned as it is.
func New(nc net.Conn, early []byte) *Conn {
	if c, ok := nc.(*Conn); ok && len(early) == 0 {
		return c
	}
	c := &Conn{Conn: nc, early: early}
	if sc, ok := nc.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			c.raw, c.read, c.write = raw, c.readNow, c.writeNow
		}
	}
	return c
}

var errNoDescriptor = errors.New("rawconn: the connection has no descriptor")

// SyscallConn implements syscall.Conn. It is an error where there is no descriptor.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	if c.raw == nil {
		return nil, errNoDescriptor
	}
	return c.raw, nil
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	if c.raw == nil || len(p) == 0 {
		return c.Conn.Read(p) //nolint:wrapcheck // it is a net.Conn's
	}
	c.in = p
	err := c.raw.Read(c.read)
	c.in = nil
	if err != nil {
		return 0, err //nolint:wrapcheck // as above
	}
	return c.n, c.readErr
}

// readNow is called by the runtime's poller; false: wait until there is something.
func (c *Conn) readNow(fd uintptr) bool {
	for {
		var errno syscall.Errno
		c.n, errno = rawio.Read(fd, c.in)
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			return false
		case errno != 0:
			c.readErr = os.NewSyscallError("read", errno)
		case c.n == 0:
			c.readErr = io.EOF
		default:
			c.readErr = nil
		}
		return true
	}
}

// Write implements net.Conn: it writes all of p, or returns why not.
func (c *Conn) Write(p []byte) (int, error) {
	if c.raw == nil || len(p) == 0 {
		return c.Conn.Write(p) //nolint:wrapcheck // it is a net.Conn's
	}
	return c.put(p, true)
}

// WriteWithin is a Write that has timeout from when the socket is full. It leaves a write deadline behind then.
func (c *Conn) WriteWithin(p []byte, timeout time.Duration) (int, error) {
	n := 0
	if c.raw != nil && len(p) > 0 {
		var err error
		if n, err = c.put(p, false); n == len(p) || err != nil {
			return n, err
		}
	}
	if err := c.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return n, err //nolint:wrapcheck // as above
	}
	m, err := c.Write(p[n:])
	return n + m, err
}

// put writes p, or without wait as much of it as there is room for.
func (c *Conn) put(p []byte, wait bool) (int, error) {
	c.out, c.written, c.writeErr, c.wait = p, 0, nil, wait
	err := c.raw.Write(c.write)
	c.out = nil
	if err == nil {
		err = c.writeErr
	}
	return c.written, err //nolint:wrapcheck // as above
}

// writeNow is called by the runtime's poller; false: wait until there is room.
func (c *Conn) writeNow(fd uintptr) bool {
	for c.written < len(c.out) {
		n, errno := rawio.Write(fd, c.out[c.written:])
		switch errno {
		case 0:
			c.written += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return !c.wait
		default:
			c.writeErr = os.NewSyscallError("write", errno)
			return true
		}
	}
	return true
}

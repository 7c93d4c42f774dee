package fcgi

import (
	"io"
	"net"
	"syscall"
	"time"
)

// conn is one connection to the server.
type conn struct {
	// set at construction
	nc    net.Conn
	raw   syscall.RawConn // nil for connections without a descriptor
	abort func()          // close as a func value, made once

	// guarded by pool.mu
	index     int       // place in pool.conns, -1 when not there
	idleSince time.Time // when it was put into pool.idle

	// owned by the request that has the connection, or by the pool while it is idle
	deadline time.Time // what the socket has now; zero is none
	wbuf     []byte    // the request, up to keptBuffer
	rbuf     []byte    // read but not yet parsed is rbuf[r:w]
	r, w     int
	got      bool // a byte of an answer came
	left     int  // bytes of the record at hand that are not taken yet; under 0: it is END_REQUEST
	usedUp   bool // must not carry another request
	socket   socket
}

// ended as conn.left: far enough below 0 that what is taken of the last record leaves it there.
const ended = -1 << 30

// readBuffer takes the whole answer to a small request in one read.
const readBuffer = 16 << 10

func newConn(nc net.Conn) *conn {
	c := &conn{nc: nc, index: -1, rbuf: make([]byte, readBuffer)}
	c.abort = c.close
	c.socket.init()
	if s, ok := nc.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			c.raw = raw
			if nc.RemoteAddr().Network() == "unix" {
				_ = raw.Control(c.socket.peek)
			}
		}
	}
	return c
}

// close may be called from any goroutine, and more than once. What it says is of no use: the
// connection is given up either way.
func (c *conn) close() { _ = c.nc.Close() }

// slackShare: a deadline may be late by this part of its timeout, which saves setting the runtime's
// timers anew for every request.
const slackShare = 32

// arm sees to it that the socket's deadline is not before deadline and not much after it.
func (c *conn) arm(deadline time.Time, timeout time.Duration) error {
	if deadline.IsZero() {
		if c.deadline.IsZero() {
			return nil
		}
		c.deadline = time.Time{}
		return c.nc.SetDeadline(c.deadline)
	}
	slack := timeout / slackShare
	if late := c.deadline.Sub(deadline); !c.deadline.IsZero() && late >= 0 && late <= slack {
		return nil
	}
	c.deadline = deadline.Add(slack)
	return c.nc.SetDeadline(c.deadline)
}

// quiet says whether the connection is alive and has sent nothing since its last answer. A
// connection without a descriptor is taken to be alive; the next use will tell.
func (c *conn) quiet() bool {
	if c.r != c.w {
		return false
	}
	if c.raw == nil {
		return true
	}
	// Control and not Read: an idle connection's deadline may have passed, which says nothing about it.
	c.socket.silent = false
	err := c.raw.Control(c.socket.look)
	return err == nil && c.socket.silent
}

// fill reads more into the buffer, and makes room for it first.
func (c *conn) fill() error {
	if c.r == c.w {
		c.r, c.w = 0, 0
	} else if c.w == len(c.rbuf) {
		copy(c.rbuf, c.rbuf[c.r:c.w])
		c.r, c.w = 0, c.w-c.r
	}
	n, err := c.readInto(c.rbuf[c.w:])
	c.w += n
	return err
}

// readInto reads at least one byte, or says why not.
func (c *conn) readInto(b []byte) (int, error) {
	n, err := c.readSome(b)
	if n > 0 {
		c.got = true
		return n, nil // an error will come again
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return 0, err
}

// need reads until n bytes are in the buffer; n is small.
func (c *conn) need(n int) error {
	for c.w-c.r < n {
		if err := c.fill(); err != nil {
			return err
		}
	}
	return nil
}

// skip drops the next n bytes.
func (c *conn) skip(n int) error {
	for n > 0 {
		if err := c.need(1); err != nil {
			return err
		}
		k := min(n, c.w-c.r)
		c.r += k
		c.left -= k
		n -= k
	}
	return nil
}

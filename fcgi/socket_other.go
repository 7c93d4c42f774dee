//go:build !unix

package fcgi

import "errors"

// socket does nothing of its own here.
type socket struct {
	look   func(uintptr)
	silent bool
	more   bool
}

// init makes look find nothing; the next use will tell.
func (s *socket) init() { s.look = func(uintptr) { s.silent = true } }

func (c *conn) readSome(b []byte) (int, error) { return c.nc.Read(b) }

// writeAndWait only writes here.
func (c *conn) writeAndWait(b []byte, _ bool) (n int, stale bool, err error) {
	n, err = c.nc.Write(b)
	return n, false, err
}

func (c *conn) writeAll(b []byte) (int, error) { return c.nc.Write(b) }

func (*socket) peek(uintptr) {}

func (*conn) cut(*leftover) error { return errors.ErrUnsupported }

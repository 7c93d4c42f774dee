//go:build !unix

package fcgi

// socket does nothing of its own here.
type socket struct {
	look   func(uintptr)
	silent bool
}

// init makes look find nothing; the next use will tell.
func (s *socket) init() { s.look = func(uintptr) { s.silent = true } }

func (c *conn) readSome(b []byte) (int, error) { return c.nc.Read(b) }

func (c *conn) writeAll(b []byte) (int, error) { return c.nc.Write(b) }

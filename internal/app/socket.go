package app

import (
	"net"
	"syscall"
)

// socketOptions are what a script wants of its sockets.
type socketOptions struct {
	noDelay bool
}

// listening sets what has to be set before a socket listens.
func (o *socketOptions) listening(_, _ string, _ syscall.RawConn) error { return nil }

// accepted sets what is each connection's. A socket whose client has left already takes nothing.
func (o *socketOptions) accepted(c net.Conn) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	if !o.noDelay {
		_ = tcp.SetNoDelay(false)
	}
}

// tuned is a listener whose connections have the script's socket options.
type tuned struct {
	net.Listener

	options *socketOptions
}

// Accept implements net.Listener.
func (t *tuned) Accept() (net.Conn, error) {
	c, err := t.Listener.Accept()
	if err == nil {
		t.options.accepted(c)
	}
	return c, err //nolint:wrapcheck // the bridge looks at the error's type
}

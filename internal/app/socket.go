package app

import (
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// socketOptions are what a script wants of its sockets. Zero values leave them as they are.
type socketOptions struct {
	noDelay                bool
	keepAlive              *bool // nil: Go's
	keepIdle, keepInterval time.Duration
	keepCount              int
	userTimeout            int // milliseconds
	recvBuffer, sendBuffer int // bytes
	backlog                int
	deferAccept            int // seconds
	reusePort, fastOpen    bool
}

// fastOpenQueue is how many connections may be half open with data.
const fastOpenQueue = 5

// listening sets what has to be set before a socket listens. An option that the system does not have is left out.
func (o *socketOptions) listening(network, _ string, raw syscall.RawConn) error {
	if network == "unix" {
		return nil
	}
	var err error
	control := raw.Control(func(fd uintptr) {
		if o.reusePort {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		}
		if o.fastOpen {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_FASTOPEN, fastOpenQueue)
		}
		if o.deferAccept > 0 {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, o.deferAccept)
		}
	})
	return errors.Join(control, err)
}

// queue sets the length of a listener's queue, which Go makes as long as the system allows.
func (o *socketOptions) queue(l net.Listener) {
	sc, ok := l.(syscall.Conn)
	if !ok || o.backlog <= 0 {
		return
	}
	if raw, err := sc.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _ = unix.Listen(int(fd), o.backlog) }) // a second listen(2) changes the queue
	}
}

// accepted sets what is each connection's. A socket whose client has left already takes nothing.
func (o *socketOptions) accepted(c net.Conn) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	if !o.noDelay {
		_ = tcp.SetNoDelay(false)
	}
	if o.keepAlive != nil {
		// Swoole's defaults: 3600 s, 60 s, 5 times.
		config := net.KeepAliveConfig{Enable: *o.keepAlive, Idle: time.Hour, Interval: time.Minute, Count: 5}
		if o.keepIdle > 0 {
			config.Idle = o.keepIdle
		}
		if o.keepInterval > 0 {
			config.Interval = o.keepInterval
		}
		if o.keepCount > 0 {
			config.Count = o.keepCount
		}
		_ = tcp.SetKeepAliveConfig(config)
	}
	if o.recvBuffer > 0 {
		_ = tcp.SetReadBuffer(o.recvBuffer)
	}
	if o.sendBuffer > 0 {
		_ = tcp.SetWriteBuffer(o.sendBuffer)
	}
	if o.userTimeout > 0 {
		if raw, err := tcp.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) {
				_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, o.userTimeout)
			})
		}
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

// SyscallConn implements syscall.Conn, where the listener does.
func (t *tuned) SyscallConn() (syscall.RawConn, error) {
	if sc, ok := t.Listener.(syscall.Conn); ok {
		return sc.SyscallConn() //nolint:wrapcheck // passed through
	}
	return nil, errors.ErrUnsupported
}

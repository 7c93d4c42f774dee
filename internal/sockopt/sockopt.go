package sockopt

import (
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Options are what a script wants of its sockets. Zero values leave them as they are.
type Options struct {
	NoDelay                bool
	KeepAlive              *bool // nil: Go's
	KeepIdle, KeepInterval time.Duration
	KeepCount              int
	UserTimeout            int // milliseconds
	RecvBuffer, SendBuffer int // bytes
	Backlog                int
	DeferAccept            int // seconds
	ReusePort, FastOpen    bool
}

// fastOpenQueue is how many connections may be half open with data.
const fastOpenQueue = 5

// Control sets what has to be set before a socket listens. An option that the system does not have is left out.
func (o *Options) Control(network, _ string, raw syscall.RawConn) error {
	if network == "unix" {
		return nil
	}
	var err error
	control := raw.Control(func(fd uintptr) {
		if o.ReusePort {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		}
		if o.FastOpen {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_FASTOPEN, fastOpenQueue)
		}
		if o.DeferAccept > 0 {
			deferAccept(int(fd), o.DeferAccept)
		}
	})
	return errors.Join(control, err)
}

// queue sets the length of a listener's queue, which Go makes as long as the system allows.
func (o *Options) queue(l net.Listener) {
	sc, ok := l.(syscall.Conn)
	if !ok || o.Backlog <= 0 {
		return
	}
	if raw, err := sc.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _ = unix.Listen(int(fd), o.Backlog) }) // a second listen(2) changes the queue
	}
}

// accepted sets what is each connection's. A socket whose client has left already takes nothing.
func (o *Options) accepted(c net.Conn) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	if !o.NoDelay {
		_ = tcp.SetNoDelay(false)
	}
	if o.KeepAlive != nil {
		// Swoole's defaults: 3600 s, 60 s, 5 times.
		config := net.KeepAliveConfig{Enable: *o.KeepAlive, Idle: time.Hour, Interval: time.Minute, Count: 5}
		if o.KeepIdle > 0 {
			config.Idle = o.KeepIdle
		}
		if o.KeepInterval > 0 {
			config.Interval = o.KeepInterval
		}
		if o.KeepCount > 0 {
			config.Count = o.KeepCount
		}
		_ = tcp.SetKeepAliveConfig(config)
	}
	if o.RecvBuffer > 0 {
		_ = tcp.SetReadBuffer(o.RecvBuffer)
	}
	if o.SendBuffer > 0 {
		_ = tcp.SetWriteBuffer(o.SendBuffer)
	}
	if o.UserTimeout > 0 {
		if raw, err := tcp.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { userTimeout(int(fd), o.UserTimeout) })
		}
	}
}

// Listener sets the length of l's queue, and returns a listener whose connections have the options.
func (o *Options) Listener(l net.Listener) net.Listener {
	o.queue(l)
	return &tuned{l, o}
}

// tuned is a listener whose connections have the script's socket options.
type tuned struct {
	net.Listener

	options *Options
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

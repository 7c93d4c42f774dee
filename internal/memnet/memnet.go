// Package memnet is a TCP network inside of the process, for tests in synctest bubbles: everything on it blocks durably,
// and a buffer that is full holds its writer back. Only tests import it.
//
// Three names to know: [Listen], [Listener.Dial], and [Pipe] for a connection without a listener.
package memnet

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Listener is a net.Listener on 127.0.0.1:9501.
type Listener struct {
	// Capacity is what each direction of a new connection holds, in bytes. To be set before Dial is called.
	Capacity int

	addr     *net.TCPAddr
	incoming chan net.Conn
	once     sync.Once
	closed   chan struct{}

	mu   sync.Mutex
	port int
}

// Listen returns a listener whose connections hold 64 KiB each way.
func Listen() *Listener {
	return &Listener{
		Capacity: 64 << 10,
		addr:     &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9501}, incoming: make(chan net.Conn), closed: make(chan struct{}),
		port: 50000,
	}
}

// Pipe returns the two ends of a connection.
func Pipe(capacity int) (client, server *Conn) {
	return pair(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 50000}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9501}, capacity)
}

func pair(from, to net.Addr, capacity int) (client, server *Conn) {
	up, down := newHalf(capacity), newHalf(capacity)
	return &Conn{in: down, out: up, local: from, remote: to}, &Conn{in: up, out: down, local: to, remote: from}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.incoming:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. Who dials is refused from then on.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return l.addr }

// Dial connects from ip, with a port of its own each time. It blocks until the connection is accepted.
func (l *Listener) Dial(ip string) (*Conn, error) {
	l.mu.Lock()
	l.port++
	from := &net.TCPAddr{IP: net.ParseIP(ip), Port: l.port}
	l.mu.Unlock()
	client, server := pair(from, l.addr, l.Capacity)
	select {
	case l.incoming <- server:
		return client, nil
	case <-l.closed:
		return nil, syscall.ECONNREFUSED
	}
}

// half is one direction: a bounded buffer.
type half struct {
	mu       sync.Mutex
	cond     sync.Cond
	buf      []byte
	capacity int
	eof      bool // the writer closed
	gone     bool // the reader closed
	readBy   deadline
	writeBy  deadline
}

type deadline struct {
	at    time.Time
	timer *time.Timer
}

func newHalf(capacity int) *half {
	h := &half{capacity: capacity}
	h.cond.L = &h.mu
	return h
}

func (h *half) set(d *deadline, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
	}
	d.at = at
	if !at.IsZero() {
		d.timer = time.AfterFunc(time.Until(at), func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.cond.Broadcast()
		})
	}
	h.cond.Broadcast()
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.gone:
			return 0, net.ErrClosed
		case h.readBy.passed():
			return 0, os.ErrDeadlineExceeded
		case len(h.buf) > 0:
			n := copy(p, h.buf)
			h.buf = h.buf[n:]
			h.cond.Broadcast()
			return n, nil
		case h.eof:
			return 0, io.EOF
		}
		h.cond.Wait()
	}
}

func (h *half) write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for {
		switch {
		case h.eof:
			return n, net.ErrClosed
		case h.gone:
			return n, syscall.EPIPE
		case h.writeBy.passed():
			return n, os.ErrDeadlineExceeded
		}
		k := min(len(p), h.capacity-len(h.buf))
		h.buf = append(h.buf, p[:k]...)
		n, p = n+k, p[k:]
		if k > 0 {
			h.cond.Broadcast()
		}
		if len(p) == 0 {
			return n, nil
		}
		h.cond.Wait()
	}
}

func (h *half) end(side *bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*side = true
	h.cond.Broadcast()
}

// Conn is one side of a connection. Any goroutine may call its methods.
type Conn struct {
	in, out       *half
	local, remote net.Addr
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) { return c.in.read(p) }

// Write implements net.Conn.
func (c *Conn) Write(p []byte) (int, error) { return c.out.write(p) }

// CloseWrite ends this side's direction, as FIN does.
func (c *Conn) CloseWrite() error { c.out.end(&c.out.eof); return nil }

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// Close implements net.Conn.
func (c *Conn) Close() error {
	c.out.end(&c.out.eof)
	c.in.end(&c.in.gone)
	return nil
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error { c.in.set(&c.in.readBy, t); return nil }

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error { c.out.set(&c.out.writeBy, t); return nil }

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

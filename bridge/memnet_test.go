package bridge

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// memListener is a network inside of the process, for synctest bubbles: everything on it blocks durably.
type memListener struct {
	addr     *net.TCPAddr
	incoming chan net.Conn
	once     sync.Once
	closed   chan struct{}
	capacity int // of each direction's buffer

	mu   sync.Mutex
	port int
}

func newMemListener() *memListener {
	return &memListener{
		addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9501}, incoming: make(chan net.Conn), closed: make(chan struct{}),
		capacity: 64 << 10, port: 50000,
	}
}

func (l *memListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.incoming:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *memListener) Addr() net.Addr { return l.addr }

// dial connects from an address of its own port.
func (l *memListener) dial(ip string) (*memConn, error) {
	l.mu.Lock()
	l.port++
	from := &net.TCPAddr{IP: net.ParseIP(ip), Port: l.port}
	l.mu.Unlock()
	up, down := newMemHalf(l.capacity), newMemHalf(l.capacity)
	client := &memConn{in: down, out: up, local: from, remote: l.addr}
	server := &memConn{in: up, out: down, local: l.addr, remote: from}
	select {
	case l.incoming <- server:
		return client, nil
	case <-l.closed:
		return nil, syscall.ECONNREFUSED
	}
}

// memHalf is one direction: a bounded buffer.
type memHalf struct {
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

func newMemHalf(capacity int) *memHalf {
	h := &memHalf{capacity: capacity}
	h.cond.L = &h.mu
	return h
}

func (h *memHalf) set(d *deadline, at time.Time) {
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

func (h *memHalf) read(p []byte) (int, error) {
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

func (h *memHalf) write(p []byte) (int, error) {
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

func (h *memHalf) end(side *bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*side = true
	h.cond.Broadcast()
}

// memConn is one side of a connection.
type memConn struct {
	in, out       *memHalf
	local, remote net.Addr
}

func (c *memConn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *memConn) Write(p []byte) (int, error) { return c.out.write(p) }
func (c *memConn) CloseWrite() error           { c.out.end(&c.out.eof); return nil }
func (c *memConn) LocalAddr() net.Addr         { return c.local }
func (c *memConn) RemoteAddr() net.Addr        { return c.remote }

func (c *memConn) Close() error {
	c.out.end(&c.out.eof)
	c.in.end(&c.in.gone)
	return nil
}

func (c *memConn) SetReadDeadline(t time.Time) error  { c.in.set(&c.in.readBy, t); return nil }
func (c *memConn) SetWriteDeadline(t time.Time) error { c.out.set(&c.out.writeBy, t); return nil }

func (c *memConn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

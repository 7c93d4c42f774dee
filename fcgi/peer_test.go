package fcgi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// Records as a server writes them.

func record(kind byte, content string, padding ...byte) string {
	n := len(content)
	return string([]byte{1, kind, 0, 1, byte(n >> 8), byte(n), byte(len(padding)), 0}) + content + string(padding)
}

func stdout(s string) string { return record(6, s) }
func stderr(s string) string { return record(7, s) }

func end(app uint32, status byte) string {
	return record(3, string([]byte{byte(app >> 24), byte(app >> 16), byte(app >> 8), byte(app), status, 0, 0, 0}))
}

const okAnswer = "Content-Type: text/plain\r\n\r\nok"

var okReply = stdout(okAnswer) + end(0, 0)

// cannedConn is a peer whose answer does not depend on what it reads. It needs no goroutine.
type cannedConn struct {
	net.Conn        // nil: everything that is used is below
	answer   []byte // read step bytes at a time
	step     int    // 0: all at once
	last     error  // after the answer; nil is io.EOF
	writeMax int    // how many bytes can be written; negative: no limit
	writeErr error  // after those
	written  []byte // what the client wrote
	writes   int    // in how many calls
	closed   bool   //
	mu       sync.Mutex
}

func canned(answer string) *cannedConn { return &cannedConn{answer: []byte(answer), writeMax: -1} }

func (c *cannedConn) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.answer) == 0 {
		if c.last != nil {
			return 0, c.last
		}
		return 0, io.EOF
	}
	if c.step > 0 && len(b) > c.step {
		b = b[:c.step]
	}
	n := copy(b, c.answer)
	c.answer = c.answer[n:]
	return n, nil
}

func (c *cannedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes++
	n := len(b)
	if c.writeMax >= 0 && n > c.writeMax {
		n = c.writeMax
	}
	if c.writeMax >= 0 {
		c.writeMax -= n
	}
	c.written = append(c.written, b[:n]...)
	if n < len(b) {
		return n, c.writeErr
	}
	return n, nil
}

func (c *cannedConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}

func (c *cannedConn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func (c *cannedConn) SetDeadline(time.Time) error      { return nil }
func (c *cannedConn) SetWriteDeadline(time.Time) error { return nil }

// dialing returns a client that gets these connections, one after the other, and then no more.
func dialing(t testing.TB, o fcgi.Options, conns ...net.Conn) *fcgi.Client {
	t.Helper()
	return dialingWith(t, o, func(context.Context) (net.Conn, error) {
		if len(conns) == 0 {
			return nil, errNoMore
		}
		c := conns[0]
		conns = conns[1:]
		return c, nil
	})
}

var errNoMore = errors.New("no more connections")

func dialingWith(t testing.TB, o fcgi.Options, dial func(context.Context) (net.Conn, error)) *fcgi.Client {
	t.Helper()
	o.Network, o.Address = "unix", "/nowhere"
	c, err := fcgi.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDial(func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) })
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// serving returns a client with an in-memory peer: each connection is a pipe whose other end, a *pipeEnd, handle serves
// in a goroutine.
func serving(t testing.TB, o fcgi.Options, handle func(nc net.Conn)) *fcgi.Client {
	t.Helper()
	var running sync.WaitGroup
	var dials atomic.Int32
	c := dialingWith(t, o, func(context.Context) (net.Conn, error) {
		ours, theirs := net.Pipe()
		end := &pipeEnd{Conn: theirs, number: int(dials.Add(1)), gone: make(chan struct{})}
		running.Go(func() {
			defer func() { _ = theirs.Close() }()
			handle(end)
		})
		return &notifyingConn{Conn: ours, close: sync.OnceFunc(func() { close(end.gone) })}, nil
	})
	t.Cleanup(func() {
		_ = c.Close()
		running.Wait()
	})
	return c
}

// pipeEnd is the server's end of a connection.
type pipeEnd struct {
	net.Conn
	number int           // 1 for the client's first connection
	gone   chan struct{} // closed when the client closes its end
}

// waitForClose waits for that without reading.
func waitForClose(nc net.Conn) { <-nc.(*pipeEnd).gone }

func connNumber(nc net.Conn) int { return nc.(*pipeEnd).number }

type notifyingConn struct {
	net.Conn
	close func()
}

func (c *notifyingConn) Close() error {
	c.close()
	return c.Conn.Close()
}

// endOfRequest is the record that every request ends with.
var endOfRequest = []byte(record(5, ""))

// readRequest reads one whole request; io.EOF says that the client closed the connection before one.
func readRequest(r io.Reader) ([]byte, error) {
	var all []byte
	header := make([]byte, 8)
	for {
		if _, err := io.ReadFull(r, header); err != nil {
			return all, err
		}
		all = append(all, header...)
		content := make([]byte, int(header[4])<<8|int(header[5]))
		if _, err := io.ReadFull(r, content); err != nil {
			return all, err
		}
		all = append(all, content...)
		if bytes.Equal(header, endOfRequest) {
			return all, nil
		}
	}
}

// answering serves requests with the same answer until the client closes.
func answering(reply string) func(net.Conn) {
	return func(nc net.Conn) {
		for {
			if _, err := readRequest(nc); err != nil {
				return
			}
			if _, err := io.WriteString(nc, reply); err != nil {
				return
			}
		}
	}
}

// recording keeps the first request in got and answers it.
func recording(got *[]byte) func(net.Conn) {
	return func(nc net.Conn) {
		*got, _ = readRequest(nc)
		_, _ = io.WriteString(nc, okReply)
		answering(okReply)(nc)
	}
}

// failed checks an error of Do: its kind, whether the request can have started, and its type.
func failed(t *testing.T, err, kind error, started bool) {
	t.Helper()
	var e *fcgi.Error
	if !errors.As(err, &e) || !errors.Is(err, kind) {
		t.Errorf("got %v, want an *Error of kind %v", err, kind)
		return
	}
	if e.Started != started {
		t.Errorf("%v: Started is %v, want %v", err, e.Started, started)
	}
}

// background never ends, so Do does not have to watch it.
var background = context.Background()

func small() *fcgi.Request { return &fcgi.Request{} }

// listen returns a Unix listener with a short path.
func listen(t testing.TB) net.Listener {
	t.Helper()
	dir, err := os.MkdirTemp("", "fcgi")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// serveOne answers the requests of one connection.
func serveOne(l net.Listener) {
	nc, err := l.Accept()
	if err != nil {
		return
	}
	defer func() { _ = nc.Close() }()
	answering(okReply)(nc)
}

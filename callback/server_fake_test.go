package callback

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/sock"
)

// fakeConns are connections 1 to n; those in closing have a close event running.
type fakeConns struct {
	n       int
	closing map[uint64]bool
}

func (c fakeConns) Info(fd uint64) (ConnInfo, bool) {
	if fd == 0 || fd > uint64(c.n) {
		return ConnInfo{}, false
	}
	info := ConnInfo{FD: fd, Status: StatusActive, RemoteAddr: "127.0.0.1", RemotePort: 50000}
	if c.closing[fd] {
		info.Status, info.Closing = StatusClosing, true
	}
	return info, true
}

func (c fakeConns) ListOn(_ int, after uint64, limit int, dst []ConnStatus) ([]ConnStatus, bool) {
	if after != 0 && (after > uint64(c.n) || c.closing[after]) {
		return dst, false
	}
	for fd := after + 1; fd <= uint64(c.n) && (limit == 0 || len(dst) < limit); fd++ {
		if !c.closing[fd] {
			dst = append(dst, ConnStatus{FD: fd, Status: StatusActive})
		}
	}
	return dst, true
}

func (c fakeConns) Idle(bool, []uint64) []uint64 { return nil }

func (c fakeConns) CountOn(int) int { return c.n }

// Count returns how many connections PHP has to the callback socket.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// served is a running server and what it complained about.
type served struct {
	server *Server
	errs   chan error
	stop   func() error
}

func serve(t testing.TB, ln net.Listener, change func(o *ServerOptions)) *served {
	t.Helper()
	s := &served{errs: make(chan error, 100)}
	o := ServerOptions{Token: "s3cret", Connections: fakeConns{n: 3}, OnError: func(err error) { s.errs <- err }}
	if change != nil {
		change(&o)
	}
	var err error
	if s.server, err = NewServer(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // it ends in Cleanup, after the test's own
	done := make(chan error, 1)
	go func() { done <- s.server.Serve(ctx, ln) }()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		if n := s.server.Count(); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
	return s
}

func unixServer(t testing.TB, change func(o *ServerOptions)) (*served, func() net.Conn) {
	t.Helper()
	ln, err := sock.Listen(t.Context(), "unix:"+filepath.Join(t.TempDir(), "private", "cb.sock"), "")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, ln, change), func() net.Conn {
		t.Helper()
		var d net.Dialer
		conn, err := d.DialContext(t.Context(), "unix", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		return conn
	}
}

func query(typ uint8, id, fd uint64, code uint32) frame {
	return frame{typ: typ, id: id, fd: fd, code: code}
}

func helloFrame() frame {
	return frame{typ: frameHello, meta: []byte(`{"sdk":"0.1.0","php":"8.2.0"}`), payload: []byte("s3cret")}
}

func send(t testing.TB, conn net.Conn, frames ...frame) {
	t.Helper()
	if _, err := conn.Write(encodeFrames(frames...)); err != nil {
		t.Fatal(err)
	}
}

// receive reads one reply and writes it in one line.
func receive(t testing.TB, conn net.Conn) string {
	t.Helper()
	b := make([]byte, frameHeaderLen)
	if _, err := io.ReadFull(conn, b); err != nil {
		return err.Error()
	}
	rest := make([]byte, binary.BigEndian.Uint32(b))
	if _, err := io.ReadFull(conn, rest); err != nil {
		return err.Error()
	}
	f, _, err := parseFrame(append(b, rest...), 1<<30)
	if err != nil {
		return err.Error()
	}
	if f.typ != frameReply {
		return fmt.Sprintf("type %d", f.typ)
	}
	return strings.TrimSpace(fmt.Sprintf("id=%d code=%d fd=%d %s %x", f.id, f.code, f.fd, f.meta, f.payload))
}

func expect(t testing.TB, conn net.Conn, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := receive(t, conn); !strings.HasPrefix(got, w) {
			t.Errorf("got %s, want %s", got, w)
		}
	}
}

func (s *served) complained(t testing.TB, want error) {
	t.Helper()
	select {
	case err := <-s.errs:
		if !errors.Is(err, want) {
			t.Errorf("complained %v, want %v", err, want)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("no complaint, want %v", want)
	}
}

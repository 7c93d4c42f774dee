package callback

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
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
		info.Status = StatusClosing
	}
	return info, true
}

func (c fakeConns) List(after uint64, limit int, dst []ConnStatus) ([]ConnStatus, bool) {
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

func (c fakeConns) Count() int { return c.n }

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
	ln, err := Listen(t.Context(), "unix:"+filepath.Join(t.TempDir(), "private", "cb.sock"), "")
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

func TestServerAnswersQueries(t *testing.T) {
	s, dial := unixServer(t, func(o *ServerOptions) { o.Connections = fakeConns{n: 4, closing: map[uint64]bool{3: true}} })
	conn := dial()
	send(t, conn,
		helloFrame(), query(frameExists, 2, 1, 0), query(frameExists, 3, 3, 0), query(frameExists, 4, 99, 0),
		query(frameInfo, 5, 3, 0), query(frameInfo, 6, 99, 0), query(frameList, 7, 0, 0), query(frameList, 8, 1, 1),
		query(frameList, 9, 99, 0), query(frameCount, 10, 0, 0), query(199, 11, 0, 0), query(frameList, 12, 4, 100), helloFrame(),
		query(frameCount, 13, 0, 0))
	one, two, four := "0000000000000001", "0000000000000002", "0000000000000004"
	expect(t, conn,
		"id=2 code=0 fd=0", "id=3 code=404", "id=4 code=404",
		`id=5 code=0 fd=0 {"fd":3,"status":4,"listener":0,"remote_addr":"127.0.0.1"`, "id=6 code=404",
		"id=7 code=0 fd=0  "+one+two+four+"030303", "id=8 code=0 fd=0  "+two+"03", "id=9 code=404",
		"id=10 code=0 fd=4", "id=11 code=501", "id=12 code=0 fd=0", "id=13 code=0 fd=4")
	_ = conn.Close()
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if len(s.errs) > 0 {
		t.Errorf("complained %v", <-s.errs)
	}
}

// The replies of the contract's fixtures come out byte by byte.
func TestRepliesOfTheContract(t *testing.T) {
	_, dial := unixServer(t, nil)
	conn := dial()
	send(t, conn, helloFrame(), query(frameExists, 2, 1, 0), query(frameList, 4, 0, 100), query(frameInfo, 3, 99, 0))
	fixture := make(map[string]string)
	for _, f := range fixtures[frameFixture](t, "frames.json") {
		fixture[f.Name] = f.Hex
	}
	// The fixture's list has a closing connection in it, whose status is 4.
	list := strings.TrimSuffix(fixture["reply list"], "04") + "03"
	want := fixture["reply ok"] + list + fixture["reply not found"]
	got := make([]byte, len(want)/2)
	if _, err := io.ReadFull(conn, got); err != nil {
		t.Fatal(err)
	}
	if hex.EncodeToString(got) != want {
		t.Errorf("%x, want\n%s", got, want)
	}
}

func TestServerSendsStrangersAway(t *testing.T) {
	badHello := helloFrame()
	badHello.id, badHello.payload = 5, []byte("s3cres")
	longHello := helloFrame()
	longHello.payload = make([]byte, maxHello+1)
	badMeta := encodeFrames(helloFrame(), query(frameCount, 9, 0, 0))
	badMeta[len(badMeta)-1] = 1
	liar := encodeFrames(helloFrame(), query(frameCount, 9, 0, 0))
	copy(liar[len(liar)-frameHeaderLen:], "\xff\xff\xff\xff")
	for _, test := range []struct {
		name  string
		bytes []byte
		want  string
		err   error
	}{
		{"wrong token", encodeFrames(badHello, query(frameCount, 6, 0, 0)), `id=5 code=401 fd=0 {"error":"wrong token"}`, ErrBadToken},
		{"empty token", encodeFrames(frame{typ: frameHello}), "id=0 code=401", ErrBadToken},
		{"a query first", encodeFrames(query(frameCount, 6, 0, 0)), "id=6 code=401", ErrBadToken},
		{"hello too long", encodeFrames(longHello), "id=0 code=400", ErrMalformed},
		{"HTTP", []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), "id=", ErrMalformed},
		{"meta longer than the frame", badMeta, "id=9 code=400", ErrMalformed},
		{"claims 4 GiB", liar, "id=9 code=400", ErrMalformed},
		{"a second hello with a wrong token", encodeFrames(helloFrame(), badHello), "id=5 code=401", ErrBadToken},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, dial := unixServer(t, nil)
			conn := dial()
			if _, err := conn.Write(test.bytes); err != nil {
				t.Fatal(err)
			}
			expect(t, conn, test.want)
			if rest, err := io.ReadAll(conn); len(rest) > 0 {
				t.Errorf("then came %x, %v", rest, err)
			}
			s.complained(t, test.err)
			// Somebody else is served as before.
			good := dial()
			send(t, good, helloFrame(), query(frameCount, 1, 0, 0))
			expect(t, good, "id=1 code=0 fd=3")
		})
	}
}

// A stranger that floods and strangers that vanish leave nothing behind and hinder nobody.
func TestServerOutlivesFloods(t *testing.T) {
	_, dial := unixServer(t, nil)
	good := dial()
	send(t, good, helloFrame())
	var wg sync.WaitGroup
	for i := range 50 {
		conn := dial()
		wg.Go(func() {
			if i%2 == 0 {
				_, _ = io.Copy(conn, io.LimitReader(zeros{}, 1<<20))
			}
			_ = conn.Close()
		})
		send(t, good, query(frameCount, uint64(i), 0, 0))
		expect(t, good, fmt.Sprintf("id=%d code=0", i))
	}
	wg.Wait()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestServerHasRoomForSoMany(t *testing.T) {
	s, dial := unixServer(t, func(o *ServerOptions) { o.MaxConns = 2 })
	conns := []net.Conn{dial(), dial()}
	for _, conn := range conns {
		send(t, conn, helloFrame(), query(frameCount, 1, 0, 0))
		expect(t, conn, "id=1 code=0")
	}
	if s.server.Count() != 2 {
		t.Error(s.server.Count())
	}
	refused := dial()
	expect(t, refused, `id=0 code=503 fd=0 {"error":"too many connections"}`, "EOF")
	s.complained(t, ErrTooManyConns)
}

// Queries that come byte by byte, in one burst, and as large as they may be.
func TestServerPutsFramesTogether(t *testing.T) {
	_, dial := unixServer(t, nil)
	conn := dial()
	for _, b := range encodeFrames(helloFrame(), query(frameCount, 1, 0, 0)) {
		if _, err := conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, conn, "id=1 code=0")
	large := query(frameCount, 2, 0, 0)
	large.payload = make([]byte, maxQuery)
	send(t, conn, large, query(frameCount, 3, 0, 0), large)
	expect(t, conn, "id=2 code=0", "id=3 code=0", "id=2 code=0")
	large.payload = make([]byte, maxQuery+1)
	send(t, conn, large)
	expect(t, conn, "id=2 code=400")
}

// memListener hands over one end of net.Pipe, so that a bubble's clock counts.
type memListener chan net.Conn

func (l memListener) Accept() (net.Conn, error) {
	conn, ok := <-l
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (l memListener) Close() error {
	defer func() { _ = recover() }() // a second Close
	close(l)
	return nil
}

func (l memListener) Addr() net.Addr { return &net.UnixAddr{Net: "unix", Name: "mem"} }

func TestServerWaitsForAHelloAndNotLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := make(memListener)
		s := serve(t, ln, nil)
		theirs, ours := net.Pipe()
		ln <- theirs
		begin := time.Now()
		_, _ = ours.Write(encodeFrames(helloFrame())[:10]) // and then nothing
		expect(t, ours, "id=0 code=401", "EOF")
		if d := time.Since(begin); d != helloTimeout {
			t.Errorf("after %v", d)
		}
		s.complained(t, ErrBadToken)
		_ = ours.Close()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestServerKeepsAnIdlePHPAndDropsOneThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := make(memListener)
		s := serve(t, ln, nil)
		theirs, ours := net.Pipe()
		ln <- theirs
		send(t, ours, helloFrame())
		time.Sleep(24 * time.Hour)
		send(t, ours, query(frameCount, 1, 0, 0))
		expect(t, ours, "id=1 code=0")
		send(t, ours, query(frameCount, 2, 0, 0))
		begin := time.Now()
		s.complained(t, ErrStalled)
		if d := time.Since(begin); d != writeTimeout {
			t.Errorf("after %v", d)
		}
		_ = ours.Close()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}

// flakyListener fails as accept does in a process without descriptors, then works.
type flakyListener struct {
	memListener
	failures int
}

func (l *flakyListener) Accept() (net.Conn, error) {
	if l.failures > 0 {
		l.failures--
		return nil, errors.New("too many open files")
	}
	return l.memListener.Accept()
}

func TestServerOutlivesAcceptErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := &flakyListener{memListener: make(memListener), failures: 12}
		s := serve(t, ln, nil)
		theirs, ours := net.Pipe()
		begin := time.Now()
		ln.memListener <- theirs
		if d := time.Since(begin); d < 2*time.Second || d > 10*time.Second {
			t.Errorf("it took %v", d)
		}
		if len(s.errs) != 12 {
			t.Errorf("%d complaints", len(s.errs))
		}
		_ = ours.Close()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestServeReportsAListenerThatSomebodyElseCloses(t *testing.T) {
	ln, err := Listen(t.Context(), "tcp:127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(ServerOptions{Token: "x", Connections: fakeConns{}})
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	if err := s.Serve(t.Context(), ln); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if _, err := NewServer(ServerOptions{MaxConns: -1}); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("want three problems: %v", err)
	}
}

// countConn counts writes and serves one prepared burst per read.
type countConn struct {
	net.Conn

	burst  []byte
	reads  int
	writes int
}

func (c *countConn) Read(p []byte) (int, error) {
	if c.reads == 0 {
		return 0, io.EOF
	}
	c.reads--
	return copy(p, c.burst), nil
}

func (c *countConn) Write(p []byte) (int, error) {
	c.writes++
	return len(p), nil
}

func (c *countConn) SetReadDeadline(time.Time) error  { return nil }
func (c *countConn) SetWriteDeadline(time.Time) error { return nil }

func (c *countConn) run(s *Server, bursts int, known bool) error {
	c.reads, c.writes = bursts, 0
	p := peer{server: s, conn: c, known: known}
	return p.serve()
}

// A burst of queries has one write, and no query allocates.
func TestBurstsAreAnsweredInOneWrite(t *testing.T) {
	s, err := NewServer(ServerOptions{Token: "s3cret", Connections: fakeConns{n: 100}})
	if err != nil {
		t.Fatal(err)
	}
	burst := encodeFrames(query(frameExists, 1, 1, 0), query(frameInfo, 2, 2, 0), query(frameList, 3, 0, 50), query(frameCount, 4, 0, 0))
	c := &countConn{burst: burst}
	if err := c.run(s, 10, true); err != nil || c.writes != 10 {
		t.Errorf("%d writes for 10 bursts: %v", c.writes, err)
	}
	setup := testing.AllocsPerRun(20, func() { _ = c.run(s, 1, true) })
	all := testing.AllocsPerRun(20, func() { _ = c.run(s, 101, true) })
	if all > setup && !raceEnabled {
		t.Errorf("400 queries made %v allocations more than 4 did", all-setup)
	}
}

// How long does the bridge need for a query? PHP waits for it.
func BenchmarkQueries(b *testing.B) {
	s, err := NewServer(ServerOptions{Token: "s3cret", Connections: fakeConns{n: 100}})
	if err != nil {
		b.Fatal(err)
	}
	for _, bench := range []struct {
		name string
		f    frame
	}{{"exists", query(frameExists, 1, 1, 0)}, {"info", query(frameInfo, 1, 1, 0)}, {"list100", query(frameList, 1, 0, 100)}, {"count", query(frameCount, 1, 0, 0)}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			c := &countConn{burst: encodeFrames(bench.f)}
			if err := c.run(s, b.N, true); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func TestAddressIsWhatPHPNeeds(t *testing.T) {
	ln, err := Listen(t.Context(), "tcp:127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if a := Address(ln); !strings.HasPrefix(a, "tcp:127.0.0.1:") || strings.HasSuffix(a, ":0") {
		t.Error(a)
	}
	path := filepath.Join(t.TempDir(), "x.sock")
	ln2, err := Listen(t.Context(), "unix:"+path, "")
	if err != nil {
		t.Fatal(err)
	}
	defer ln2.Close()
	if a := Address(ln2); a != "unix:"+path {
		t.Error(a)
	}
}

package callback

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/sock"
)

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
		"id=2 code=0 fd=3", "id=3 code=404", "id=4 code=404",
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
	want := fixture["reply exists"] + list + fixture["reply not found"]
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
	ln, err := sock.Listen(t.Context(), "tcp:127.0.0.1:0", "")
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

//go:build !race

// The race detector allocates for itself; ci/test.sh runs these tests without it.

package inlet

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"
)

// loop is a connection that says the same again and again, as much at once as a read takes, and then ends.
type loop struct {
	net.Conn
	say  string
	at   int
	left int // bytes
}

func (l *loop) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	n := 0
	for room := min(len(p), l.left); n < room; {
		m := copy(p[n:room], l.say[l.at:])
		l.at = (l.at + m) % len(l.say)
		n += m
	}
	l.left -= n
	return n, nil
}

// counter counts.
type counter struct {
	buf      []byte
	messages int
	bytes    int
}

func (c *counter) Begin() *[]byte { return &c.buf }

func (c *counter) Message(uint8, uint8) bool {
	c.messages++
	c.bytes += len(c.buf)
	return true
}

func (c *counter) Control(uint8, []byte) bool { c.messages++; return true }

var shapes = []struct {
	name, stream string
	messages     int
}{
	{"64 bytes", frame(text, strings.Repeat("a", 64)), 1},
	{"64 bytes, not ASCII", frame(text, strings.Repeat("ß", 32)), 1},
	{"1 KiB", frame(bitFIN|OpBinary, strings.Repeat("a", 1<<10)), 1},
	{"64 KiB", frame(bitFIN|OpBinary, strings.Repeat("a", 64<<10)), 1},
	{"64 KiB of text", frame(text, strings.Repeat("a", 64<<10)), 1},
	{"1 MiB", frame(bitFIN|OpBinary, strings.Repeat("a", 1<<20)), 1},
	{"burst of 40", strings.Repeat(frame(text, strings.Repeat("a", 64)), 40), 40},
	{"ping", frame(bitFIN|OpPing, "ping"), 1},
	{"fragments", frame(OpText, "hello ") + frame(bitFIN|OpPing, "p") + frame(bitFIN, "world"), 2},
	{"deflated 64 bytes", frame(text|bitRSV1, deflated(`{"type":"message","room":1,"text":"hello, how are you?","id":12}`)), 1},
}

func run(tb testing.TB, in *Inlet, conn *loop, c *counter, rounds int) {
	conn.left, conn.at = rounds*len(conn.say), 0
	if err := in.Run(c); !errors.Is(err, io.EOF) {
		tb.Fatal(err)
	}
}

func newLoop(stream string) (*Inlet, *loop) {
	in, conn := &Inlet{}, &loop{say: stream}
	in.Init(conn, nil, Limits{2 << 20, 2 << 20}, true, new(atomic.Int64))
	return in, conn
}

func TestNothingIsAllocated(t *testing.T) {
	for _, s := range shapes {
		in, conn := newLoop(s.stream)
		c := &counter{}
		run(t, in, conn, c, 10)
		if n := testing.AllocsPerRun(20, func() { run(t, in, conn, c, 50) }); n >= 3 { // the pools may lose something to a collection
			t.Errorf("%s: %v allocations for 50", s.name, n)
		}
	}
}

// With a descriptor, as sockets have one.
func TestNothingIsAllocatedByASocket(t *testing.T) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fds[0])
	defer syscall.Close(fds[1])
	in := &Inlet{seen: new(atomic.Int64), limits: Limits{2 << 20, 2 << 20}}
	in.try = in.tryRead
	say := []byte(frame(text, strings.Repeat("a", 64)))
	c := &counter{}
	if n := testing.AllocsPerRun(200, func() {
		if _, err := syscall.Write(fds[1], say); err != nil {
			t.Fatal(err)
		}
		if !in.tryRead(uintptr(fds[0])) {
			t.Fatal("nothing there")
		}
		in.ahead = (*in.chunk)[:in.n]
		if err := in.decode(c); err != nil {
			t.Fatal(err)
		}
	}); n >= 1 {
		t.Errorf("%v allocations", n)
	}
}

// An announced length costs nothing, nor does a stalled frame: growth follows what has come.
func TestMemoryFollowsWhatHasCome(t *testing.T) {
	limits := Limits{1 << 40, 1 << 40}
	for _, have := range []int{0, 1, 1000, 10_000, 100_000} {
		in := &Inlet{}
		c := &counter{}
		head := "\x82\xff\x00\x00\x00\xff\x00\x00\x00\x00mask" // most of 2^40 bytes
		conn := newRawPieces(t, []string{head, strings.Repeat("x", have/2), strings.Repeat("x", have-have/2)})
		in.Init(conn, nil, limits, false, new(atomic.Int64))
		if err := in.Run(c); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if most := max(2*have+chunkSize, firstBuffer); len(c.buf) != have || cap(c.buf) > most {
			t.Errorf("%d bytes are held in a buffer of %d", len(c.buf), cap(c.buf))
		}
		if in.chunk != nil || in.ahead != nil {
			t.Error("a chunk is held by who waits")
		}
	}
}

func BenchmarkInlet(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			in, conn := newLoop(s.stream)
			c := &counter{}
			b.ReportAllocs()
			b.SetBytes(int64(len(s.stream)))
			run(b, in, conn, c, b.N)
			if c.messages != s.messages*b.N {
				b.Fatalf("%d messages, want %d", c.messages, s.messages*b.N)
			}
		})
	}
}

// The reader that it replaced, as it was used: into a kept buffer, with a buffer of 264 bytes of its own.
func BenchmarkGorilla(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			conn := &loop{say: s.stream}
			ws := gorillaOver(b, conn)
			ws.SetPingHandler(func(string) error { return nil })
			conn.left = b.N * len(s.stream)
			buf := make([]byte, 0, 2<<20)
			b.ReportAllocs()
			b.SetBytes(int64(len(s.stream)))
			b.ResetTimer()
			for {
				_, r, err := ws.NextReader()
				if err != nil {
					return
				}
				for err == nil {
					var n int
					n, err = r.Read(buf[:cap(buf)])
					_ = n
				}
			}
		})
	}
}

func gorillaOver(tb testing.TB, conn *loop) *websocket.Conn {
	tb.Helper()
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(upgrade)))
	if err != nil {
		tb.Fatal(err)
	}
	client, server := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, client) }()
	tb.Cleanup(func() { _ = client.Close(); _ = server.Close() })
	conn.Conn = server
	up := websocket.Upgrader{EnableCompression: true, ReadBufferSize: 264}
	ws, err := up.Upgrade(&hijacked{conn: conn}, req, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return ws
}

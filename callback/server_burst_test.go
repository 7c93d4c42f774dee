package callback

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/rawconn"
)

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
	p := peer{server: s, conn: rawconn.New(c, nil), known: known}
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

package fcgi_test

import (
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// unixPeer answers requests of length n over a real socket, allocating nothing itself.
func unixPeer(t testing.TB, n int) *fcgi.Client {
	t.Helper()
	return unixPeerOf(t, n, fcgi.Options{})
}

func unixPeerOf(t testing.TB, n int, o fcgi.Options) *fcgi.Client {
	t.Helper()
	l := listen(t)
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go func(nc net.Conn) {
				defer func() { _ = nc.Close() }()
				buf, reply := make([]byte, n), []byte(okReply)
				for {
					if _, err := io.ReadFull(nc, buf); err != nil {
						return
					}
					if _, err := nc.Write(reply); err != nil {
						return
					}
				}
			}(nc)
		}
	}()
	o.Network, o.Address = "unix", l.Addr().String()
	c, err := fcgi.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A request over a kept connection, with all the things that a usual one has.
func usual(t testing.TB) (*fcgi.Request, int) {
	r := &fcgi.Request{
		Params:  encode(t, "SCRIPT_FILENAME", "/srv/app/server.php", "REQUEST_METHOD", "POST", "CONTENT_LENGTH", "64"),
		Extra:   encode(t, "BRIDGE_EVENT", "message", "BRIDGE_FD", "4711"),
		Body:    make([]byte, 64),
		Timeout: 30 * time.Second,
	}
	return r, len(fcgi.AppendRequest(nil, append(slices.Clip(r.Params), r.Extra...), r.Body))
}

func TestAKeptConnectionAllocatesNothing(t *testing.T) {
	r, n := usual(t)
	c := unixPeer(t, n)
	do := func() {
		res, err := c.Do(background, r)
		if err != nil {
			t.Error(err)
			return
		}
		if res.Status != 200 || len(res.Header("content-type")) == 0 {
			t.Errorf("got status %d", res.Status)
		}
		res.Release()
	}
	do()
	// The race detector makes sync.Pool forget at random, which costs an allocation now and then.
	if n := testing.AllocsPerRun(1000, do); n >= 1 {
		t.Errorf("%v allocations per request", n)
	}
}

// A large answer does not stay in memory for the sake of the next one.
func TestReleaseGivesLargeBuffersUp(t *testing.T) {
	large := stdout("\n")
	for range 20 {
		large += stdout(string(make([]byte, 65000)))
	}
	peer := canned(large + end(0, 0))
	c := dialing(t, fcgi.Options{}, peer, canned(okReply))
	res, err := c.Do(background, small())
	if err != nil {
		t.Fatal(err)
	}
	if kept := res.KeptAfterRelease(); kept != 0 {
		t.Errorf("kept %d bytes", kept)
	}
}

// What Do costs without PHP: two system calls of ours, and the peer's.
func BenchmarkDo(b *testing.B) {
	r, n := usual(b)
	c := unixPeer(b, n)
	b.ReportAllocs()
	for b.Loop() {
		res, err := c.Do(background, r)
		if err != nil {
			b.Fatal(err)
		}
		res.Release()
	}
}

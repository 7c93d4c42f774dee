package fcgi_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// A request on a kept connection that is dead goes out once more only when it provably did not start.
func TestRetryOnAKeptConnection(t *testing.T) {
	params := encode(t, "A", "1")
	headLen := len(fcgi.AppendRequest(nil, append(slices.Clip(params), encode(t, "CONTENT_LENGTH", "")...), nil)) - 8
	large := bytes.Repeat([]byte("x"), 100_000)
	for _, tc := range []struct {
		name    string
		eof     bool // Options.EOFMeansUnread
		room    int  // what the dead connection takes of the second request; negative: all
		last    error
		length  string // CONTENT_LENGTH
		body    []byte
		stdin   io.Reader
		retried bool
		kind    error // of the failure, if not retried
		started bool
	}{
		{name: "nothing written", room: 0, last: syscall.ECONNRESET, retried: true},
		{name: "cut before the end of PARAMS", room: headLen - 1, last: syscall.ECONNRESET, retried: true},
		{name: "PARAMS whole", room: headLen, last: syscall.ECONNRESET, kind: fcgi.ErrReset, started: true},
		{name: "reset", room: -1, last: syscall.ECONNRESET, kind: fcgi.ErrReset, started: true},
		{name: "reset, php-fpm", eof: true, room: -1, last: syscall.ECONNRESET, kind: fcgi.ErrReset, started: true},
		{name: "end of file", room: -1, kind: fcgi.ErrReset, started: true},
		{name: "end of file, php-fpm", eof: true, room: -1, retried: true},
		{name: "end of file, php-fpm, stdin not whole", eof: true, room: headLen, kind: fcgi.ErrReset, started: true},
		{name: "large body, nothing written", room: 0, last: syscall.ECONNRESET, body: large, retried: true},
		{name: "large body, end of file, php-fpm", eof: true, room: -1, body: large, retried: true},
		{name: "large body not whole, end of file, php-fpm", eof: true, room: 50_000, body: large, kind: fcgi.ErrReset, started: true},
		{name: "stream, nothing written", room: 0, last: syscall.ECONNRESET, stdin: strings.NewReader("body"), retried: true},
		{name: "stream, PARAMS whole", room: headLen, last: syscall.ECONNRESET, stdin: strings.NewReader("body"), kind: fcgi.ErrReset, started: true},
		{name: "stream, end of file, php-fpm", eof: true, room: -1, stdin: strings.NewReader("body"), kind: fcgi.ErrReset, started: true},
		{name: "right length, end of file, php-fpm", eof: true, room: -1, length: "4", body: []byte("body"), retried: true},
		{name: "empty length, end of file, php-fpm", eof: true, room: -1, length: "", retried: true},
		// php-fpm reads the end of stdin when CONTENT_LENGTH promises more, and an orderly end proves nothing then.
		{name: "wrong length, end of file, php-fpm", eof: true, room: -1, length: "5", body: []byte("body"), kind: fcgi.ErrReset, started: true},
		{name: "odd length, end of file, php-fpm", eof: true, room: -1, length: "+4", body: []byte("body"), kind: fcgi.ErrReset, started: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dying := canned(okReply)
			dying.writeErr = syscall.EPIPE
			fresh := canned(okReply)
			c := dialing(t, fcgi.Options{EOFMeansUnread: tc.eof}, dying, fresh)
			body(t, c, &fcgi.Request{Params: params})
			dying.writeMax, dying.last = tc.room, tc.last

			res, err := c.Do(background, &fcgi.Request{
				Params: params, Extra: encode(t, "CONTENT_LENGTH", tc.length), Body: tc.body, Stdin: tc.stdin,
			})
			if !dying.isClosed() {
				t.Error("the dead connection is still open")
			}
			if !tc.retried {
				failed(t, err, tc.kind, tc.started)
				if len(fresh.written) > 0 {
					t.Error("sent again")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			res.Release()
			if s := c.Stats(); s.Retries != 1 || s.Dials != 2 || s.Reuses != 1 {
				t.Errorf("got %+v", s)
			}
		})
	}
}

// A fresh connection that ends without an answer is no accident of keeping it: once is enough.
func TestNoRetryOnAFreshConnection(t *testing.T) {
	for _, eof := range []bool{false, true} {
		c := dialing(t, fcgi.Options{EOFMeansUnread: eof}, canned(""), canned(okReply))
		_, err := c.Do(background, small())
		failed(t, err, fcgi.ErrReset, !eof)
	}
	refusing := canned("")
	refusing.writeMax, refusing.writeErr, refusing.last = 3, syscall.EPIPE, syscall.ECONNRESET
	_, err := dialing(t, fcgi.Options{}, refusing, canned(okReply)).Do(background, small())
	failed(t, err, fcgi.ErrReset, false)
}

// The second attempt is the last, also when its connection dies in the same way.
func TestOneRetryOnly(t *testing.T) {
	c := dialing(t, fcgi.Options{EOFMeansUnread: true}, canned(okReply), canned(""), canned(okReply))
	body(t, c, small())
	_, err := c.Do(background, small())
	failed(t, err, fcgi.ErrReset, false)
}

// A server that refuses may close before it has read everything, and its answer counts all the same.
func TestAnAnswerIsReadAfterAFailedWrite(t *testing.T) {
	peer := canned(end(0, 2))
	peer.writeMax, peer.writeErr = 10, syscall.EPIPE
	_, err := dialing(t, fcgi.Options{}, peer).Do(background, &fcgi.Request{Body: make([]byte, 1000)})
	failed(t, err, fcgi.ErrOverloaded, false)

	peer = canned(okReply)
	peer.writeMax, peer.writeErr = 32, syscall.EPIPE
	c := dialing(t, fcgi.Options{}, peer)
	if got := body(t, c, &fcgi.Request{Body: make([]byte, 1000)}); got != "ok" {
		t.Errorf("got %q", got)
	}
	if !peer.isClosed() {
		t.Error("a connection with half a request on it was kept")
	}
}

// Real sockets: a connection that the server closed while it was idle is noticed before anything is written to it,
// and so is one that says something nobody asked for.
func TestDeadIdleConnectionsAreNoticed(t *testing.T) {
	for name, spoil := range map[string]func(net.Conn){
		"closed": func(nc net.Conn) { _ = nc.Close() },
		"noisy":  func(nc net.Conn) { _, _ = io.WriteString(nc, "x") },
	} {
		t.Run(name, func(t *testing.T) {
			server := listen(t)
			c := newClient(t, fcgi.Options{Network: "unix", Address: server.Addr().String()})
			first := make(chan net.Conn, 1)
			go func() {
				nc, err := server.Accept()
				if err != nil {
					return
				}
				_, _ = readRequest(nc)
				_, _ = io.WriteString(nc, okReply)
				first <- nc
			}()
			body(t, c, small())
			nc := <-first
			defer func() { _ = nc.Close() }()
			spoil(nc)
			go serveOne(server)
			body(t, c, small())
			if s := c.Stats(); s.Dials != 2 || s.Reuses != 0 || s.Retries != 0 {
				t.Errorf("got %+v", s)
			}
		})
	}
}

func TestAReaderThatFails(t *testing.T) {
	broken := errors.New("disk on fire")
	c := serving(t, fcgi.Options{}, answering(okReply))
	_, err := c.Do(background, &fcgi.Request{Stdin: io.MultiReader(strings.NewReader("some"), failingReader{broken})})
	failed(t, err, fcgi.ErrStdin, true)
	if !errors.Is(err, broken) {
		t.Errorf("got %v, which does not wrap the reader's error", err)
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// The deadline of the last request passes while a connection is idle; once the sweeper took that for a dead connection.
func TestAPassedDeadlineLeavesAnIdleConnection(t *testing.T) {
	r, n := usual(t)
	c := unixPeer(t, n)
	r.Timeout = 200 * time.Millisecond
	body(t, c, r)
	<-time.After(r.Timeout * 5 / 4)
	c.Sweep()
	body(t, c, r)
	if s := c.Stats(); s.Dials != 1 || s.Reuses != 1 {
		t.Errorf("got %+v", s)
	}
}

package callback

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// echoFPM is a php-fpm that gives every request the same answer and allocates nothing for it.
func echoFPM(t testing.TB, stdout string) *fcgi.Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fpm.sock")
	var config net.ListenConfig
	ln, err := config.Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var answer fakeBuffer
	writeAnswer(&answer, fakeAnswer{stdout: stdout})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				record := make([]byte, 8+65535+255)
				for {
					if _, err := io.ReadFull(conn, record[:8]); err != nil {
						return
					}
					n := int(binary.BigEndian.Uint16(record[4:])) + int(record[6])
					last := record[1] == 5 && n == 0
					if _, err := io.ReadFull(conn, record[8:8+n]); err != nil {
						return
					}
					if last {
						if _, err := conn.Write(answer); err != nil {
							return
						}
					}
				}
			})
		}
	})
	client, err := fcgi.New(fcgi.Options{Network: "unix", Address: path, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		_ = ln.Close()
		wg.Wait()
	})
	return client
}

type fakeBuffer []byte

func (b *fakeBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// handshake is a browser's.
func handshake() *http.Request {
	return &http.Request{
		Method: http.MethodGet, Proto: "HTTP/1.1", RequestURI: "/chat?room=1", URL: &url.URL{Path: "/chat", RawQuery: "room=1"}, Host: "example.org",
		Header: http.Header{
			"User-Agent":               {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
			"Accept":                   {"*/*"},
			"Accept-Language":          {"en-US,en;q=0.5"},
			"Accept-Encoding":          {"gzip, deflate, br"},
			"Sec-Websocket-Version":    {"13"},
			"Sec-Websocket-Extensions": {"permessage-deflate"},
			"Sec-Websocket-Key":        {"dGhlIHNhbXBsZSBub25jZQ=="},
			"Origin":                   {"https://example.org"},
			"Cookie":                   {"session=0123456789abcdef0123456789abcdef; theme=dark"},
			"Connection":               {"keep-alive, Upgrade"},
			"Upgrade":                  {"websocket"},
		},
	}
}

func testConn(t testing.TB) *Conn {
	t.Helper()
	c := &Conn{
		RemoteAddr: "192.0.2.7", RemotePort: 50000, ServerAddr: "192.0.2.1", ServerPort: 9501,
		Listen: "0.0.0.0:9501", Connected: time.UnixMicro(1700000000_250000),
	}
	var err error
	if c.Env, err = BuildEnv(handshake(), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// steady are the calls of the steady path.
func steady(t testing.TB) map[string]func() {
	conn := testConn(t)
	ctx := context.Background() //nolint:usetesting // one that cannot end: fcgi needs no AfterFunc
	message := &Event{
		Type: Message, Attempt: 1, Opcode: 1, Flags: 33, ID: 3, FD: 7, Last: 1700000001_000000,
		Payload: []byte(strings.Repeat("x", 64)), Conn: conn,
	}
	second := *message
	second.ID, second.FD = 4, 8
	third := *message
	third.Type, third.ID, third.FD, third.Code, third.Cause = Close, 5, 9, 1000, CauseClient
	push := pushFrame(7, strings.Repeat("x", 64))
	list := frame{typ: uint8(KindPush), opcode: 1, flags: 1, code: 2, meta: make([]byte, 16), payload: []byte("x")}

	calls := make(map[string]func())
	add := func(name, stdout string, encoding Encoding, events ...*Event) {
		s := newScript(t, echoFPM(t, stdout), func(o *ScriptOptions) { o.Encoding, o.Timeout = encoding, 10*time.Second })
		reply := new(Reply)
		calls[name] = func() {
			s.Call(ctx, 1, events, reply)
			for i := range reply.Results {
				if r := &reply.Results[i]; r.Outcome != Done || len(r.Instructions) == 0 {
					t.Fatalf("%s: %s %v", name, sum(r), r.Err)
				}
			}
			reply.Release()
		}
	}
	add("framed", framesAnswer(push, endFrame(3, 0)), Framed, message)
	add("framed batch of 3", framesAnswer(push, list, endFrame(3, 0), push, endFrame(4, 0), push, endFrame(5, 0)), Framed, message, &second, &third)
	json := "Content-type: application/json\r\n\r\n" + `{"instructions":[{"do":"push","fd":7,"data":"` + strings.Repeat("x", 64) + `"}]}`
	add("plain", json, Plain, message)
	add("plain close", json, Plain, &third)
	return calls
}

// A call on the steady path, from the event to its instructions, allocates nothing.
func TestCallAllocatesNothing(t *testing.T) {
	for name, call := range steady(t) {
		t.Run(name, func(t *testing.T) {
			for range 10 {
				call() // buffers grow
			}
			if n := testing.AllocsPerRun(200, call); n > 0 && !raceEnabled {
				t.Errorf("%v allocations", n)
			}
		})
	}
}

// What does the contract cost of an event's 35 µs? Against a peer that does nothing, so most of it is the two socket
// calls and the goroutine switches; "codec" is the rest.
func BenchmarkCall(b *testing.B) {
	for name, call := range steady(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
	conn := testConn(b)
	now := time.Now()
	message := &Event{Type: Message, Attempt: 1, Opcode: 1, Flags: 33, ID: 3, FD: 7, Payload: []byte(strings.Repeat("x", 64)), Conn: conn}
	body := encodeFrames(pushFrame(7, strings.Repeat("x", 64)), endFrame(3, 0))
	events := []*Event{message}
	b.Run("codec framed", func(b *testing.B) {
		var reply Reply
		b.ReportAllocs()
		for b.Loop() {
			reply.reset(1)
			reply.body = appendEvent(reply.body, message, now)
			if _, err := reply.decodeFrames(body, events, "x"); err != nil {
				b.Fatal(err)
			}
		}
	})
	json := []byte(`{"instructions":[{"do":"push","fd":7,"data":"` + strings.Repeat("x", 64) + `"}]}`)
	s := newScript(b, doerFunc(nil), func(o *ScriptOptions) { o.Encoding = Plain })
	b.Run("codec plain", func(b *testing.B) {
		var reply Reply
		b.ReportAllocs()
		for b.Loop() {
			reply.reset(1)
			reply.extra = s.appendPlain(reply.extra, 1, message)
			d := answerDecoder{reply: &reply, event: message}
			if err := d.decode(json); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// What do a handshake's environment and head cost? Once per connection, so they may allocate; info is asked for more often.
func BenchmarkBuild(b *testing.B) {
	conn := testConn(b)
	r := handshake()
	b.Run("env", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := BuildEnv(r, conn); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("info", func(b *testing.B) {
		ev := Event{Type: Open, FD: 7, Conn: conn}
		info := ev.info(time.Now())
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			buf = info.appendJSON(buf[:0])
		}
	})
}

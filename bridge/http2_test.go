package bridge

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/streams"
	"github.com/fpmbridge/fpmbridge/callback"
)

// on2 serves HTTP/2 beside HTTP/1.
func on2(more ...func(o *Options)) func(o *Options) {
	return func(o *Options) {
		o.Listeners = []Listener{{HTTP2: true}}
		for _, set := range more {
			set(o)
		}
	}
}

// browser is a client of HTTP/2 with prior knowledge. It opens one connection.
func (f *fixture) browser() *http.Client {
	tr := &http.Transport{
		Protocols: new(http.Protocols), MaxConnsPerHost: 1, DisableCompression: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return f.ln.Dial("192.0.2.1") },
	}
	tr.Protocols.SetUnencryptedHTTP2(true)
	f.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// fetch asks for something, and reads all of the answer.
func fetch(c *http.Client, method, path, body string) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, "http://example.org"+path, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

// part2 is a part of the response to a request of HTTP/2.
func part2(ev *callback.Event, flags uint8, status uint16, head, data string) callback.Instruction {
	in := respond(ev.FD, flags, status, head, data)
	if ev.Stream != 0 {
		in.Stream = streams.KeyOf(ev.Stream)
	}
	return in
}

// ok2 answers with the request line, the stream and the body.
func ok2(_ *fixture, ev *callback.Event) callback.Result {
	line, _, _ := strings.Cut(string(ev.Head), "\r\n")
	return do(part2(ev, callback.ResponseEnd, 200, "\r\nKeep-Alive: x\r\nX-A: 1\r\n", fmt.Sprintf("%s %d %s", line, ev.Stream, ev.Payload)))
}

func TestHTTP2BesideHTTP1AndWebSockets(t *testing.T) {
	site(t, ok2, on2(), func(f *fixture) {
		c := f.browser()
		for i, want := range []string{"GET /a HTTP/2 1 ", "POST /a HTTP/2 3 x=1", "HEAD"} {
			method, body := strings.Fields(want)[0], ""
			if method == "POST" {
				body = "x=1"
			}
			resp, text, err := fetch(c, method, "/a", body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.ProtoMajor != 2 || resp.Header.Get("X-A") != "1" || resp.Header.Get("Server") != "swoole-http-server" || len(resp.Header["Keep-Alive"])+len(resp.Header["Connection"]) > 0 {
				t.Errorf("%d: %s %v", i, resp.Proto, resp.Header)
			}
			if method == "HEAD" {
				want = ""
			}
			if text != want {
				t.Errorf("%q, want %q", text, want)
			}
		}
		if x, _, err := fetch(c, "GET", "/", ""); err != nil || x.StatusCode != 200 {
			t.Error(err)
		}
		old := f.open("GET /old HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, body := old.next("GET"); body != "GET /old HTTP/1.1 0 " {
			t.Errorf("%q", body)
		}
		ws := f.dial()
		ws.text("hi")
		ws.wantText("hi")
		if got := f.b.Count(); got != 3 {
			t.Errorf("%d connections", got)
		}
	})
}

// Requests that come at once are handed over in the order in which they were complete, one at a time, and answered beside each other.
func TestStreamsAreHandedOverInOrder(t *testing.T) {
	var mu sync.Mutex
	var heard []uint32
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		mu.Lock()
		heard = append(heard, ev.Stream)
		mu.Unlock()
		return ok2(f, ev)
	}, on2(), func(f *fixture) {
		raw := f.raw2()
		var all []byte
		var want []uint32
		late := raw.headers(1, false, "POST", "/late") // its body comes last
		all = append(all, late...)
		for id := uint32(3); id < 150; id += 2 {
			all = append(all, raw.headers(id, true, "GET", fmt.Sprint("/", id))...)
			want = append(want, id)
		}
		all = append(all, frame2(0, 1, 1, []byte("x"))...)
		raw.write(all)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if want = append(want, 1); !slices.Equal(heard, want) {
			t.Errorf("PHP heard %v", heard)
		}
		if n := raw.count(1, 0x88); n != len(want) {
			t.Errorf("%d responses of %d", n, len(want))
		}
	})
}

// A response that is kept open, and one whose client does not read, hold up no other.
func TestStreamsDoNotWaitForEachOthersResponses(t *testing.T) {
	var kept *callback.Event
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		switch strings.Fields(string(ev.Head))[1] {
		case "/kept":
			again := *ev
			kept = &again
			return do(part2(ev, 0, 200, "\r\n", "first "), part2(ev, callback.ResponseDetach, 0, "", ""))
		case "/large":
			return do(part2(ev, callback.ResponseEnd, 200, "\r\n", strings.Repeat("x", 4<<20)))
		}
		return ok2(f, ev)
	}, on2(), func(f *fixture) {
		c := f.browser()
		ctx, cancel := context.WithCancel(f.t.Context())
		defer cancel()
		slow := make(chan *http.Response, 2)
		for _, path := range []string{"/kept", "/large"} {
			req, _ := http.NewRequestWithContext(ctx, "GET", "http://example.org"+path, nil)
			resp, err := c.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			slow <- resp
			synctest.Wait()
		}
		if _, body, err := fetch(c, "GET", "/b", ""); err != nil || body != "GET /b HTTP/2 5 " {
			t.Errorf("%q %v", body, err)
		}
		// The one that waits is found without its stream, too: nobody could mean another.
		if in := respond(1, callback.ResponseEnd, 0, "\r\nX-Sum: 7\r\n", "last"); kept == nil || !f.b.Respond(&in) || f.b.Respond(&in) {
			t.Error("not taken, or twice")
		}
		resp := <-slow
		if body, err := io.ReadAll(resp.Body); string(body) != "first last" || err != nil || resp.Trailer.Get("X-Sum") != "7" {
			t.Errorf("%q %v %v", body, err, resp.Trailer)
		}
		resp = <-slow
		if n, err := io.Copy(io.Discard, resp.Body); n != 4<<20 || err != nil {
			t.Errorf("%d %v", n, err)
		}
	})
}

// Who does not want the answer any more takes its place in the queue away with it.
func TestCancelledStreamsLeaveTheQueue(t *testing.T) {
	release := make(chan struct{})
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		if strings.HasPrefix(string(ev.Head), "GET /first") {
			<-release
		}
		return ok2(f, ev)
	}, on2(), func(f *fixture) {
		release = make(chan struct{})
		raw := f.raw2()
		raw.write(raw.headers(1, true, "GET", "/first"))
		synctest.Wait()
		// Far more than may be open at a time: each is gone when the next one comes.
		for id := uint32(3); id < 2003; id += 2 {
			raw.write(append(raw.headers(id, true, "GET", "/"), frame2(3, 0, id, []byte{0, 0, 0, 8})...))
			if id%100 == 3 {
				synctest.Wait()
			}
		}
		raw.write(raw.headers(2003, true, "GET", "/last"))
		synctest.Wait()
		s := f.b.registry.Get(1)
		s.mu.Lock()
		n := 0
		for q := s.in.Head(); q != nil; q = q.Next() {
			n++
		}
		s.mu.Unlock()
		if n > 2 {
			t.Errorf("%d events wait of requests that nobody wants", n)
		}
		close(release)
		synctest.Wait()
		if n := raw.count(1, 0x88); n != 2 {
			t.Errorf("%d responses", n)
		}
		if got := f.b.exchanging.Load(); got != 0 {
			t.Errorf("%d requests are being answered", got)
		}
		f.wantStory("1:request 1:request")
	})
}

func TestHTTP2Refusals(t *testing.T) {
	site(t, ok2, on2(func(o *Options) { o.Routes[0].Path = "/app"; o.MaxMessage = 1000 }), func(f *fixture) {
		c := f.browser()
		for _, tt := range []struct {
			method, path, body string
			status             int
		}{
			{"GET", "/else", "", 404},
			{"POST", "/app", strings.Repeat("x", 1001), 413},
			{"POST", "/app", "x", 200},
		} {
			resp, text, err := fetch(c, tt.method, tt.path, tt.body)
			if err != nil || resp.StatusCode != tt.status {
				t.Errorf("%s %s: %v %q %v", tt.method, tt.path, resp, text, err)
			}
		}
		if f.b.fds.Load() != 1 {
			t.Error("a refusal has cost the connection")
		}
		raw := f.raw2()
		for id, want := range []string{"There are no WebSockets over HTTP/2 here", "not valid in HTTP/2", "Error 431"} {
			block := raw.block("GET", "/app")
			switch id {
			case 0:
				block = raw.block("CONNECT", "")
			case 1:
				block = append(append(block, append([]byte{0, 7}, "upgrade"...)...), append([]byte{9}, "websocket"...)...)
			case 2:
				block = append(block, bytes.Repeat(append([]byte{0, 1, 'a', 100}, strings.Repeat("x", 100)...), 700)...)
			}
			raw.write(frame2(1, 5, uint32(2*id+1), block))
			synctest.Wait()
			if got := fmt.Sprint(raw.frames()); !strings.Contains(got, want) {
				t.Errorf("%q, want %s", got, want)
			}
		}
	})
}

// A method of "GET /dump" reached the script as a request for /dump, whatever the path was that a route had been chosen by.
func TestMalformedRequestsOverHTTP2(t *testing.T) {
	site(t, ok2, on2(), func(f *fixture) {
		raw := f.raw2()
		for i, tt := range []struct {
			method, path, length, body string
			want                       string
		}{
			{"GET /dump", "/", "", "", "A method is a token."},
			{"", "/", "", "", ""},
			{"G\xc3\xa9T", "/", "", "", "A method is a token."},
			{"G(T", "/", "", "", "A method is a token."},
			{"M-SEARCH", "/a", "", "", "M-SEARCH /a HTTP/2"},
			{"GET", "http://elsewhere/a", "", "", "A path begins with a slash."},
			{"GET", "/a b", "", "", "A path is ASCII"},
			{"GET", "/a HTTP/1.0", "", "", "A path is ASCII"},
			{"GET", "/\xc3\xa9", "", "", "A path is ASCII"},
			{"GET", "/%c3%a9?a=%20", "", "", "GET /%c3%a9?a=%20 HTTP/2"},
			{"POST", "/", "3", "", "Content-Length is not the body's."},
			{"POST", "/", "0", "", "POST / HTTP/2"},
			{"POST", "/", "3", "abc", "POST / HTTP/2"},
			{"POST", "/", "x", "abc", ""},
			{"POST", "/", "3\x00content-length\x004", "abc", "Content-Length is not the body's."},
		} {
			id := uint32(2*i + 1)
			block := raw.block(tt.method, tt.path)
			if tt.length != "" {
				parts := strings.Split("content-length\x00"+tt.length, "\x00")
				for i := 0; i < len(parts); i += 2 {
					block = append(append(block, 0, byte(len(parts[i]))), parts[i]...)
					block = append(append(block, byte(len(parts[i+1]))), parts[i+1]...)
				}
			}
			if tt.body == "" {
				raw.write(frame2(1, 5, id, block))
			} else {
				raw.write(append(frame2(1, 4, id, block), frame2(0, 1, id, []byte(tt.body))...))
			}
			synctest.Wait()
			got := ""
			for _, f := range raw.frames() {
				if f.stream == id && f.kind == 0 {
					got += f.payload
				}
			}
			if tt.want == "" && got != "" || !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q %q %q: %q", tt.method, tt.path, tt.length, got)
			}
		}
		if raw.closed() {
			t.Error("it has cost the connection")
		}
		// Padding that takes all, and more: what both sides remember of header lines would not be the same behind it.
		for _, tt := range []struct {
			flags   byte
			payload string
			last    bool
		}{
			{0x0d, "\x02" + string(raw.block("GET", "/")) + "\x00\x00", false},
			{0x2d, "\x02\x00\x00\x00\x00\x10" + string(raw.block("GET", "/")) + "\x00\x00", false},
			{0x0d, "\x08" + string(raw.block("GET", "/")[:7]), true},
			{0x2d, "\x01\x00\x00\x00\x00\x10", true},
		} {
			r := f.raw2()
			r.write(frame2(1, tt.flags, 1, []byte(tt.payload)))
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if away := strings.HasPrefix(r.said(7), "\x00\x00\x00\x00\x00\x00\x00\x01"); away != tt.last || r.closed() != tt.last {
				t.Errorf("%q: %+v", tt.payload, r.frames())
			}
		}
	})
}

// A client that is refused while it sends is told so before its stream is reset, and does not send for ever.
func TestRefusedUploadsOverHTTP2(t *testing.T) {
	site(t, ok2, on2(func(o *Options) { o.MaxMessage = 1000 }), func(f *fixture) {
		raw := f.raw2()
		raw.write(append(raw.headers(1, false, "POST", "/"), frame2(0, 0, 1, make([]byte, 2000))...))
		synctest.Wait()
		if raw.said(0) != "Request Entity Too Large\n" || raw.count(3, 0) != 0 {
			t.Errorf("%+v", raw.frames())
		}
		raw.write(frame2(0, 1, 1, make([]byte, 2000)))
		synctest.Wait()
		if got := raw.frames(); raw.count(3, 0) != 0 || got[len(got)-1].flags&1 == 0 {
			t.Errorf("it has ended: %+v", got)
		}
		raw.write(append(raw.headers(3, false, "POST", "/"), frame2(0, 0, 3, make([]byte, 2000))...))
		time.Sleep(lingers)
		synctest.Wait()
		if raw.said(3) != "\x00\x00\x00\x00" {
			t.Errorf("it goes on: %+v", raw.frames())
		}
		raw.write(append(raw.headers(5, false, "POST", "/"), frame2(0, 0, 5, make([]byte, 1500))...))
		for range 40 {
			raw.write(frame2(0, 0, 5, make([]byte, 32<<10)))
			synctest.Wait()
		}
		if raw.count(3, 0) < 2 {
			t.Errorf("it sends a lot: %+v", raw.frames()[10:])
		}
		if raw.write(raw.headers(7, true, "GET", "/")); raw.closed() {
			t.Error("it has cost the connection")
		}
	})
}

// lingers is longer than a refused client may go on.
const lingers = 1100 * time.Millisecond

// Without the setting the preface is what it always was.
func TestHTTP2OnlyWhereItIsAskedFor(t *testing.T) {
	site(t, ok2, nil, func(f *fixture) {
		c := f.ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
		if c.resp.StatusCode != 505 {
			t.Errorf("%s", c.resp.Status)
		}
	})
}

// The connection ends as PHP says: behind the responses that it has given, and with GOAWAY.
func TestHTTP2Ends(t *testing.T) {
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		res := ok2(f, ev)
		switch {
		case strings.HasPrefix(string(ev.Head), "GET /close"):
			res.Instructions = append(res.Instructions, closeFD(ev.FD, 0, "", callback.CloseBare))
		case strings.HasPrefix(string(ev.Head), "GET /goaway"):
			res.Instructions = append([]callback.Instruction{
				{Kind: callback.KindConnection, Opcode: callback.ConnPing, FD: ev.FD, Data: []byte("ping")},
				{Kind: callback.KindConnection, Opcode: callback.ConnGoAway, FD: ev.FD, Error: 11, Data: []byte("calm")},
			}, res.Instructions...)
		}
		return res
	}, on2(), func(f *fixture) {
		for _, path := range []string{"/close", "/goaway"} {
			raw := f.raw2()
			raw.write(raw.headers(1, true, "GET", path))
			synctest.Wait()
			if raw.count(1, 0x88) != 1 || raw.count(7, 0) != 1 || !raw.closed() {
				t.Errorf("%s: %+v", path, raw.frames())
			}
			if path == "/goaway" && (raw.said(6) != "ping\x00\x00\x00\x00" || raw.said(7) != "\x00\x00\x00\x01\x00\x00\x00\x0bcalm") {
				t.Errorf("%q %q", raw.said(6), raw.said(7))
			}
			_ = raw.conn.Close()
			synctest.Wait()
		}
		f.wantStory("1:request 1:close(1006 server) 2:request 2:close(1006 server)")
		idle := f.raw2()
		synctest.Wait()
		f.stop()
		synctest.Wait()
		if idle.count(7, 0) != 1 || !idle.closed() {
			t.Errorf("the end of the bridge: %+v", idle.frames())
		}
	})
}

// What hostile clients do costs themselves: others are served, and nothing of them stays.
func TestHostileHTTP2(t *testing.T) {
	for name, attack := range map[string]func(r *raw2){
		"no request": func(*raw2) {},
		"a head that does not end": func(r *raw2) {
			r.write(frame2(1, 0, 1, []byte{0x82, 0x84, 0x86}))
			for range 2000 {
				if !r.write(frame2(9, 0, 1, append([]byte{0, 4, 'a', 'a', 'a', 'a', 100}, make([]byte, 100)...))) {
					return
				}
			}
		},
		"a head in empty pieces": func(r *raw2) {
			r.write(frame2(1, 0, 1, []byte{0x82, 0x84, 0x86}))
			for range 20_000 {
				if !r.write(frame2(9, 0, 1, nil)) {
					return
				}
			}
		},
		"bodies that do not end": func(r *raw2) {
			for id := uint32(1); id < 4000; id += 2 {
				if !r.write(r.headers(id, false, "POST", "/")) {
					return
				}
			}
		},
		"responses that nobody reads": func(r *raw2) {
			r.write(frame2(4, 0, 0, []byte{0, 4, 0, 0, 0, 0})) // windows of nothing
			for id := uint32(1); id < 200; id += 2 {
				r.write(r.headers(id, true, "GET", "/"))
			}
		},
		"files that nobody reads": func(r *raw2) {
			r.write(frame2(4, 0, 0, []byte{0, 4, 0, 0, 0, 0}))
			for id := uint32(1); id < 200; id += 2 {
				r.write(r.headers(id, true, "GET", "/file"))
			}
		},
		"streams behind GOAWAY": func(r *raw2) {
			r.write(r.headers(2, true, "GET", "/"))
			for id := uint32(1); id < 40_000; id += 2 {
				if !r.write(r.headers(id, true, "GET", "/")) {
					return
				}
			}
		},
		"a label of its own": func(r *raw2) {
			block := append(r.block("GET", "/"), append(append([]byte{0, 16}, "fpmbridge-stream"...), 1, '9')...)
			r.write(frame2(1, 5, 1, block))
			r.write(frame2(1, 5, 3, append(r.block("GET", "/"), append([]byte{0, 16}, "fpmb"...)...))) // ours would be its end
		},
		"pings": func(r *raw2) {
			for range 20_000 {
				if !r.write(frame2(6, 0, 0, make([]byte, 8))) {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			site(t, ok2, on2(func(o *Options) { o.Routes[0].Files = file{} }), func(f *fixture) {
				f.unclosed = true
				attacker := f.raw2()
				go attack(attacker)
				synctest.Wait()
				if _, body, err := fetch(f.browser(), "GET", "/a", ""); err != nil || body != "GET /a HTTP/2 1 " {
					t.Errorf("another client: %q %v", body, err)
				}
				time.Sleep(5 * time.Minute)
				synctest.Wait()
				if s := f.b.registry.Get(1); s != nil {
					t.Errorf("the attacker is still there: %+v", attacker.frames())
				}
				if got := f.b.exchanging.Load(); got != 0 {
					t.Errorf("%d requests are being answered", got)
				}
			})
		})
	}
}

// file is a large one.
type file struct{}

func (file) Has(path string) bool { return path == "/file" }

func (file) ServeHTTP(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }

// raw2 is a client that says what it wants in frames.
type raw2 struct {
	t    *testing.T
	conn net.Conn

	mu   sync.Mutex
	got  []frameOf2
	over bool
}

type frameOf2 struct {
	kind, flags byte
	stream      uint32
	payload     string
}

func (f *fixture) raw2() *raw2 {
	f.t.Helper()
	conn, err := f.ln.Dial("192.0.2.1")
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = conn.Close() })
	r := &raw2{t: f.t, conn: conn}
	go r.listen()
	r.write(append([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame2(4, 0, 0, nil)...))
	return r
}

func (r *raw2) listen() {
	for {
		var h [9]byte
		_, err := io.ReadFull(r.conn, h[:])
		payload := make([]byte, int(h[0])<<16|int(h[1])<<8|int(h[2]))
		if err == nil {
			_, err = io.ReadFull(r.conn, payload)
		}
		r.mu.Lock()
		if err != nil {
			r.over = true
			r.mu.Unlock()
			return
		}
		r.got = append(r.got, frameOf2{h[3], h[4], binary.BigEndian.Uint32(h[5:]), string(payload)})
		r.mu.Unlock()
	}
}

func (r *raw2) write(b []byte) bool {
	_ = r.conn.SetWriteDeadline(time.Now().Add(time.Minute))
	_, err := r.conn.Write(b)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		_ = r.conn.Close()
	}
	return err == nil
}

func (r *raw2) frames() []frameOf2 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *raw2) closed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.over
}

// count is how many frames of a kind came whose payload begins with first; 0: with anything.
func (r *raw2) count(kind, first byte) (n int) {
	for _, f := range r.frames() {
		if f.kind == kind && (first == 0 || f.payload != "" && f.payload[0] == first) {
			n++
		}
	}
	return n
}

// said is the payload of the first frame of a kind.
func (r *raw2) said(kind byte) string {
	for _, f := range r.frames() {
		if f.kind == kind {
			return f.payload
		}
	}
	return ""
}

// block is a header block: RFC 7541, without anything to remember.
func (r *raw2) block(method, path string) []byte {
	b := append([]byte{2, byte(len(method))}, method...)
	if path != "" {
		b = append(append(append(b, 4, byte(len(path))), path...), 0x86)
	}
	return append(append(b, 1, 1), 'x')
}

func (r *raw2) headers(id uint32, ends bool, method, path string) []byte {
	flags := byte(4)
	if ends {
		flags |= 1
	}
	return frame2(1, flags, id, r.block(method, path))
}

func frame2(kind, flags byte, stream uint32, payload []byte) []byte {
	n := len(payload)
	b := append([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(b[5:], stream)
	return append(b, payload...)
}

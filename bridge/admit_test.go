package bridge

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

func TestHandshakesThatAreRefused(t *testing.T) {
	without := func(line string) string { return strings.Replace(handshake("/"), line+"\r\n", "", 1) }
	for _, c := range []struct {
		name    string
		request string
		status  int
		reason  string // in Stats.Refused; "": net/http refused it
	}{
		{"plain GET", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "not_an_upgrade"},
		{"unknown path", handshake("/nowhere"), 404, "route"},
		{"no Connection", without("Connection: Upgrade"), 400, "not_an_upgrade"},
		{"no Upgrade", without("Upgrade: websocket"), 400, "not_an_upgrade"},
		{"no key", without("Sec-WebSocket-Key: " + wsKey), 400, "handshake"},
		{"short key", strings.Replace(handshake("/"), wsKey, "c2hvcnQ=", 1), 400, "handshake"},
		{"no version", without("Sec-WebSocket-Version: 13"), 426, "handshake"},
		{"old version", strings.Replace(handshake("/"), "Version: 13", "Version: 8", 1), 426, "handshake"},
		{"two versions", handshake("/", "Sec-WebSocket-Version: 8"), 426, "handshake"},
		{"HTTP/1.0", strings.Replace(handshake("/"), "HTTP/1.1", "HTTP/1.0", 1), 400, "handshake"},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "not_an_upgrade"},
		{"a body", handshake("/", "Content-Length: 2") + masked(bitFIN|opPing, ""), 400, "handshake"},
		{"chunks", handshake("/", "Transfer-Encoding: chunked") + "0\r\n\r\n", 400, "handshake"},
		{"POST", strings.Replace(handshake("/"), "GET", "POST", 1), 405, "handshake"},
		{"foreign origin", handshake("/", "Origin: https://evil.example"), 403, "origin"},
		{"no Host", without("Host: example.org"), 400, ""},
		{"not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400, ""},
		{"bad header", handshake("/", "No colon here"), 400, ""},
		{"100 kB of headers", handshake("/", "X-Big: "+strings.Repeat("x", 100<<10)), 431, ""},
		{"head too large for CGI", handshake("/", "X-Big: "+strings.Repeat("x", 70<<10)), 431, "header"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				script := newFakeScript(nil)
				script.describe(callback.Description{Encoding: callback.Plain})
				f := newFixture(t, script, func(o *Options) {
					o.Origins = []string{"https://good.example"}
					o.Routes[0].Path = "/"
					if c.reason == "header" {
						o.MaxHeader = 100 << 10
					}
					if c.reason == "route" {
						o.Routes[0].Path = "/chat"
					}
				})
				f.ln.Capacity = 256 << 10
				cl := f.ask(c.request)
				body, _ := io.ReadAll(cl.resp.Body)
				if cl.resp.StatusCode != c.status {
					t.Errorf("status %d, want %d: %s", cl.resp.StatusCode, c.status, body)
				}
				h := cl.resp.Header
				if c.status == http.StatusUpgradeRequired && (h.Get("Sec-WebSocket-Version") != "13" || h.Get("Upgrade") != "websocket") {
					t.Errorf("it does not say what is spoken: %v", h)
				}
				if c.status == http.StatusMethodNotAllowed && h.Get("Allow") != "GET" {
					t.Errorf("it does not say which method is allowed: %v", h)
				}
				if c.reason != "" && (f.b.Stats().Refused[c.reason] != 1 || !strings.Contains(f.logged.String(), "reason="+c.reason)) {
					t.Errorf("not counted or logged as %s: %v\n%s", c.reason, f.b.Stats().Refused, f.logged)
				}
				if !cl.resp.Close {
					t.Error("the connection is kept")
				}
			})
		})
	}
}

func TestConnectionLimits(t *testing.T) {
	limits := func(o *Options) { o.MaxConnections, o.MaxPerAddress = 3, 2 }
	bubble(t, nil, limits, func(f *fixture) {
		ask := func(ip string, want int) *client {
			t.Helper()
			c := f.askFrom(ip, handshake("/"))
			if c.resp.StatusCode != want {
				t.Fatalf("%s: status %d, want %d", ip, c.resp.StatusCode, want)
			}
			if want != 101 && c.resp.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			return c
		}
		a := ask("192.0.2.1", 101)
		ask("192.0.2.1", 101)
		ask("192.0.2.1", 429)
		ask("192.0.2.2", 101)
		ask("192.0.2.3", 503)
		_ = a.conn.Close()
		synctest.Wait()
		ask("192.0.2.3", 101)
		ask("192.0.2.1", 503)
		if got := f.b.Stats().Refused; got["connections"] != 2 || got["connections_per_address"] != 1 {
			t.Errorf("refused %v", got)
		}
	})
}

// Connections count from their accept on, whatever they speak: one that says nothing, one that waits for its next request, a WebSocket.
func TestEveryKindOfConnectionCounts(t *testing.T) {
	for name, start := range map[string]func(*fixture){"plain": func(*fixture) {}, "Swoole": dropIn("request")} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ev *callback.Event) callback.Result {
				if ev.Type == callback.Request {
					return ok200(ev.FD)
				}
				return echo(ev)
			}, func(o *Options) { o.MaxConnections = 3 }, func(f *fixture) {
				f.unopened = true
				start(f)
				silent := f.open("")
				f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				time.Sleep(time.Second) // net/http closes with a delay
				ws := f.ask(handshake("/"))
				if name == "plain" {
					f.open("") // the page was refused, and its connection closed
				}
				synctest.Wait()
				for _, request := range []string{"", handshake("/"), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"} {
					c := f.open(request)
					if resp, _ := c.next("GET"); resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
						t.Errorf("%d for one too many", resp.StatusCode)
					}
					if _, err := c.br.ReadByte(); err == nil {
						t.Error("it is still open")
					}
				}
				_ = silent.conn.Close()
				synctest.Wait()
				again := f.ask(handshake("/"))
				if ws.resp.StatusCode != 101 || again.resp.StatusCode != 101 {
					t.Errorf("%d, and %d when there was room", ws.resp.StatusCode, again.resp.StatusCode)
				}
			})
		})
	}
}

// A handshake that fails after it was counted in gives its place back.
func TestRefusedHandshakesFreeTheirPlace(t *testing.T) {
	bubble(t, nil, func(o *Options) { o.MaxConnections, o.MaxPerAddress = 1, 1 }, func(f *fixture) {
		for range 3 {
			if c := f.ask(strings.Replace(handshake("/"), wsKey, "no key", 1)); c.resp.StatusCode != 400 {
				t.Fatalf("status %d", c.resp.StatusCode)
			}
			time.Sleep(time.Second) // net/http closes with a delay
		}
		f.dial()
		synctest.Wait()
	})
	// The fixture compares the gate's count with the registry's at its end.
}

func TestRoutesServeTheirOwnScripts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		named := func(name string) *fakeScript {
			return newFakeScript(func(ev *callback.Event) callback.Result {
				if ev.Type == callback.Open {
					return do(push(ev.FD, name))
				}
				return callback.Result{}
			})
		}
		root, chat, room := named("root"), named("chat"), named("room")
		f := newFixture(t, root, func(o *Options) {
			o.Routes = []Route{{Path: "/", Script: root}, {Path: "/chat/", Script: chat}, {Path: "/chat/room", Script: room}}
		})
		for path, want := range map[string]string{
			"/": "root", "/chatter": "root", "/chat": "chat", "/chat/": "chat", "/chat/rooms": "chat", "/chat/room/7": "room",
			"/chat?x=/chat/room": "chat", "/Chat": "root", "/%63hat": "chat",
		} {
			c := f.ask(handshake(path))
			if c.resp.StatusCode != 101 {
				t.Fatalf("%s: %s", path, c.resp.Status)
			}
			c.wantText(want)
		}
	})
}

func TestSubprotocolIsTheServersFirstChoice(t *testing.T) {
	bubble(t, nil, func(o *Options) { o.Subprotocols = []string{"v2", "v1"} }, func(f *fixture) {
		for offer, want := range map[string]string{"v1, v2": "v2", "v1": "v1", "v3": ""} {
			c := f.dial("Sec-WebSocket-Protocol: " + offer)
			if got := c.resp.Header.Get("Sec-WebSocket-Protocol"); got != want {
				t.Errorf("offer %q: got %q, want %q", offer, got, want)
			}
			synctest.Wait()
			if info, ok := f.b.Info(f.b.fds.Load()); !ok || info.Subprotocol != want {
				t.Errorf("offer %q: PHP sees %q", offer, info.Subprotocol)
			}
		}
	})
}

// A client that does not wait for the 101 sends its first frames in the handshake's own segment.
func TestFramesTogetherWithTheHandshake(t *testing.T) {
	for _, size := range []int{3, 600, 60_000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			bubble(t, echo, nil, func(f *fixture) {
				payload := strings.Repeat("x", size)
				frames := appendMasked(nil, bitFIN|opText, []byte(payload))
				frames = appendMasked(frames, bitFIN|opText, []byte("second"))
				c := f.ask(handshake("/") + string(frames))
				if c.resp.StatusCode != 101 {
					t.Fatal(c.resp.Status)
				}
				c.wantText(payload)
				c.wantText("second")
			})
		})
	}
}

// As many sockets as may be in their handshake do nothing: others wait, but no longer than the header timeout.
func TestSocketsThatNeverShakeHandsAreClosed(t *testing.T) {
	for name, request := range map[string]string{
		"half a head":          "GET / HTTP/1.1\r\nHost: a\r\n",
		"a body that never is": "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n",
		"nothing":              "",
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(o *Options) { o.HeaderTimeout = 3 * time.Second }, func(f *fixture) {
				f.ln.Capacity = 1 << 10
				sockets := 1
				if request == "" {
					sockets = maxHandshakes // nobody else gets in meanwhile
				}
				for range sockets {
					conn, err := f.ln.Dial("192.0.2.9")
					if err != nil {
						t.Fatal(err)
					}
					_, _ = conn.Write([]byte(request))
					t.Cleanup(func() { _ = conn.Close() })
				}
				start := time.Now()
				f.dial()
				for len(f.b.handshakes) > 0 {
					time.Sleep(100 * time.Millisecond)
				}
				if took := time.Since(start); took > f.b.opts.HeaderTimeout+time.Second {
					t.Errorf("a client waited %v", took)
				}
			})
		})
	}
}

func TestNoFDIsGivenTwice(t *testing.T) {
	bubble(t, nil, nil, func(f *fixture) {
		for i := range 10 {
			c := f.dial()
			synctest.Wait()
			if _, ok := f.b.Info(uint64(i + 1)); !ok {
				t.Fatalf("connection %d has another fd", i+1)
			}
			_ = c.conn.Close()
		}
	})
}

// The handshake is in the air when the shutdown begins: it is let in and sent away, or refused, but not forgotten.
func TestHandshakeDuringShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := &hookedScript{fakeScript: newFakeScript(nil)}
		f := newFixture(t, script.fakeScript, func(o *Options) { o.Routes[0].Script = script })
		var once atomic.Bool
		hook := func() {
			if f.b.fds.Load() > 0 && len(f.b.handshakes) == 0 && once.CompareAndSwap(false, true) { // after the 101
				f.stop()
				time.Sleep(time.Second)
			}
		}
		script.hook.Store(&hook)
		c := f.dial()
		c.wantClose(1001)
		c.close(1001, "")
		f.wantStory("1:open 1:close(1001 shutdown)")
	})
}

package bridge

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// shaker is a script that has a say in handshakes.
func shaker(t *testing.T, event string, answer func(f *fixture, ev *callback.Event) callback.Result, set func(o *Options), run func(f *fixture)) {
	t.Helper()
	var f *fixture
	bubble(t, func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Handshake || ev.Type == callback.BeforeHandshake {
			return answer(f, ev)
		}
		return echo(ev)
	}, set, func(fx *fixture) {
		f = fx
		dropIn(event)(f)
		f.unopened = true
		run(f)
	})
}

// The script's own 101, its order of lines kept; what it pushes meanwhile comes behind it; there is no open event.
func TestScriptMakesTheHandshake(t *testing.T) {
	shaker(t, "handshake", func(f *fixture, ev *callback.Event) callback.Result {
		if info, ok := f.b.Info(ev.FD); !ok || info.Status != callback.StatusHandshake {
			t.Errorf("%+v", info)
		}
		head := "\r\nUpgrade: websocket\r\nX-Z: 1\r\nConnection: Upgrade\r\nSec-Websocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSet-Cookie: a=b\r\n"
		return do(push(ev.FD, "first"), respond(ev.FD, callback.ResponseEnd, 101, head, ""), push(ev.FD, "second"))
	}, func(o *Options) { o.Compression = true }, func(f *fixture) {
		c := f.open(handshake("/", "Sec-WebSocket-Extensions: permessage-deflate"))
		head := make([]byte, 0, 500)
		for !strings.HasSuffix(string(head), "\r\n\r\n") {
			b, err := c.br.ReadByte()
			if err != nil {
				t.Fatal(err)
			}
			head = append(head, b)
		}
		want := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-Z: 1\r\nConnection: Upgrade\r\nSec-Websocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
			"Sec-Websocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover\r\nServer: swoole-http-server\r\n" +
			"Set-Cookie: a=b\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\n\r\n"
		if string(head) != want {
			t.Errorf("%s", head)
		}
		c.wantText("first")
		c.wantText("second")
		c.text("hi")
		c.wantText("hi")
		c.close(1000, "")
		c.wantClose(1000)
		_ = c.conn.Close()
		f.wantStory("1:handshake 1:message(hi) 1:close(1000 client)")
	})
}

func TestScriptRefusesTheHandshake(t *testing.T) {
	for name, tc := range map[string]struct {
		res    callback.Result
		status int
		body   string
	}{
		"with a page": {do(respond(1, callback.ResponseEnd, 403, "\r\nConnection: keep-alive\r\n", "no")), 403, "no"},
		"by silence":  {callback.Result{}, 500, ""},
		"by failing":  {callback.Result{Outcome: callback.Failed, Err: callback.ErrScript}, 500, ""},
	} {
		t.Run(name, func(t *testing.T) {
			shaker(t, "handshake", func(*fixture, *callback.Event) callback.Result { return tc.res }, nil, func(f *fixture) {
				c := f.open(handshake("/"))
				if resp, body := c.next("GET"); resp.StatusCode != tc.status || body != tc.body || !resp.Close {
					t.Errorf("%d %q", resp.StatusCode, body)
				}
				if _, err := c.br.ReadByte(); err == nil {
					t.Error("the connection is still open")
				}
				f.wantStory("1:handshake 1:close(1006 server)")
				if last := f.script.last(); last.Opcode != uint8(callback.StatusRefused) {
					t.Errorf("status %d", last.Opcode)
				}
			})
		})
	}
}

// A handshake that takes long holds up nobody else, and a client may leave meanwhile.
func TestSlowHandshake(t *testing.T) {
	shaker(t, "handshake", func(_ *fixture, ev *callback.Event) callback.Result {
		if ev.FD == 1 {
			time.Sleep(25 * time.Second)
		}
		return do(respond(ev.FD, callback.ResponseEnd, 101, "", ""))
	}, nil, func(f *fixture) {
		slow, gone := f.open(handshake("/")), f.open(handshake("/"))
		_ = gone.conn.Close()
		c := f.ask(handshake("/"))
		c.text("hi")
		c.wantText("hi")
		time.Sleep(30 * time.Second)
		if resp, _ := slow.next("GET"); resp.StatusCode != 101 {
			t.Errorf("%d", resp.StatusCode)
		}
	})
}

func TestScriptAddsToTheHandshake(t *testing.T) {
	shaker(t, "beforehandshakeresponse", func(f *fixture, ev *callback.Event) callback.Result {
		if info, ok := f.b.Info(ev.FD); !ok || info.Status != callback.StatusActive {
			t.Errorf("%+v", info)
		}
		return do(respond(ev.FD, callback.ResponseEnd, 418, "\r\nX-A: 1\r\nSet-Cookie: a=b\r\n", "ignored"), push(ev.FD, "early"))
	}, func(o *Options) { o.Routes[0].FixedProtocol = "chat" }, func(f *fixture) {
		c := f.open(handshake("/"))
		head := make([]byte, 0, 500)
		for !strings.HasSuffix(string(head), "\r\n\r\n") {
			b, _ := c.br.ReadByte()
			head = append(head, b)
		}
		want := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Version: 13\r\n" +
			"Sec-WebSocket-Protocol: chat\r\nX-A: 1\r\nServer: swoole-http-server\r\nSet-Cookie: a=b\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\n\r\n"
		if string(head) != want {
			t.Errorf("%s", head)
		}
		c.wantText("early")
		c.text("hi")
		c.wantText("hi")
		_ = c.conn.Close()
		f.wantStory("1:beforehandshakeresponse 1:open 1:message(hi) 1:close(1006 gone)")
	})
}

// close($fd) there is an end without an answer: no open event, but a close event.
func TestCloseInBeforeHandshake(t *testing.T) {
	shaker(t, "beforehandshakeresponse", func(_ *fixture, ev *callback.Event) callback.Result {
		return do(closeFD(ev.FD, 0, "", callback.CloseBare))
	}, nil, func(f *fixture) {
		c := f.open(handshake("/"))
		if b, err := io.ReadAll(c.br); len(b) > 0 || err != nil {
			t.Errorf("%q %v", b, err)
		}
		f.wantStory("1:beforehandshakeresponse 1:close(1006 server)")
		if last := f.script.last(); last.Opcode != uint8(callback.StatusActive) {
			t.Errorf("status %d", last.Opcode)
		}
	})
}

// A page, then a WebSocket, on one connection.
func TestUpgradeBehindARequest(t *testing.T) {
	site(t, ok, nil, func(f *fixture) {
		c := f.open("GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
		c.next("GET")
		c.raw([]byte(handshake("/")))
		if resp, _ := c.next("GET"); resp.StatusCode != 101 {
			t.Errorf("%d", resp.StatusCode)
		}
		c.text("hi")
		c.wantText("hi")
		_ = c.conn.Close()
		synctest.Wait()
		f.wantStory("1:request 1:open 1:message(hi) 1:close(1006 gone)")
	})
}

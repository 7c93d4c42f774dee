package bridge

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// dropIn is a Swoole server that wants all events it can have.
func dropIn(events ...string) func(f *fixture) {
	return func(f *fixture) {
		f.script.describe(callback.Description{
			Kind: callback.KindWebSocket, Encoding: callback.Framed, Events: append([]string{"open", "message", "close"}, events...),
		})
	}
}

// A Swoole server hears of each TCP connection: connect first, close last and once, whatever came between.
func TestSwooleHearsOfEachTCPConnection(t *testing.T) {
	bubble(t, echo, nil, func(f *fixture) {
		dropIn("connect")(f)
		f.unopened = true
		page := f.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if page.resp.StatusCode != 400 {
			t.Errorf("status %d", page.resp.StatusCode)
		}
		_, _ = io.Copy(io.Discard, page.conn)
		f.wantStory("1:connect 1:close(1006 server)")
		silent, err := f.ln.Dial("192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if info, ok := f.b.Info(2); !ok || info.Status != callback.StatusNone || info.Closing {
			t.Errorf("%+v %v", info, ok)
		}
		if list, _ := f.b.List(0, 0, nil); len(list) != 1 || list[0] != (callback.ConnStatus{FD: 2}) {
			t.Errorf("list %v", list)
		}
		_ = silent.Close()
		f.wantStory("1:connect 1:close(1006 server) 2:connect 2:close(1006 gone)")
		c := f.dial()
		c.text("hi")
		c.wantText("hi")
		c.close(1000, "")
		c.wantClose(1000)
		_ = c.conn.Close()
		synctest.Wait()
		if got := f.script.story(); !strings.HasSuffix(got, "3:connect 3:open 3:message(hi) 3:close(1000 client)") {
			t.Errorf("%s", got)
		}
	})
}

// A push to a connection that is no WebSocket is refused, and close ends it.
func TestPlainHTTPConnectionIsNoWebSocket(t *testing.T) {
	bubble(t, func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Connect {
			return do(push(ev.FD, "too early"), closeFD(ev.FD, 1000, "", callback.CloseBare))
		}
		return callback.Result{}
	}, nil, func(f *fixture) {
		dropIn("connect")(f)
		f.unopened = true
		conn, err := f.ln.Dial("192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(conn); len(b) > 0 || err != nil {
			t.Errorf("%q %v", b, err)
		}
		f.wantStory("1:connect 1:close(1006 server)")
		if n := f.b.Stats().PushesRefused; n != 1 {
			t.Errorf("%d pushes refused", n)
		}
	})
}

// The upgrade waits for the connect event: PHP hears of one after the other.
func TestUpgradeWaitsForConnect(t *testing.T) {
	bubble(t, func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Connect {
			time.Sleep(time.Second)
		}
		return callback.Result{}
	}, nil, func(f *fixture) {
		dropIn("connect")(f)
		start := time.Now()
		c := f.dial()
		if took := time.Since(start); took < time.Second {
			t.Errorf("101 after %v", took)
		}
		_ = c.conn.Close()
		f.wantStory("1:connect 1:open 1:close(1006 gone)")
	})
}

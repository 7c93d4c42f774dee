package bridge

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

func TestHeartbeat(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		if string(ev.Payload) == "protect" {
			return do(change(ev.FD, callback.ConnProtect, 1))
		}
		return callback.Result{}
	}
	set := func(o *Options) { o.HeartbeatInterval, o.HeartbeatIdle = time.Second, 3*time.Second }
	tcpBubble(t, answer, set, func(f *fixture) {
		silent, alive, protected := f.tcp(), f.tcp(), f.tcp()
		say(t, protected, "protect")
		for range 8 {
			time.Sleep(time.Second)
			say(t, alive, "x")
			synctest.Wait()
			if time.Since(f.b.started) < 3*time.Second && len(f.b.Idle(false, nil)) > 0 {
				t.Error("too early")
			}
		}
		if _, err := silent.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("the silent one: %v", err)
		}
		_ = silent.Close()
		synctest.Wait()
		if got := f.script.sorted(); !strings.HasPrefix(got, "1:connect 1:close(1006 idle) 2:connect 2:receive") || strings.Contains(got, "3:close") {
			t.Error(got)
		}
		if got := fmt.Sprint(f.b.Idle(false, nil)); got != "[]" {
			t.Errorf("idle: %s", got) // the third is protected
		}
	})
}

func TestNoHeartbeatFindsNobody(t *testing.T) {
	tcpBubble(t, nil, nil, func(f *fixture) {
		f.tcp()
		time.Sleep(time.Hour)
		if got := f.b.Idle(true, nil); len(got) > 0 {
			t.Error(got)
		}
	})
}

func TestMaxIdleCountsBothDirections(t *testing.T) {
	set := func(o *Options) { o.Listeners[0].MaxIdle = 5 * time.Second }
	tcpBubble(t, echoBytes, set, func(f *fixture) {
		c := f.tcp()
		for range 4 {
			time.Sleep(4 * time.Second)
			say(t, c, "x")
			hear(t, c, "x")
		}
		begin := time.Now()
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) || time.Since(begin) < 5*time.Second || time.Since(begin) > 6*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
	})
}

// A WebSocket that is idle for Swoole ends without a close frame.
func TestHeartbeatOfAWebSocket(t *testing.T) {
	set := func(o *Options) { o.HeartbeatInterval, o.HeartbeatIdle = time.Second, 3*time.Second }
	bubble(t, nil, set, func(f *fixture) {
		c := f.dial()
		if rest, err := io.ReadAll(c.br); err != nil || len(rest) > 0 {
			t.Errorf("%q %v", rest, err)
		}
		f.wantStory("1:open 1:close(1006 idle)")
	})
}

func TestUIDIsBoundOnceAndFDsBeginWhereTheyAreTold(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type != callback.Receive {
			return callback.Result{}
		}
		in := change(ev.FD, callback.ConnBind, 0)
		in.UID = int64(len(ev.Payload)) - 5
		return do(in)
	}
	set := func(o *Options) { o.FirstFD = 1001 }
	tcpBubble(t, answer, set, func(f *fixture) {
		c := f.tcp()
		synctest.Wait()
		if info, ok := f.b.Info(1001); !ok || info.UID != nil {
			t.Errorf("%+v %v", info, ok)
		}
		for _, what := range []string{"one", "three"} {
			say(t, c, what)
			synctest.Wait()
		}
		if info, _ := f.b.Info(1001); info.UID == nil || *info.UID != -2 {
			t.Errorf("uid %v", info.UID)
		}
	})
}

func TestDelayedReceive(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Receive && ev.FD == 2 {
			return do(change(1, callback.ConnResume, 0))
		}
		if ev.Type == callback.Connect && ev.FD == 2 {
			return do(change(2, callback.ConnResume, 0))
		}
		return echoBytes(ev)
	}
	set := func(o *Options) { o.Listeners[0].Delay = true }
	tcpBubble(t, answer, set, func(f *fixture) {
		a := f.tcp()
		say(t, a, "early")
		_ = a.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("read before confirm()")
		}
		_ = a.SetReadDeadline(time.Time{})
		say(t, f.tcp(), "go")
		hear(t, a, "early")
	})
}

// A slow reader: full once, empty once it has read, in order.
func TestWatermarks(t *testing.T) {
	const total = 900 << 10
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Receive {
			return do(sendBytes(ev.FD, strings.Repeat("x", total)))
		}
		return callback.Result{}
	}
	set := func(o *Options) { o.Listeners[0].HighWater, o.Listeners[0].LowWater = 100<<10, 10<<10 }
	tcpBubble(t, answer, set, func(f *fixture) {
		c := f.tcp()
		say(t, c, "go")
		synctest.Wait()
		time.Sleep(time.Second)
		f.wantStory("1:connect 1:receive 1:bufferfull")
		if _, err := io.ReadFull(c, make([]byte, total)); err != nil {
			t.Fatal(err)
		}
		f.wantStory("1:connect 1:receive 1:bufferfull 1:bufferempty")
	})
}

func TestDiscardClosed(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Receive {
			time.Sleep(time.Second)
		}
		return callback.Result{}
	}
	set := func(o *Options) { o.DiscardClosed = true }
	bubble(t, func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Message {
			time.Sleep(time.Second)
		}
		return answer(ev)
	}, set, func(f *fixture) {
		c := f.dial()
		for range 5 {
			c.text("x")
		}
		synctest.Wait()
		_ = c.conn.Close()
		time.Sleep(time.Minute)
		f.wantStory("1:open 1:message(x) 1:close(1006 gone)")
	})
}

package bridge

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

func TestEventsComeInOrderOpenFirstCloseLast(t *testing.T) {
	bubble(t, echo, nil, func(f *fixture) {
		c := f.dial()
		c.text("a")
		c.wantText("a")
		c.text("b")
		c.wantText("b")
		c.close(1000, "bye")
		c.wantClose(1000)
		c.wantEOF()
		_ = c.conn.Close()
		f.wantStory("1:open 1:message(a) 1:message(b) 1:close(1000 client)")
		if got := string(f.script.last().Payload); got != "bye" {
			t.Errorf("close reason %q, want bye", got)
		}
	})
}

// A burst of messages in one segment, each of which takes PHP a while: they still come one by one.
func TestOneEventAtATimePerConnection(t *testing.T) {
	slow := func(ev *callback.Event) callback.Result {
		time.Sleep(100 * time.Millisecond)
		return echo(ev)
	}
	bubble(t, slow, nil, func(f *fixture) {
		c := f.dial()
		var burst []byte
		var want []string
		for i := range 20 {
			burst = appendMasked(burst, bitFIN|opText, fmt.Append(nil, i))
			want = append(want, fmt.Sprint(i))
		}
		start := time.Now()
		c.raw(burst)
		for _, s := range want {
			c.wantText(s)
		}
		if took := time.Since(start); took < 2*time.Second {
			t.Errorf("20 events of 100 ms took %v: they overlapped", took)
		}
	})
}

func TestConnectionsDoNotWaitForEachOther(t *testing.T) {
	slow := func(ev *callback.Event) callback.Result {
		if ev.FD == 1 && ev.Type == callback.Message {
			time.Sleep(20 * time.Second)
		}
		return echo(ev)
	}
	bubble(t, slow, nil, func(f *fixture) {
		a, b := f.dial(), f.dial()
		a.text("slow")
		start := time.Now()
		for range 10 {
			b.text("quick")
			b.wantText("quick")
		}
		if took := time.Since(start); took > time.Millisecond {
			t.Errorf("the other connection waited %v", took)
		}
		a.wantText("slow")
	})
}

// Whatever ends a connection, and whoever does at the same time: PHP hears of one close.
func TestCloseOnceWhenAllEndItTogether(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Message {
			return do(closeFD(ev.FD, 1000, "", 0), closeFD(ev.FD, 4000, "", 0))
		}
		return callback.Result{}
	}
	bubble(t, answer, nil, func(f *fixture) {
		for range 50 {
			c := f.dial()
			c.text("x")
			c.close(3000, "")
			_ = c.conn.Close()
		}
		f.stop()
		synctest.Wait()
		time.Sleep(time.Minute)
		closes := 0
		for _, h := range f.script.events() {
			if h.Type == callback.Close {
				closes++
			}
		}
		if closes != 50 {
			t.Errorf("%d close events of 50 connections", closes)
		}
	})
}

func TestOpenFailedClosesWith1011(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Open {
			return callback.Result{Outcome: callback.Failed, Err: callback.ErrScript}
		}
		return callback.Result{}
	}
	bubble(t, answer, nil, func(f *fixture) {
		c := f.dial()
		c.text("lost")
		c.wantClose(1011)
		c.close(1011, "")
		c.wantEOF()
		f.wantStory("1:open 1:close(1011 php_failed)")
		if n := f.b.Stats().EventsFailed["open"]; n != 1 {
			t.Errorf("%d failed opens counted", n)
		}
		if !strings.Contains(f.logged.String(), "event failed") {
			t.Error("no log line")
		}
	})
}

func TestMessageFailedKeepsTheConnection(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		if string(ev.Payload) == "bad" {
			r := do(push(ev.FD, "must not be seen"), callback.Instruction{Kind: callback.KindLog, Code: 2, Data: []byte("said before it died")})
			r.Outcome, r.Err = callback.Failed, callback.ErrScript
			return r
		}
		return echo(ev)
	}
	bubble(t, answer, nil, func(f *fixture) {
		c := f.dial()
		c.text("bad")
		c.text("good")
		c.wantText("good")
		if got := f.b.Stats().EventsFailed["message"]; got != 1 {
			t.Errorf("%d failed messages counted", got)
		}
		if !strings.Contains(f.logged.String(), "said before it died") {
			t.Error("the log line of a failed event is lost")
		}
	})
}

func TestEventsNobodyWantsCostNoCall(t *testing.T) {
	for _, wanted := range [][]string{{"open"}, {"message"}, {"close"}, {}} {
		t.Run(strings.Join(wanted, ""), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				script := newFakeScript(nil)
				script.describe(callback.Description{Events: wanted})
				f := newFixture(t, script, nil)
				c := f.dial()
				c.text("x")
				c.close(1000, "")
				c.wantClose(1000)
				c.wantEOF()
				_ = c.conn.Close()
				synctest.Wait()
				var got []string
				for _, h := range script.events() {
					got = append(got, h.Type.String())
				}
				if !slices.Equal(got, wanted) && len(got)+len(wanted) > 0 {
					t.Errorf("PHP heard %v, wants %v", got, wanted)
				}
				if f.b.Count() != 0 {
					t.Error("the session is still there")
				}
			})
		})
	}
}

// A message waits behind another one, PHP closes the connection, and nobody wants the close event: the session must go.
func TestNoSessionLeaksWhenTheInboxWasEmptied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		block := make(chan struct{})
		script := newFakeScript(func(ev *callback.Event) callback.Result {
			if string(ev.Payload) == "block" {
				<-block
			}
			if string(ev.Payload) == "close 1" {
				return do(closeFD(1, 1000, "", callback.CloseReset))
			}
			return callback.Result{}
		})
		script.describe(callback.Description{Events: []string{"message"}})
		f := newFixture(t, script, func(o *Options) { o.Workers = 1 })
		one, two, three := f.dial(), f.dial(), f.dial()
		three.text("block")
		synctest.Wait()
		two.text("close 1")
		synctest.Wait()
		one.text("dropped")
		synctest.Wait()
		close(block)
		synctest.Wait()
		one.wantGone()
		if n := f.b.Stats().MessagesDropped; n != 1 {
			t.Errorf("%d messages dropped, want 1", n)
		}
		if f.b.Count() != 2 {
			t.Errorf("%d connections, want 2", f.b.Count())
		}
	})
}

// What a client said before it left is delivered; what it said before PHP closed it is not.
func TestWaitingMessagesAtTheEnd(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		time.Sleep(time.Second)
		if string(ev.Payload) == "close me" {
			return do(closeFD(ev.FD, 1000, "", 0))
		}
		return callback.Result{}
	}
	bubble(t, answer, nil, func(f *fixture) {
		a, b := f.dial(), f.dial()
		time.Sleep(2 * time.Second)
		a.text("1")
		a.text("2")
		a.text("3")
		a.close(1000, "")
		b.text("close me")
		b.text("never heard")
		time.Sleep(10 * time.Second)
		want := "1:open 1:message(1) 1:message(2) 1:message(3) 1:close(1000 client) 2:open 2:message(close me) 2:close(1000 server)"
		if got := f.script.sorted(); got != want {
			t.Errorf("PHP heard\n  %s\nwant\n  %s", got, want)
		}
	})
}

// Another connection's script lists all connections and closes the new one before its open event is queued.
func TestClosedBeforeItsOpenEventWasQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := &hookedScript{fakeScript: newFakeScript(nil)}
		f := newFixture(t, script.fakeScript, func(o *Options) { o.Routes[0].Script = script })
		hook := func() {
			s := f.b.registry.Get(1)
			if s == nil || !f.b.dispatcher.mu.TryLock() {
				return
			}
			f.b.dispatcher.mu.Unlock()
			if s.mu.TryLock() {
				s.mu.Unlock()
				s.end(ending{cause: callback.CauseServer, code: 1000})
			}
		}
		script.hook.Store(&hook)
		c := f.dial()
		synctest.Wait()
		if s := f.b.registry.Get(1); s != nil {
			s.end(ending{cause: callback.CauseServer, code: 1000})
		}
		c.wantClose(1000)
		f.wantStory("1:open 1:close(1000 server)")
	})
}

// hookedScript calls hook whenever the bridge asks what the script is: in the midst of admit, start and take.
type hookedScript struct {
	*fakeScript

	hook atomic.Pointer[func()] // set while the bridge runs
}

func (s *hookedScript) Description() *callback.Description {
	if hook := s.hook.Load(); hook != nil {
		(*hook)()
	}
	return s.fakeScript.Description()
}

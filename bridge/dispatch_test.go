package bridge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// fpm is a php-fpm that can be down.
type fpm struct {
	mu      sync.Mutex
	err     error // nil: up
	outcome callback.Outcome
	calls   int
}

func (p *fpm) call(_ context.Context, events []*callback.Event, reply *callback.Reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	for i, ev := range events {
		if p.err != nil {
			reply.Results[i] = callback.Result{Outcome: p.outcome, Err: p.err}
			continue
		}
		reply.Results[i] = echo(ev)
	}
}

func (p *fpm) set(outcome callback.Outcome, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outcome, p.err = outcome, err
}

func (p *fpm) down() { p.set(callback.Down, fmt.Errorf("%w: dial", callback.ErrDown)) }
func (p *fpm) overloaded() {
	p.set(callback.NotStarted, fmt.Errorf("%w: said it", callback.ErrOverloaded))
}
func (p *fpm) up() { p.set(callback.Done, nil) }

// tries returns how often it was called since the last time.
func (p *fpm) tries() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.calls
	p.calls = 0
	return n
}

// withFPM runs a test with one worker, so that p has one user at a time.
func withFPM(t *testing.T, set func(o *Options), run func(f *fixture, p *fpm)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &fpm{}
		script := newFakeScript(nil)
		script.whole = p.call
		run(newFixture(t, script, func(o *Options) {
			o.Workers, o.PingInterval = 1, -1
			if set != nil {
				set(o)
			}
		}), p)
	})
}

func TestEventsSurviveAnOutageShorterThanTheWindow(t *testing.T) {
	withFPM(t, nil, func(f *fixture, p *fpm) {
		a := f.dial()
		synctest.Wait()
		p.down()
		b := f.dial()
		a.text("1")
		a.text("2")
		b.text("3")
		time.Sleep(3500 * time.Millisecond) // the next try is up to holdMost and a quarter away, and the window has 5 s
		p.up()
		a.wantText("1")
		a.wantText("2")
		b.wantText("3")
		if s := f.b.Stats(); s.EventsExpired != 0 || s.EventsRetried == 0 {
			t.Errorf("expired %d, retried %d", s.EventsExpired, s.EventsRetried)
		}
		if !strings.Contains(f.logged.String(), "php-fpm takes requests again") {
			t.Error("the log does not say that it is over")
		}
	})
}

// Tries become rarer, up to one a second, and there is one at a time.
func TestBackOffWhileDown(t *testing.T) {
	withFPM(t, func(o *Options) { o.RetryWindow = time.Hour; o.QueueTimeout = time.Hour }, func(f *fixture, p *fpm) {
		c := f.dial()
		synctest.Wait()
		p.down()
		p.tries()
		c.text("x")
		time.Sleep(time.Second)
		if n := p.tries(); n < 3 || n > 7 {
			t.Errorf("%d tries in the first second", n)
		}
		time.Sleep(60 * time.Second)
		if n := p.tries(); n < 45 || n > 62 {
			t.Errorf("%d tries in a minute", n)
		}
		start := time.Now()
		p.up()
		readText(c, "x")
		if took := time.Since(start); took > 1300*time.Millisecond {
			t.Errorf("it took %v to notice that php-fpm is back", took)
		}
		if n := strings.Count(f.logged.String(), "php-fpm takes no requests"); n != 1 {
			t.Errorf("said %d times", n)
		}
	})
}

// readText reads past pings.
func readText(c *client, want string) {
	c.t.Helper()
	for {
		if fr := c.read(); fr.first != bitFIN|opPing {
			if string(fr.payload) != want {
				c.t.Fatalf("got %v, want %q", fr, want)
			}
			return
		}
	}
}

func TestDownLongerThanTheWindowClosesWith1013(t *testing.T) {
	withFPM(t, nil, func(f *fixture, p *fpm) {
		talking, idle := f.dial(), f.dial()
		synctest.Wait()
		p.down()
		fresh := f.dial()
		talking.text("x")
		start := time.Now()
		talking.wantClose(1013)
		fresh.wantClose(1013)
		if took := time.Since(start); took < 5*time.Second || took > 5500*time.Millisecond {
			t.Errorf("after %v, want the retry window of 5 s", took)
		}
		talking.close(1013, "")
		fresh.close(1013, "")
		time.Sleep(10 * time.Minute) // close events have no window
		p.up()
		time.Sleep(2 * time.Second)
		// What PHP provably never heard of has no close event; who was silent all the time stays.
		if got, want := f.script.sorted(), "1:open 1:close(1013 php_down) 2:open"; got != want {
			t.Errorf("PHP heard\n  %s\nwant\n  %s", got, want)
		}
		if s := f.b.Stats(); s.EventsExpired != 2 || s.Closed["php_down"] != 2 {
			t.Errorf("expired %d, closed %v", s.EventsExpired, s.Closed)
		}
		idle.text("still here")
		idle.wantText("still here")
	})
}

// A client that came and left during the outage was never heard of: neither open nor close reach PHP.
func TestClientThatLeftBeforePHPWasBack(t *testing.T) {
	withFPM(t, nil, func(f *fixture, p *fpm) {
		p.down()
		c := f.dial()
		c.text("x")
		_ = c.conn.Close()
		time.Sleep(time.Minute)
		p.up()
		time.Sleep(2 * time.Second)
		if got := f.script.story(); got != "" {
			t.Errorf("PHP heard %s", got)
		}
		if f.b.Count() != 0 {
			t.Error("the session is still there")
		}
	})
}

func TestCloseEventsWaitForPHP(t *testing.T) {
	withFPM(t, nil, func(f *fixture, p *fpm) {
		for range 20 {
			c := f.dial()
			synctest.Wait()
			defer c.conn.Close()
		}
		p.down()
		for fd := uint64(1); fd <= 20; fd++ {
			f.b.registry.Get(fd).end(ending{cause: callback.CauseServer, code: 4000, flags: callback.CloseReset})
		}
		time.Sleep(time.Hour)
		if n := f.b.Count(); n != 20 {
			t.Errorf("%d connections are counted while their close events wait", n)
		}
		p.up()
		time.Sleep(2 * time.Second)
		if got := f.script.sorted(); strings.Count(got, "close(4000 server)") != 20 || f.b.Count() != 0 {
			t.Errorf("PHP heard %s", got)
		}
	})
}

// All workers are busy for longer than queue_timeout: who waits is told to try again; who is being served stays.
func TestBusyLongerThanQueueTimeoutClosesWith1013(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := newFixture(t, newFakeScript(stuckUntil(release)), func(o *Options) { o.Workers, o.QueueTimeout = 1, 3*time.Second })
		a, b := f.dial(), f.dial()
		synctest.Wait()
		a.text("served")
		synctest.Wait()
		start := time.Now()
		b.text("waits")
		b.wantClose(1013)
		if took := time.Since(start); took < 3*time.Second || took > 3200*time.Millisecond {
			t.Errorf("after %v", took)
		}
		b.close(1013, "")
		close(release)
		a.wantText("served")
		synctest.Wait()
		if got, want := f.script.sorted(), "1:open 1:message(served) 2:open 2:close(1013 php_busy)"; got != want {
			t.Errorf("PHP heard\n  %s\nwant\n  %s", got, want)
		}
	})
}

func TestOverloadedHoldsAndIsNotDown(t *testing.T) {
	withFPM(t, nil, func(f *fixture, p *fpm) {
		c := f.dial()
		synctest.Wait()
		p.overloaded()
		p.tries()
		c.text("x")
		time.Sleep(20 * time.Second) // beyond retry_window, within queue_timeout
		if n := p.tries(); n > 40 {
			t.Errorf("%d tries in 20 s: no back-off", n)
		}
		p.up()
		readText(c, "x")
		p.overloaded()
		c.text("y")
		start := time.Now()
		for c.read().first == bitFIN|opPing {
			continue
		}
		if took := time.Since(start); took < 29*time.Second || took > 31*time.Second {
			t.Errorf("closed after %v, want queue_timeout", took)
		}
		if f.b.Stats().Closed["php_busy"] != 1 {
			t.Errorf("closed %v", f.b.Stats().Closed)
		}
		p.up()
	})
}

// An event that PHP provably did not start comes again, with its attempt counted, before what came after it.
func TestNotStartedIsSentAgainInItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := newFakeScript(nil)
		failures := 3
		script.whole = func(_ context.Context, events []*callback.Event, reply *callback.Reply) {
			for i, ev := range events {
				if ev.Type == callback.Message && failures > 0 {
					failures--
					reply.Results[i] = callback.Result{Outcome: callback.NotStarted, Err: callback.ErrReset}
					continue
				}
				reply.Results[i] = echo(ev)
			}
		}
		f := newFixture(t, script, func(o *Options) { o.Workers = 1 })
		c := f.dial()
		c.text("a")
		c.text("b")
		c.wantText("a")
		c.wantText("b")
		var attempts []string
		script.mu.Lock()
		for _, h := range script.log {
			attempts = append(attempts, fmt.Sprintf("%s/%d/%d", h, h.ID, h.Attempt))
		}
		script.mu.Unlock()
		want := []string{"1:open/1/1", "1:message(a)/2/1", "1:message(a)/2/2", "1:message(a)/2/3", "1:message(a)/2/4", "1:message(b)/3/1"}
		if !slices.Equal(attempts, want) {
			t.Errorf("got %v, want %v", attempts, want)
		}
	})
}

func TestAttemptsDoNotOverflow(t *testing.T) {
	withFPM(t, func(o *Options) { o.RetryWindow, o.QueueTimeout = time.Hour, time.Hour }, func(f *fixture, p *fpm) {
		p.down()
		c := f.dial()
		time.Sleep(8 * time.Minute)
		p.up()
		time.Sleep(2 * time.Second)
		if h := f.script.last(); h.Type != callback.Open || h.Attempt != 255 {
			t.Errorf("got %v, attempt %d", h, h.Attempt)
		}
		_ = c
	})
}

// An event that arrives while php-fpm is held, all workers parked, must be picked up when the pause is over.
func TestEventsThatArriveDuringAHold(t *testing.T) {
	for wait := range 60 {
		withFPM(t, func(o *Options) { o.Workers = 3 }, func(f *fixture, p *fpm) {
			a, b := f.dial(), f.dial()
			synctest.Wait()
			p.down()
			a.text("a")
			time.Sleep(time.Duration(wait) * time.Millisecond)
			b.text("b")
			p.up()
			start := time.Now()
			a.wantText("a")
			b.wantText("b")
			if took := time.Since(start); took > 200*time.Millisecond {
				t.Errorf("event %d ms into the outage waited %v", wait, took)
			}
		})
	}
}

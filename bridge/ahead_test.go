package bridge

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// Plain events of a quick script go ahead of PHP, a few at a time; those of a slow one wait for whoever gets free.
func TestQuickPlainEventsGoAhead(t *testing.T) {
	for name, tc := range map[string]struct {
		each  time.Duration
		batch int
		want  int
	}{
		"quick": {0, 32, maxAhead}, "batch: 2": {0, 2, 2}, "batch: 1": {0, 1, 1}, "not so quick": {1200 * time.Microsecond, 32, 4}, "slow": {5 * time.Millisecond, 32, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				script := newFakeScript(nil)
				script.ahead = true
				script.answer = func(ev *callback.Event) callback.Result {
					time.Sleep(tc.each)
					if string(ev.Payload) == "block" {
						time.Sleep(100 * time.Microsecond)
					}
					return echo(ev)
				}
				f := newFixture(t, script, func(o *Options) { o.Workers, o.Batch = 1, tc.batch })
				clients := make([]*client, 21)
				for i := range clients {
					clients[i] = f.dial()
				}
				synctest.Wait()
				clients[0].text("block")
				for _, c := range clients[1:] {
					c.text("x")
				}
				for _, c := range clients[1:] {
					c.wantText("x")
				}
				script.mu.Lock()
				defer script.mu.Unlock()
				if got := slices.Max(script.aheads); got != tc.want {
					t.Errorf("up to %d at a time, want %d: %v", got, tc.want, script.aheads)
				}
			})
		})
	}
}

// A mean does not tell of the few that are slow: after one, and while one runs, nobody waits behind another's event.
func TestNothingGoesAheadWhileSomeAreSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := newFakeScript(nil)
		script.ahead = true
		block, release := make(chan struct{}), make(chan struct{})
		script.answer = func(ev *callback.Event) callback.Result {
			switch string(ev.Payload) {
			case "slow":
				<-release
			case "block":
				<-block
			}
			return echo(ev)
		}
		f := newFixture(t, script, func(o *Options) { o.Workers, o.Batch, o.PingInterval = 2, 32, -1 })
		clients := make([]*client, 22)
		for i := range clients {
			clients[i] = f.dial()
		}
		most := func(blocking int) int {
			echoes, blockers := clients[2:], clients[2-blocking:2]
			for _, c := range blockers {
				c.text("block")
			}
			synctest.Wait()
			for _, c := range echoes {
				c.text("x")
			}
			synctest.Wait()
			for range blockers {
				block <- struct{}{}
			}
			for _, c := range blockers {
				c.wantText("block")
			}
			for _, c := range echoes {
				c.wantText("x")
			}
			script.mu.Lock()
			defer script.mu.Unlock()
			n := slices.Max(script.aheads)
			script.aheads = script.aheads[:0]
			return n
		}
		synctest.Wait()
		clients[0].text("slow")
		synctest.Wait()
		if n := most(1); n != maxAhead {
			t.Errorf("%d at a time", n)
		}
		time.Sleep(time.Second)
		if n := most(1); n != 1 {
			t.Errorf("%d at a time beside a slow one", n)
		}
		close(release)
		clients[0].wantText("slow")
		if n := most(2); n != 1 {
			t.Errorf("%d at a time after a slow one", n)
		}
		time.Sleep(afterSlow)
		for range 20 { // the mean needs some quick ones
			most(2)
		}
		if n := most(2); n != maxAhead {
			t.Errorf("%d at a time later", n)
		}
	})
}

// What becomes of one event that was sent ahead is its own: the others' answers leave at once, one that was not started comes again.
func TestEachEventAheadHasItsOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := newFakeScript(nil)
		script.ahead = true
		var again atomic.Bool
		next := make(chan struct{})
		script.answer = func(ev *callback.Event) callback.Result {
			switch string(ev.Payload) {
			case "block":
				time.Sleep(time.Millisecond)
			case "wait":
				<-next
			case "fail":
				return callback.Result{Outcome: callback.Failed, Err: callback.ErrReset}
			case "later":
				if again.CompareAndSwap(false, true) {
					return callback.Result{Outcome: callback.NotStarted, Err: callback.ErrNotRun}
				}
			}
			return echo(ev)
		}
		f := newFixture(t, script, func(o *Options) { o.Workers, o.Batch = 1, 8 })
		var clients []*client
		for range 5 {
			clients = append(clients, f.dial())
		}
		synctest.Wait()
		for i, text := range []string{"block", "fail", "later", "x", "wait"} {
			clients[i].text(text)
			synctest.Wait()
		}
		clients[0].wantText("block")
		clients[3].wantText("x") // while the one behind it is with PHP
		close(next)
		clients[4].wantText("wait")
		clients[2].wantText("later")
		clients[1].text("y")
		clients[1].wantText("y")
		if got := slices.Max(script.aheads); got != 4 {
			t.Errorf("%v", script.aheads)
		}
	})
}

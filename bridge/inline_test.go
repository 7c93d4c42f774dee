package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// The reader of a connection makes the call to PHP itself. When PHP is slow somebody else has to read, or pings wait as long.
func TestASlowPHPStopsNoPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := newFixture(t, newFakeScript(stuckUntil(release)), func(*Options) {})
		c := f.dial()
		c.text("slow")
		synctest.Wait()
		c.frame(bitFIN|opPing, "are you there?")
		begin := time.Now()
		c.want(bitFIN|opPong, "are you there?")
		if took := time.Since(begin); took > handOverAfter+sweepEvery {
			t.Errorf("the pong took %v", took)
		}
		close(release)
		c.wantText("slow")
		c.text("again") // and there is one reader, not none and not two
		c.wantText("again")
	})
}

// A quick PHP needs no second reader, however often it is called.
func TestAQuickPHPKeepsItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, newFakeScript(func(ev *callback.Event) callback.Result {
			time.Sleep(handOverAfter / 2)
			return echo(ev)
		}), func(*Options) {})
		c := f.dial()
		time.Sleep(time.Second) // a worker had the open event
		for range 20 {
			c.text("quick")
			c.wantText("quick")
			synctest.Wait() // its reader is just coming back
		}
		if calls := f.b.dispatcher.calls; calls != 20 {
			t.Errorf("%d of 20 calls were made by the reader", calls)
		}
	})
}

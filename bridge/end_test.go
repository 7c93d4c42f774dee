package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// The inbox runs empty, a shutdown brings the close event, and only then the one who emptied it looks: the client must not be
// told before PHP was.
func TestSettleLeavesACloseEventThatCameMeanwhile(t *testing.T) {
	bubble(t, func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Close {
			time.Sleep(3 * time.Second)
		}
		return callback.Result{}
	}, nil, func(f *fixture) {
		c := f.dial()
		synctest.Wait()
		s := f.b.registry.Get(1)
		start := time.Now()
		f.stop()
		synctest.Wait() // the close event is with PHP
		s.settle()
		c.wantClose(1001)
		if took := time.Since(start); took < 3*time.Second {
			t.Errorf("told after %v", took)
		}
	})
}

// The open event expired, and the connection is about to be closed: a message in between must not reach PHP without its open.
func TestNoMessageWithoutItsOpen(t *testing.T) {
	withFPM(t, nil, func(f *fixture, p *fpm) {
		p.down()
		c := f.dial()
		synctest.Wait()
		s := f.b.registry.Get(1)
		f.b.dispatcher.mu.Lock()
		if f.b.dispatcher.events.head == &s.mailbox { // as expire does
			f.b.dispatcher.events.unlink(nil, &s.mailbox)
		}
		f.b.dispatcher.mu.Unlock()
		s.mu.Lock()
		s.opened = openUnstarted
		s.in.pop().free()
		s.nextLocked()
		s.mu.Unlock()
		p.up()
		c.text("too early")
		time.Sleep(200 * time.Millisecond)
		s.end(ending{cause: callback.CausePHPDown, code: closeTryAgain})
		c.wantClose(1013)
		c.close(1013, "")
		c.wantEOF()
		_ = c.conn.Close()
		f.wantStory("")
		if n := f.b.Stats().MessagesDropped; n != 1 {
			t.Errorf("%d messages dropped", n)
		}
	})
}

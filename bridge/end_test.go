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
		s.in.Pop().Free()
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

// Autobahn 7.1.1 and 3.2: what was said right before the close frame, or before a frame that is wrong, was answered behind the
// close, which is nowhere.
func TestAnswersBeforeTheClose(t *testing.T) {
	for _, c := range []struct {
		name, tail string
		code       uint16
		cause      string
	}{
		{"close", closeFrame(1000, ""), 1000, "1000 client"},
		{"reserved bit", masked(bitFIN|0x40|opText, "x"), 1002, "1002 protocol"},
		{"no text", masked(bitFIN|opText, "\xff"), 1007, "1007 utf8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, echoAfter(partingTime/2), nil, func(f *fixture) {
				d := f.dial()
				d.raw([]byte(masked(bitFIN|opText, "hello") + c.tail))
				d.wantText("hello")
				d.wantClose(c.code)
				_ = d.conn.Close()
				synctest.Wait()
				f.wantStory("1:open 1:message(hello) 1:close(" + c.cause + ")")
			})
		})
	}
	t.Run("a slow PHP", func(t *testing.T) {
		bubble(t, echoAfter(3*time.Second), nil, func(f *fixture) {
			d := f.dial()
			start := time.Now()
			d.raw([]byte(masked(bitFIN|opText, "hello") + closeFrame(1000, "")))
			d.wantClose(1000)
			// Its reader is in the call to PHP, until another one takes its place.
			if took := time.Since(start); took < partingTime || took > partingTime+handOverAfter*2 {
				t.Errorf("closed after %v", took)
			}
			_ = d.conn.Close()
			time.Sleep(3 * time.Second)
			f.wantStory("1:open 1:message(hello) 1:close(1000 client)")
		})
	})
	t.Run("a client that does not wait", func(t *testing.T) {
		bubble(t, echoAfter(partingTime/2), nil, func(f *fixture) {
			d := f.dial()
			d.raw([]byte(masked(bitFIN|opText, "hello") + closeFrame(4001, "bye")))
			_ = d.conn.Close()
			time.Sleep(3 * time.Second)
			f.wantStory("1:open 1:message(hello) 1:close(4001 client)")
		})
	})
}

// echoAfter is a PHP that takes that long for a message.
func echoAfter(d time.Duration) func(ev *callback.Event) callback.Result {
	return func(ev *callback.Event) callback.Result {
		if ev.Type != callback.Message {
			return callback.Result{}
		}
		time.Sleep(d)
		return callback.Result{Instructions: []callback.Instruction{{Kind: callback.KindPush, FD: ev.FD, Opcode: opText, Flags: 1, Data: append([]byte(nil), ev.Payload...)}}}
	}
}

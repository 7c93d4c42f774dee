package bridge

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// controlFrames makes a route that wants all of them.
func controlFrames(o *Options) {
	o.Routes[0].PingFrames, o.Routes[0].PongFrames, o.Routes[0].CloseFrames = true, true, true
}

func TestControlFramesAreDelivered(t *testing.T) {
	bubble(t, nil, controlFrames, func(f *fixture) {
		c := f.dial()
		c.raw([]byte(masked(opText, "a") + masked(bitFIN|opPing, "pi") + masked(0, "b") + masked(bitFIN|opPong, "po") + masked(bitFIN, "c")))
		c.raw([]byte(closeFrame(4001, "bye")))
		c.want(bitFIN|opClose, "\x0f\xa1bye") // and no pong before it
		c.wantEOF()
		_ = c.conn.Close()
		f.wantStory("1:open 1:message(pi) 1:message(po) 1:message(abc) 1:message(bye) 1:close(4001 client)")
		for i, want := range []struct {
			opcode uint8
			code   uint16
		}{{opPing, 0}, {opPong, 0}, {opText, 0}, {opClose, 4001}} {
			if ev := f.script.events()[i+1]; ev.Opcode != want.opcode || ev.Code != want.code || ev.Flags != 33 {
				t.Errorf("event %d: opcode %d code %d flags %d", i+1, ev.Opcode, ev.Code, ev.Flags)
			}
		}
	})
}

func TestControlFramesStayOutsideByDefault(t *testing.T) {
	bubble(t, nil, nil, func(f *fixture) {
		c := f.dial()
		c.raw([]byte(masked(bitFIN|opPong, "po") + masked(bitFIN|opPing, "pi") + closeFrame(1000, "")))
		c.want(bitFIN|opPong, "pi")
		c.wantClose(1000)
		_ = c.conn.Close()
		f.wantStory("1:open 1:close(1000 client)")
	})
}

// An empty close frame has no code; a bad one is no message.
func TestCloseFramesWithoutACode(t *testing.T) {
	bubble(t, nil, controlFrames, func(f *fixture) {
		c := f.dial()
		c.close(0, "")
		c.wantClose(0)
		_ = c.conn.Close()
		d := f.dial()
		d.raw([]byte(closeFrame(999, "")))
		d.wantClose(1002)
		_ = d.conn.Close()
		synctest.Wait()
		if got, want := f.script.sorted(), "1:open 1:message() 1:close(1005 client) 2:open 2:close(1002 protocol)"; got != want {
			t.Errorf("PHP heard %s", got)
		}
	})
}

// The goodbye is answered while PHP is busy, and PHP hears of it in its place.
func TestCloseFrameWhilePHPIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := newFixture(t, newFakeScript(stuckUntil(release)), func(o *Options) { controlFrames(o); o.InboxMessages = 2 })
		c := f.dial()
		c.text("slow")
		c.text("next")
		c.close(1000, "bye")
		c.wantClose(1000)
		close(release)
		_ = c.conn.Close()
		f.wantStory("1:open 1:message(slow) 1:message(next) 1:message(bye) 1:close(1000 client)")
	})
}

// Pings that are delivered fill the inbox as messages do.
func TestDeliveredPingsFillTheInbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := newFixture(t, newFakeScript(stuckUntil(release)), func(o *Options) { controlFrames(o); o.InboxMessages = 3 })
		c := f.dial()
		c.text("slow")
		go c.raw([]byte(strings.Repeat(masked(bitFIN|opPing, "p"), 10)))
		time.Sleep(time.Second) // somebody else reads by now
		if n := f.b.Stats().InboxFull; n == 0 {
			t.Error("the inbox was never full")
		}
		close(release)
		synctest.Wait()
		if n := len(f.script.events()); n != 12 {
			t.Errorf("PHP heard %d events, want open, message and 10 pings", n)
		}
	})
}

func TestCompressedMessagesHaveSwoolesFlags(t *testing.T) {
	bubble(t, nil, compression, func(f *fixture) {
		c := f.dial(offer)
		packed := deflated("hello hello")
		c.raw([]byte(masked(text|bitRSV1, packed) + masked(opBinary|bitRSV1, packed[:3]) + masked(bitFIN, packed[3:]) + masked(text, "hi")))
		synctest.Wait()
		var got []uint8
		for _, ev := range f.script.events() {
			if ev.Type == callback.Message {
				got = append(got, ev.Flags)
			}
		}
		if len(got) != 3 || got[0] != 39 || got[1] != 39 || got[2] != 33 {
			t.Errorf("flags %v", got)
		}
	})
}

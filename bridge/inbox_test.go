package bridge

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// stuckUntil is a PHP that answers messages only after the channel was closed.
func stuckUntil(release chan struct{}) func(ev *callback.Event) callback.Result {
	return func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Message {
			<-release
		}
		return echo(ev)
	}
}

// A client sends 10 MB to a PHP that is stuck: what is held is bounded, the rest waits in TCP, and nothing is lost.
func TestFullInboxStopsReading(t *testing.T) {
	for _, c := range []struct {
		name          string
		messages      int
		size          int
		inboxMessages int
		inboxBytes    int
	}{
		{"by messages", 2000, 1, 10, 1 << 20}, // 4 KB in the network, 4 KB read ahead,
		{"by bytes", 500, 1000, 1000, 5000},
		{"larger than the inbox", 10, 20_000, 64, 5000},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				f := newFixture(t, newFakeScript(stuckUntil(release)), func(o *Options) {
					o.InboxMessages, o.InboxBytes = c.inboxMessages, c.inboxBytes
				})
				f.ln.Capacity = 4 << 10
				cl := f.dial()
				var sent atomic.Int64
				go func() {
					for i := range c.messages {
						cl.text(fmt.Sprintf("%04d%s", i, strings.Repeat("x", c.size-1)))
						sent.Add(1)
					}
				}()
				time.Sleep(time.Second)
				stuckAt := sent.Load()
				time.Sleep(10 * time.Second)
				if sent.Load() != stuckAt || stuckAt == int64(c.messages) {
					t.Errorf("the client could send %d messages, then %d: it was not stopped", stuckAt, sent.Load())
				}
				info, _ := f.b.Info(1)
				if most := max(c.inboxBytes, c.size+3); info.InboxBytes > most || info.InboxBytes == 0 {
					t.Errorf("the inbox holds %d bytes, limit %d", info.InboxBytes, most)
				}
				if f.b.Stats().InboxFull == 0 {
					t.Error("not counted")
				}
				close(release)
				for i := range c.messages {
					if got := string(cl.read().payload[:4]); got != fmt.Sprintf("%04d", i) {
						t.Fatalf("message %d is %s", i, got)
					}
				}
				synctest.Wait()
				if info, _ := f.b.Info(1); info.InboxBytes != 0 {
					t.Errorf("the empty inbox counts %d bytes", info.InboxBytes)
				}
			})
		})
	}
}

// While the reader waits for room nothing can be received: that silence is ours. No ping, and the client is not dead.
func TestNoPingsAndNoDeathWhileTheInboxIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := newFixture(t, newFakeScript(stuckUntil(release)), func(o *Options) {
			o.InboxMessages, o.QueueTimeout = 1, time.Hour
		})
		c := f.dial()
		c.text("1")
		c.text("2")
		time.Sleep(10 * time.Minute)
		close(release)
		c.wantText("1") // and no ping before it
		c.wantText("2")
		if n := f.b.Stats().Closed["dead"]; n != 0 {
			t.Error("it was taken for dead")
		}
	})
}

// The end of a connection frees a reader that waits for room, whoever brings it about.
func TestStuckReaderEndsWithItsConnection(t *testing.T) {
	for name, end := range map[string]func(f *fixture){
		"shutdown": func(f *fixture) { f.stop() },
		"server":   func(f *fixture) { f.b.registry.Get(1).end(ending{cause: callback.CauseServer, code: 1000}) },
		"slow":     func(f *fixture) { f.b.registry.Get(1).writeFailed(true) },
		"gone":     func(f *fixture) { f.b.registry.Get(1).writeFailed(false) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				f := newFixture(t, newFakeScript(stuckUntil(release)), func(o *Options) { o.InboxMessages = 1 })
				c := f.dial()
				for i := range 5 {
					c.text(fmt.Sprint(i))
				}
				time.Sleep(time.Second) // the reader is in the first call until another one takes its place
				if !f.b.registry.Get(1).stuck.Load() {
					t.Fatal("the reader is not stuck")
				}
				end(f)
				time.Sleep(time.Second)
				if f.b.registry.Get(1).stuck.Load() {
					t.Error("the reader is still stuck")
				}
				_ = c.conn.Close()
				close(release)
				synctest.Wait()
				if last := f.script.last(); last.Type != callback.Close || last.Cause.String() != name {
					t.Errorf("PHP heard %s", f.script.story())
				}
			})
		})
	}
}

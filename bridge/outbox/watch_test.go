package outbox

import (
	"bytes"
	"io"
	"sync"
	"testing"
	"time"
)

// What a watch was told of is written when the peer has taken it, lost when the connection breaks, and pending when the time is over.
func TestWatch(t *testing.T) {
	both(t, 64<<20, func(t *testing.T, b *box) {
		large := bytes.Repeat([]byte{'x'}, 8<<20)
		b.Send(nil, large, true)
		var first, late Watch
		b.Send(nil, []byte("first"), false)
		first.Add(&b.Outbox)
		b.Send(nil, []byte("second"), false)
		late.Add(&b.Outbox)
		late.Wait(time.Millisecond, nil)
		if late.Fate(0) != Pending || first.Fate(0) != Pending {
			t.Fatal("nobody has read yet")
		}
		stopped := make(chan struct{})
		close(stopped)
		late.Wait(time.Hour, stopped)
		var reading sync.WaitGroup
		reading.Go(func() {
			if _, err := io.ReadFull(b.peer, make([]byte, len(large)+len("firstsecond"))); err != nil {
				t.Error(err)
			}
		})
		first.Wait(time.Minute, nil)
		reading.Wait()
		var now Watch
		now.Add(&b.Outbox) // the flusher may not know yet
		now.Wait(time.Minute, nil)
		if first.Fate(0) != Written || now.Fate(0) != Written {
			t.Error(first.Fate(0), now.Fate(0))
		}
		b.Send(nil, large, true)
		var lost Watch
		lost.Add(&b.Outbox)
		lost.Add(&b.Outbox)
		b.Abort()
		lost.Wait(time.Minute, nil)
		var dead Watch
		dead.Add(&b.Outbox)
		if lost.Fate(0) != Lost || lost.Fate(1) != Lost || dead.Fate(0) != Lost || b.watchers != nil {
			t.Error(lost.Fate(0), dead.Fate(0))
		}
	})
}

// Many wait for one connection while others push: nobody is forgotten.
func TestWatchesAtTheSameTime(t *testing.T) {
	b := tcpBox(t, 64<<20, 10*time.Second)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 20 {
				b.Send(nil, make([]byte, 10_000), false)
				var w Watch
				w.Add(&b.Outbox)
				w.Wait(10*time.Second, nil)
				if w.Fate(0) != Written {
					t.Error(w.Fate(0))
				}
			}
		})
	}
	if _, err := io.ReadFull(b.peer, make([]byte, 20*20*10_000)); err != nil {
		t.Error(err)
	}
	all.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.watchers != nil || b.queued != 0 {
		t.Error(len(b.watchers), b.queued)
	}
}

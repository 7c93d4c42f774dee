package outbox

import (
	"sync"
	"time"
)

// Fate is what became of the bytes that a Watch looks after.
type Fate uint8

// The fates.
const (
	Pending Fate = iota // they wait
	Written             // the kernel has them
	Lost                // the connection broke before
)

// Watch waits until what stands in outboxes has been written: for all of them without a goroutine. The zero value is ready. One
// goroutine uses it; outboxes report to it from others.
type Watch struct {
	outboxes []*Outbox

	mu    sync.Mutex
	fates []Fate
	open  int           // how many are Pending
	done  chan struct{} // closed when none is; made by Wait
}

// watcher is a Watch that wants to know when left more bytes have been written. Guarded by the outbox's mu.
type watcher struct {
	watch *Watch
	index int
	left  int
}

// Add looks after what stands in o now, and returns its index.
func (w *Watch) Add(o *Outbox) int {
	w.outboxes = append(w.outboxes, o)
	o.mu.Lock()
	defer o.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	i := len(w.fates)
	switch {
	case o.dead:
		w.fates = append(w.fates, Lost)
	case o.queued == 0:
		w.fates = append(w.fates, Written)
	default:
		w.fates = append(w.fates, Pending)
		w.open++
		o.watchers = append(o.watchers, watcher{w, i, o.queued})
	}
	return i
}

// Wait returns when nothing is Pending any more, the time is over, or stop is closed. Nothing may be added afterwards.
func (w *Watch) Wait(timeout time.Duration, stop <-chan struct{}) {
	w.mu.Lock()
	if w.open == 0 {
		w.mu.Unlock()
		return
	}
	done := make(chan struct{})
	w.done = done
	w.mu.Unlock()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-done:
		return
	case <-timer.C:
	case <-stop:
	}
	for i, o := range w.outboxes {
		if w.Fate(i) == Pending {
			o.forget(w)
		}
	}
}

// Fate returns what became of the one that Add gave an index.
func (w *Watch) Fate(index int) Fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fates[index]
}

func (w *Watch) settle(index int, f Fate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fates[index] = f
	if w.open--; w.open == 0 && w.done != nil {
		close(w.done)
	}
}

// wroteLocked takes n written bytes off what waits.
func (o *Outbox) wroteLocked(n int) {
	o.queued -= n
	if o.watchers == nil {
		return
	}
	rest := o.watchers[:0]
	for _, w := range o.watchers {
		if w.left -= n; w.left > 0 {
			rest = append(rest, w)
			continue
		}
		w.watch.settle(w.index, Written)
	}
	o.watchers = rest
	if len(rest) == 0 {
		o.watchers = nil
	}
}

// lostLocked drops what waits.
func (o *Outbox) lostLocked() {
	o.queued = 0
	for _, w := range o.watchers {
		w.watch.settle(w.index, Lost)
	}
	o.watchers = nil
}

// forget takes a Watch out that waits no longer.
func (o *Outbox) forget(w *Watch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	rest := o.watchers[:0]
	for _, other := range o.watchers {
		if other.watch != w {
			rest = append(rest, other)
		}
	}
	clear(o.watchers[len(rest):])
	o.watchers = rest
	if len(rest) == 0 {
		o.watchers = nil
	}
}

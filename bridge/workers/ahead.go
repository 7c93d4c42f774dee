package workers

import (
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

const (
	// aheadTime is about how much work a worker has that it is not known to have begun.
	aheadTime = int64(time.Millisecond)
	// aheadIdle is after what time without work a worker is taken for a slow one again.
	aheadIdle = 10 * aheadTime
	// aheadProof is how many events a worker begins one by one, while others wait, before it gets two.
	aheadProof = 16
	// slowest is the most that a measurement counts: one slow event is forgotten after a dozen fast ones.
	slowest = 4 * aheadTime
	// smooth is the weight of what is known against a new, smaller measurement.
	smooth = 4
)

// ahead bounds the events that were sent to a worker and that it is not known to have begun. When it is killed they are lost with the
// one that it was in, since nobody knows which that was. So they are one while callbacks are slow, or may be, and no more than PHP
// begins in aheadTime when it has shown that it is fast.
type ahead struct {
	n      int   // events
	oldest int64 // when the first of them was sent
	most   int   // so many are allowed
	fast   int   // of aheadProof
	each   int64 // an event's time in nanoseconds
	heard  int64 // when the worker last said what it had begun
}

// room reports whether one more may be sent.
func (a *ahead) room(now int64) bool {
	return a.n == 0 || a.n < a.most && now-a.oldest <= aheadTime
}

// sent notes one more.
func (a *ahead) sent(now int64) {
	if a.n == 0 {
		a.oldest = now
		if now-a.heard > aheadIdle {
			a.slow()
		}
	}
	a.n++
}

func (a *ahead) slow() { a.most, a.fast = 1, 0 }

// began notes that the worker has begun n of them, and measures that. next is when the first of the others was sent, wanted whether
// events waited for room, and limit what no measurement exceeds.
func (a *ahead) began(n int, next, now int64, wanted bool, limit int) {
	took := min(max(now-max(a.heard, a.oldest), 0)/int64(n), slowest)
	if took < a.each {
		took = a.each + (took-a.each)/smooth
	}
	a.each, a.heard, a.oldest = took, now, next
	a.n -= n
	switch may := int(min(aheadTime/max(took, 1), int64(limit))); {
	case may <= 1:
		a.slow()
	case may < a.most:
		a.most = may
	case wanted && a.fast < aheadProof:
		a.fast += n
	case wanted:
		a.most = min(a.most+n, may)
	}
}

// beganLocked notes that the worker has begun the event at i of sent, and so those before it.
func (w *worker) beganLocked(i int) {
	f := &w.sent[i]
	if f.place <= w.begun {
		return
	}
	n := 1
	for n <= i-w.first && w.sent[i-n].place > w.begun {
		n++
	}
	w.begun = f.place
	next := int64(0)
	if i+1 < len(w.sent) {
		next = w.sent[i+1].at
	}
	w.ahead.began(n, next, w.phpClockLocked(), w.head != nil, w.pool.o.Window)
}

// phpClockLocked stands still while the bridge carries out what the worker has asked for: what it says meanwhile is read late, and that is no
// slowness of its own.
func (w *worker) phpClockLocked() int64 {
	if w.busy != 0 {
		return w.busy - w.own
	}
	return w.clock - w.own
}

// heardOut says that all that was read has been carried out.
func (w *worker) heardOut() {
	w.mu.Lock()
	if w.busy != 0 {
		w.own += w.pool.o.Now() - w.busy
		w.busy = 0
	}
	w.mu.Unlock()
}

// progress sends the worker more as soon as it is known what it has begun: it need not wait while the bridge carries out what it asked for.
func (w *worker) progress(items []callback.Item) {
	last := len(items) - 1
	for last >= 0 && items[last].Kind != callback.ItemEnd && items[last].Kind != callback.ItemBegun {
		last--
	}
	if last < 0 {
		return
	}
	w.mu.Lock()
	w.clock = w.pool.o.Now()
	if i := w.findLocked(items[last].ID); i >= 0 {
		w.beganLocked(i)
	}
	w.takes, w.busy = true, w.clock
	waited := w.head != nil
	idle := w.unparkLocked()
	out := w.out
	w.mu.Unlock()
	if waited {
		out.Flush()
	}
	for _, b := range idle {
		b.Settle()
	}
}

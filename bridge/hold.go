package bridge

import (
	"math/rand/v2"
	"time"
)

// Back-off between attempts to reach a php-fpm that is down or overloaded.
const (
	holdFirst = 20 * time.Millisecond
	holdMost  = time.Second
)

// hold is the state of a dispatcher whose php-fpm does not take requests.
type hold struct {
	reason error // nil: not held
	since  int64 // bridge clock, ns
	until  int64 // next try
	pause  time.Duration
	probe  bool // a worker is trying
	timer  *time.Timer
}

// mayTryLocked reports whether php-fpm may be asked: always, or once per back-off while it is down.
func (d *dispatcher) mayTryLocked() bool {
	if d.hold.reason == nil {
		return true
	}
	if d.hold.probe || d.b.now() < d.hold.until {
		return false
	}
	d.hold.probe = true
	return true
}

// unprobe gives back a turn to try php-fpm that found nothing to try it with.
func (d *dispatcher) unprobe() {
	d.mu.Lock()
	d.hold.probe = false
	d.mu.Unlock()
	d.wake.Signal()
}

// holdOn starts or lengthens the pause after php-fpm refused.
func (d *dispatcher) holdOn(reason error) {
	d.mu.Lock()
	if d.stopped {
		d.mu.Unlock()
		return
	}
	now := d.b.now()
	h := &d.hold
	first := h.reason == nil
	switch {
	case first:
		h.since, h.pause = now, holdFirst
	case !h.probe:
		// A request that was under way when the hold began: one outage, one pause, however many workers met it.
		d.mu.Unlock()
		return
	default:
		h.pause = min(h.pause*2, holdMost)
	}
	h.reason, h.probe = reason, false
	pause := h.pause + rand.N(h.pause/4+1) //nolint:gosec // jitter
	h.until = now + int64(pause)
	if h.timer == nil {
		h.timer = time.AfterFunc(pause, func() {
			d.mu.Lock() // or the signal passes a worker that has just seen that it is too early
			defer d.mu.Unlock()
			d.wake.Signal()
		})
	} else {
		h.timer.Reset(pause)
	}
	d.mu.Unlock()
	if first {
		d.b.log.Error("php-fpm takes no requests, events wait", "err", reason)
	}
}

// resume ends a hold: php-fpm took a request.
func (d *dispatcher) resume() {
	d.mu.Lock()
	if d.hold.reason == nil {
		d.mu.Unlock()
		return
	}
	took := time.Duration(d.b.now() - d.hold.since)
	if d.hold.timer != nil {
		d.hold.timer.Stop()
	}
	d.hold = hold{}
	d.wake.Broadcast()
	d.mu.Unlock()
	d.b.log.Info("php-fpm takes requests again", "after_ms", took.Milliseconds())
}

package bridge

import "time"

// A reader goroutine that has just put an event into an empty inbox makes the call into PHP itself when a slot is free: no other
// goroutine, and with it no other thread, has to be woken. On two cores that is a third of an echo's latency.
//
// Meanwhile nobody reads its socket. So that a slow PHP stops no ping and no close (promise 5 of docs/protocol.md), the
// sweeper gives the reading of such a connection to a new goroutine after handOverAfter; the old one ends with its call.

// handOverAfter is how long PHP may take before somebody else reads. The sweeper's step comes on top.
const handOverAfter = 50 * time.Millisecond

// inline hands the head of s to PHP in the caller's goroutine, the reader of s, if a slot is free and nobody waits for one.
// served is false if not: the session has to be queued. reading is false if another goroutine reads now.
func (d *dispatcher) inline(s *session) (served, reading bool) {
	d.mu.Lock()
	if d.stopped || d.events.head != nil || !d.mayEventLocked() || d.hold.reason != nil {
		d.mu.Unlock()
		return false, true
	}
	sl := d.takeSlotLocked(false, s.route)
	d.calls++
	call := d.calls
	sl.inline, sl.call = s, call
	s.calling.Store(call)
	d.mu.Unlock()

	sl.boxes = append(sl.boxes, &s.mailbox)
	d.run(sl)

	d.mu.Lock()
	sl.inline = nil
	d.freeLocked(sl)
	wake := d.wantsWorkerLocked()
	d.mu.Unlock()
	if wake {
		d.wake.Signal()
	}
	return true, s.calling.CompareAndSwap(call, 0)
}

// handOver starts a new reader for each session whose own has been in a call for too long, and tells the routes of slow calls.
func (d *dispatcher) handOver() {
	var late []*session
	d.mu.Lock()
	now := d.b.now()
	for _, sl := range d.slots {
		if sl.route != nil && now-sl.since > int64(slowCall) {
			sl.route.slow.Store(time.Now().UnixNano())
		}
		if s := sl.inline; s != nil && now-sl.since > int64(handOverAfter) && s.calling.CompareAndSwap(sl.call, 0) {
			sl.inline = nil
			late = append(late, s)
		}
	}
	d.mu.Unlock()
	for _, s := range late {
		d.b.wg.Go(s.read)
	}
}

package bridge

import (
	"sync"

	"github.com/fpmbridge/fpmbridge/callback"
)

// keepPayload is the largest payload buffer that goes back to the pool with its event.
const keepPayload = 64 << 10

// queued is an event that waits in an inbox, with the buffer of its payload.
type queued struct {
	callback.Event
	next  *queued
	ready int64 // when it came to the inbox's head, nanoseconds of the bridge's clock
	sent  bool  // with PHP
	acked bool  // with a resident worker, which is done with it
	// done is called once when the event has left the inbox, with what became of it: by the goroutine that brought the result, which
	// must not be blocked. The result is valid until done returns. nil for most: nobody waits.
	done func(res *callback.Result)
}

// events is process-wide, as sync.Pools of plain buffers are.
var events = sync.Pool{New: func() any { return new(queued) }}

func newQueued() *queued {
	q, ok := events.Get().(*queued)
	if !ok {
		q = new(queued)
	}
	return q
}

// end tells who waits for the event what became of it, and frees it.
func (q *queued) end(res *callback.Result) {
	if q.done != nil {
		q.done(res)
	}
	q.free()
}

// bounded reports whether the inbox's limits hold for the event: what a client sends without being asked. Of the others there is
// at most one of each kind at a time.
func (q *queued) bounded() bool { return q.Type == callback.Message || q.Type == callback.Receive }

// free gives an event and its payload's buffer back. Nobody may hold it any more.
func (q *queued) free() {
	payload := q.Payload[:0]
	if cap(payload) > keepPayload {
		payload = nil
	}
	*q = queued{}
	q.Payload = payload
	events.Put(q)
}

// inbox is a connection's events in order. The head stays in it while PHP handles it. Guarded by the session's mu.
//
// It is bounded in messages and bytes by its reader, which stops reading the socket while the inbox is full: the rest
// waits in TCP.
type inbox struct {
	head, tail *queued
	messages   int
	bytes      int
	// space is made by a reader that must wait and closed by whoever makes room; nil while nobody waits.
	space chan struct{}
}

func (b *inbox) push(q *queued) {
	if b.tail == nil {
		b.head = q
	} else {
		b.tail.next = q
	}
	b.tail = q
	if q.bounded() {
		b.messages++
		b.bytes += len(q.Payload)
	}
}

// pop takes the head off and wakes a waiting reader.
func (b *inbox) pop() *queued {
	q := b.head
	b.head = q.next
	if b.head == nil {
		b.tail = nil
	}
	q.next = nil
	if q.bounded() {
		b.messages--
		b.bytes -= len(q.Payload)
	}
	b.wake()
	return q
}

// drop takes events out that PHP has not got yet, and returns how many.
func (b *inbox) drop(which func(q *queued) bool) int {
	n := 0
	var kept inbox
	for q := b.head; q != nil; {
		next := q.next
		q.next = nil
		if q.sent || !which(q) {
			kept.push(q)
		} else {
			n++
			q.end(&callback.Result{Outcome: callback.NotStarted})
		}
		q = next
	}
	space := b.space
	*b = kept
	b.space = space
	b.wake()
	return n
}

// unsent is the first event that PHP has not got.
func (b *inbox) unsent() *queued {
	q := b.head
	for q != nil && q.sent {
		q = q.next
	}
	return q
}

// find returns what holds an event that is in the inbox.
func (b *inbox) find(ev *callback.Event) *queued {
	q := b.head
	for &q.Event != ev {
		q = q.next
	}
	return q
}

func (b *inbox) wake() {
	if b.space != nil {
		close(b.space)
		b.space = nil
	}
}

// full reports whether a message of n bytes has to wait. An empty inbox takes a message of any size.
func (b *inbox) full(n, maxMessages, maxBytes int) bool {
	return b.messages > 0 && (b.messages >= maxMessages || b.bytes+n > maxBytes)
}

// Package inbox keeps the events of one connection, or of one job, in order until PHP is done with them.
//
// [Box] is the queue, [Event] what waits in it. Nothing here locks: a box belongs to its mailbox, whose lock guards it. It imports package callback.
package inbox

import (
	"sync"

	"github.com/fpmbridge/fpmbridge/callback"
)

// keepPayload is the largest payload buffer that goes back to the pool with its event.
const keepPayload = 64 << 10

// Event is an event that waits in an inbox, with the buffer of its payload.
type Event struct {
	callback.Event
	next  *Event
	Ready int64 // when it came to the inbox's head, nanoseconds of the bridge's clock
	Sent  bool  // with PHP
	Acked bool  // with a resident worker, which is done with it
	// Done is called once when the event has left the inbox, with what became of it: by the goroutine that brought the result, which
	// must not be blocked. The result is valid until Done returns. nil for most: nobody waits.
	Done func(res *callback.Result)
}

// events is process-wide, as sync.Pools of plain buffers are.
var events = sync.Pool{New: func() any { return new(Event) }}

// New returns an empty event.
func New() *Event {
	q, ok := events.Get().(*Event)
	if !ok {
		q = new(Event)
	}
	return q
}

// End tells who waits for the event what became of it, and frees it.
func (q *Event) End(res *callback.Result) {
	if q.Done != nil {
		q.Done(res)
	}
	q.Free()
}

// Bounded reports whether the inbox's limits hold for the event: what a client sends without being asked. Of the others there is
// at most one of each kind at a time.
func (q *Event) Bounded() bool { return q.Type == callback.Message || q.Type == callback.Receive }

// Free gives an event and its payload's buffer back. Nobody may hold it any more.
func (q *Event) Free() {
	payload := q.Payload[:0]
	if cap(payload) > keepPayload {
		payload = nil
	}
	*q = Event{}
	q.Payload = payload
	events.Put(q)
}

// Box is a queue of events. The head stays in it while PHP handles it. Its zero value is empty.
//
// It is bounded in messages and bytes by its reader, which stops reading the socket while the inbox is full: the rest
// waits in TCP.
type Box struct {
	head, tail *Event
	messages   int
	bytes      int
	// space is made by a reader that must wait and closed by whoever makes room; nil while nobody waits.
	space chan struct{}
}

// Push puts an event at the end.
func (b *Box) Push(q *Event) {
	if b.tail == nil {
		b.head = q
	} else {
		b.tail.next = q
	}
	b.tail = q
	if q.Bounded() {
		b.messages++
		b.bytes += len(q.Payload)
	}
}

// Pop takes the head off and wakes a waiting reader.
func (b *Box) Pop() *Event {
	q := b.head
	b.head = q.next
	if b.head == nil {
		b.tail = nil
	}
	q.next = nil
	if q.Bounded() {
		b.messages--
		b.bytes -= len(q.Payload)
	}
	b.Wake()
	return q
}

// Drop takes events out that PHP has not got yet, and returns how many.
func (b *Box) Drop(which func(q *Event) bool) int {
	n := 0
	var kept Box
	for q := b.head; q != nil; {
		next := q.next
		q.next = nil
		if q.Sent || !which(q) {
			kept.Push(q)
		} else {
			n++
			q.End(&callback.Result{Outcome: callback.NotStarted})
		}
		q = next
	}
	space := b.space
	*b = kept
	b.space = space
	b.Wake()
	return n
}

// Unsent is the first event that PHP has not got.
func (b *Box) Unsent() *Event {
	q := b.head
	for q != nil && q.Sent {
		q = q.next
	}
	return q
}

// Find returns what holds an event that is in the inbox.
func (b *Box) Find(ev *callback.Event) *Event {
	q := b.head
	for &q.Event != ev {
		q = q.next
	}
	return q
}

// Wake lets a reader go on that waits for room.
func (b *Box) Wake() {
	if b.space != nil {
		close(b.space)
		b.space = nil
	}
}

// Full reports whether a message of n bytes has to wait. An empty inbox takes a message of any size.
func (b *Box) Full(n, maxMessages, maxBytes int) bool {
	return b.messages > 0 && (b.messages >= maxMessages || b.bytes+n > maxBytes)
}

// Head is the oldest event; nil: there is none.
func (b *Box) Head() *Event { return b.head }

// Bytes is what waits of messages.
func (b *Box) Bytes() int { return b.bytes }

// Room returns a channel that is closed when there may be room again. There is one reader, which has the last channel.
func (b *Box) Room() <-chan struct{} {
	b.space = make(chan struct{})
	return b.space
}

// Next is the event behind q in its box.
func (q *Event) Next() *Event { return q.next }

package bridge

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/workers"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

// mailbox is an ordered queue of events for one script: a connection's, or that of a job (a task, a start event), which has
// no connection. The dispatcher hands the head to PHP and takes the next one when PHP is done with it.
type mailbox struct {
	// set at construction
	b       *Bridge
	fd      uint64   // 0: a job's
	session *session // nil: a job's
	task    bool     // a task's: see share.go
	place   int      // resident, a job's: which worker gets it

	// any goroutine
	dispatch atomic.Int64 // last event handed to PHP; unix nanoseconds
	slot     atomic.Int32 // that had its last event, plus 1; 0: none

	// guarded by mu
	mu        sync.Mutex
	route     *route        // a connection's may change at its upgrade, while the inbox is empty
	pool      *workers.Pool // the route's resident workers; nil: each event is a request
	in        inbox.Box
	scheduled bool          // in the dispatcher's queue, or with one of its workers
	away      away          // resident
	abandoned bool          // nobody wants to know what becomes of its events: they are dropped
	idle      chan struct{} // made by waitIdle, closed when the inbox has run empty

	// owned by the dispatcher, under its lock
	nextReady *mailbox
}

// post hands an event to PHP that belongs to no connection. done is called once, by a goroutine that must not be blocked, with
// the event's result, which is valid until it returns.
func (b *Bridge) post(rt *route, q *inbox.Event) {
	m := &mailbox{b: b, route: rt, task: q.Type == callback.Task}
	if rt.pool != nil && (q.Type == callback.Finish || q.Type == callback.PipeMessage && job.Parse(q.Meta).Worker < rt.pool.Len()) {
		// They are for the memory of a worker. Tasks and the life of the server are not: those stay requests, as they are
		// processes of their own in Swoole.
		m.pool, m.place = rt.pool, job.Parse(q.Meta).Worker
	}
	m.mu.Lock()
	m.enqueueLocked(q)
	m.mu.Unlock()
	m.ready()
}

// enqueueLocked reports whether the caller has to call dispatcher.ready after it has let go of mu.
func (m *mailbox) enqueueLocked(q *inbox.Event) (schedule bool) {
	q.ID = m.b.eventID.Add(1)
	q.Attempt = 1
	q.FD = m.fd
	if s := m.session; s != nil {
		q.Conn = &s.conn
		q.Last = s.lastMsg.Load()
		s.told = s.told || q.Type != callback.Close
	}
	if m.in.Head() == nil {
		q.Ready = m.b.now()
	}
	m.in.Push(q)
	if m.pool != nil {
		m.scheduled = true
		return m.sendLaterLocked(q)
	}
	if m.scheduled {
		return false
	}
	m.scheduled = true
	return true
}

// ready hands a mailbox, for which enqueueLocked said so, to those who bring its events to PHP.
func (m *mailbox) ready() {
	if m.pool != nil {
		m.pool.Ready(m)
		return
	}
	m.b.dispatcher.ready(m)
}

// dropLocked takes all messages out that PHP has not got yet, and returns how many.
func (m *mailbox) dropLocked() int {
	n := m.in.Drop((*inbox.Event).Bounded)
	m.away.unsent = m.in.Unsent()
	return n
}

// serve marks the head as being with PHP and returns it; nil: the message that waited was dropped when PHP closed the
// connection, and nobody wants its close event.
func (m *mailbox) serve(now int64) *callback.Event {
	m.mu.Lock()
	if m.abandoned && m.in.Head() != nil {
		defer m.in.Pop().End(&callback.Result{Outcome: callback.NotStarted})
	}
	q := m.in.Head()
	if q == nil {
		m.restLocked()
	} else {
		q.Sent = true
	}
	m.mu.Unlock()
	if q == nil {
		m.settle()
		return nil
	}
	m.dispatch.Store(now)
	if m.session != nil {
		q.Attributes = m.session.member.Attributes()
	}
	return &q.Event
}

// unserve takes the head back from a worker: PHP did not start it.
func (m *mailbox) unserve() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.in.Head().Sent = false
	if m.in.Head().Attempt < math.MaxUint8 {
		m.in.Head().Attempt++
	}
}

// finished is called by the dispatcher when PHP is done with the event at the inbox's head. It reports whether another one waits.
func (m *mailbox) finished(res *callback.Result) (more bool) {
	m.mu.Lock()
	q := m.in.Pop()
	if s := m.session; s != nil && s.opened == openWaiting {
		s.opened = openHanded // it was the open event, or that of the TCP connection
	}
	more = m.nextLocked()
	m.mu.Unlock()
	q.End(res)
	if !more {
		m.settle()
	}
	return more
}

// nextLocked stamps the new head, or takes the mailbox out of scheduling if there is none.
func (m *mailbox) nextLocked() bool {
	if m.in.Head() == nil {
		m.restLocked()
		return false
	}
	m.in.Head().Ready = m.b.now()
	return true
}

func (m *mailbox) restLocked() {
	m.scheduled = false
	if m.idle != nil {
		close(m.idle)
		m.idle = nil
	}
}

// waitIdle returns when PHP has handled all that was in the inbox. Nobody may add to it meanwhile. It is false if done was closed before.
func (m *mailbox) waitIdle(done <-chan struct{}) bool {
	m.mu.Lock()
	if !m.scheduled {
		m.mu.Unlock()
		return true
	}
	idle := make(chan struct{})
	m.idle = idle
	m.mu.Unlock()
	select {
	case <-idle:
		return true
	case <-done:
		return false
	}
}

// expire takes the head, which PHP provably never started, out of the inbox and ends its connection. It reports what was
// dropped (0: nothing, the head had changed meanwhile) and whether the mailbox has to go back to the queue.
func (m *mailbox) expire(cause callback.Cause, why error) (t callback.EventType, id uint64, more bool) {
	var dropped []*inbox.Event
	m.mu.Lock()
	if q := m.in.Head(); q != nil && q.Type != callback.Close {
		t, id = q.Type, q.ID
		dropped = append(dropped, m.in.Pop())
		if s := m.session; s != nil && (t == callback.Open || t == callback.Connect) {
			// Its close event goes with it, if the client has left already.
			s.opened = openUnstarted
			for m.in.Head() != nil {
				dropped = append(dropped, m.in.Pop())
			}
		}
	}
	more = m.nextLocked()
	m.mu.Unlock()
	res := callback.Result{Outcome: callback.NotStarted, Err: why}
	if cause == callback.CausePHPDown {
		res.Outcome = callback.Down
	}
	answered := false // an HTTP exchange tells its client itself
	for _, q := range dropped {
		answered = answered || q.Done != nil
		q.End(&res)
	}
	if t != 0 && m.session != nil && !answered {
		m.session.end(ending{cause: cause, code: closeTryAgain, reason: why.Error()})
	}
	if !more {
		m.settle()
	}
	return t, id, more
}

// settle is called after the inbox ran empty.
func (m *mailbox) settle() {
	if m.session != nil {
		m.session.settle()
	}
}

package bridge

import (
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/callback"
)

// session is one WebSocket connection from its upgrade until PHP has handled its close event.
//
// Its reader goroutine is the only one that lives as long as the connection; everything else is done by whoever has
// something to do: dispatcher workers hand over events and push, the outbox's flusher writes while the client is slow.
type session struct {
	// set at construction
	b     *Bridge
	route *route
	fd    uint64
	conn  callback.Conn
	sock  net.Conn
	ws    *websocket.Conn
	w     *wire
	addr  string // key of the per-address limit

	out outbox.Outbox

	// any goroutine
	recvAt   atomic.Int64 // last byte from the client; unix nanoseconds
	sentAt   atomic.Int64 // last push
	dispatch atomic.Int64 // last event handed to PHP
	lastMsg  atomic.Int64 // last message received; unix microseconds
	stuck    atomic.Bool  // the reader waits for room in the inbox: silence is ours, not the client's
	ending   atomic.Bool  // end was called; set under mu
	// calling is the number of the call to PHP that the reader goroutine is in; 0: it reads. Whoever changes it from that
	// number to 0 has the reading: see inline.go.
	calling atomic.Uint64

	// guarded by mu
	mu        sync.Mutex
	in        inbox
	scheduled bool // in the dispatcher's queue, or with one of its workers
	serving   bool // the inbox's head is with PHP
	opened    openState
	closing   *ending
	readerEnd bool // the reader goroutine has left
	listed    bool // counted in the registry
	// owned by the dispatcher, under its lock
	nextReady *session

	unlisted bool // guarded by the registry's mu
}

// openState says how far the open event got: the close event follows it, and only it.
type openState uint8

const (
	openWaiting   openState = iota
	openHanded              // PHP started it, may have started it, or does not want it
	openUnstarted           // PHP provably never started it: no close event
)

// start makes the open event, sends the 101 and starts the reader goroutine.
func (s *session) start() {
	// The open event stands in the inbox before anybody can find the session and end it.
	schedule := false
	s.mu.Lock()
	s.listed = true
	if s.route.wants(callback.Open) {
		q := newQueued()
		q.Type = callback.Open
		schedule = s.enqueueLocked(q)
	} else {
		s.opened = openHanded
		s.conn.Head = nil
	}
	s.mu.Unlock()
	s.setHandlers()
	// The 101 stands first in the outbox: whoever finds the session may push to it, and a client that has the 101 misses nothing.
	s.b.registry.add(s)
	s.out.Flush()
	if schedule {
		s.b.dispatcher.ready(s)
	}
	s.b.wg.Go(s.read)
}

// enqueue puts a message into the inbox. It reports whether the caller has to see to it that PHP gets it: nobody else will.
func (s *session) enqueue(q *queued) (schedule bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending.Load() || s.opened == openUnstarted {
		q.free()
		s.b.stats.MessagesDropped.Add(1)
		return false
	}
	return s.enqueueLocked(q)
}

// enqueueLocked reports whether the caller has to call dispatcher.ready after it has let go of mu.
func (s *session) enqueueLocked(q *queued) bool {
	q.ID = s.b.eventID.Add(1)
	q.Attempt = 1
	q.FD = s.fd
	q.Conn = &s.conn
	q.Last = s.lastMsg.Load()
	if s.in.head == nil {
		q.ready = s.b.now()
	}
	s.in.push(q)
	if s.scheduled {
		return false
	}
	s.scheduled = true
	return true
}

// finished is called by the dispatcher when PHP is done with the event at the inbox's head. It reports whether another one waits.
func (s *session) finished() (more bool) {
	s.mu.Lock()
	q := s.in.pop()
	s.serving = false
	if q.Type == callback.Open {
		if s.opened == openWaiting {
			s.opened = openHanded
		}
		s.conn.Head = nil // only the open event carries it
	}
	more = s.nextLocked()
	s.mu.Unlock()
	q.free()
	if !more {
		s.settle()
	}
	return more
}

// nextLocked stamps the new head, or takes the session out of scheduling if there is none.
func (s *session) nextLocked() bool {
	if s.in.head == nil {
		s.scheduled = false
		return false
	}
	s.in.head.ready = s.b.now()
	return true
}

// expire takes the head, which PHP provably never started, out of the inbox and ends the connection. It reports what was
// dropped (0: nothing, the head had changed meanwhile) and whether the session has to go back to the queue.
func (s *session) expire(cause callback.Cause, why string) (t callback.EventType, id uint64, more bool) {
	s.mu.Lock()
	if q := s.in.head; q != nil && q.Type != callback.Close {
		t, id = q.Type, q.ID
		if t == callback.Open {
			// Its close event goes with it, if the client has left already.
			s.opened, s.conn.Head = openUnstarted, nil
			for s.in.head != nil {
				s.in.pop().free()
			}
		} else {
			s.in.pop().free()
		}
	}
	more = s.nextLocked()
	s.mu.Unlock()
	if t != 0 {
		s.end(ending{cause: cause, code: closeTryAgain, reason: why})
	}
	if !more {
		s.settle()
	}
	return t, id, more
}

// established reports whether pushes may go to it.
func (s *session) established() bool { return !s.ending.Load() }

// serve marks the head as being with PHP and returns it; nil: the message that waited was dropped when PHP closed the
// connection, and nobody wants its close event.
func (s *session) serve(now int64) *callback.Event {
	s.mu.Lock()
	q := s.in.head
	s.serving = q != nil
	if q == nil {
		s.scheduled = false
	}
	s.mu.Unlock()
	if q == nil {
		s.settle()
		return nil
	}
	s.dispatch.Store(now)
	return &q.Event
}

// unserve takes the head back from a worker: PHP did not start it.
func (s *session) unserve() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serving = false
	if s.in.head.Attempt < math.MaxUint8 {
		s.in.head.Attempt++
	}
}

func (s *session) status() callback.Status {
	if s.ending.Load() {
		return callback.StatusClosing
	}
	return callback.StatusActive
}

func (s *session) info() callback.ConnInfo {
	s.mu.Lock()
	inboxBytes := s.in.bytes
	s.mu.Unlock()
	return callback.ConnInfo{
		FD: s.fd, Status: s.status(), Listener: int(s.conn.Listener),
		RemoteAddr: s.conn.RemoteAddr, RemotePort: s.conn.RemotePort, ServerAddr: s.conn.ServerAddr, ServerPort: s.conn.ServerPort,
		TLS: s.conn.TLS, Compression: s.conn.Compression, Subprotocol: s.conn.Subprotocol,
		Connected: s.conn.Connected, Received: unixOrZero(s.recvAt.Load()), Sent: unixOrZero(s.sentAt.Load()),
		Dispatched: unixOrZero(s.dispatch.Load()), InboxBytes: inboxBytes, OutboxBytes: s.out.Bytes(),
	}
}

func unixOrZero(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

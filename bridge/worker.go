package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/callback"
)

// worker is one place of a pool: the PHP process that holds it changes, its number and its connections stay.
//
// Whoever has an event for it (a reader goroutine, the sweeper) appends the event to the worker's stream and writes it there and
// then, without blocking; while somebody else writes, events gather and leave in one burst. What may be with the worker without
// its word is bounded by the window: the rest waits in the inboxes, and behind them in TCP.
type worker struct {
	// set at construction
	pool *pool
	id   int
	box  mailbox // what it does on nobody's behalf: timers, its own log lines

	mu       sync.Mutex
	ch       *callback.Channel // nil: nobody is there
	out      *outbox.Outbox    // of ch
	ticket   uint64            // of the process that is expected or there
	stopping bool              // it has been told to end: nothing more is sent
	sent     []inFlight        // in the order of sending, from first on
	first    int
	bytes    int
	head     *mailbox // parked mailboxes
	tail     *mailbox
	scratch  []byte
	placed   uint64        // the place of the event that was sent last
	begun    uint64        // the place of the last event that it is known to have begun
	served   uint64        // events of this process
	oldest   int64         // when the oldest event that it has was sent, or when it last ended one; bridge clock, ns
	pid      int           // of the process that is there
	orderly  bool          // it said that it ends in order
	said     bool          // it said its last word
	hung     bool          // that it does not answer has been reported
	came     chan struct{} // closed when the next process has the place; nil: nobody waits for that
	left     chan struct{} // closed when the channel of the ticket's process has ended; nil: it never had one
	wg       sync.WaitGroup
}

// inFlight is an event that a worker has.
type inFlight struct {
	box   *mailbox
	q     *queued
	place uint64 // in the stream; ids have another order when events are sent again
}

// errLost is the fate of an event whose worker died while it may have been running.
var errLost = errors.New("bridge: the worker ended during the event")

// ready sends what a mailbox has, or parks it until there is room.
func (w *worker) ready(m *mailbox) {
	w.mu.Lock()
	idle := false
	if w.head != nil {
		w.parkLocked(m) // others were here first
	} else {
		idle = w.feedLocked(m)
	}
	out := w.out
	w.mu.Unlock()
	if out != nil {
		out.Flush()
	}
	if idle {
		m.settle()
	}
}

// feedLocked appends the mailbox's unsent events to the stream as far as the window allows, and parks it if some are left. It reports
// whether there is nothing in the mailbox at all. Lock order: the worker's mu, then the mailbox's.
func (w *worker) feedLocked(m *mailbox) (idle bool) {
	m.mu.Lock()
	var now time.Time
	for m.unsent != nil && w.hasRoomLocked(m.unsent) {
		q := m.unsent
		if now.IsZero() {
			now = time.Now()
			m.dispatch.Store(now.UnixNano())
		}
		w.sendLocked(m, q, now)
		m.unsent = q.next
	}
	rest := m.unsent != nil
	if idle = m.in.head == nil; idle {
		m.restLocked()
	}
	m.mu.Unlock()
	if rest {
		w.parkLocked(m)
	}
	return idle
}

// hasRoomLocked reports whether the worker may be sent an event. One event always fits into an empty window.
func (w *worker) hasRoomLocked(q *queued) bool {
	if w.ch == nil || w.stopping {
		return false
	}
	n := len(w.sent) - w.first
	return n == 0 || n < w.pool.window && w.bytes+len(q.Payload) <= w.pool.windowBytes
}

// sendLocked appends one event to the stream; somebody flushes.
func (w *worker) sendLocked(m *mailbox, q *queued, now time.Time) {
	q.sent = true
	if len(w.sent) == w.first {
		w.oldest = w.pool.b.now()
	}
	if w.first > 0 && len(w.sent) == cap(w.sent) {
		n := copy(w.sent, w.sent[w.first:])
		clear(w.sent[n:])
		w.sent, w.first = w.sent[:n], 0
	}
	w.placed++
	w.sent = append(w.sent, inFlight{m, q, w.placed})
	w.bytes += len(q.Payload)
	w.served++
	w.scratch = callback.AppendEventHead(w.scratch[:0], &q.Event, now)
	// Copied, since a worker may end an event whose payload it has not read yet.
	w.out.Add(w.scratch, q.Payload, false)
	if cap(w.scratch) > keepPayload {
		w.scratch = nil
	}
}

// parkLocked puts a mailbox at the end of the worker's queue, once.
func (w *worker) parkLocked(m *mailbox) {
	m.mu.Lock()
	twice := m.parked
	m.parked = true
	m.mu.Unlock()
	if twice {
		return
	}
	m.nextReady = nil
	if w.tail == nil {
		w.head = m
	} else {
		w.tail.nextReady = m
	}
	w.tail = m
}

// unparkLocked sends what parked mailboxes have, as far as there is room, and returns those that turned out to be empty. Nobody
// passes the one at the head, however large its event is.
func (w *worker) unparkLocked() (idle []*mailbox) {
	for w.head != nil {
		m := w.head
		m.mu.Lock()
		q := m.unsent
		fits := q == nil || w.hasRoomLocked(q)
		if fits {
			m.parked = false
		}
		m.mu.Unlock()
		if !fits {
			break
		}
		if w.head = m.nextReady; w.head == nil {
			w.tail = nil
		}
		m.nextReady = nil
		if w.feedLocked(m) {
			idle = append(idle, m)
		}
	}
	return idle
}

// serve runs a worker's channel until its process ends. It is called by the callback connection's goroutine.
func (w *worker) serve(ctx context.Context, ch *callback.Channel, out *outbox.Outbox) error {
	r := newRouter(w.pool.b)
	var about callback.Event // of log lines
	for {
		err := ch.Read()
		for i := range ch.Items {
			it := &ch.Items[i]
			switch it.Kind {
			case callback.ItemInstruction:
				about.Type = callback.EventType(it.Instruction.Opcode)
				if it.Instruction.Kind == callback.KindTask {
					w.pool.route.jobs.Release(callback.ResidentSlot+w.id, len(it.Instruction.Data))
				}
				r.do(&w.box, &about, &it.Instruction, true)
			case callback.ItemEnd:
				if !w.ended(it) && err == nil {
					err = fmt.Errorf("%w: end of event %d, which worker %d does not have", callback.ErrMalformed, it.ID, w.id)
				}
			case callback.ItemLast:
				w.mu.Lock()
				for _, f := range w.sent[w.first:] {
					if f.q.ID == it.ID {
						w.begun = max(w.begun, f.place)
					}
				}
				w.said, w.orderly = true, it.Orderly
				w.stopping = true
				w.mu.Unlock()
			}
		}
		r.flush()
		out.Flush()
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), ctx.Err() != nil:
			return nil
		case errors.Is(err, callback.ErrMalformed):
			return err
		default:
			return nil // a reset: it died
		}
	}
}

// ended takes an event off the worker and sends what waited for its room. It is false for an event that the worker does not have.
func (w *worker) ended(it *callback.Item) bool {
	w.mu.Lock()
	i := slices.IndexFunc(w.sent[w.first:], func(f inFlight) bool { return f.q.ID == it.ID })
	if i < 0 {
		w.mu.Unlock()
		return false
	}
	i += w.first
	f := w.sent[i]
	w.begun = max(w.begun, f.place)
	if i == w.first {
		w.sent[i] = inFlight{}
		w.first++
	} else {
		w.sent = slices.Delete(w.sent, i, i+1)
	}
	if w.first == len(w.sent) {
		w.sent, w.first = w.sent[:0], 0
	}
	w.bytes -= len(f.q.Payload)
	w.oldest = w.pool.b.now()
	var idle []*mailbox
	if w.head != nil {
		idle = w.unparkLocked()
	}
	w.mu.Unlock()
	res := callback.Result{Outcome: callback.Done}
	if it.Err != nil {
		res.Outcome, res.Err = callback.Failed, it.Err
	}
	w.finish(f, &res)
	for _, m := range idle {
		m.settle()
	}
	return true
}

// finish counts an event's result and tells its mailbox.
func (w *worker) finish(f inFlight, res *callback.Result) {
	b := w.pool.b
	b.count(&f.q.Event, res)
	if res.Outcome == callback.Failed {
		w.failed(f.box, &f.q.Event, res.Err)
	}
	if f.box.acked(f.q, res) {
		f.box.settle()
	}
}

// failed does what becomes of a connection whose event the worker did not finish; as dispatcher.failed.
func (w *worker) failed(m *mailbox, ev *callback.Event, err error) {
	w.pool.b.log.Warn("event failed", "fd", m.fd, "event", ev.Type.String(), "event_id", ev.ID, "attempt", ev.Attempt,
		"worker", w.id, "script", m.route.name, "err", err)
	if s := m.session; s != nil && ev.Type == callback.Open {
		s.end(ending{cause: callback.CausePHPFailed, code: closeInternal, reason: "the script failed"})
	}
}

// acked notes that a worker is done with an event, and reports whether nothing is left in the mailbox.
func (m *mailbox) acked(q *queued, res *callback.Result) (idle bool) {
	if q.done != nil {
		q.done(res)
		q.done = nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	q.acked = true
	if s := m.session; s != nil && s.opened == openWaiting {
		s.opened = openHanded
	}
	// With coroutines a later event may end first; it leaves in its turn.
	for m.in.head != nil && m.in.head.acked {
		m.in.pop().free()
	}
	if m.in.head == nil {
		m.restLocked()
		return true
	}
	return false
}

// attach gives the place to a process that has said the right ticket.
func (w *worker) attach(ch *callback.Channel, ticket uint64, pid int) (*outbox.Outbox, bool) {
	out := &outbox.Outbox{}
	out.Init(ch.Conn, maxStream, workerStall, &w.wg, func(bool) { _ = ch.Conn.Close() })
	w.mu.Lock()
	late := false
	select {
	case <-w.pool.stopping: // nobody would tell it to end
		late = true
	default:
	}
	if late || ticket == 0 || ticket != w.ticket || w.ch != nil {
		w.mu.Unlock()
		return nil, false
	}
	w.ch, w.out, w.stopping, w.placed, w.begun, w.served = ch, out, false, 0, 0, 0
	w.left = make(chan struct{})
	w.pid, w.said, w.orderly, w.hung = pid, false, false, false
	if w.came != nil {
		close(w.came)
		w.came = nil
	}
	w.oldest = w.pool.b.now()
	idle := w.unparkLocked()
	w.mu.Unlock()
	out.Flush()
	for _, m := range idle {
		m.settle()
	}
	return out, true
}

// detach takes the place from a process that has ended, and its events back: those that it provably did not start go to the next one,
// the others are lost. It returns how many those are.
func (w *worker) detach() (lost int) {
	w.mu.Lock()
	out := w.out
	flights := append([]inFlight(nil), w.sent[w.first:]...)
	w.ch, w.out, w.sent, w.first, w.bytes, w.ticket = nil, nil, w.sent[:0], 0, 0, 0
	started := flights
	if w.said {
		// Events are begun in the order of the stream. One that has waited since then may stand before one that has ended.
		i := slices.IndexFunc(flights, func(f inFlight) bool { return f.place > w.begun })
		if i < 0 {
			i = len(flights)
		}
		started = flights[:i]
		for _, f := range slices.Backward(flights[i:]) {
			w.takeBackLocked(f)
		}
	}
	close(w.left)
	w.mu.Unlock()
	b := w.pool.b
	w.pool.route.jobs.Settle(callback.ResidentSlot + w.id) // what it reserved and did not ask for
	out.Abort()
	w.wg.Wait() // the flusher may hold payloads
	for _, f := range started {
		b.log.Warn("event lost", "fd", f.q.FD, "event", f.q.Type.String(), "event_id", f.q.ID, "worker", w.id, "script", w.pool.route.name)
		w.finish(f, &callback.Result{Outcome: callback.Failed, Err: errLost})
	}
	return len(started)
}

// takeBackLocked makes an event unsent again, and parks its mailbox. The last one of a mailbox comes first.
func (w *worker) takeBackLocked(f inFlight) {
	f.box.mu.Lock()
	f.q.sent = false
	if f.q.Attempt < math.MaxUint8 {
		f.q.Attempt++
	}
	f.box.unsent = f.q
	f.box.mu.Unlock()
	w.pool.b.stats.EventsRetried.Add(1)
	w.parkLocked(f.box)
}

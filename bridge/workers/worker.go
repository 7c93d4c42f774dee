package workers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/proc"
)

// worker is one place of a pool: the PHP process that holds it changes, its number and its connections stay.
//
// Whoever has an event for it (a reader goroutine, the sweeper) appends the event to the worker's stream and writes it there and
// then, without blocking; while somebody else writes, events gather and leave in one burst. What may be with the worker without
// its word is bounded by the window: the rest waits in the boxes, and behind them in TCP.
type worker struct {
	// set at construction
	pool *Pool
	id   int

	result callback.Result // of the event at hand; the goroutine's that serves

	mu       sync.Mutex
	ch       *callback.Channel // nil: nobody is there
	out      *outbox.Outbox    // of ch
	ticket   uint64            // of the process that is expected or there
	takes    bool              // it has said that it takes events
	stopping bool              // it has been told to end: nothing more is sent
	sent     []inFlight        // in the order of sending, from first on
	first    int
	bytes    int
	ahead    ahead
	clock    int64 // the pool's, as of late
	own      int64 // how long the bridge was busy with what the process asked for, nanoseconds
	busy     int64 // since when it is so now; 0: it is not
	head     Box   // parked ones
	tail     Box
	parked   int
	feeding  Box  // whose events Take gets
	single   bool // one event of each box in turn, until none is parked
	took     bool // with single: Take has got the one
	scratch  []byte
	placed   uint64        // the place of the event that was sent last
	begun    uint64        // the place of the last event that it is known to have begun
	served   uint64        // events of this process
	heard    int64         // when it last ended an event, or got one while it had none; the pool's clock
	pid      int           // of the process that is there
	orderly  bool          // it said that it ends in order
	said     bool          // it said its last word
	hung     bool          // that it does not answer has been reported
	asked    bool          // ControlAsk has no answer yet
	askedAt  int64         // when it was asked last
	memory   int64         // what it said that it has, bytes
	bootedAt int64         // when its request was sent
	late     bool          // that it has not called back has been reported
	leftAt   int64         // when its channel ended; 0: it has not, or there was none
	cancel   func()        // ends its request
	process  *proc.Process // nil: it cannot be killed, and noKill says why
	noKill   error
	unheard  bool          // given up without having called back, and its process is there
	byUs     bool          // its process was killed since it did not answer
	came     chan struct{} // closed when the next process has the place; nil: nobody waits for that
	left     chan struct{} // closed when the channel of the ticket's process has ended; nil: it never had one
	wg       sync.WaitGroup

	// the supervisor's
	killedAt    time.Duration // how long the last process lived that was killed
	killedAlike int           // how often another one lived as long as that
}

// lastWords is how long a worker that does not read any more is still listened to.
const lastWords = time.Second

// inFlight is an event that a worker has.
type inFlight struct {
	box   Box
	ev    *callback.Event
	place uint64 // in the stream; ids have another order when events are sent again
	at    int64  // when it was sent, by phpClockLocked
}

// ErrLost is the fate of an event whose worker died while it may have been running.
var ErrLost = errors.New("bridge: the worker ended during the event")

// ready sends what a box has, or parks it until there is room.
func (w *worker) ready(b Box) {
	w.mu.Lock()
	w.clock = w.pool.o.Now()
	idle := false
	if w.head != nil {
		w.parkLocked(b) // others were here first
	} else {
		idle = w.feedLocked(b)
	}
	out := w.out
	w.mu.Unlock()
	if out != nil {
		out.Flush()
	}
	if idle {
		b.Settle()
	}
}

// feedLocked appends the box's unsent events to the stream as far as the window allows, and parks it if some are left. It reports
// whether there is nothing in the box at all.
func (w *worker) feedLocked(b Box) (idle bool) {
	w.feeding, w.took = b, false
	rest, idle := b.Feed(w)
	w.feeding = nil
	if rest {
		w.parkLocked(b)
	}
	return idle
}

// hasRoomLocked reports whether the worker may be sent an event. One event always fits into an empty window.
func (w *worker) hasRoomLocked(ev *callback.Event) bool {
	if w.ch == nil || w.stopping || !w.takes || !w.ahead.room(w.phpClockLocked()) {
		return false
	}
	n := len(w.sent) - w.first
	return n == 0 || n < w.pool.o.Window && w.bytes+len(ev.Payload) <= w.pool.o.WindowBytes
}

// Take implements Taker: it appends one event to the stream; somebody flushes. The worker's lock is held.
func (w *worker) Take(ev *callback.Event, now time.Time) bool {
	if w.single && w.took || !w.hasRoomLocked(ev) {
		return false
	}
	w.took = true
	if !w.owesLocked() {
		w.heard = w.clock
	}
	if w.first > 0 && len(w.sent) == cap(w.sent) {
		n := copy(w.sent, w.sent[w.first:])
		clear(w.sent[n:])
		w.sent, w.first = w.sent[:n], 0
	}
	w.placed++
	w.sent = append(w.sent, inFlight{w.feeding, ev, w.placed, w.phpClockLocked()})
	w.ahead.sent(w.phpClockLocked())
	w.bytes += len(ev.Payload)
	w.served++
	w.scratch = callback.AppendEventHead(w.scratch[:0], ev, now)
	// Copied, since a worker may end an event whose payload it has not read yet.
	w.out.Add(w.scratch, ev.Payload, false)
	if cap(w.scratch) > keepScratch {
		w.scratch = nil
	}
	return true
}

// keepScratch is the largest buffer that a worker keeps.
const keepScratch = 64 << 10

// parkLocked puts a box at the end of the worker's queue, once.
func (w *worker) parkLocked(b Box) {
	if !b.Park(true) {
		return
	}
	b.Seat().next = nil
	if w.tail == nil {
		w.head = b
	} else {
		w.tail.Seat().next = b
	}
	w.tail = b
	w.parked++
}

// unparkLocked sends what parked boxes have, as far as there is room, and returns those that turned out to be empty. Nobody
// passes the one at the head, however large its event is.
func (w *worker) unparkLocked() (idle []Box) {
	for w.head != nil && w.ahead.room(w.phpClockLocked()) {
		b := w.head
		if ev := b.Unsent(); ev != nil && !w.hasRoomLocked(ev) {
			break
		}
		b.Park(false)
		seat := b.Seat()
		if w.head = seat.next; w.head == nil {
			w.tail = nil
		}
		seat.next = nil
		w.parked--
		if w.feedLocked(b) {
			idle = append(idle, b)
		}
	}
	w.single = w.single && w.head != nil
	return idle
}

// serve runs a worker's channel until its process ends. It is called by the callback connection's goroutine.
func (w *worker) serve(ctx context.Context, ch *callback.Channel, out *outbox.Outbox) error {
	carrier := w.pool.o.Carrier(w.id)
	for {
		err := ch.Read()
		w.progress(ch.Items)
		for i := range ch.Items {
			it := &ch.Items[i]
			switch it.Kind {
			case callback.ItemInstruction:
				carrier.Do(&it.Instruction)
			case callback.ItemEnd:
				if !w.ended(it) && err == nil {
					err = fmt.Errorf("%w: end of event %d, which worker %d does not have", callback.ErrMalformed, it.ID, w.id)
				}
			case callback.ItemAlive:
				w.mu.Lock()
				w.asked, w.memory, w.heard = false, it.Memory, w.pool.o.Now()
				w.mu.Unlock()
			case callback.ItemBegun: // as above
			case callback.ItemLast:
				w.mu.Lock()
				if i := w.findLocked(it.ID); i >= 0 {
					w.begun = max(w.begun, w.sent[i].place)
				}
				w.said, w.orderly = true, it.Orderly
				w.stopping = true
				w.mu.Unlock()
			}
		}
		carrier.Flush()
		out.Flush()
		w.heardOut()
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
	i := w.findLocked(it.ID)
	if i < 0 {
		w.mu.Unlock()
		return false
	}
	w.beganLocked(i)
	f := w.sent[i]
	if i == w.first {
		w.sent[i] = inFlight{}
		w.first++
	} else {
		w.sent = slices.Delete(w.sent, i, i+1)
	}
	if w.first == len(w.sent) {
		w.sent, w.first = w.sent[:0], 0
	}
	w.bytes -= len(f.ev.Payload)
	w.heard = w.clock
	var idle []Box
	if w.head != nil {
		w.clock = w.pool.o.Now()
		idle = w.unparkLocked()
	}
	w.mu.Unlock()
	w.result = callback.Result{Outcome: callback.Done}
	if it.Err != nil {
		w.result.Outcome, w.result.Err = callback.Failed, it.Err
	}
	w.finish(f, &w.result)
	for _, b := range idle {
		b.Settle()
	}
	return true
}

// findLocked is the index in sent of the event with an id; -1: the worker does not have it.
func (w *worker) findLocked(id uint64) int {
	if i := slices.IndexFunc(w.sent[w.first:], func(f inFlight) bool { return f.ev.ID == id }); i >= 0 {
		return w.first + i
	}
	return -1
}

// finish tells everybody that a worker is done with an event.
func (w *worker) finish(f inFlight, res *callback.Result) {
	w.pool.o.Over(w.id, f.box, f.ev, res)
	ready, idle := f.box.Acked(f.ev, res)
	if ready {
		w.pool.Ready(f.box)
	}
	if idle {
		f.box.Settle()
	}
}

// attach gives the place to a process that has said the right ticket.
func (w *worker) attach(ch *callback.Channel, ticket uint64, pid int) (*outbox.Outbox, bool) {
	out := &outbox.Outbox{}
	// Not closed at once: one that has died before it could be told of an event has said that it began none.
	out.Init(ch.Conn, maxStream, workerStall, &w.wg, func(bool) { _ = ch.Conn.SetReadDeadline(time.Now().Add(lastWords)) })
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
	w.asked, w.askedAt, w.memory, w.leftAt = false, w.pool.o.Now(), 0, 0
	w.process, w.noKill = proc.Peer(ch.Conn, pid)
	w.pid, w.said, w.orderly, w.hung = pid, false, false, false
	if w.came != nil {
		close(w.came)
		w.came = nil
	}
	w.heard, w.takes, w.ahead, w.own, w.busy = w.pool.o.Now(), false, ahead{most: 1}, 0, 0
	// One event of each box in turn: what connections said while nobody was here keeps about the order that it had among them.
	w.single = true
	w.mu.Unlock()
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
	w.leftAt = w.pool.o.Now()
	w.mu.Unlock()
	w.pool.o.Left(w.id)
	out.Abort()
	w.wg.Wait() // the flusher may hold payloads
	for _, f := range started {
		w.pool.o.Log.Warn("event lost", "fd", f.ev.FD, "event", f.ev.Type.String(), "event_id", f.ev.ID, "worker", w.id, "script", w.pool.o.Script)
		w.finish(f, &callback.Result{Outcome: callback.Failed, Err: ErrLost})
	}
	return len(started)
}

// takeBackLocked makes an event unsent again, and parks its box. The last one of a box comes first.
func (w *worker) takeBackLocked(f inFlight) {
	f.box.Return(f.ev)
	w.pool.o.Returned()
	w.parkLocked(f.box)
}

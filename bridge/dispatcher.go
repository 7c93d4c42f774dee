package bridge

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// dispatcher hands events to PHP: a queue of mailboxes whose head is ready, and slots, each the right to have one
// PHP request under way.
//
// A mailbox is in the queue once, or has a slot, so its events stay in order and one at a time. With a free slot an event
// goes alone and at once: its reader goroutine makes the call itself, which saves waking another one (inline.go). When all
// are taken the session waits, and a worker that gets a slot takes its share of the queue as one batch. While php-fpm is down
// the workers rest, one of them tries again after a back-off, and events wait until they expire (hold.go).
type dispatcher struct {
	// set at construction
	b     *Bridge
	slots []*slot
	batch int
	ctx   context.Context // of the calls, from start on; cannot end

	wg sync.WaitGroup

	// guarded by mu, which is never held across a call into PHP
	mu      sync.Mutex
	wake    sync.Cond
	events  readyQueue // mailboxes but those of tasks
	tasks   readyQueue
	free    []*slot
	tasking int  // slots that run tasks
	reserve bool // some script has task workers
	tasked  bool // the last slot went to a task
	parked  int  // workers without work
	calls   uint64
	stopped bool
	hold    hold
}

// slot has what one call at a time needs. Its fields belong to who has taken it off the free list.
type slot struct {
	id     int  // BRIDGE_WORKER
	task   bool // it runs a task
	boxes  []*mailbox
	events []*callback.Event
	reply  callback.Reply
	router *router
	// answered settles the events from the first-th on, whose results are in reply.
	answered func(first int)

	// guarded by the dispatcher's mu
	inline *session // whose reader goroutine makes the call, and still has the reading
	call   uint64   // which one, see session.calling
	route  *route   // of the call; nil: none
	since  int64    // when it began, by the bridge's clock; ns
}

func newDispatcher(b *Bridge, workers, batch int) *dispatcher {
	d := &dispatcher{b: b, batch: batch}
	d.wake.L = &d.mu
	for id := range workers {
		sl := &slot{id: id, router: newRouter(b)}
		sl.answered = func(first int) { d.settle(sl, first) }
		d.slots = append(d.slots, sl)
	}
	d.free = append(d.free, d.slots...)
	return d
}

// start runs a worker per slot until stop. ctx is that of the calls.
func (d *dispatcher) start(ctx context.Context) {
	d.ctx = ctx
	for range d.slots {
		d.wg.Go(d.work)
	}
}

// stop lets no event start any more and waits for those that workers run; readers that make calls are waited for by Run.
func (d *dispatcher) stop() {
	d.mu.Lock()
	d.stopped = true
	if d.hold.timer != nil {
		d.hold.timer.Stop()
	}
	d.wake.Broadcast()
	d.mu.Unlock()
	d.wg.Wait()
}

// ready puts a mailbox, which has a head and which is not here yet, at the end of the queue.
func (d *dispatcher) ready(m *mailbox) {
	d.mu.Lock()
	d.queueOf(m).pushBack(m)
	wake := d.wantsWorkerLocked()
	d.mu.Unlock()
	if wake {
		d.wake.Signal()
	}
}

// take gives the slot done back (nil: none) and blocks until there is work, which it puts into the slot that it returns;
// nil: stopped.
func (d *dispatcher) take(done *slot) *slot {
	d.mu.Lock()
	defer d.mu.Unlock()
	if done != nil {
		d.freeLocked(done)
	}
	var queue *readyQueue
	for {
		if d.stopped {
			return nil
		}
		if queue = d.runnableLocked(); queue != nil && d.mayTryLocked() {
			break
		}
		d.parked++
		d.wake.Wait()
		d.parked--
	}
	sl := d.takeSlotLocked(queue == &d.tasks, queue.head.route)
	// A fair share: one while no more wait than there are slots. A php-fpm that was down is tried with one, too.
	n := min((queue.n+len(d.slots)-1)/len(d.slots), d.batch)
	route := queue.head.route
	switch {
	case d.hold.reason != nil || queue.head.session == nil:
		n = 1
	case !route.script.Description().Batch:
		n = min(n, route.ahead())
	}
	// Those of other routes keep their places: a batch is one script's.
	var before *mailbox
	for m := queue.head; m != nil && len(sl.boxes) < n; {
		next := m.nextReady
		if m.route == route && (n == 1 || m.session != nil) {
			queue.unlink(before, m)
			sl.boxes = append(sl.boxes, m)
		} else {
			before = m
		}
		m = next
	}
	return sl
}

// takeSlotLocked takes the slot off the free list that was used last: its PHP connection and caches are warm.
func (d *dispatcher) takeSlotLocked(task bool, rt *route) *slot {
	sl := d.free[len(d.free)-1]
	sl.route, sl.since = rt, d.b.now()
	if sl.task = task; task {
		d.tasking++
	}
	d.tasked = task
	d.free = d.free[:len(d.free)-1]
	sl.boxes = sl.boxes[:0]
	return sl
}

// work runs what is queued: one event, or one batch, after the other.
func (d *dispatcher) work() {
	var sl *slot
	for {
		if sl = d.take(sl); sl == nil {
			return
		}
		d.run(sl)
	}
}

// run hands the heads of the slot's mailboxes to PHP, carries the answer out and gives the mailboxes back.
func (d *dispatcher) run(sl *slot) {
	sl.events = sl.events[:0]
	now := time.Now().UnixNano()
	sl.boxes = slices.DeleteFunc(sl.boxes, func(m *mailbox) bool {
		ev := m.serve(now)
		m.slot.Store(int32(sl.id) + 1)
		if ev != nil {
			sl.events = append(sl.events, ev)
		}
		return ev == nil
	})
	if len(sl.boxes) == 0 {
		d.unprobe()
		return
	}
	route := sl.boxes[0].route
	route.script.CallEach(d.ctx, sl.id, sl.events, &sl.reply, sl.answered)
	route.timed(time.Duration(time.Now().UnixNano()-now), len(sl.events))
	sl.reply.Release()
}

// settle carries an answer out, event by event, and gives the mailboxes back.
func (d *dispatcher) settle(sl *slot, first int) {
	reply, router := &sl.reply, sl.router
	boxes, evs := sl.boxes[first:first+len(reply.Results)], sl.events[first:first+len(reply.Results)]
	boxes[0].route.jobs.Settle(sl.id)
	d.b.logOutput(boxes[0], evs[0], reply)
	var refused error
	for i, m := range boxes {
		res := &reply.Results[i]
		d.b.stats.Event(evs[i], res)
		switch res.Outcome {
		case callback.Done:
			router.apply(m, evs[i], res)
		case callback.Failed:
			router.logs(m, evs[i], res)
			d.failed(sl, m, evs[i], res.Err)
		case callback.NotStarted:
			// A request of which nothing was started: a php-fpm that takes connections and drops them. After an event
			// that broke its batch, or by the SDK's own word, there is nothing to wait for.
			if i == 0 && !errors.Is(res.Err, callback.ErrNotRun) {
				refused = res.Err
			}
		case callback.Down:
			refused = res.Err
		}
	}
	router.flush()
	if refused != nil {
		d.holdOn(refused)
	} else {
		d.resume()
	}
	// Backwards, so that pushFront keeps the order.
	for i, m := range slices.Backward(boxes) {
		d.giveBack(m, &reply.Results[i])
	}
}

// failed does what becomes of a connection whose event PHP started and did not finish: a message leaves it open, as in Swoole.
func (d *dispatcher) failed(sl *slot, m *mailbox, ev *callback.Event, err error) {
	d.b.log.Warn("event failed", "fd", m.fd, "event", ev.Type.String(), "event_id", ev.ID, "attempt", ev.Attempt, "script", m.route.name, "err", callback.Why(err, m.route.name))
	m.route.jobs.Died(sl.id, ev, err)
	if s := m.session; s != nil && ev.Type == callback.Open {
		s.mu.Lock()
		s.opened = openHanded // it may have run: its close event is due
		s.mu.Unlock()
		s.end(ending{cause: callback.CausePHPFailed, code: closeInternal, reason: "the script failed"})
	}
}

// giveBack puts a mailbox to the queue's end if it has more, and to its front if PHP did not start its event.
func (d *dispatcher) giveBack(m *mailbox, res *callback.Result) {
	switch res.Outcome {
	case callback.Done, callback.Failed:
		if m.finished(res) {
			d.ready(m)
		}
	case callback.NotStarted, callback.Down:
		m.unserve()
		d.mu.Lock()
		d.queueOf(m).pushFront(m)
		wake := d.wantsWorkerLocked()
		d.mu.Unlock()
		if wake {
			d.wake.Signal()
		}
	}
}

// wantsWorkerLocked reports whether a parked worker should be woken for what was just queued.
func (d *dispatcher) wantsWorkerLocked() bool {
	return d.parked > 0 && d.runnableLocked() != nil && (d.hold.reason == nil || (!d.hold.probe && d.b.now() >= d.hold.until))
}

// Why events expire.
var (
	errBusy = errors.New("PHP is busy")
	errDown = errors.New("PHP cannot be reached")
)

// expire ends the connections whose event waited too long: for a slot, or for a php-fpm that is down. Close events wait on, and so do those of no connection.
func (d *dispatcher) expire(queueTimeout, retryWindow time.Duration) {
	var late []*mailbox
	var causes []callback.Cause
	d.mu.Lock()
	now := d.b.now()
	var before *mailbox
	for m := d.events.head; m != nil; {
		next := m.nextReady
		cause := d.lateLocked(m, now, queueTimeout, retryWindow)
		if cause == callback.CauseNone {
			before, m = m, next
			continue
		}
		d.events.unlink(before, m)
		late, causes = append(late, m), append(causes, cause)
		m = next
	}
	d.mu.Unlock()
	for i, m := range late {
		why := errBusy
		if causes[i] == callback.CausePHPDown {
			why = errDown
		}
		t, id, more := m.expire(causes[i], why)
		if t != 0 {
			d.b.stats.EventsExpired.Add(1)
			level := slog.LevelWarn
			if causes[i] == callback.CauseGone { // a client that left before its handshake's turn
				level = slog.LevelDebug
			}
			d.b.log.Log(d.ctx, level, "event dropped", "fd", m.fd, "event", t.String(), "event_id", id, "reason", causes[i].String(), "script", m.route.name)
		}
		if more {
			d.ready(m)
		}
	}
}

// lateLocked says why a queued mailbox's head has waited too long, if it has. Lock order: the dispatcher's mu, then a mailbox's.
func (d *dispatcher) lateLocked(m *mailbox, now int64, queueTimeout, retryWindow time.Duration) callback.Cause {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.in.Head()
	switch {
	case q != nil && m.abandoned:
		return callback.CauseGone
	case q == nil || q.Type == callback.Close || m.session == nil && q.Type != callback.Handshake:
		return callback.CauseNone
	case errors.Is(d.hold.reason, callback.ErrDown) && now-max(q.Ready, d.hold.since) > int64(retryWindow):
		return callback.CausePHPDown
	case now-q.Ready > int64(queueTimeout):
		return callback.CausePHPBusy
	}
	return callback.CauseNone
}

// queued returns how many mailboxes wait.
func (d *dispatcher) queued() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.events.n
}

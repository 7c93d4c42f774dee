package bridge

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/jobs"
	"github.com/fpmbridge/fpmbridge/bridge/workers"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

// Booter starts resident workers; *callback.Script is one. Boot blocks until the worker has ended.
type Booter = workers.Booter

// DispatchMode is Swoole's dispatch_mode.
type DispatchMode = workers.Mode

// WorkerStats is how a resident worker is, and what it has done.
type WorkerStats = workers.Stats

// Resident says how many PHP processes of a route stay.
type Resident struct {
	Boot        Booter
	Workers     int // worker_num
	Window      int // events that a worker may have unanswered; default 512
	WindowBytes int // default 256 KiB
	Dispatch    DispatchMode
	// Timeout is how long a worker may not answer before another one takes its place; 0: for ever. Grace is what one that is told to end
	// may take beyond that: Swoole's max_wait_time. Optional.
	Timeout time.Duration
	Grace   func() time.Duration
	// Late is told once of each process that was started that long ago and has not called back. It may block. Optional.
	Late func(worker int, since time.Duration)
	// Unheard is told when one that never calls back is given up, with the ids of the processes that have: whatever else runs may be
	// ended. Optional.
	Unheard func(known []int)
}

// newResidents gives each resident route its pool.
func (b *Bridge) newResidents() {
	for _, rt := range b.routes {
		if r := rt.resident; r != nil {
			rt.pool = workers.New(workers.Options{
				Boot: r.Boot, Workers: r.Workers, Window: r.Window, WindowBytes: r.WindowBytes, Mode: r.Dispatch, Timeout: r.Timeout, Grace: r.Grace, Late: r.Late, Unheard: r.Unheard,
				Script: rt.name, Log: b.log, Now: b.now, Over: b.residentOver, Returned: func() { b.stats.EventsRetried.Add(1) },
				Carrier: func(id int) workers.Carrier { return &carrier{router{b: b}, mailbox{b: b, route: rt}, id} },
				Left:    func(id int) { rt.jobs.Settle(callback.ResidentSlot + id) }, // what it reserved and did not ask for
				Died:    func(d job.DeadWorker) { b.WorkerDied(rt.name, &d) },
				Output:  func(_ int, reply *callback.Reply) { b.logOutput(&mailbox{b: b, route: rt}, &callback.Event{}, reply) },
				Abort:   b.opts.Abort,
			})
		}
	}
}

// residents are the routes' pools.
func (b *Bridge) residents(yield func(rt *route, p *workers.Pool) bool) {
	for _, rt := range b.routes {
		if rt.pool != nil && !yield(rt, rt.pool) {
			return
		}
	}
}

func (b *Bridge) startResidents(ctx context.Context) {
	for _, p := range b.residents {
		p.Start(ctx)
	}
}

// stopResidents ends the resident workers, by force when ctx ends.
func (b *Bridge) stopResidents(ctx context.Context) {
	for _, p := range b.residents {
		p.Stop(ctx)
	}
}

// Reload replaces the resident workers of a script, one after the other: each ends in order, and the next one runs the code that is
// there then. Connections stay, and no event is lost. It returns when all are replaced or ctx has ended.
func (b *Bridge) Reload(ctx context.Context, script string) {
	for rt, p := range b.residents {
		if rt.name == script {
			p.Reload(ctx)
		}
	}
}

// ServeWorker implements callback.Residents.
func (b *Bridge) ServeWorker(ctx context.Context, hello callback.WorkerHello, ch *callback.Channel) error {
	for _, p := range b.residents {
		if ok, err := p.Serve(ctx, hello, ch); ok {
			return err //nolint:wrapcheck // it says which worker did what
		}
	}
	return errStranger
}

// WorkerDied tells a script of a process of its server that did not end in order.
func (b *Bridge) WorkerDied(script string, dead *job.DeadWorker) {
	for _, rt := range b.routes {
		if rt.name == script && rt.wants(callback.WorkerError) {
			b.postJob(rt, jobs.Event{Type: callback.WorkerError, Meta: dead.JSON()})
			return
		}
	}
}

// ServeAside carries out what a process of a script says that is no resident worker, until it has gone.
func (b *Bridge) ServeAside(script string, ch *callback.Channel) error {
	for _, rt := range b.routes {
		if rt.name != script {
			continue
		}
		c := carrier{router{b: b}, mailbox{b: b, route: rt}, -1}
		var err error
		for err == nil {
			err = ch.Read()
			for i := range ch.Items {
				if it := &ch.Items[i]; it.Kind == callback.ItemInstruction {
					c.Do(&it.Instruction)
				}
			}
			c.flush()
		}
		if errors.Is(err, callback.ErrMalformed) {
			return err //nolint:wrapcheck // it says what was wrong
		}
		return nil
	}
	return errStranger
}

// errStranger is a worker that nobody started, or that came too late.
var errStranger = errors.New("bridge: a worker that is not expected")

// carrier carries out what a process of a resident worker asks for.
type carrier struct {
	router

	box mailbox // what it does on nobody's behalf: timers, its own log lines
	id  int
}

// Do implements workers.Carrier.
func (c *carrier) Do(in *callback.Instruction) {
	if in.Kind == callback.KindTask && c.id >= 0 {
		c.box.route.jobs.Release(callback.ResidentSlot+c.id, len(in.Data))
	}
	about := callback.Event{Type: callback.EventType(in.Opcode)} // of a log line
	c.do(&c.box, &about, in, true)
}

// Flush implements workers.Carrier.
func (c *carrier) Flush() { c.flush() }

// residentOver notes the end of a resident worker's event; as dispatcher.failed.
func (b *Bridge) residentOver(worker int, box workers.Box, ev *callback.Event, res *callback.Result) {
	b.stats.Event(ev, res)
	m, ok := box.(*mailbox)
	if res.Outcome != callback.Failed || !ok {
		return
	}
	if !errors.Is(res.Err, workers.ErrLost) { // of which there is a line already
		b.log.Warn("event failed", "fd", m.fd, "event", ev.Type.String(), "event_id", ev.ID, "attempt", ev.Attempt,
			"worker", worker, "script", m.route.name, "err", callback.Why(res.Err, m.route.name))
	}
	if s := m.session; s != nil && ev.Type == callback.Open {
		s.end(ending{cause: callback.CausePHPFailed, code: closeInternal, reason: "the script failed"})
	}
}

// away is what a mailbox knows of its events that resident workers have. Guarded by the mailbox's mu, but for seat.
type away struct {
	unsent  *inbox.Event // the first event that no worker has
	n       int          // events that workers have
	parked  bool         // in a worker's queue
	claimed bool         // somebody is about to send what is unsent
	each    bool         // one at a time, since each may go to another worker
	seat    workers.Seat
}

// sendLaterLocked notes a new event for the workers, and reports whether the caller has to call ready.
func (m *mailbox) sendLaterLocked(q *inbox.Event) (ready bool) {
	a := &m.away
	if a.unsent == nil {
		a.unsent = q
	}
	a.each = m.fd != 0 && m.pool.Mode().Each()
	if a.parked || a.claimed || a.each && a.n > 0 {
		return false // whoever sends the one before it sees to it
	}
	a.claimed = true
	return true
}

// Seat implements workers.Box.
func (m *mailbox) Seat() *workers.Seat { return &m.away.seat }

// Key implements workers.Box.
func (m *mailbox) Key(mode workers.Mode) (key uint64, bound bool) {
	if m.fd == 0 {
		return uint64(m.place), true
	}
	s := m.session
	if s == nil { // of a request on another script's route
		if s = m.b.registry.Get(m.fd); s == nil {
			return m.fd, false
		}
	}
	switch mode {
	case workers.ByIP:
		return workers.AddressKey(s.conn.RemoteAddr), false
	case workers.ByUID:
		s.mu.Lock()
		uid := s.uid
		s.mu.Unlock()
		if uid != nil && uint32(*uid) != 0 {
			return uint64(uint32(*uid)), false
		}
	default:
	}
	return m.fd, false
}

// worker is the resident worker that has the mailbox; -1: none.
func (m *mailbox) worker() int {
	m.mu.Lock()
	pool := m.pool
	m.mu.Unlock()
	if pool != nil {
		if id, ok := pool.Place(m); ok {
			return id
		}
		return -1
	}
	return int(m.slot.Load()) - 1
}

// Hold implements workers.Box.
func (m *mailbox) Hold() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away.n == 0 {
		return false
	}
	m.away.claimed = false // Acked claims it again
	return true
}

// Feed implements workers.Box.
func (m *mailbox) Feed(to workers.Taker) (rest, idle bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := &m.away
	a.claimed = false
	var now time.Time
	for a.unsent != nil && (!a.each || a.n == 0) {
		if now.IsZero() {
			now = time.Now()
		}
		if !to.Take(&a.unsent.Event, now) {
			rest = true
			break
		}
		m.dispatch.Store(now.UnixNano())
		a.unsent.Sent = true
		a.unsent = a.unsent.Next()
		a.n++
	}
	if idle = m.in.Head() == nil; idle {
		m.restLocked()
	}
	return rest, idle
}

// Unsent implements workers.Box.
func (m *mailbox) Unsent() *callback.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	if q := m.away.unsent; q != nil {
		return &q.Event
	}
	return nil
}

// Park implements workers.Box.
func (m *mailbox) Park(waits bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.away.parked
	m.away.parked = waits
	return was != waits
}

// Return implements workers.Box.
func (m *mailbox) Return(ev *callback.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.in.Find(ev)
	q.Sent = false
	if q.Attempt < math.MaxUint8 {
		q.Attempt++
	}
	m.away.unsent = q
	m.away.n--
}

// Acked implements workers.Box.
func (m *mailbox) Acked(ev *callback.Event, res *callback.Result) (ready, idle bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.in.Find(ev)
	if done := q.Done; done != nil {
		q.Done = nil
		m.mu.Unlock()
		done(res)
		m.mu.Lock()
	}
	a := &m.away
	a.n--
	q.Acked = true
	if s := m.session; s != nil && s.opened == openWaiting {
		s.opened = openHanded
	}
	// With coroutines a later event may end first; it leaves in its turn.
	for m.in.Head() != nil && m.in.Head().Acked {
		m.in.Pop().Free()
	}
	if m.in.Head() == nil {
		m.restLocked()
		return false, true
	}
	if a.n == 0 && a.unsent != nil && !a.parked && !a.claimed && m.pool.Mode().Moves() {
		a.claimed, ready = true, true
	}
	return ready, false
}

// Settle implements workers.Box.
func (m *mailbox) Settle() { m.settle() }

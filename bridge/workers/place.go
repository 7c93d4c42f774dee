package workers

// Mode says which worker gets an event. The numbers are those of Swoole's dispatch_mode.
type Mode uint8

// The modes.
const (
	RoundRobin Mode = 1  // each event the next worker
	ByFD       Mode = 2  // a connection's number; 0 is this, too
	Idle       Mode = 3  // each event a worker without work
	ByIP       Mode = 4  // the client's address
	ByUID      Mode = 5  // what the script bound the connection to, and its number before that
	Stream     Mode = 7  // as Idle
	Lightest   Mode = 8  // a connection's first event the worker with the least work, which keeps it
	PerRequest Mode = 9  // each event the worker with the least work
	Concurrent Mode = 10 // as PerRequest
)

// Each reports whether each event of a connection may go to another worker. Then the next one waits for the end of the one before it,
// since the order of a connection holds in every mode.
func (m Mode) Each() bool {
	switch m {
	case RoundRobin, Idle, Stream, PerRequest, Concurrent:
		return true
	case ByFD, ByIP, ByUID, Lightest:
	}
	return false
}

// Moves reports whether a box may change its worker while a worker has events of it.
func (m Mode) Moves() bool { return m == ByUID || m.Each() }

// Place is the worker that got a box's events last; false: it is not known.
func (p *Pool) Place(b Box) (worker int, ok bool) {
	if key, bound := b.Key(p.o.Mode); bound || p.o.Mode == ByFD || p.o.Mode == ByIP {
		return int(key % uint64(len(p.workers))), true
	}
	if w := b.Seat().at.Load(); w != nil && w.pool == p {
		return w.id, true
	}
	return 0, false
}

// place returns the worker for the next event of a box, nil if that has to wait for the ends of those that another one has.
func (p *Pool) place(b Box) *worker {
	key, bound := b.Key(p.o.Mode)
	w := p.workers[key%uint64(len(p.workers))]
	if bound || p.o.Mode == ByFD || p.o.Mode == ByIP {
		return w
	}
	seat := b.Seat()
	at := seat.at.Load()
	if at != nil && at.pool != p {
		at = nil // the connection went to another script
	}
	switch p.o.Mode {
	case RoundRobin:
		w = p.next((*worker).present)
	case Idle, Stream:
		if w = p.next(func(w *worker) bool { return w.load() == 0 }); w.load() != 0 {
			w = p.lightest()
		}
	case PerRequest, Concurrent:
		w = p.lightest()
	case Lightest:
		if at != nil {
			return at
		}
		w = p.lightest()
	case ByUID:
		if at != nil && at != w && b.Hold() {
			return nil
		}
	case ByFD, ByIP:
	}
	if at != w {
		seat.at.Store(w)
	}
	return w
}

// next goes round, from where the last call ended, to the first worker that will do; if none does, it is the one whose turn it is.
func (p *Pool) next(will func(w *worker) bool) *worker {
	n := uint64(len(p.workers))
	first := p.round.Add(1) - 1
	for i := range n {
		if w := p.workers[(first+i)%n]; will(w) {
			p.round.Add(i)
			return w
		}
	}
	return p.workers[first%n]
}

// lightest is the worker with the fewest events.
func (p *Pool) lightest() *worker {
	best, least := p.workers[0], absent+1
	for _, w := range p.workers {
		if load := w.load(); load < least {
			best, least = w, load
		}
	}
	return best
}

const (
	// absent is the load of a place without a process.
	absent = 1 << 30
	// stuckLoad is added to that of a worker that has not answered for stuckAfter.
	stuckLoad  = 1 << 20
	stuckAfter = int64(1e9)
)

// load is how many events a worker has, or what stands for that.
func (w *worker) load() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ch == nil || w.stopping {
		return absent
	}
	n := len(w.sent) - w.first + w.parked
	if n > 0 && w.pool.o.Now()-w.heard > stuckAfter {
		n += stuckLoad
	}
	return n
}

// present reports whether events can be sent to it.
func (w *worker) present() bool { return w.load() < absent }

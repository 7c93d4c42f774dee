package workers

import (
	"slices"
	"sync"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// entry is an event of a box, and what became of it.
type entry struct {
	callback.Event
	sent, acked bool
	index       int // in its box

	// the world's
	began    int   // how often a process has begun it
	life     *life // that began it last
	ended    bool  // by that process
	returned int
}

// box is a Box that keeps its events, as the bridge's mailboxes do theirs.
type box struct {
	world *world
	fd    uint64
	ip    uint64
	seat  Seat

	mu      sync.Mutex
	uid     uint64
	all     []*entry
	head    int // the first that is not acked
	unsent  int // the first that is not sent
	n       int // that workers have
	worker  int // that has them
	parked  bool
	claimed bool
	settled int
}

// post appends an event.
func (b *box) post(e *entry) {
	b.mu.Lock()
	e.index = len(b.all)
	b.all = append(b.all, e)
	send := !b.parked && !b.claimed && (b.n == 0 || !b.world.pool.Mode().Each())
	b.claimed = b.claimed || send
	b.mu.Unlock()
	if send {
		b.world.pool.Ready(b)
	}
}

func (b *box) Key(m Mode) (key uint64, bound bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case m == ByIP:
		return b.ip, false
	case m == ByUID && b.uid != 0:
		return b.uid, false
	}
	return b.fd, false
}

func (b *box) Seat() *Seat { return &b.seat }

func (b *box) Hold() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.n == 0 {
		return false
	}
	b.claimed = false
	return true
}

func (b *box) Feed(to Taker) (rest, idle bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.claimed = false
	for b.unsent < len(b.all) && (!b.world.pool.Mode().Each() || b.n == 0) {
		e := b.all[b.unsent]
		if !to.Take(&e.Event, time.Now()) {
			rest = true
			break
		}
		w := to.(*worker) //nolint:forcetypeassert // there is no other
		b.world.took(b, w)
		e.sent = true
		b.worker = w.id
		b.unsent++
		b.n++
	}
	return rest, b.head == len(b.all)
}

func (b *box) Unsent() *callback.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.unsent == len(b.all) {
		return nil
	}
	return &b.all[b.unsent].Event
}

func (b *box) Return(ev *callback.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.find(ev)
	if b.unsent != e.index+1 {
		b.world.t.Errorf("fd %d: event %d is returned behind %d", b.fd, e.index, b.unsent)
	}
	e.sent = false
	e.Attempt++
	e.returned++
	b.unsent = e.index
	b.n--
}

func (b *box) Acked(ev *callback.Event, res *callback.Result) (ready, idle bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.find(ev)
	if e.acked || !e.sent {
		b.world.t.Errorf("fd %d: event %d is acked without need", b.fd, e.index)
	}
	b.world.over(b, e, res)
	b.n--
	e.acked = true
	for b.head < len(b.all) && b.all[b.head].acked {
		b.head++
	}
	if b.head == len(b.all) {
		return false, true
	}
	if b.n == 0 && b.unsent < len(b.all) && !b.parked && !b.claimed && b.world.pool.Mode().Moves() {
		b.claimed, ready = true, true
	}
	return ready, false
}

func (b *box) find(ev *callback.Event) *entry {
	return b.all[slices.IndexFunc(b.all, func(e *entry) bool { return &e.Event == ev })]
}

func (b *box) Park(waits bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.parked
	b.parked = waits
	return was != waits
}

func (b *box) Settle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settled++
}

// done reports whether all events have had their end.
func (b *box) done() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.head == len(b.all)
}

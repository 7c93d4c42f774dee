package outbox

import "sync"

// marks tell somebody when an outbox has got full, and when it is empty enough again.
type marks struct {
	high, low int
	crossed   func(full bool)

	mu   sync.Mutex // held over crossed, so that what is told is in order
	full bool       // as it was told last
}

// Watch has crossed called when at least high bytes wait, and then when at most low of them are left, in turn. It comes after Init. crossed is called
// by whoever adds and by the flusher, without the outbox's lock; it must not block and must not call the outbox.
func (o *Outbox) Watch(high, low int, crossed func(full bool)) {
	o.marks = &marks{high: high, low: low, crossed: crossed}
}

// tell looks whether a mark was crossed. Callers hold no lock.
func (o *Outbox) tell() {
	m := o.marks
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	o.mu.Lock()
	queued, dead := o.queued, o.dead
	o.mu.Unlock()
	if dead || (m.full && queued > m.low) || (!m.full && queued < m.high) {
		return
	}
	m.full = !m.full
	m.crossed(m.full)
}

package fcgi

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// pool counts slots and keeps idle connections. The two are apart: a slot is the right to have a
// request under way, so a connection that dies costs no slot, and who waits for room gets it at
// once. There are never more connections than slots, since only the owner of a slot whose pool has
// no idle connection dials.
//
// A static number of slots below the pool's max_children is what keeps PHP reachable for others:
// php-fpm gives a kept connection a child of its own, idle or not.
type pool struct {
	// set at construction
	idleTimeout time.Duration // not positive: nothing is kept
	sweepEvery  time.Duration

	reuses, retries atomic.Uint64

	mu       sync.Mutex
	closed   bool
	free     int
	conns    []*conn // all that are open; conn.index is the place in it
	idle     []*conn // the longest idle first; the last is used next
	first    *waiter // the queue for slots
	last     *waiter
	spare    *waiter // waiters to use again, linked by next
	sweeper  *time.Timer
	sweeping bool
	sweeps   sync.WaitGroup // one while the sweeper is armed or runs
	stats    Stats
}

// waiter is somebody in the queue. A slot is handed over with the connection that became free, so
// nobody can come between.
type waiter struct {
	next, prev *waiter
	ready      chan struct{} // one token, sent after conn and granted were set under mu
	conn       *conn
	granted    bool
}

// maxSweepPause bounds how long a child that php-fpm wants to recycle stays around only because we
// hold its connection: it waits for our close.
const maxSweepPause = 250 * time.Millisecond

func (p *pool) init(slots int, idleTimeout time.Duration) {
	p.free = slots
	p.idleTimeout = idleTimeout
	p.sweepEvery = min(idleTimeout/4, maxSweepPause)
}

// acquire takes a slot, waiting for it in line until ctx ends. The connection that comes with it
// may be nil: none is idle.
func (p *pool) acquire(ctx context.Context) (*conn, *Error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, &Error{Kind: ErrClosed}
	}
	if p.free > 0 {
		p.free--
		c := p.popIdle()
		p.stats.InFlight++
		p.mu.Unlock()
		return c, nil
	}
	if err := ctx.Err(); err != nil {
		p.mu.Unlock()
		return nil, &Error{Kind: ErrNoSlot, Cause: err}
	}
	w := p.enqueue()
	p.mu.Unlock()

	select {
	case <-w.ready:
	case <-ctx.Done():
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	granted, c := w.granted, w.conn
	if granted {
		// The token may still be there when ctx ended at the same time; the slot wins, and the
		// exchange sees the context itself.
		select {
		case <-w.ready:
		default:
		}
	} else if !p.closed {
		p.dequeue(w)
	}
	w.granted, w.conn, w.prev = false, nil, nil
	if p.closed {
		// Nobody hands out anything any more, and Close has closed the connection.
		if granted {
			p.stats.InFlight--
		}
		return nil, &Error{Kind: ErrClosed}
	}
	w.next, p.spare = p.spare, w
	if !granted {
		return nil, &Error{Kind: ErrNoSlot, Cause: ctx.Err()}
	}
	return c, nil
}

// release gives a slot back, with its connection if that can be used again.
func (p *pool) release(c *conn) {
	p.mu.Lock()
	if c != nil && (p.closed || p.idleTimeout <= 0) {
		p.mu.Unlock()
		p.discard(c)
		p.mu.Lock()
		c = nil
	}
	w := p.first
	switch {
	case w != nil && !p.closed:
		p.dequeue(w)
		w.conn, w.granted = c, true
		w.ready <- struct{}{}
	default:
		p.free++
		p.stats.InFlight--
		if c != nil {
			p.pushIdle(c)
		}
	}
	p.mu.Unlock()
}

// takeIdle is for the owner of a slot whose connection turned out dead.
func (p *pool) takeIdle() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.popIdle()
}

// register makes a new connection known, or says that the client is closed.
func (p *pool) register(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.stats.Dials++
	c.index = len(p.conns)
	p.conns = append(p.conns, c)
	return true
}

// discard closes a connection that is not in the idle list.
func (p *pool) discard(c *conn) {
	p.mu.Lock()
	p.forget(c)
	p.mu.Unlock()
	c.close()
}

// close refuses everything from now on, and ends what is under way by closing its connection.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	conns := p.conns
	p.conns, p.idle = nil, nil
	for w := p.first; w != nil; w = w.next {
		w.ready <- struct{}{}
	}
	p.first, p.last = nil, nil
	p.stats.Waiting = 0
	if p.sweeping && p.sweeper.Stop() {
		p.sweeping = false
		p.sweeps.Done()
	}
	p.mu.Unlock()
	for _, c := range conns {
		c.close()
	}
	p.sweeps.Wait()
}

func (p *pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

func (p *pool) snapshot() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Idle = len(p.idle)
	s.Reuses, s.Retries = p.reuses.Load(), p.retries.Load()
	return s
}

// sweep closes what was idle for too long or is dead. It runs in the timer's goroutine, and only
// while something is idle.
func (p *pool) sweep() {
	var dead []*conn
	p.mu.Lock()
	oldest := time.Now().Add(-p.idleTimeout)
	kept := p.idle[:0]
	for _, c := range p.idle {
		// A look at the socket is one system call that never waits. It is made under mu so that
		// nobody finds the list empty meanwhile and dials one too many.
		if c.idleSince.After(oldest) && c.quiet() {
			kept = append(kept, c)
			continue
		}
		dead = append(dead, c)
		p.forget(c)
	}
	clear(p.idle[len(kept):])
	p.idle = kept
	if len(kept) > 0 && !p.closed {
		p.sweeper.Reset(p.sweepEvery)
	} else {
		p.sweeping = false
		defer p.sweeps.Done()
	}
	p.mu.Unlock()
	for _, c := range dead {
		c.close()
	}
}

// The rest is called with mu held.

func (p *pool) pushIdle(c *conn) {
	c.idleSince = time.Now()
	p.idle = append(p.idle, c)
	if p.sweeping {
		return
	}
	p.sweeping = true
	p.sweeps.Add(1)
	if p.sweeper == nil {
		p.sweeper = time.AfterFunc(p.sweepEvery, p.sweep)
	} else {
		p.sweeper.Reset(p.sweepEvery)
	}
}

func (p *pool) popIdle() *conn {
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	c := p.idle[n-1]
	p.idle[n-1] = nil
	p.idle = p.idle[:n-1]
	return c
}

func (p *pool) forget(c *conn) {
	if c.index < 0 || p.conns == nil {
		return
	}
	last := len(p.conns) - 1
	moved := p.conns[last]
	p.conns[c.index] = moved
	moved.index = c.index
	p.conns[last] = nil
	p.conns = p.conns[:last]
	c.index = -1
}

func (p *pool) enqueue() *waiter {
	w := p.spare
	if w == nil {
		w = &waiter{ready: make(chan struct{}, 1)}
	} else {
		p.spare = w.next
	}
	w.next, w.prev = nil, p.last
	if p.last == nil {
		p.first = w
	} else {
		p.last.next = w
	}
	p.last = w
	p.stats.Waiting++
	return w
}

func (p *pool) dequeue(w *waiter) {
	if w.prev == nil {
		p.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		p.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.next, w.prev = nil, nil
	p.stats.Waiting--
}

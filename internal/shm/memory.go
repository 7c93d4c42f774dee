package shm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	defaultLimit   = 256 << 20
	defaultMaxWait = 30 * time.Second
	// A table in an old layout is kept for scripts that still run the old code, until none asked for this long, in
	// seconds.
	oldLayout = 60
	maxMicros = int64(24 * time.Hour / time.Microsecond)
)

// Options configures a [Memory]. The zero value is the default.
type Options struct {
	Limit   int64         // bytes of all objects; 0: 256 MiB
	MaxWait time.Duration // the longest wait for a lock or a wakeup, also of those that would wait for ever; 0: 30 s
	Log     *slog.Logger  // may be nil
}

// Memory holds the objects that PHP runs share.
type Memory struct {
	// set at construction
	opts Options

	bytes atomic.Int64

	mu       sync.RWMutex
	tables   map[uint64]*tables
	counters map[uint64]*counter
	locks    map[uint64]*lock

	// Taken with a lock's mu held, never the other way round.
	heldMu sync.Mutex
	held   map[uint64]map[*lock]struct{}
}

// tables is a table, and the one it replaced when a deploy changed its definition.
type tables struct {
	current, previous *table
}

// Stats says what a Memory holds.
type Stats struct {
	Tables, Rows, Atomics, Locks int
	LocksHeld                    int   // locks times holders
	Bytes, Limit                 int64 // counted against the limit
}

// New makes a Memory.
func New(o Options) (*Memory, error) {
	if o.Limit < 0 || o.MaxWait < 0 {
		return nil, fmt.Errorf("shm: limit %d, longest wait %v: want 0 or more", o.Limit, o.MaxWait)
	}
	if o.Limit == 0 {
		o.Limit = defaultLimit
	}
	if o.MaxWait == 0 {
		o.MaxWait = defaultMaxWait
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Memory{
		opts: o, tables: make(map[uint64]*tables), counters: make(map[uint64]*counter), locks: make(map[uint64]*lock),
		held: make(map[uint64]map[*lock]struct{}),
	}, nil
}

// Do carries out one operation and appends the reply's payload to dst. It does not block.
func (m *Memory) Do(q Query, dst []byte) (Reply, []byte) {
	switch q.Kind {
	case KindTable:
		if q.Op == opDefine {
			return m.define(&q), dst
		}
		t := m.table(q.Key, q.Code)
		if t == nil {
			return Reply{Code: CodeUndefined}, dst
		}
		return t.do(q.Op, q.Payload, dst)
	case KindAtomic:
		args, err := parseAtomic(&q)
		if err != nil {
			return malformed(err), dst
		}
		c, reply := m.counter(&q, args)
		if c == nil {
			return reply, dst
		}
		return c.do(q.Op, args), dst
	case KindLock:
		timeout, err := parseLock(&q)
		switch {
		case err != nil:
			return malformed(err), dst
		case q.Op == lockRelease:
			m.Leave(q.Owner)
			return Reply{}, dst
		}
		l, reply := m.lock(&q)
		if l == nil {
			return reply, dst
		}
		return l.do(q.Op, q.Owner, timeout), dst
	}
	return malformed(fmt.Errorf("unknown kind %d", q.Kind)), dst
}

// Wait carries out an operation that Do could not without waiting. It blocks until the operation is done, its timeout
// is over, or ctx ends; then nobody holds anything by it.
func (m *Memory) Wait(ctx context.Context, q Query) Reply {
	parent := ctx
	var reply Reply
	switch q.Kind {
	case KindAtomic:
		args, err := parseAtomic(&q)
		if err != nil || q.Op != atomicWait {
			return malformed(errors.Join(err, errors.New("nothing to wait for")))
		}
		c, refused := m.counter(&q, args)
		if c == nil {
			return refused
		}
		ctx, cancel := context.WithTimeout(ctx, m.patience(int64(args.a)))
		defer cancel()
		return c.wait(ctx, args)
	case KindLock:
		timeout, err := parseLock(&q)
		if err != nil || q.Op != lockExclusive && q.Op != lockShared {
			return malformed(errors.Join(err, errors.New("nothing to wait for")))
		}
		l, refused := m.lock(&q)
		if l == nil {
			return refused
		}
		ctx, cancel := context.WithTimeout(ctx, m.patience(timeout))
		defer cancel()
		if reply = l.wait(ctx, q.Op, q.Owner); reply.Code == CodeOK && parent.Err() != nil {
			// It was granted to somebody who does not hear of it.
			l.do(lockUnlock, q.Owner, 0)
			return Reply{Code: CodeTimeout}
		}
		return reply
	}
	return malformed(fmt.Errorf("kind %d does not wait", q.Kind))
}

// patience is how long a wait lasts that asks for so many microseconds.
func (m *Memory) patience(micros int64) time.Duration {
	if micros < 0 || micros > maxMicros {
		return m.opts.MaxWait
	}
	return min(time.Duration(micros)*time.Microsecond, m.opts.MaxWait)
}

// Leave releases all locks that an owner holds. The owner must not be inside Do or Wait.
func (m *Memory) Leave(owner uint64) {
	m.heldMu.Lock()
	locks := m.held[owner]
	delete(m.held, owner)
	m.heldMu.Unlock()
	for l := range locks {
		l.leave(owner)
	}
}

// Stats counts.
func (m *Memory) Stats() Stats {
	m.mu.RLock()
	s := Stats{Tables: len(m.tables), Atomics: len(m.counters), Locks: len(m.locks), Bytes: m.bytes.Load(), Limit: m.opts.Limit}
	var all []*table
	for _, t := range m.tables {
		all = append(all, t.current)
	}
	m.mu.RUnlock()
	for _, t := range all {
		t.mu.Lock()
		s.Rows += len(t.index)
		t.mu.Unlock()
	}
	m.heldMu.Lock()
	defer m.heldMu.Unlock()
	for _, locks := range m.held {
		s.LocksHeld += len(locks)
	}
	return s
}

// table finds a table in the layout that the query knows, or nil.
func (m *Memory) table(key uint64, hash uint32) *table {
	m.mu.RLock()
	all := m.tables[key]
	var current, previous *table
	if all != nil {
		current, previous = all.current, all.previous
	}
	m.mu.RUnlock()
	switch {
	case current == nil:
		return nil
	case previous == nil:
		if current.layout.hash != hash {
			return nil
		}
		return current
	}
	now := time.Now().Unix()
	switch hash {
	case current.layout.hash:
		if now-previous.used.Load() > oldLayout {
			m.mu.Lock()
			drop := all.previous == previous
			if drop {
				all.previous = nil
			}
			m.mu.Unlock()
			if drop {
				previous.drop()
			}
		}
		return current
	case previous.layout.hash:
		previous.used.Store(now)
		return previous
	}
	return nil
}

// define makes a table: N length of the definition, the definition, rows. One that is there stays as it is. Value is 1
// if it was made.
func (m *Memory) define(q *Query) Reply {
	r := reader{b: q.Payload}
	def := r.take(uint64(r.u32()))
	if r.err != nil {
		return malformed(r.err)
	}
	l, err := parseLayout(def)
	switch {
	case err != nil:
		return malformed(err)
	case l.hash != q.Code:
		return malformed(fmt.Errorf("definition %08x has the hash %08x", q.Code, l.hash))
	}
	if m.table(q.Key, l.hash) != nil {
		return Reply{}
	}
	if !m.reserve(tableCost) {
		return Reply{Code: CodeFull, Value: fullLimit, Error: m.limitText()}
	}
	t := newTable(m, l)
	if err := t.seed(&r); err != nil {
		t.drop()
		if r.err != nil {
			return malformed(err)
		}
		return Reply{Code: CodeFull, Value: fullLimit, Error: err.Error()}
	}
	t.used.Store(time.Now().Unix())

	m.mu.Lock()
	all := m.tables[q.Key]
	if all == nil {
		all = &tables{}
		m.tables[q.Key] = all
	}
	if all.current != nil && all.current.layout.hash == l.hash || all.previous != nil && all.previous.layout.hash == l.hash {
		m.mu.Unlock()
		t.drop() // somebody was faster
		return Reply{}
	}
	gone := all.previous
	all.previous, all.current = all.current, t
	replaced := all.previous
	if replaced != nil {
		replaced.used.Store(time.Now().Unix())
	}
	m.mu.Unlock()
	if gone != nil {
		gone.drop()
	}
	if replaced != nil {
		m.opts.Log.Warn("a table's definition changed: it starts anew, without the old rows", "rows", replaced.count(),
			"old_size", replaced.layout.size, "new_size", l.size, "old_columns", len(replaced.layout.columns), "new_columns", len(l.columns))
	}
	if full := l.rowSize() * int64(l.capacity()); full > m.opts.Limit {
		m.opts.Log.Warn("a table can get larger than all shared memory may: set() will fail before it is full", "rows", l.capacity(),
			"bytes", full, "limit", m.opts.Limit)
	}
	return Reply{Value: 1}
}

func (t *table) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.index)
}

// counter finds an atomic, or makes it with the value that the query says.
func (m *Memory) counter(q *Query, args atomicArgs) (*counter, Reply) {
	m.mu.RLock()
	c := m.counters[q.Key]
	m.mu.RUnlock()
	mask := uint64(1)<<(q.Code-1)<<1 - 1
	if c == nil && q.Op == atomicPeek {
		return nil, Reply{Code: CodeNotFound}
	}
	if c == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		if c = m.counters[q.Key]; c == nil {
			if !m.reserve(smallCost) {
				return nil, Reply{Code: CodeFull, Value: fullLimit, Error: m.limitText()}
			}
			c = &counter{mask: mask, value: args.initial & mask}
			m.counters[q.Key] = c
		}
	}
	if c.mask != mask {
		return nil, malformed(fmt.Errorf("the atomic has not %d bits", q.Code))
	}
	return c, Reply{}
}

// lock finds a lock, or makes it.
func (m *Memory) lock(q *Query) (*lock, Reply) {
	m.mu.RLock()
	l := m.locks[q.Key]
	m.mu.RUnlock()
	if l == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		if l = m.locks[q.Key]; l == nil {
			if !m.reserve(smallCost) {
				return nil, Reply{Code: CodeFull, Value: fullLimit, Error: m.limitText()}
			}
			l = &lock{memory: m, rw: q.Code == typeRWLock}
			m.locks[q.Key] = l
		}
	}
	if l.rw != (q.Code == typeRWLock) {
		return nil, malformed(fmt.Errorf("the lock is not of type %d", q.Code))
	}
	return l, Reply{}
}

func (m *Memory) hold(owner uint64, l *lock) {
	m.heldMu.Lock()
	defer m.heldMu.Unlock()
	locks := m.held[owner]
	if locks == nil {
		locks = make(map[*lock]struct{})
		m.held[owner] = locks
	}
	locks[l] = struct{}{}
}

func (m *Memory) unhold(owner uint64, l *lock) {
	m.heldMu.Lock()
	defer m.heldMu.Unlock()
	if locks := m.held[owner]; locks != nil {
		if delete(locks, l); len(locks) == 0 {
			delete(m.held, owner)
		}
	}
}

// reserve counts bytes if the limit lets it.
func (m *Memory) reserve(n int64) bool {
	if m.bytes.Add(n) > m.opts.Limit {
		m.bytes.Add(-n)
		return false
	}
	return true
}

func (m *Memory) release(n int64) { m.bytes.Add(-n) }

func (m *Memory) limitText() string {
	return fmt.Sprintf("the limit of all shared memory is reached (shared_memory.limit: %d bytes)", m.opts.Limit)
}

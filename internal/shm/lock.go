package shm

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// The operations on locks.
const (
	lockExclusive = 1
	lockShared    = 2
	lockUnlock    = 3
	lockRelease   = 4 // all that the owner holds; key and code are 0
	lockDestroy   = 5
)

// The types of locks, as Swoole numbers them.
const (
	typeRWLock   = 1
	typeMutex    = 3
	typeSpinlock = 5
)

// lock is a mutex, or a lock for readers and writers. It belongs to owners, not to goroutines.
type lock struct {
	memory *Memory
	rw     bool

	mu        sync.Mutex
	destroyed bool
	writer    uint64            // 0: nobody
	readers   map[uint64]uint64 // owner => how often
	waiters   []*waiter         // first come first
}

// parseLock returns the timeout: J microseconds, 0 does not wait, below 0 waits for as long as waits may last.
func parseLock(q *Query) (timeout int64, err error) {
	r := reader{b: q.Payload}
	switch q.Op {
	case opDefine, lockUnlock, lockDestroy, lockRelease:
	case lockExclusive, lockShared:
		timeout = int64(r.u64())
	default:
		return 0, fmt.Errorf("unknown operation %d on a lock", q.Op)
	}
	if c := q.Code; q.Op != lockRelease && c != typeRWLock && c != typeMutex && c != typeSpinlock {
		return 0, fmt.Errorf("a lock of type %d", c)
	}
	return timeout, r.end()
}

func (l *lock) do(op uint8, owner uint64, timeout int64) Reply {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.destroyed:
		return Reply{Code: CodeGone}
	case op == lockDestroy:
		l.destroy()
	case op == lockUnlock:
		if !l.unlock(owner) {
			return Reply{Code: CodeNotHolder}
		}
	case op == lockExclusive || op == lockShared:
		shared := op == lockShared && l.rw
		switch {
		case l.acquire(owner, shared):
		case timeout == 0:
			return Reply{Code: CodeLocked}
		case timeout < 0 && (l.writer == owner || l.readers[owner] > 0):
			// pthread's locks hang here, or say EDEADLK.
			return Reply{Code: CodeConflict}
		default:
			return Reply{Wait: true}
		}
	}
	return Reply{}
}

// acquire takes the lock if nobody is in the way. Readers come in beside readers even when a writer waits, as in glibc:
// else a reader that takes it twice would wait for itself.
func (l *lock) acquire(owner uint64, shared bool) bool {
	if l.writer != 0 || !shared && len(l.readers) > 0 {
		return false
	}
	if shared {
		if l.readers == nil {
			l.readers = make(map[uint64]uint64)
		}
		l.readers[owner]++
	} else {
		l.writer = owner
	}
	l.memory.hold(owner, l)
	return true
}

func (l *lock) unlock(owner uint64) bool {
	switch {
	case l.writer == owner:
		l.writer = 0
	case l.readers[owner] > 1:
		l.readers[owner]--
		return true
	case l.readers[owner] == 1:
		delete(l.readers, owner)
	default:
		return false
	}
	l.memory.unhold(owner, l)
	l.grant()
	return true
}

// leave takes away what a client holds that is gone.
func (l *lock) leave(owner uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writer == owner {
		l.writer = 0
	}
	delete(l.readers, owner)
	l.grant()
}

// grant lets those in whose turn it is.
func (l *lock) grant() {
	for len(l.waiters) > 0 {
		w := l.waiters[0]
		if !l.acquire(w.owner, w.shared) {
			return
		}
		l.waiters = slices.Delete(l.waiters, 0, 1)
		close(w.granted)
	}
}

func (l *lock) destroy() {
	l.destroyed = true
	if l.writer != 0 {
		l.memory.unhold(l.writer, l)
	}
	for owner := range l.readers {
		l.memory.unhold(owner, l)
	}
	l.writer, l.readers = 0, nil
	for _, w := range l.waiters {
		close(w.granted)
	}
	l.waiters = nil
}

// wait waits for the lock until ctx ends.
func (l *lock) wait(ctx context.Context, op uint8, owner uint64) Reply {
	w := &waiter{granted: make(chan struct{}), owner: owner, shared: op == lockShared && l.rw}
	l.mu.Lock()
	switch {
	case l.destroyed:
		l.mu.Unlock()
		return Reply{Code: CodeGone}
	case l.acquire(owner, w.shared):
		l.mu.Unlock()
		return Reply{}
	}
	l.waiters = append(l.waiters, w)
	l.mu.Unlock()
	select {
	case <-w.granted:
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.waiters, w); i >= 0 {
		l.waiters = slices.Delete(l.waiters, i, i+1)
		l.grant() // it may have stood in front of readers
		return Reply{Code: CodeTimeout}
	}
	if l.destroyed {
		return Reply{Code: CodeGone}
	}
	return Reply{}
}

package shm_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/shm"
)

func locking(m *shm.Memory, owner uint64, typ uint32, op uint8, micros ...int64) shm.Reply {
	q := shm.Query{Owner: owner, Kind: shm.KindLock, Op: op, Key: uint64(typ), Code: typ, Payload: u64(micros...)}
	if op == release {
		q.Key, q.Code = 0, 0
	}
	r, _ := m.Do(q, nil)
	if r.Wait {
		r = m.Wait(context.Background(), q)
	}
	return r
}

func TestLocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, shm.Options{MaxWait: time.Minute})
		want := func(code uint32, took time.Duration, owner uint64, typ uint32, op uint8, micros ...int64) {
			t.Helper()
			start := time.Now()
			if r := locking(m, owner, typ, op, micros...); r.Code != code || time.Since(start) != took {
				t.Errorf("%+v after %v, want %d after %v", r, time.Since(start), code, took)
			}
		}
		want(0, 0, 1, mutex, exclusive, -1)
		want(shm.CodeLocked, 0, 2, mutex, exclusive, 0)
		want(shm.CodeLocked, 0, 2, mutex, sharedLock, 0) // a mutex has no readers
		want(shm.CodeTimeout, 2*time.Second, 2, mutex, exclusive, 2e6)
		want(shm.CodeTimeout, time.Minute, 2, mutex, exclusive, -1)
		want(shm.CodeNotHolder, 0, 2, mutex, unlock)
		want(shm.CodeConflict, 0, 1, mutex, exclusive, -1) // would wait for itself
		want(shm.CodeTimeout, time.Second, 1, mutex, exclusive, 1e6)
		want(0, 0, 1, mutex, unlock)
		want(shm.CodeNotHolder, 0, 1, mutex, unlock)

		want(0, 0, 1, rwlock, sharedLock, -1)
		want(0, 0, 1, rwlock, sharedLock, -1)
		want(0, 0, 2, rwlock, sharedLock, 0)
		want(shm.CodeLocked, 0, 3, rwlock, exclusive, 0)
		want(0, 0, 1, rwlock, unlock)
		want(0, 0, 1, rwlock, unlock)
		want(shm.CodeNotHolder, 0, 1, rwlock, unlock)
		go func() {
			time.Sleep(time.Second)
			locking(m, 2, rwlock, unlock)
		}()
		want(0, time.Second, 3, rwlock, exclusive, -1)
		want(shm.CodeLocked, 0, 1, rwlock, sharedLock, 0)
		if s := m.Stats(); s.Locks != 2 || s.LocksHeld != 1 {
			t.Errorf("%+v", s)
		}
		want(shm.CodeMalformed, 0, 1, 4, exclusive, 0)
		want(shm.CodeMalformed, 0, 1, mutex, exclusive)
		want(shm.CodeMalformed, 0, 1, mutex, 99)
	})
}

// A client that is gone, or whose run ended, gives back all it held; the next in line goes on.
func TestLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, leave := range []func(m *shm.Memory){
			func(m *shm.Memory) { m.Leave(1) },
			func(m *shm.Memory) { locking(m, 1, 0, release) },
		} {
			m := memory(t, shm.Options{})
			locking(m, 1, mutex, exclusive, 0)
			locking(m, 1, rwlock, sharedLock, 0)
			locking(m, 1, rwlock, sharedLock, 0)
			got := make(chan shm.Reply, 2)
			go func() { got <- locking(m, 2, mutex, exclusive, -1) }()
			go func() { got <- locking(m, 2, rwlock, exclusive, -1) }()
			synctest.Wait()
			leave(m)
			for range 2 {
				if r := <-got; r.Code != 0 {
					t.Errorf("%+v", r)
				}
			}
			if s := m.Stats(); s.LocksHeld != 2 {
				t.Errorf("%+v", s)
			}
			m.Leave(2)
			m.Leave(3)
			if s := m.Stats(); s.LocksHeld != 0 {
				t.Errorf("%+v", s)
			}
		}
	})
}

// Whoever dies while it waits gets nothing, and those behind it do.
func TestAWaiterThatDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, shm.Options{MaxWait: time.Hour})
		locking(m, 1, rwlock, sharedLock, 0)
		ctx, cancel := context.WithCancel(t.Context())
		dead := make(chan shm.Reply)
		go func() {
			dead <- m.Wait(ctx, shm.Query{Owner: 2, Kind: shm.KindLock, Op: exclusive, Key: rwlock, Code: rwlock, Payload: u64(-1)})
		}()
		synctest.Wait()
		cancel()
		if r := <-dead; r.Code != shm.CodeTimeout {
			t.Errorf("%+v", r)
		}
		m.Leave(1)
		if r := locking(m, 3, rwlock, exclusive, 0); r.Code != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestADestroyedLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, shm.Options{})
		locking(m, 1, mutex, exclusive, 0)
		got := make(chan shm.Reply)
		go func() { got <- locking(m, 2, mutex, exclusive, -1) }()
		synctest.Wait()
		if r := locking(m, 3, mutex, destroyLock); r.Code != 0 {
			t.Errorf("%+v", r)
		}
		if r := <-got; r.Code != shm.CodeGone {
			t.Errorf("%+v", r)
		}
		if r := locking(m, 1, mutex, unlock); r.Code != shm.CodeGone {
			t.Errorf("%+v", r)
		}
		if s := m.Stats(); s.LocksHeld != 0 {
			t.Errorf("%+v", s)
		}
	})
}

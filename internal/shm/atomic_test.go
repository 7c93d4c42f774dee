package shm_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/shm"
)

func atomically(m *shm.Memory, bits uint32, op uint8, operands ...int64) shm.Reply {
	r, _ := m.Do(shm.Query{Kind: shm.KindAtomic, Op: op, Key: uint64(bits), Code: bits, Payload: u64(append([]int64{7}, operands...)...)}, nil)
	return r
}

func TestAtomics(t *testing.T) {
	m := memory(t, shm.Options{})
	for _, step := range []struct {
		name     string
		bits     uint32
		op       uint8
		operands []int64
		want     int64
		code     uint32
	}{
		{"peek makes nothing", 32, peek, nil, 0, shm.CodeNotFound},
		{"the first value is the query's", 32, get, nil, 7, 0},
		{"add", 32, add, []int64{3}, 10, 0},
		{"a later first value is not", 32, get, nil, 10, 0},
		{"sub wraps", 32, sub, []int64{11}, math.MaxUint32, 0},
		{"peek", 32, peek, nil, math.MaxUint32, 0},
		{"add wraps", 32, add, []int64{1}, 0, 0},
		{"set cuts", 32, set, []int64{-5}, 4294967291, 0},
		{"cmpset with another value", 32, cmpset, []int64{1, 2}, 4294967291, shm.CodeConflict},
		{"cmpset", 32, cmpset, []int64{-5, 2}, 2, 0},
		{"64 bits are signed", 64, set, []int64{math.MaxInt64}, math.MaxInt64, 0},
		{"and wrap", 64, add, []int64{1}, math.MinInt64, 0},
		{"down, too", 64, sub, []int64{1}, math.MaxInt64, 0},
		{"and do not wait", 64, wait, []int64{0}, 0, shm.CodeMalformed},
		{"nor has anything 16 bits", 16, get, nil, 0, shm.CodeMalformed},
		{"an operand too many", 32, get, []int64{1}, 0, shm.CodeMalformed},
		{"one too few", 32, add, nil, 0, shm.CodeMalformed},
		{"an unknown operation", 32, 99, nil, 0, shm.CodeMalformed},
	} {
		r := atomically(m, step.bits, step.op, step.operands...)
		if r.Code != step.code || r.Code != shm.CodeMalformed && r.Value != uint64(step.want) {
			t.Errorf("%s: %+v, want code %d, value %d", step.name, r, step.code, step.want)
		}
	}
}

func TestNoIncrementIsLost(t *testing.T) {
	m := memory(t, shm.Options{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				atomically(m, 32, add, 1)
			}
		})
	}
	all.Wait()
	if r := atomically(m, 32, get); r.Value != 8007 {
		t.Errorf("%+v", r)
	}
}

func TestWaitForAWakeup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, shm.Options{MaxWait: time.Minute})
		waits := func(ctx context.Context, micros int64) (shm.Reply, time.Duration) {
			start := time.Now()
			q := shm.Query{Kind: shm.KindAtomic, Op: wait, Key: 32, Code: 32, Payload: u64(7, micros)}
			r, _ := m.Do(q, nil)
			if r.Wait {
				r = m.Wait(ctx, q)
			}
			return r, time.Since(start)
		}
		want := func(micros int64, code uint32, took time.Duration) {
			t.Helper()
			if r, d := waits(t.Context(), micros); r.Code != code || d != took {
				t.Errorf("%+v after %v; want %d after %v", r, d, code, took)
			}
		}
		want(1e6, shm.CodeConflict, 0) // 7
		atomically(m, 32, set, 1)
		want(1e6, shm.CodeOK, 0) // 1 becomes 0
		want(1.5e6, shm.CodeTimeout, 1500*time.Millisecond)
		want(0, shm.CodeTimeout, 0)
		want(-1, shm.CodeTimeout, time.Minute) // for ever is MaxWait
		want(math.MaxInt64, shm.CodeTimeout, time.Minute)

		var woken sync.WaitGroup
		for range 2 {
			woken.Go(func() { want(-1, shm.CodeOK, 3*time.Second) })
		}
		synctest.Wait()
		late := make(chan shm.Reply)
		go func() { r, _ := waits(t.Context(), 5e6); late <- r }()
		synctest.Wait()
		time.Sleep(3 * time.Second)
		atomically(m, 32, wakeup, 2)
		woken.Wait()
		if r := atomically(m, 32, get); r.Value != 0 {
			t.Errorf("after a wakeup somebody set 0: %+v", r)
		}
		if r := <-late; r.Code != shm.CodeTimeout {
			t.Errorf("a third one was woken: %+v", r)
		}
		atomically(m, 32, wakeup, 1)
		if r := atomically(m, 32, get); r.Value != 1 {
			t.Errorf("nobody waited, so 1 stays: %+v", r)
		}
		atomically(m, 32, set, 0)
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if r, _ := waits(ctx, -1); r.Code != shm.CodeTimeout {
			t.Errorf("%+v", r)
		}
	})
}

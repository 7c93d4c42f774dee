package shm

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// The operations on atomics.
const (
	atomicGet    = 1
	atomicSet    = 2
	atomicAdd    = 3
	atomicSub    = 4
	atomicCmpSet = 5
	atomicWait   = 6
	atomicWakeup = 7
	atomicPeek   = 8 // get that makes nothing
)

// The codes of atomics: how wide they are.
const (
	bits32 = 32
	bits64 = 64
)

// smallCost is what an atomic or a lock counts for.
const smallCost = 256

// counter is an atomic.
type counter struct {
	mask uint64

	mu      sync.Mutex
	value   uint64
	waiters []*waiter // those who wait for a wakeup, first come first
}

// waiter is somebody who waits; granted is closed when he may go on.
type waiter struct {
	granted chan struct{}
	// for locks
	owner  uint64
	shared bool
}

// atomicArgs is what a query about an atomic says: J value if it is new, then J operands.
type atomicArgs struct {
	initial, a, b uint64
}

func parseAtomic(q *Query) (args atomicArgs, err error) {
	r := reader{b: q.Payload}
	args.initial = r.u64()
	switch q.Op {
	case opDefine, atomicGet, atomicPeek:
	case atomicSet, atomicAdd, atomicSub, atomicWait, atomicWakeup:
		args.a = r.u64()
	case atomicCmpSet:
		args.a, args.b = r.u64(), r.u64()
	default:
		return args, fmt.Errorf("unknown operation %d on an atomic", q.Op)
	}
	switch {
	case q.Code != bits32 && q.Code != bits64:
		return args, fmt.Errorf("an atomic of %d bits", q.Code)
	case q.Code == bits64 && (q.Op == atomicWait || q.Op == atomicWakeup):
		return args, fmt.Errorf("operation %d on an atomic of 64 bits", q.Op)
	}
	return args, r.end()
}

func (c *counter) do(op uint8, args atomicArgs) Reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch op {
	case atomicSet:
		c.value = args.a & c.mask
	case atomicAdd:
		c.value = (c.value + args.a) & c.mask
	case atomicSub:
		c.value = (c.value - args.a) & c.mask
	case atomicCmpSet:
		if c.value != args.a&c.mask {
			return Reply{Code: CodeConflict, Value: c.value}
		}
		c.value = args.b & c.mask
	case atomicWait:
		switch {
		case c.value == 1:
			c.value = 0
			return Reply{}
		case c.value != 0:
			return Reply{Code: CodeConflict, Value: c.value}
		case args.a == 0:
			return Reply{Code: CodeTimeout}
		}
		return Reply{Wait: true}
	case atomicWakeup:
		c.wakeup(args.a)
	}
	return Reply{Value: c.value}
}

// wakeup sets 1 and lets n waiters go; the first of them sets 0 again, as Swoole's does.
func (c *counter) wakeup(n uint64) {
	if c.value != 0 {
		return
	}
	c.value = 1
	woken := c.waiters[:min(n, uint64(len(c.waiters)))]
	for _, w := range woken {
		close(w.granted)
		c.value = 0
	}
	c.waiters = slices.Delete(c.waiters, 0, len(woken))
}

// wait waits for a wakeup until ctx ends.
func (c *counter) wait(ctx context.Context, args atomicArgs) Reply {
	if reply := c.do(atomicWait, args); !reply.Wait {
		return reply
	}
	w := &waiter{granted: make(chan struct{})}
	c.mu.Lock()
	if c.value != 0 { // since do looked
		c.mu.Unlock()
		return c.wait(ctx, args)
	}
	c.waiters = append(c.waiters, w)
	c.mu.Unlock()
	select {
	case <-w.granted:
		return Reply{}
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.waiters, w); i >= 0 {
		c.waiters = slices.Delete(c.waiters, i, i+1)
		return Reply{Code: CodeTimeout}
	}
	return Reply{}
}

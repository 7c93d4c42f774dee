// Package registry knows the connections of a bridge by their fd, and their order. It stands on the standard library alone.
package registry

import (
	"slices"
	"sync"
)

// Shards spreads lookups over locks, and the work of those who look at all connections over time: one shard at a time.
const Shards = 64

// Registry holds values by fd. Fds are given out in ascending order and never again, so the order of arrival is the order
// of fds, and a page of a list is a binary search. The zero value is not ready: call Init.
type Registry[T any] struct {
	shard [Shards]struct {
		mu sync.RWMutex
		m  map[uint64]*T
	}

	mu    sync.RWMutex
	order []entry[T] // ascending fd
	gone  int
}

// entry is a place in the order; a nil value has gone.
type entry[T any] struct {
	fd uint64
	v  *T
}

// Init prepares an empty registry.
func (r *Registry[T]) Init() {
	for i := range r.shard {
		r.shard[i].m = make(map[uint64]*T)
	}
}

// Get returns the value of fd, or nil.
func (r *Registry[T]) Get(fd uint64) *T {
	sh := &r.shard[fd%Shards]
	sh.mu.RLock()
	v := sh.m[fd]
	sh.mu.RUnlock()
	return v
}

// Add enters a value, which is not nil, under an fd that is new.
func (r *Registry[T]) Add(fd uint64, v *T) {
	sh := &r.shard[fd%Shards]
	sh.mu.Lock()
	sh.m[fd] = v
	sh.mu.Unlock()

	r.mu.Lock()
	defer r.mu.Unlock()
	// Handshakes finish out of order, a little: almost always this is an append.
	i := len(r.order)
	for i > 0 && r.order[i-1].fd > fd {
		i--
	}
	r.order = slices.Insert(r.order, i, entry[T]{fd, v})
}

// Remove takes fd out; nothing if it is not in.
func (r *Registry[T]) Remove(fd uint64) {
	sh := &r.shard[fd%Shards]
	sh.mu.Lock()
	delete(sh.m, fd)
	sh.mu.Unlock()

	r.mu.Lock()
	defer r.mu.Unlock()
	i, found := r.findLocked(fd)
	if !found || r.order[i].v == nil {
		return
	}
	r.order[i].v = nil
	r.gone++
	if r.gone > 32 && r.gone > len(r.order)/2 {
		r.order = slices.DeleteFunc(r.order, func(e entry[T]) bool { return e.v == nil })
		r.order = slices.Clone(r.order) // gives the room of a past crowd back
		r.gone = 0
	}
}

// Count returns how many values there are.
func (r *Registry[T]) Count() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.order) - r.gone
}

// After returns up to limit (0: all) values with an fd greater than fd, in ascending order, that keep says yes to. keep is
// called with the registry locked.
func (r *Registry[T]) After(fd uint64, limit int, keep func(*T) bool) []*T {
	r.mu.RLock()
	defer r.mu.RUnlock()
	i, found := r.findLocked(fd)
	if found {
		i++
	}
	var list []*T
	for ; i < len(r.order) && (limit == 0 || len(list) < limit); i++ {
		if v := r.order[i].v; v != nil && keep(v) {
			list = append(list, v)
		}
	}
	return list
}

func (r *Registry[T]) findLocked(fd uint64) (int, bool) {
	return slices.BinarySearchFunc(r.order, fd, func(e entry[T], fd uint64) int {
		switch {
		case e.fd < fd:
			return -1
		case e.fd > fd:
			return 1
		}
		return 0
	})
}

// AppendShard appends the values of one shard to dst, in any order: the caller looks at them without a lock.
func (r *Registry[T]) AppendShard(dst []*T, i int) []*T {
	sh := &r.shard[i]
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	for _, v := range sh.m {
		dst = append(dst, v)
	}
	return dst
}

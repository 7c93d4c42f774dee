package bridge

import (
	"slices"
	"sync"
)

// shards spreads lookups over locks, and the sweeper's work over time: one shard a tick.
const shards = 64

// registry knows the connections by fd, and their order. Fds are given out in ascending order and never again, so the
// order of arrival is the order of fds, and a page of a list is a binary search.
type registry struct {
	shard [shards]struct {
		mu sync.RWMutex
		m  map[uint64]*session
	}

	mu    sync.RWMutex
	order []*session // ascending fd; holes are sessions that are gone
	gone  int
}

func (r *registry) init() {
	for i := range r.shard {
		r.shard[i].m = make(map[uint64]*session)
	}
}

// get returns the session of fd, also one that is ending, or nil.
func (r *registry) get(fd uint64) *session {
	sh := &r.shard[fd%shards]
	sh.mu.RLock()
	s := sh.m[fd]
	sh.mu.RUnlock()
	return s
}

func (r *registry) add(s *session) {
	sh := &r.shard[s.fd%shards]
	sh.mu.Lock()
	sh.m[s.fd] = s
	sh.mu.Unlock()

	r.mu.Lock()
	defer r.mu.Unlock()
	// Handshakes finish out of order, a little: almost always this is an append.
	i := len(r.order)
	for i > 0 && r.order[i-1].fd > s.fd {
		i--
	}
	r.order = slices.Insert(r.order, i, s)
}

func (r *registry) remove(s *session) {
	sh := &r.shard[s.fd%shards]
	sh.mu.Lock()
	delete(sh.m, s.fd)
	sh.mu.Unlock()

	r.mu.Lock()
	defer r.mu.Unlock()
	s.unlisted = true
	r.gone++
	if r.gone > 32 && r.gone > len(r.order)/2 {
		r.order = slices.DeleteFunc(r.order, func(s *session) bool { return s.unlisted })
		r.order = slices.Clone(r.order) // gives the room of a past crowd back
		r.gone = 0
	}
}

// count returns how many connections there are, those that are ending included.
func (r *registry) count() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.order) - r.gone
}

// after returns up to limit (0: all) sessions with an fd greater than fd, in ascending order, that keep says yes to.
func (r *registry) after(fd uint64, limit int, keep func(*session) bool) []*session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	i, found := slices.BinarySearchFunc(r.order, fd, func(s *session, fd uint64) int {
		switch {
		case s.fd < fd:
			return -1
		case s.fd > fd:
			return 1
		}
		return 0
	})
	if found {
		i++
	}
	var list []*session
	for ; i < len(r.order) && (limit == 0 || len(list) < limit); i++ {
		if s := r.order[i]; !s.unlisted && keep(s) {
			list = append(list, s)
		}
	}
	return list
}

// shardInto appends the sessions of one shard to dst: the sweeper looks at them without a lock.
func (r *registry) shardInto(i int, dst []*session) []*session {
	sh := &r.shard[i]
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	for _, s := range sh.m {
		dst = append(dst, s)
	}
	return dst
}

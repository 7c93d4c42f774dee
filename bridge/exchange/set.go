package exchange

import "sync"

// Set is the exchanges of a connection that has several at a time, by a key. The zero value is empty.
type Set struct {
	mu   sync.Mutex
	list map[uint16]*Exchange
}

// Add puts an exchange in.
func (s *Set) Add(key uint16, x *Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list == nil {
		s.list = make(map[uint16]*Exchange)
	}
	s.list[key] = x
}

// Remove takes one out, if it is there, and reports whether none is left.
func (s *Set) Remove(key uint16) (was, empty bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was = s.list[key] != nil
	delete(s.list, key)
	return was, len(s.list) == 0
}

// Get returns the exchange of a key; nil: there is none. Key 0 is the only one that was detached.
func (s *Set) Get(key uint16) (found *Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key != 0 {
		return s.list[key]
	}
	for _, x := range s.list {
		if x.waits() {
			if found != nil {
				return nil
			}
			found = x
		}
	}
	return found
}

// Hang has all of them end when what is queued has left, and returns how many there are.
func (s *Set) Hang() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.list {
		x.Hang()
	}
	return len(s.list)
}

// waits reports whether somebody else than its event has to end it.
func (x *Exchange) waits() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.detached && !x.ended && !x.finished
}

// Break gives the response up: its client gets nothing more of it.
func (x *Exchange) Break() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hangup, x.ended = true, false
	for _, p := range x.parts {
		p.close()
	}
	x.parts, x.queued = nil, 0
	x.makeRoomLocked()
	x.signal()
}

// Held is how many bytes of the response wait in memory for the client.
func (x *Exchange) Held() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.queued + x.writing
}

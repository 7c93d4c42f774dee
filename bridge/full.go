package bridge

import (
	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/callback"
)

// watch has the script told when much waits for the client, if it wants to know.
func (s *session) watch() {
	if s.on.HighWater > 0 && (s.wants(callback.BufferFull) || s.wants(callback.BufferEmpty)) {
		s.out.Watch(s.on.HighWater, s.on.LowWater, s.crossed)
	}
}

// crossed makes the event. There are at most two of them in an inbox that nobody empties for long: more say no more than those.
func (s *session) crossed(full bool) {
	t := callback.BufferEmpty
	if full {
		t = callback.BufferFull
	}
	if !s.wants(t) {
		return
	}
	s.mu.Lock()
	if s.ending.Load() || s.opened == openUnstarted || s.marked >= maxMarked {
		s.mu.Unlock()
		return
	}
	s.marked++
	q := inbox.New()
	q.Type = t
	q.Done = func(*callback.Result) {
		s.mu.Lock()
		s.marked--
		s.mu.Unlock()
	}
	schedule := s.enqueueLocked(q)
	s.mu.Unlock()
	if schedule {
		s.ready()
	}
}

// maxMarked is how many events of crossed may wait.
const maxMarked = 8

package bridge

import (
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/registry"
	"github.com/fpmbridge/fpmbridge/callback"
)

// expiries knows when the sweeper has to look for connections whose tickets are over: at the first of those that there are, and not
// before. It has no timer per connection, and no list of them.

// expiresAt ends a connection that is in the registry when its ticket is over.
func (b *Bridge) expiresAt(s *session, at time.Time) {
	s.expires.Store(at.UnixNano())
	b.lookAt(at.UnixNano())
}

// lookAt has the sweeper look then, or before.
func (b *Bridge) lookAt(at int64) {
	for {
		next := b.nextExpiry.Load()
		if next != 0 && next <= at || b.nextExpiry.CompareAndSwap(next, at) {
			return
		}
	}
}

// endExpired ends those whose tickets are over. batch is room to work in.
func (b *Bridge) endExpired(now time.Time, batch []*session) []*session {
	if next := b.nextExpiry.Load(); next == 0 || now.UnixNano() < next {
		return batch
	}
	b.nextExpiry.Store(0) // who comes from now on sets it again, and those who are there are looked at
	first := int64(0)
	for i := range registry.Shards {
		batch = b.registry.AppendShard(batch[:0], i)
		for _, s := range batch {
			switch at := s.expires.Load(); {
			case at == 0 || s.ending.Load():
			case at <= now.UnixNano():
				s.end(ending{cause: callback.CauseExpired, code: s.route.expiryCode, reason: "ticket expired"})
			case first == 0 || at < first:
				first = at
			}
		}
		clear(batch)
	}
	if first != 0 {
		// A second at least between two rounds, however many tickets end at different times.
		b.lookAt(max(first, now.Add(time.Second).UnixNano()))
	}
	return batch
}

package bridge

import "github.com/fpmbridge/fpmbridge/bridge/tally"

// Stats is what a bridge has counted since it started, and what it holds now.
type Stats = tally.Stats

// Stats returns the counters. Each is exact; together they are not one moment's.
func (b *Bridge) Stats() Stats {
	s := b.stats.Stats()
	s.Connections, s.EventsWaiting, s.Memberships = b.registry.Count(), b.dispatcher.queued(), b.hub.Memberships()
	for _, p := range b.residents {
		s.Residents = p.Stats(s.Residents)
	}
	for _, p := range b.jobs.All() {
		s.Tasks.Add(p.Stats())
	}
	b.registry.After(0, 0, func(v *session) bool {
		s.QueuedBytes += v.out.Bytes()
		return false
	})
	return s
}

// refusePush counts a push that has no taker. It is Debug: a broadcast to a room that people leave meets it all the time.
func (b *Bridge) refusePush(from *mailbox, fd uint64, why tally.Refusal) {
	b.stats.PushesRefused[why].Add(1)
	b.log.Debug("push refused", "fd", fd, "reason", why.String(), "by_fd", from.fd, "script", from.route.name)
}

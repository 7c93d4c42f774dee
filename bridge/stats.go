package bridge

import (
	"sync/atomic"

	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/jobs"
	"github.com/fpmbridge/fpmbridge/bridge/workers"
	"github.com/fpmbridge/fpmbridge/callback"
)

const (
	eventTypes = callback.EventTypes
	causes     = callback.Causes
	refusals   = gate.Refusals
)

// counters count everything that promise 4 of docs/protocol.md names. They only grow.
type counters struct {
	Accepted        atomic.Uint64
	Requests        atomic.Uint64
	ResponsesLost   atomic.Uint64
	Refused         [refusals]atomic.Uint64
	MessagesIn      atomic.Uint64
	BytesIn         atomic.Uint64
	Heartbeats      atomic.Uint64
	Pushes          atomic.Uint64
	BytesOut        atomic.Uint64
	PushesRefused   [pushRefusals]atomic.Uint64
	ClosesRefused   atomic.Uint64
	EventsDone      [eventTypes]atomic.Uint64
	EventsFailed    [eventTypes]atomic.Uint64
	EventsRetried   atomic.Uint64
	EventsExpired   atomic.Uint64
	MessagesDropped atomic.Uint64
	InboxFull       atomic.Uint64
	Closed          [causes]atomic.Uint64
}

// Stats is what a bridge has counted since it started, and what it holds now.
type Stats struct {
	Connections     int // now, those that are ending included
	EventsWaiting   int // connections whose next event waits for PHP
	Accepted        uint64
	Requests        uint64            // HTTP requests that went to PHP
	ResponsesLost   uint64            // responses, or parts of them, whose client had gone
	Refused         map[string]uint64 // by reason
	MessagesIn      uint64
	BytesIn         uint64
	Heartbeats      uint64 // messages that the bridge answered or swallowed itself, which MessagesIn counts, too
	Pushes          uint64 // frames that an outbox took
	BytesOut        uint64
	PushesRefused   uint64 // targets that were unknown, closing or slow
	PushesRefusedBy map[string]uint64
	QueuedBytes     int    // now, of what waits for clients
	Memberships     int    // now: each connection in each of its groups
	ClosesRefused   uint64 // targets that were unknown or closing
	EventsDone      map[string]uint64
	EventsFailed    map[string]uint64 // PHP started them and gave no valid answer
	EventsRetried   uint64            // PHP provably did not start them: sent again
	EventsExpired   uint64            // never started within queue_timeout or retry_window
	MessagesDropped uint64            // of connections that PHP or the bridge had ended
	InboxFull       uint64            // how often a socket was not read because PHP was behind
	Closed          map[string]uint64 // by cause
	Tasks           jobs.Stats        // of all scripts
	Residents       []workers.Stats   // resident workers, as they are now
}

// Stats returns the counters. Each is exact; together they are not one moment's.
func (b *Bridge) Stats() Stats {
	c := &b.stats
	s := Stats{
		Connections: b.registry.Count(), EventsWaiting: b.dispatcher.queued(), Accepted: c.Accepted.Load(),
		Requests: c.Requests.Load(), ResponsesLost: c.ResponsesLost.Load(), Refused: map[string]uint64{},
		MessagesIn: c.MessagesIn.Load(), BytesIn: c.BytesIn.Load(), Heartbeats: c.Heartbeats.Load(), Pushes: c.Pushes.Load(), BytesOut: c.BytesOut.Load(),
		PushesRefusedBy: map[string]uint64{}, Memberships: b.hub.Memberships(), ClosesRefused: c.ClosesRefused.Load(), EventsDone: map[string]uint64{},
		EventsFailed: map[string]uint64{}, EventsRetried: c.EventsRetried.Load(), EventsExpired: c.EventsExpired.Load(),
		MessagesDropped: c.MessagesDropped.Load(), InboxFull: c.InboxFull.Load(), Closed: map[string]uint64{},
	}
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
	for i, name := range refusedNames() {
		if n := c.PushesRefused[i].Load(); n > 0 {
			s.PushesRefusedBy[name] = n
			s.PushesRefused += n
		}
	}
	for i := range c.Refused {
		if n := c.Refused[i].Load(); n > 0 {
			s.Refused[gate.Refusal(i).String()] = n
		}
	}
	for i := range c.EventsDone {
		name := callback.EventType(i).String()
		if n := c.EventsDone[i].Load(); n > 0 {
			s.EventsDone[name] = n
		}
		if n := c.EventsFailed[i].Load(); n > 0 {
			s.EventsFailed[name] = n
		}
	}
	for i := range c.Closed {
		if n := c.Closed[i].Load(); n > 0 {
			s.Closed[callback.Cause(i).String()] = n
		}
	}
	return s
}

// count counts one event's result.
func (b *Bridge) count(ev *callback.Event, res *callback.Result) {
	switch res.Outcome {
	case callback.Done:
		b.stats.EventsDone[ev.Type].Add(1)
	case callback.Failed:
		b.stats.EventsFailed[ev.Type].Add(1)
	case callback.NotStarted, callback.Down:
		b.stats.EventsRetried.Add(1)
	}
}

// Why a push has no taker.
const (
	refusedUnknown = iota
	refusedNoWebSocket
	refusedClosing
	refusedSlow
	pushRefusals
)

func refusedNames() [pushRefusals]string {
	return [...]string{"unknown", "no_websocket", "closing", "slow"}
}

// refusePush counts a push that has no taker. It is Debug: a broadcast to a room that people leave meets it all the time.
func (b *Bridge) refusePush(from *mailbox, fd uint64, why int) {
	b.stats.PushesRefused[why].Add(1)
	b.log.Debug("push refused", "fd", fd, "reason", refusedNames()[why], "by_fd", from.fd, "script", from.route.name)
}

// Package tally is what a bridge counts while it runs, and what it tells of it. It knows the names of what is counted, and nothing else.
package tally

import (
	"sync/atomic"

	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/jobs"
	"github.com/fpmbridge/fpmbridge/bridge/workers"
	"github.com/fpmbridge/fpmbridge/callback"
)

// Counters count everything that promise 4 of docs/protocol.md names. They only grow.
type Counters struct {
	Accepted        atomic.Uint64
	Requests        atomic.Uint64
	ResponsesLost   atomic.Uint64
	Refused         [gate.Refusals]atomic.Uint64
	MessagesIn      atomic.Uint64
	BytesIn         atomic.Uint64
	Heartbeats      atomic.Uint64
	Pushes          atomic.Uint64
	BytesOut        atomic.Uint64
	PushesRefused   [pushRefusals]atomic.Uint64
	ClosesRefused   atomic.Uint64
	EventsDone      [callback.EventTypes]atomic.Uint64
	EventsFailed    [callback.EventTypes]atomic.Uint64
	EventsRetried   atomic.Uint64
	EventsExpired   atomic.Uint64
	MessagesDropped atomic.Uint64
	InboxFull       atomic.Uint64
	Closed          [callback.Causes]atomic.Uint64
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

// Stats returns the counters. What is there now is the caller's to fill in.
func (c *Counters) Stats() Stats {
	s := Stats{
		Accepted: c.Accepted.Load(),
		Requests: c.Requests.Load(), ResponsesLost: c.ResponsesLost.Load(), Refused: map[string]uint64{},
		MessagesIn: c.MessagesIn.Load(), BytesIn: c.BytesIn.Load(), Heartbeats: c.Heartbeats.Load(), Pushes: c.Pushes.Load(), BytesOut: c.BytesOut.Load(),
		PushesRefusedBy: map[string]uint64{}, ClosesRefused: c.ClosesRefused.Load(), EventsDone: map[string]uint64{},
		EventsFailed: map[string]uint64{}, EventsRetried: c.EventsRetried.Load(), EventsExpired: c.EventsExpired.Load(),
		MessagesDropped: c.MessagesDropped.Load(), InboxFull: c.InboxFull.Load(), Closed: map[string]uint64{},
	}
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

// Event counts one event's result.
func (c *Counters) Event(ev *callback.Event, res *callback.Result) {
	switch res.Outcome {
	case callback.Done:
		c.EventsDone[ev.Type].Add(1)
	case callback.Failed:
		c.EventsFailed[ev.Type].Add(1)
	case callback.NotStarted, callback.Down:
		c.EventsRetried.Add(1)
	}
}

// Refusal says why a push has no taker.
type Refusal uint8

// The closed set of refusals.
const (
	Unknown Refusal = iota
	NoWebSocket
	Closing
	Slow
	pushRefusals
)

// String is its name in logs and metrics.
func (r Refusal) String() string { return refusedNames()[r] }

func refusedNames() [pushRefusals]string {
	return [...]string{"unknown", "no_websocket", "closing", "slow"}
}

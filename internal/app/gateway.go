package app

import (
	"encoding/json"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// gateway is the bridge for those who push from anywhere, with what else they may ask.
type gateway struct {
	b     *bridge.Bridge
	since time.Time // it runs
}

func (g gateway) Do(op *ops.Op) (ops.Result, ops.Rest) { return g.b.Do(op) }

func (g gateway) Ask(q *ops.Query) ops.Answer {
	a := g.b.Ask(q)
	switch q.Ask {
	case ops.AskConnection:
		if a.Found {
			info, ok := g.b.Info(q.FD)
			a.Found, a.Info = ok, info.JSON()
		}
	case ops.AskStats:
		a.Info = g.stats()
	default:
	}
	return a
}

// stats are the numbers that a caller may see: Stats in openapi.json names them.
func (g gateway) stats() []byte {
	s := g.b.Stats()
	m := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(m)
	b, err := json.Marshal(map[string]any{
		"connections": s.Connections, "groups": g.b.Groups(), "uids": g.b.Users(), "memberships": s.Memberships, "accepted": s.Accepted, "refused": s.Refused,
		"requests": s.Requests, "messages_in": s.MessagesIn, "bytes_in": s.BytesIn, "heartbeats": s.Heartbeats, "pushes": s.Pushes, "bytes_out": s.BytesOut, "bytes_queued": s.QueuedBytes,
		"pushes_refused": s.PushesRefused, "pushes_refused_by": s.PushesRefusedBy, "closes_refused": s.ClosesRefused, "events_waiting": s.EventsWaiting,
		"events_done": s.EventsDone, "events_failed": s.EventsFailed, "events_retried": s.EventsRetried, "events_expired": s.EventsExpired,
		"messages_dropped": s.MessagesDropped, "closed": s.Closed, "memory": m[0].Value.Uint64() - m[1].Value.Uint64(), "heap": m[2].Value.Uint64(), "goroutines": runtime.NumGoroutine(), "workers": append([]bridge.WorkerStats{}, s.Residents...),
		"uptime": int64(time.Since(g.since).Seconds()),
	})
	if err != nil { // plain numbers
		return []byte("{}")
	}
	return b
}

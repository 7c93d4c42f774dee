package app

import (
	"encoding/json"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// gateway is the bridge for those who push from anywhere, with what else they may ask.
type gateway struct{ b *bridge.Bridge }

func (g gateway) Do(op *ops.Op) ops.Result { return g.b.Do(op) }

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

// stats are the numbers that a caller may see: docs/push.md names them.
func (g gateway) stats() []byte {
	s := g.b.Stats()
	b, err := json.Marshal(map[string]any{
		"connections": s.Connections, "groups": g.b.Groups(), "uids": g.b.Users(), "accepted": s.Accepted, "refused": s.Refused,
		"requests": s.Requests, "messages_in": s.MessagesIn, "bytes_in": s.BytesIn, "pushes": s.Pushes, "bytes_out": s.BytesOut,
		"pushes_refused": s.PushesRefused, "closes_refused": s.ClosesRefused, "events_waiting": s.EventsWaiting,
		"events_done": s.EventsDone, "events_failed": s.EventsFailed, "events_expired": s.EventsExpired,
		"messages_dropped": s.MessagesDropped, "closed": s.Closed,
	})
	if err != nil { // plain numbers
		return []byte("{}")
	}
	return b
}

package bridge

import (
	"github.com/fpmbridge/fpmbridge/bridge/journal"
	"github.com/fpmbridge/fpmbridge/callback"
)

func (m *mailbox) about(t callback.EventType) journal.About {
	return journal.About{FD: m.fd, Event: t, Script: m.route.name}
}

func (b *Bridge) logEnd(s *session, e ending, dropped int) {
	journal.Ended(b.log, s.about(callback.Close), journal.End{Cause: e.cause, Code: e.code, Reason: e.reason, Remote: s.addr, Dropped: dropped})
}

// logOutput writes what PHP said that is no instruction.
func (b *Bridge) logOutput(m *mailbox, ev *callback.Event, reply *callback.Reply) {
	journal.Output(b.log, m.about(ev.Type), reply)
}

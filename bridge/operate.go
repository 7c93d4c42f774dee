package bridge

import (
	"github.com/fpmbridge/fpmbridge/bridge/hub"
	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// Do carries out an operation that has been checked, for somebody outside of any event. Any goroutine may call it.
func (b *Bridge) Do(op *ops.Op) ops.Result {
	r := newRouter(b)
	defer r.flush()
	return r.operate(&mailbox{b: b, route: &route{name: "from outside"}}, op, false)
}

// Ask answers a question that has been checked. Any goroutine may call it.
func (b *Bridge) Ask(q *ops.Query) ops.Answer {
	return b.hub.Ask(&operation{router: newRouter(b), from: &mailbox{}}, q)
}

// Groups returns how many groups have a member.
func (b *Bridge) Groups() int { return b.hub.Groups() }

// Users returns how many users have a connection.
func (b *Bridge) Users() int { return b.hub.Users() }

// operation is the hub's view of the bridge during one operation.
type operation struct {
	*router

	from *mailbox
	cork bool
	in   callback.Instruction // of a push
	copy bool                 // its data is ours
}

func (r *router) operate(from *mailbox, op *ops.Op, cork bool) ops.Result {
	r.deflated = nil
	in := callback.Instruction{Kind: callback.KindPush, Opcode: op.Opcode, Flags: callback.FlagFIN, Data: op.Data}
	return r.b.hub.Do(&operation{router: r, from: from, cork: cork, in: in}, op)
}

// FD implements hub.Conn.
func (s *session) FD() uint64 { return s.fd }

func (o *operation) Find(fd uint64) (*hub.Member, ops.Outcome) {
	switch s := o.target(o.from, fd); {
	case s != nil && s.open():
		return &s.member, ops.Done
	case s == nil && (fd > o.b.fds.Load() || fd < max(o.b.opts.FirstFD, 1)):
		return nil, ops.Unknown
	}
	return nil, ops.Gone
}

func (o *operation) All() []*hub.Member {
	var list []*hub.Member
	for _, s := range o.b.registry.After(0, 0, (*session).established) {
		list = append(list, &s.member)
	}
	return list
}

func (o *operation) Push(m *hub.Member, _ *ops.Op, many bool) ops.Outcome {
	s, _ := m.Conn.(*session)
	// A frame that is kept by reference in several queues must outlive what it came with.
	if many && !o.copy && len(o.in.Data) > outbox.CopyBelow {
		o.in.Data, o.copy = append([]byte(nil), o.in.Data...), true
	}
	o.many = many
	return o.pushSession(o.from, s, &o.in, outbox.AppendHeader(o.head[:0], outbox.BitFIN|o.in.Opcode, len(o.in.Data)), o.cork)
}

func (o *operation) Close(m *hub.Member, code uint16, reason string) ops.Outcome {
	s, _ := m.Conn.(*session)
	if !s.end(ending{cause: callback.CauseServer, code: code, reason: reason}) {
		return ops.Gone
	}
	return ops.Done
}

package bridge

import (
	"github.com/fpmbridge/fpmbridge/bridge/hub"
	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/bridge/tally"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// Do carries out an operation that has been checked, for somebody outside of any event. Any goroutine may call it. What it pushes is in
// the queues when it returns, and leaves with the Rest's Flush: so the caller has its answer before a thousand sockets are written to.
func (b *Bridge) Do(op *ops.Op) (ops.Result, ops.Rest) {
	s, ok := b.strangers.Get().(*stranger)
	if !ok {
		s = &stranger{router: router{b: b}, box: mailbox{b: b, route: &route{name: "from outside"}}}
	}
	res := s.operate(&s.box, op, op.Wait == 0)
	if len(s.dirty) == 0 {
		s.Flush()
		return res, nil
	}
	return res, s
}

// Flush implements ops.Rest.
func (s *stranger) Flush() {
	s.flush()
	s.b.strangers.Put(s)
}

// stranger is what carries out an operation of somebody outside of any event. It is made to be used again.
type stranger struct {
	router

	box mailbox // whose operation it is; nothing is in it
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

	refused [ops.Outcomes]int // pushes that had this outcome, when they were sent

	// of an operation that waits
	sent  map[*hub.Member]pushed
	watch *outbox.Watch
}

// pushed is what became of a push at first; Late: it is looked after by the watch, under that index.
type pushed struct {
	out   ops.Outcome
	index int
}

func (r *router) operate(from *mailbox, op *ops.Op, cork bool) ops.Result {
	clear(r.deflated[:])
	r.whole = nil
	in := callback.Instruction{Kind: callback.KindPush, Opcode: op.Opcode, Flags: callback.FlagFIN, Data: op.Data}
	o := &r.op
	*o = operation{router: r, from: from, cork: cork, in: in}
	defer func() { *o = operation{} }()
	res := r.b.hub.Do(o, op)
	if op.Kind == ops.Push && op.Wait == 0 { // pushSession has counted what it refused itself
		r.b.stats.PushesRefused[tally.Unknown].Add(uint64(res.Count[ops.Unknown] - o.refused[ops.Unknown]))
		r.b.stats.PushesRefused[tally.Closing].Add(uint64(res.Count[ops.Gone] - o.refused[ops.Gone]))
	}
	return res
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

func (o *operation) Push(m *hub.Member, op *ops.Op, many bool) ops.Outcome {
	s, _ := m.Conn.(*session)
	o.many = many
	out := o.pushSession(o.from, s, &o.in, outbox.AppendHeader(o.head[:0], outbox.BitFIN|o.in.Opcode, len(o.in.Data)), o.cork)
	o.refused[out]++
	if op.Wait > 0 {
		if o.sent == nil {
			o.sent, o.watch = make(map[*hub.Member]pushed), new(outbox.Watch)
		}
		p := pushed{out, -1}
		if out == ops.Done {
			p.out = ops.Late
			if s.established() { // before that it is held: see hold
				p.index = o.watch.Add(&s.out)
			}
		}
		o.sent[m] = p
	}
	return out
}

// Wait implements hub.World.
func (o *operation) Wait(op *ops.Op) func(m *hub.Member) ops.Outcome {
	if o.watch != nil {
		o.watch.Wait(op.Wait, op.Stop)
	}
	return func(m *hub.Member) ops.Outcome {
		p := o.sent[m]
		if p.index < 0 {
			return p.out
		}
		return [...]ops.Outcome{outbox.Pending: ops.Late, outbox.Written: ops.Done, outbox.Lost: ops.Gone}[o.watch.Fate(p.index)]
	}
}

func (o *operation) Close(m *hub.Member, code uint16, reason string) ops.Outcome {
	s, _ := m.Conn.(*session)
	if !s.end(ending{cause: callback.CauseServer, code: code, reason: reason}) {
		return ops.Gone
	}
	return ops.Done
}

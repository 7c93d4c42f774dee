package hub

import (
	"slices"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// World is what the hub needs of the bridge. One goroutine uses it at a time; the hub calls it without a lock.
type World interface {
	// Find returns the member of an open connection, or nil and why there is none.
	Find(fd uint64) (*Member, ops.Outcome)
	// All returns every WebSocket, in ascending order of fds.
	All() []*Member
	// Push sends the operation's message. many: the same goes to several connections in a row.
	Push(m *Member, op *ops.Op, many bool) ops.Outcome
	Close(m *Member, code uint16, reason string) ops.Outcome
	// Wait waits, for a while, until what Push sent has been written, and says what became of it for each of them.
	Wait(op *ops.Op) (fate func(m *Member) ops.Outcome)
}

// Do carries out an operation that has been checked. Operations of one caller are carried out in order; the targets of each are those
// at one moment of it.
func (h *Hub) Do(w World, op *ops.Op) ops.Result {
	var res ops.Result
	if op.Kind == ops.Dissolve {
		for _, name := range op.Groups {
			n := h.Dissolve(name)
			res.Count[ops.Done] += n
			if n == 0 {
				res.Count[ops.Unknown]++
			}
		}
		return res
	}
	if op.To.Len() == 1 && len(op.To.FDs) == 1 && op.Except.Len() == 0 && op.Wait == 0 {
		m, out := w.Find(op.To.FDs[0])
		if m != nil {
			out = h.one(w, m, op, false)
		}
		res.Count[out]++
		res.Each = append(op.Room(), out)
		return res
	}
	h.each(w, op, &res)
	return res
}

// target is one name of an operation.
type target struct {
	list []*Member
	out  ops.Outcome // of a name without a connection
}

// each carries out an operation for several targets, or one that waits.
func (h *Hub) each(w World, op *ops.Op, res *ops.Result) {
	targets := h.targets(w, op)
	one := func(m *Member, many bool) ops.Outcome { return h.one(w, m, op, many) }
	h.tally(w, op, targets, one, res)
	if op.Wait > 0 {
		*res = ops.Result{}
		fate := w.Wait(op)
		h.tally(w, op, targets, func(m *Member, _ bool) ops.Outcome { return fate(m) }, res)
	}
}

// targets finds who is there.
func (h *Hub) targets(w World, op *ops.Op) []target {
	if op.All {
		return []target{{list: w.All()}}
	}
	list := make([]target, 0, op.To.Len())
	found := make([]*Member, len(op.To.FDs))
	for i, fd := range op.To.FDs {
		m, out := w.Find(fd)
		t := target{out: out}
		if m != nil {
			found[i], t.list = m, found[i:i+1]
		}
		list = append(list, t)
	}
	for i, names := range [2][]string{op.To.UIDs, op.To.Groups} {
		for _, name := range names {
			list = append(list, target{h.named(i == 1, name), ops.Unknown})
		}
	}
	return list
}

// tally calls one for each connection, once, and counts what comes of it.
func (h *Hub) tally(w World, op *ops.Op, targets []target, one func(m *Member, many bool) ops.Outcome, res *ops.Result) {
	// A connection that is named by two of the targets, or not to be met, has to be known again.
	var seen map[*Member]ops.Outcome
	if op.To.Len() > 1 || op.Except.Len() > 0 {
		seen = make(map[*Member]ops.Outcome)
		for _, m := range h.members(w, &op.Except) {
			seen[m] = excepted
		}
	}
	if !op.All {
		res.Each = slices.Grow(op.Room(), len(targets))
	}
	for _, t := range targets {
		best := excepted
		many := len(t.list) > 1 || op.To.Len() > 1
		for _, m := range t.list {
			out, again := seen[m]
			if !again {
				out = one(m, many)
				res.Count[out]++
				if seen != nil {
					seen[m] = out
				}
			}
			best = min(best, out)
		}
		if op.All {
			return
		}
		if len(t.list) == 0 {
			best = t.out
			res.Count[best]++
		}
		res.Each = append(res.Each, min(best, ops.Unknown))
	}
}

// excepted is the outcome of a connection that the operation leaves out. It counts as nobody.
const excepted = ops.Unknown + 1

// one carries out an operation for one connection.
func (h *Hub) one(w World, m *Member, op *ops.Op, many bool) ops.Outcome {
	ok := true
	switch op.Kind {
	case ops.Push:
		return w.Push(m, op, many)
	case ops.Close:
		return w.Close(m, op.Code, op.Reason)
	case ops.Join:
		ok = h.Join(m, op.Groups)
	case ops.Leave:
		ok = h.Leave(m, op.Groups)
	case ops.Bind:
		var others []*Member
		others, ok = h.Bind(m, op.UID, op.Code != 0)
		for _, o := range others {
			w.Close(o, op.Code, op.Reason)
		}
	case ops.Unbind:
		ok = h.Unbind(m)
	case ops.SetAttributes:
		m.SetAttributes(op.Attributes)
	case ops.MergeAttributes:
		if !m.MergeAttributes(op.Attributes) {
			return ops.Full
		}
	case ops.Dissolve: // has no targets
	}
	if !ok {
		return ops.Gone
	}
	return ops.Done
}

// members resolves a set, without those that are not there.
func (h *Hub) members(w World, s *ops.Set) []*Member {
	var list []*Member
	for _, fd := range s.FDs {
		if m, _ := w.Find(fd); m != nil {
			list = append(list, m)
		}
	}
	for _, uid := range s.UIDs {
		list = append(list, h.named(false, uid)...)
	}
	for _, group := range s.Groups {
		list = append(list, h.named(true, group)...)
	}
	return list
}

// named returns a copy of a group's or a user's members, in no order.
func (h *Hub) named(group bool, name string) []*Member {
	h.mu.RLock()
	defer h.mu.RUnlock()
	t := &h.users
	if group {
		t = &h.groups
	}
	if s := t.byName[name]; s != nil {
		return slices.Clone(s.members)
	}
	return nil
}

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
	if op.To.Len() == 1 && len(op.To.FDs) == 1 && op.Except.Len() == 0 {
		m, out := w.Find(op.To.FDs[0])
		if m != nil {
			out = h.one(w, m, op, false)
		}
		res.Count[out]++
		res.Each = []ops.Outcome{out}
		return res
	}
	h.each(w, op, &res)
	return res
}

// each carries out an operation for several targets.
func (h *Hub) each(w World, op *ops.Op, res *ops.Result) {
	// A connection that is named by two of the targets, or not to be met, has to be known again.
	var seen map[*Member]ops.Outcome
	if op.To.Len() > 1 || op.Except.Len() > 0 {
		seen = make(map[*Member]ops.Outcome)
		for _, m := range h.members(w, &op.Except) {
			seen[m] = excepted
		}
	}
	run := func(list []*Member) (best ops.Outcome) {
		best = excepted
		for _, m := range list {
			out, again := seen[m]
			if !again {
				out = h.one(w, m, op, len(list) > 1 || op.To.Len() > 1)
				res.Count[out]++
				if seen != nil {
					seen[m] = out
				}
			}
			best = min(best, out)
		}
		return best
	}
	if op.All {
		run(w.All())
		return
	}
	res.Each = make([]ops.Outcome, 0, op.To.Len())
	one := make([]*Member, 1)
	for _, fd := range op.To.FDs {
		m, out := w.Find(fd)
		if m != nil {
			one[0] = m
			out = min(run(one), ops.Unknown)
		} else {
			res.Count[out]++
		}
		res.Each = append(res.Each, out)
	}
	for i, names := range [2][]string{op.To.UIDs, op.To.Groups} {
		for _, name := range names {
			list := h.named(i == 1, name)
			if len(list) == 0 {
				res.Count[ops.Unknown]++
			}
			res.Each = append(res.Each, min(run(list), ops.Unknown))
		}
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

package hub

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// Ask answers a query that has been checked, as far as the hub knows the answer. A list is what was there while it was made.
func (h *Hub) Ask(w World, q *ops.Query) ops.Answer {
	a := ops.Answer{Found: true}
	switch q.Ask {
	case ops.AskUID:
		pageOf(&a, h.named(false, q.Name), q)
	case ops.AskGroup:
		pageOf(&a, h.named(true, q.Name), q)
	case ops.AskConnections:
		pageOf(&a, w.All(), q)
	case ops.AskGroups:
		a.Total, a.Lines = h.walk(&h.groups, q)
	case ops.AskUIDs:
		a.Total, a.Lines = h.walk(&h.users, q)
	case ops.AskGroupUIDs:
		lines := h.usersOf(q.Name)
		a.Total = len(lines)
		a.Lines = page(slices.DeleteFunc(lines, func(l ops.Line) bool { return l.Name <= q.AfterName }), q.Limit+1)
	case ops.AskConnection:
		m, _ := w.Find(q.FD)
		if a.Found = m != nil; a.Found {
			a.UID, a.Groups = h.of(m)
		}
	case ops.AskMembers:
		if q.Name == "" {
			h.describe(&a, w.All(), q)
		} else {
			h.describe(&a, h.named(true, q.Name), q)
		}
	case ops.AskAttributes:
		m, _ := w.Find(q.FD)
		if a.Found = m != nil; a.Found {
			if a.Info = m.Attributes(); a.Info == nil {
				a.Info = []byte("{}")
			}
		}
	case ops.AskStats:
	}
	if len(a.Lines) > q.Limit {
		a.Lines, a.More = a.Lines[:q.Limit], true
	}
	return a
}

// pageOf makes a page of connections.
func pageOf(a *ops.Answer, members []*Member, q *ops.Query) {
	a.Total = len(members)
	if q.Limit == 0 {
		return
	}
	list := make([]uint64, 0, len(members))
	for _, m := range members {
		if fd := m.Conn.FD(); fd > q.After {
			list = append(list, fd)
		}
	}
	slices.Sort(list)
	if a.More = len(list) > q.Limit; a.More {
		list = list[:q.Limit]
	}
	a.FDs = list
}

// pageBytes is what the names in a page of members take, about: one that has so many ends early.
const pageBytes = 1 << 20

// describe makes a page of connections with their users and groups.
func (h *Hub) describe(a *ops.Answer, members []*Member, q *ops.Query) {
	a.Total = len(members)
	if q.Limit == 0 {
		return
	}
	members = slices.DeleteFunc(members, func(m *Member) bool { return m.Conn.FD() <= q.After })
	slices.SortFunc(members, func(a, b *Member) int { return cmp.Compare(a.Conn.FD(), b.Conn.FD()) })
	size := 0
	for _, m := range members {
		if a.More = len(a.Members) == q.Limit || size >= pageBytes; a.More {
			return
		}
		line := ops.Member{FD: m.Conn.FD()}
		line.UID, line.Groups = h.of(m)
		if q.Attributes {
			line.Attributes = m.Attributes()
		}
		size += len(line.UID) + len(line.Attributes)
		for _, g := range line.Groups {
			size += len(g)
		}
		a.Members = append(a.Members, line)
	}
}

// of returns the user and the groups of a connection.
func (h *Hub) of(m *Member) (uid string, groups []string) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if m.user.set != nil {
		uid = m.user.set.name
	}
	for i := range m.in {
		groups = append(groups, m.in[i].set.name)
	}
	slices.Sort(groups)
	return uid, groups
}

// usersOf returns the users in a group, with how many of its connections are theirs, in order.
func (h *Hub) usersOf(group string) []ops.Line {
	h.mu.RLock()
	defer h.mu.RUnlock()
	s := h.groups.byName[group]
	if s == nil {
		return nil
	}
	count := make(map[string]int)
	for _, m := range s.members {
		if m.user.set != nil {
			count[m.user.set.name]++
		}
	}
	lines := make([]ops.Line, 0, len(count))
	for name, n := range count {
		lines = append(lines, ops.Line{Name: name, Count: n})
	}
	slices.SortFunc(lines, byName)
	return lines
}

// stride is how many sets a walk looks at before it lets others have the lock.
const stride = 4096

// walk returns how many sets a table has, and one line more than the page.
func (h *Hub) walk(t *table, q *ops.Query) (total int, lines []ops.Line) {
	h.mu.RLock()
	total = len(t.order)
	h.mu.RUnlock()
	if q.Limit == 0 {
		return total, nil
	}
	// From the end to the start: a set that leaves is replaced by the last one, which was seen by then. So none is missed that is
	// there all the time; one may come twice.
	for end := total; end > 0; {
		h.mu.RLock()
		end = min(end, len(t.order))
		start := max(0, end-stride)
		for _, s := range t.order[start:end] {
			if s.name > q.AfterName {
				lines = append(lines, ops.Line{Name: s.name, Count: len(s.members)})
			}
		}
		h.mu.RUnlock()
		end = start
		if len(lines) > 2*(q.Limit+stride) {
			lines = page(lines, q.Limit+1)
		}
	}
	return total, page(lines, q.Limit+1)
}

// page puts lines in order and keeps the first n.
func page(lines []ops.Line, n int) []ops.Line {
	slices.SortFunc(lines, byName)
	lines = slices.CompactFunc(lines, func(a, b ops.Line) bool { return a.Name == b.Name })
	return lines[:min(n, len(lines))]
}

func byName(a, b ops.Line) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(b.Count, a.Count))
}

// Groups returns how many groups have a member.
func (h *Hub) Groups() int { h.mu.RLock(); defer h.mu.RUnlock(); return len(h.groups.order) }

// Memberships returns how many connections are in groups, each as often as it has groups.
func (h *Hub) Memberships() int { h.mu.RLock(); defer h.mu.RUnlock(); return h.memberships }

// Users returns how many users have a connection.
func (h *Hub) Users() int { h.mu.RLock(); defer h.mu.RUnlock(); return len(h.users.order) }

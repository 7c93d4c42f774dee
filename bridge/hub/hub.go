package hub

import (
	"sync"
	"sync/atomic"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// Conn is a connection, as far as the hub has to know it.
type Conn interface{ FD() uint64 }

// Member is a connection's part in groups. It is made to stand in its connection: the zero value with Conn set is ready.
// All but Conn is guarded by the hub's lock.
type Member struct {
	Conn Conn

	user slot
	in   []slot
	// where finds a group's slot in in, of a member that is in many; nil: a look at each is faster.
	where map[*set]uint32
	gone  bool

	// attributes is not the hub's lock's business: nil: none.
	attributes atomic.Pointer[[]byte]
}

// Attributes returns the attributes, a JSON object that nobody changes; nil: there are none. They stay when the member is dropped,
// since its close event brings them.
func (m *Member) Attributes() []byte {
	return bytesOf(m.attributes.Load())
}

// SetAttributes gives the member other attributes, as [ops.Attributes] writes them.
func (m *Member) SetAttributes(a []byte) {
	if len(a) <= len("{}") {
		m.attributes.Store(nil)
		return
	}
	m.attributes.Store(&a)
}

// MergeAttributes changes the attributes by [ops.Merge]; false: they would get too large.
func (m *Member) MergeAttributes(patch []byte) bool {
	for {
		old := m.attributes.Load()
		merged, err := ops.Merge(bytesOf(old), patch)
		if err != nil {
			return false
		}
		next := &merged
		if merged == nil {
			next = nil
		}
		if m.attributes.CompareAndSwap(old, next) {
			return true
		}
	}
}

func bytesOf(p *[]byte) []byte {
	if p == nil {
		return nil
	}
	return *p
}

// slot is a place in a set: members[at] is the member that has this slot.
type slot struct {
	set *set
	at  uint32
}

// set is a group, or the connections of a user.
type set struct {
	name    string
	members []*Member
	at      uint32 // in its table's order
}

// table is all groups, or all users. order is for walks that let others in between: see names.
type table struct {
	byName map[string]*set
	order  []*set
}

// manySlots is from when on a map finds a member's slot.
const manySlots = 16

// Hub holds groups and users. One lock guards all: what is done under it is short, since lists are copied or walked in pieces.
type Hub struct {
	mu     sync.RWMutex
	groups table
	users  table

	memberships int // in groups
}

// New returns an empty hub.
func New() *Hub {
	return &Hub{groups: table{byName: make(map[string]*set)}, users: table{byName: make(map[string]*set)}}
}

// Drop takes a member out of everything for good. It is called once the connection's end has begun.
func (h *Hub) Drop(m *Member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m.gone = true
	h.unbindLocked(m)
	for len(m.in) > 0 {
		h.leaveLocked(m, m.in[len(m.in)-1].set)
	}
	m.in, m.where = nil, nil
}

// Join makes m a member of groups; false: it was dropped.
func (h *Hub) Join(m *Member, groups []string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.gone {
		return false
	}
	for _, name := range groups {
		s := h.groups.get(name)
		if m.slotOf(s) >= 0 {
			continue
		}
		m.in = append(m.in, slot{s, uint32(len(s.members))})
		s.members = append(s.members, m)
		h.memberships++
		switch n := len(m.in); {
		case m.where != nil:
			m.where[s] = uint32(n - 1)
		case n > manySlots:
			m.where = make(map[*set]uint32, 2*n)
			for i := range m.in {
				m.where[m.in[i].set] = uint32(i)
			}
		}
	}
	return true
}

// Leave is the opposite of Join.
func (h *Hub) Leave(m *Member, groups []string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.gone {
		return false
	}
	for _, name := range groups {
		if s := h.groups.byName[name]; s != nil && m.slotOf(s) >= 0 {
			h.leaveLocked(m, s)
		}
	}
	return true
}

// Dissolve takes all members out of a group, and returns how many those were.
func (h *Hub) Dissolve(group string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.groups.byName[group]
	if s == nil {
		return 0
	}
	n := len(s.members)
	for len(s.members) > 0 {
		h.leaveLocked(s.members[len(s.members)-1], s)
	}
	return n
}

// Bind makes uid the user of m, which had none or another one before; false: it was dropped. With others it returns the user's other
// connections.
func (h *Hub) Bind(m *Member, uid string, others bool) (list []*Member, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.gone {
		return nil, false
	}
	if m.user.set == nil || m.user.set.name != uid {
		h.unbindLocked(m)
		s := h.users.get(uid)
		m.user = slot{s, uint32(len(s.members))}
		s.members = append(s.members, m)
	}
	if others {
		for _, o := range m.user.set.members {
			if o != m {
				list = append(list, o)
			}
		}
	}
	return list, true
}

// Unbind takes the user off a connection; false: it was dropped.
func (h *Hub) Unbind(m *Member) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unbindLocked(m)
	return !m.gone
}

func (h *Hub) unbindLocked(m *Member) {
	s := m.user.set
	if s == nil {
		return
	}
	if moved := s.remove(m.user.at); moved != nil {
		moved.user.at = m.user.at
	}
	m.user = slot{}
	h.users.dropIfEmpty(s)
}

// leaveLocked takes a member out of a group that it is in. What stands last takes the place, in both lists.
func (h *Hub) leaveLocked(m *Member, s *set) {
	h.memberships--
	i := m.slotOf(s)
	at := m.in[i].at
	if moved := s.remove(at); moved != nil {
		moved.in[moved.slotOf(s)].at = at
	}
	last := len(m.in) - 1
	m.in[i] = m.in[last]
	m.in[last] = slot{}
	m.in = m.in[:last]
	if m.where != nil {
		delete(m.where, s)
		if i != last {
			m.where[m.in[i].set] = uint32(i)
		}
	}
	h.groups.dropIfEmpty(s)
}

// slotOf returns which of m's slots is in s, or -1.
func (m *Member) slotOf(s *set) int {
	if m.where != nil {
		if i, ok := m.where[s]; ok {
			return int(i)
		}
		return -1
	}
	for i := range m.in {
		if m.in[i].set == s {
			return i
		}
	}
	return -1
}

// remove takes out the member at a place, and returns the one that is there now; nil: none.
func (s *set) remove(at uint32) *Member {
	last := len(s.members) - 1
	moved := s.members[last]
	s.members[at] = moved
	s.members[last] = nil
	s.members = s.members[:last]
	if int(at) == last {
		moved = nil
	}
	if c := cap(s.members); c > 64 && last < c/4 {
		s.members = append(make([]*Member, 0, c/2), s.members...)
	}
	return moved
}

func (t *table) get(name string) *set {
	s := t.byName[name]
	if s == nil {
		// The caller's name may be a piece of something large.
		s = &set{name: string(append([]byte(nil), name...)), at: uint32(len(t.order))}
		t.byName[s.name] = s
		t.order = append(t.order, s)
	}
	return s
}

func (t *table) dropIfEmpty(s *set) {
	if len(s.members) > 0 {
		return
	}
	delete(t.byName, s.name)
	last := len(t.order) - 1
	t.order[s.at] = t.order[last]
	t.order[s.at].at = s.at
	t.order[last] = nil
	t.order = t.order[:last]
	if c := cap(t.order); c > 1024 && last < c/4 {
		t.order = append(make([]*set, 0, c/2), t.order...)
	}
}

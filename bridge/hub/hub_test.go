package hub

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// conn is a connection that writes down what is done to it.
type conn struct {
	Member

	fd     uint64
	closed atomic.Bool
	pushes atomic.Int64
	result ops.Outcome
}

func (c *conn) FD() uint64 { return c.fd }

// world is connections 1 to n.
type world struct {
	hub   *Hub
	conns []*conn
}

func newWorld(n int) *world {
	w := &world{hub: New()}
	for fd := range n {
		c := &conn{fd: uint64(fd + 1)}
		c.Conn = c
		w.conns = append(w.conns, c)
	}
	return w
}

func (w *world) Find(fd uint64) (*Member, ops.Outcome) {
	if fd == 0 || fd > uint64(len(w.conns)) {
		return nil, ops.Unknown
	}
	c := w.conns[fd-1]
	if c.closed.Load() {
		return nil, ops.Gone
	}
	return &c.Member, ops.Done
}

func (w *world) All() []*Member {
	var list []*Member
	for _, c := range w.conns {
		if !c.closed.Load() {
			list = append(list, &c.Member)
		}
	}
	return list
}

func (w *world) Push(m *Member, _ *ops.Op, _ bool) ops.Outcome {
	c, _ := m.Conn.(*conn)
	if c.closed.Load() {
		return ops.Gone
	}
	c.pushes.Add(1)
	return c.result
}

func (w *world) Wait(*ops.Op) func(m *Member) ops.Outcome {
	return func(m *Member) ops.Outcome {
		c, _ := m.Conn.(*conn)
		if c.result == ops.Done && c.fd%2 == 0 {
			return ops.Late
		}
		return c.result
	}
}

func (w *world) Close(m *Member, _ uint16, _ string) ops.Outcome {
	c, _ := m.Conn.(*conn)
	if c.closed.Swap(true) {
		return ops.Gone
	}
	w.hub.Drop(m)
	return ops.Done
}

func (w *world) do(t testing.TB, op ops.Op) ops.Result {
	t.Helper()
	if err := op.Check(); err != nil {
		t.Fatalf("%+v: %v", op, err)
	}
	return w.hub.Do(w, &op)
}

func (w *world) pushed() string {
	var list []string
	for _, c := range w.conns {
		if n := c.pushes.Swap(0); n > 0 {
			list = append(list, strings.Repeat("+", int(n-1))+fmt.Sprint(c.fd))
		}
	}
	return strings.Join(list, " ")
}

// n is how many connections had each outcome of an operation that waits for nothing and sets no attributes.
func n(done, slow, gone, unknown int) [ops.Outcomes]int {
	return [ops.Outcomes]int{ops.Done: done, ops.Slow: slow, ops.Gone: gone, ops.Unknown: unknown}
}

func fds(list ...uint64) ops.Set  { return ops.Set{FDs: list} }
func uids(list ...string) ops.Set { return ops.Set{UIDs: list} }
func in(list ...string) ops.Set   { return ops.Set{Groups: list} }
func message(to, except ops.Set) ops.Op {
	return ops.Op{Kind: ops.Push, To: to, Except: except, Opcode: 1, Data: []byte("x")}
}

// room makes: group a = 1 2 3 4, group b = 3 4 5, users u = 1 5, v = 2; 6 is closed, 7 slow.
func room(t *testing.T) *world {
	w := newWorld(8)
	w.do(t, ops.Op{Kind: ops.Join, To: fds(1, 2, 3, 4), Groups: []string{"a"}})
	w.do(t, ops.Op{Kind: ops.Join, To: fds(3, 4, 5), Groups: []string{"b"}})
	w.do(t, ops.Op{Kind: ops.Bind, To: fds(1, 5), UID: "u"})
	w.do(t, ops.Op{Kind: ops.Bind, To: fds(2), UID: "v"})
	w.do(t, ops.Op{Kind: ops.Close, To: fds(6), Code: 1000})
	w.conns[6].result = ops.Slow
	return w
}

func TestTargetsAndWhatBecameOfThem(t *testing.T) {
	const d, s, g, u = ops.Done, ops.Slow, ops.Gone, ops.Unknown
	for _, c := range []struct {
		op   ops.Op
		to   string
		n    [ops.Outcomes]int
		each []ops.Outcome
	}{
		{message(fds(1), ops.Set{}), "1", n(1, 0, 0, 0), []ops.Outcome{d}},
		{message(fds(6), ops.Set{}), "", n(0, 0, 1, 0), []ops.Outcome{g}},
		{message(fds(99), ops.Set{}), "", n(0, 0, 0, 1), []ops.Outcome{u}},
		{message(fds(7), ops.Set{}), "7", n(0, 1, 0, 0), []ops.Outcome{s}},
		{message(fds(1, 1, 6, 99, 7), ops.Set{}), "1 7", n(1, 1, 1, 1), []ops.Outcome{d, d, g, u, s}},
		{message(in("a"), ops.Set{}), "1 2 3 4", n(4, 0, 0, 0), []ops.Outcome{d}},
		{message(in("a", "b", "none"), ops.Set{}), "1 2 3 4 5", n(5, 0, 0, 1), []ops.Outcome{d, d, u}},
		{message(uids("u"), ops.Set{}), "1 5", n(2, 0, 0, 0), []ops.Outcome{d}},
		{message(uids("u", "v", "w"), ops.Set{}), "1 2 5", n(3, 0, 0, 1), []ops.Outcome{d, d, u}},
		{message(ops.Set{FDs: []uint64{8}, UIDs: []string{"u"}, Groups: []string{"b"}}, ops.Set{}), "1 3 4 5 8", n(5, 0, 0, 0), []ops.Outcome{d, d, d}},
		{message(in("a"), fds(1, 99)), "2 3 4", n(3, 0, 0, 0), []ops.Outcome{d}},
		{message(in("a"), uids("u")), "2 3 4", n(3, 0, 0, 0), []ops.Outcome{d}},
		{message(in("a"), in("b")), "1 2", n(2, 0, 0, 0), []ops.Outcome{d}},
		{message(fds(1), fds(1)), "", n(0, 0, 0, 0), []ops.Outcome{u}},
		{ops.Op{Kind: ops.Push, All: true, Opcode: 1, Except: in("a")}, "5 7 8", n(2, 1, 0, 0), nil},
		{ops.Op{Kind: ops.Push, All: true, Opcode: 1}, "1 2 3 4 5 7 8", n(6, 1, 0, 0), nil},
	} {
		w := room(t)
		res := w.do(t, c.op)
		if got := w.pushed(); got != c.to || res.Count != c.n || !slices.Equal(res.Each, c.each) {
			t.Errorf("%+v:\n got %s %v %v\nwant %s %v %v", c.op, got, res.Count, res.Each, c.to, c.n, c.each)
		}
	}
}

func (w *world) ask(q ops.Query) ops.Answer {
	if q.Limit == 0 {
		q.Limit = 100
	}
	return w.hub.Ask(w, &q)
}

func TestJoinLeaveBind(t *testing.T) {
	w := room(t)
	if a := w.ask(ops.Query{Ask: ops.AskConnection, FD: 3}); !reflect.DeepEqual(a.Groups, []string{"a", "b"}) || a.UID != "" {
		t.Errorf("%+v", a)
	}
	w.do(t, ops.Op{Kind: ops.Leave, To: in("b"), Groups: []string{"a", "never"}})
	w.do(t, ops.Op{Kind: ops.Join, To: fds(1), Groups: []string{"a"}}) // again
	if a := w.ask(ops.Query{Ask: ops.AskGroup, Name: "a"}); !slices.Equal(a.FDs, []uint64{1, 2}) || a.Total != 2 {
		t.Errorf("%+v", a)
	}
	members := w.ask(ops.Query{Ask: ops.AskMembers, Name: "a"})
	if want := []ops.Member{{FD: 1, UID: "u", Groups: []string{"a"}}, {FD: 2, UID: "v", Groups: []string{"a"}}}; !reflect.DeepEqual(members.Members, want) {
		t.Errorf("%+v", members)
	}
	if page := w.ask(ops.Query{Ask: ops.AskMembers, After: 2, Limit: 1}); page.Total != 7 || !page.More || page.Members[0].FD != 3 {
		t.Errorf("%+v", page)
	}
	if res := w.do(t, ops.Op{Kind: ops.Dissolve, Groups: []string{"b", "none"}}); res.Count != n(3, 0, 0, 1) {
		t.Errorf("%+v", res)
	}
	if a := w.ask(ops.Query{Ask: ops.AskGroups}); !slices.Equal(a.Lines, []ops.Line{{Name: "a", Count: 2}}) || a.Total != 1 {
		t.Errorf("%+v", a)
	}
	w.do(t, ops.Op{Kind: ops.Bind, To: fds(5), UID: "v"}) // another user
	if a := w.ask(ops.Query{Ask: ops.AskUIDs}); !slices.Equal(a.Lines, []ops.Line{{Name: "u", Count: 1}, {Name: "v", Count: 2}}) {
		t.Errorf("%+v", a)
	}
	if a := w.ask(ops.Query{Ask: ops.AskGroupUIDs, Name: "a"}); !slices.Equal(a.Lines, []ops.Line{{Name: "u", Count: 1}, {Name: "v", Count: 1}}) {
		t.Errorf("%+v", a)
	}
	// The last one stays.
	w.do(t, ops.Op{Kind: ops.Bind, To: fds(8), UID: "v", Code: 4000, Reason: "elsewhere"})
	if a := w.ask(ops.Query{Ask: ops.AskUID, Name: "v"}); !slices.Equal(a.FDs, []uint64{8}) || !w.conns[1].closed.Load() || !w.conns[4].closed.Load() {
		t.Errorf("%+v", a)
	}
	w.do(t, ops.Op{Kind: ops.Unbind, To: fds(8, 7)})
	if a := w.ask(ops.Query{Ask: ops.AskUID, Name: "v"}); a.Total != 0 {
		t.Errorf("%+v", a)
	}
	if res := w.do(t, ops.Op{Kind: ops.Join, To: fds(6), Groups: []string{"a"}}); res.Count != n(0, 0, 1, 0) {
		t.Errorf("%+v", res)
	}
	for _, c := range w.conns {
		w.Close(&c.Member, 1000, "")
	}
	w.empty(t)
}

func (w *world) empty(t *testing.T) {
	t.Helper()
	for _, table := range []*table{&w.hub.groups, &w.hub.users} {
		if len(table.byName) != 0 || len(table.order) != 0 {
			t.Errorf("%d groups are left, %d in order", len(table.byName), len(table.order))
		}
	}
}

func TestPages(t *testing.T) {
	w := newWorld(2)
	var want []string
	for i := range 10000 {
		want = append(want, fmt.Sprintf("g%05d\x00\xff", i))
	}
	w.do(t, ops.Op{Kind: ops.Join, To: fds(1, 2), Groups: want})
	var got []string
	for q := (ops.Query{Ask: ops.AskGroups, Limit: 999}); ; {
		a := w.ask(q)
		for _, l := range a.Lines {
			got = append(got, l.Name)
		}
		if !a.More {
			break
		}
		q.AfterName = got[len(got)-1]
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d names", len(got))
	}
	if a := w.hub.Ask(w, &ops.Query{Ask: ops.AskGroups}); a.Total != 10000 || a.Lines != nil {
		t.Errorf("%d, %d lines", a.Total, len(a.Lines))
	}
	if a := w.ask(ops.Query{Ask: ops.AskGroup, Name: want[0], Limit: 1}); !a.More || a.FDs[0] != 1 {
		t.Errorf("%+v", a)
	}
	if a := w.ask(ops.Query{Ask: ops.AskGroup, Name: want[0], Limit: 1, After: 1}); a.More || a.FDs[0] != 2 {
		t.Errorf("%+v", a)
	}
}

// Whatever happens in whatever order: the hub says what a simple model says.
func TestAgainstAModel(t *testing.T) {
	w := newWorld(20)
	rnd := rand.New(rand.NewPCG(1, 2))
	model := make(map[string]map[uint64]bool)
	names := make([]string, 40)
	for i := range names {
		names[i] = fmt.Sprint(i)
		model[names[i]] = make(map[uint64]bool)
	}
	for range 20000 {
		fd, g := uint64(rnd.IntN(20)+1), names[rnd.IntN(len(names))]
		switch rnd.IntN(20) {
		case 0:
			w.hub.Dissolve(g)
			clear(model[g])
		case 1, 2, 3, 4, 5, 6, 7:
			w.do(t, ops.Op{Kind: ops.Leave, To: fds(fd), Groups: []string{g}})
			delete(model[g], fd)
		default:
			w.do(t, ops.Op{Kind: ops.Join, To: fds(fd), Groups: []string{g}})
			model[g][fd] = true
		}
		if a := w.ask(ops.Query{Ask: ops.AskGroup, Name: g}); len(a.FDs) != len(model[g]) {
			t.Fatalf("%s: %v, want %v", g, a.FDs, model[g])
		}
		if a := w.ask(ops.Query{Ask: ops.AskConnection, FD: fd}); slices.Contains(a.Groups, g) != model[g][fd] {
			t.Fatalf("%d: %v", fd, a.Groups)
		}
	}
	for _, c := range w.conns {
		w.Close(&c.Member, 1000, "")
	}
	w.empty(t)
}

// Everybody joins, binds, pushes and closes at once; in the end nothing is left of anybody.
func TestRaces(t *testing.T) {
	w := newWorld(200)
	var wg sync.WaitGroup
	for k := range 8 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(k), 1))
			for range 3000 {
				to, g := fds(uint64(rnd.IntN(220))), fmt.Sprint(rnd.IntN(30))
				op := ops.Op{Kind: ops.Join, To: to, Groups: []string{g}}
				switch rnd.IntN(8) {
				case 0:
					op = ops.Op{Kind: ops.Leave, To: to, Groups: []string{g}}
				case 1:
					op = message(in(g), in("3"))
				case 2:
					op = ops.Op{Kind: ops.Bind, To: to, UID: g}
				case 3:
					op = ops.Op{Kind: ops.Bind, To: to, UID: g, Code: 4000}
				case 4:
					w.ask(ops.Query{Ask: ops.AskGroups})
					w.ask(ops.Query{Ask: ops.AskGroupUIDs, Name: g})
				}
				w.hub.Do(w, &op)
			}
		})
	}
	for _, c := range w.conns {
		wg.Go(func() { w.Close(&c.Member, 1000, "") })
	}
	wg.Wait()
	w.empty(t)
}

func TestWhatIsWrongWithAnOperation(t *testing.T) {
	long := strings.Repeat("x", 256)
	for _, c := range []struct {
		field string
		op    ops.Op
	}{
		{"fd", ops.Op{Kind: ops.Push, Opcode: 1}},
		{"all", ops.Op{Kind: ops.Push, Opcode: 1, All: true, To: fds(1)}},
		{"uid", message(uids(long), ops.Set{})},
		{"group", message(in(""), ops.Set{})},
		{"except.uid", message(fds(1), uids(long))},
		{"opcode", ops.Op{Kind: ops.Push, To: fds(1), Opcode: 8}},
		{"data", ops.Op{Kind: ops.Push, To: fds(1), Opcode: 1, Data: []byte("\xff")}},
		{"code", ops.Op{Kind: ops.Close, To: fds(1), Code: 1005}},
		{"reason", ops.Op{Kind: ops.Close, To: fds(1), Code: 1000, Reason: long}},
		{"group", ops.Op{Kind: ops.Join, To: fds(1)}},
		{"uid", ops.Op{Kind: ops.Bind, To: fds(1)}},
		{"do", ops.Op{Kind: 99, To: fds(1)}},
	} {
		var e *ops.Error
		if err := c.op.Check(); !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("%s: %v", c.field, err)
		}
	}
}

// Bytes per membership: 100,000 of them, in few large groups and in many small ones.
func TestBytesPerMembership(t *testing.T) {
	for _, c := range []struct{ conns, groups, each, most int }{{10000, 1000, 10, 150}, {100000, 100000, 1, 150}, {1000, 100, 100, 150}} {
		w := newWorld(c.conns)
		names := make([]string, c.groups)
		for i := range names {
			names[i] = fmt.Sprintf("room-%09d", i)
		}
		before := heap()
		for i, m := range w.conns {
			for k := range c.each {
				w.hub.Join(&m.Member, names[(i+k*7)%c.groups:][:1])
			}
		}
		used := heap() - before
		n := c.conns * c.each
		t.Logf("%d connections in %d of %d groups each: %d bytes per membership", c.conns, c.each, c.groups, used/n)
		if used/n > c.most && !raceEnabled {
			t.Errorf("%d bytes per membership", used/n)
		}
		runtime.KeepAlive(w)
		runtime.KeepAlive(names)
	}
}

func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func BenchmarkJoinLeave(b *testing.B) {
	w := newWorld(100000)
	for _, c := range w.conns {
		w.hub.Join(&c.Member, []string{"all"})
	}
	group := []string{"all"}
	for i := 0; b.Loop(); i++ {
		m := &w.conns[i%len(w.conns)].Member
		w.hub.Leave(m, group)
		w.hub.Join(m, group)
	}
}

func TestAttributes(t *testing.T) {
	w := room(t)
	set := func(kind ops.Kind, to ops.Set, a string) ops.Result {
		return w.do(t, ops.Op{Kind: kind, To: to, Attributes: []byte(a)})
	}
	get := func(fd uint64) string { return string(w.ask(ops.Query{Ask: ops.AskAttributes, FD: fd}).Info) }
	if res := set(ops.SetAttributes, ops.Set{FDs: []uint64{1, 6, 99}, Groups: []string{"b"}}, `{"n":1, "o":{"p":1}}`); res.Count != n(4, 0, 1, 1) {
		t.Errorf("%+v", res)
	}
	set(ops.MergeAttributes, uids("u"), `{"n":null,"o":{"q":2}}`)
	for fd, want := range map[uint64]string{1: `{"o":{"p":1,"q":2}}`, 2: `{}`, 3: `{"n":1,"o":{"p":1}}`, 5: `{"o":{"p":1,"q":2}}`} {
		if got := get(fd); got != want {
			t.Errorf("%d: %s, want %s", fd, got, want)
		}
	}
	if res := set(ops.MergeAttributes, fds(1), `{"big":"`+strings.Repeat("x", 4070)+`"}`); res.Each[0] != ops.Full || get(1) != `{"o":{"p":1,"q":2}}` {
		t.Errorf("%+v", res)
	}
	set(ops.SetAttributes, fds(1), `{}`)
	if w.conns[0].Attributes() != nil || w.ask(ops.Query{Ask: ops.AskAttributes, FD: 6}).Found {
		t.Error("none are something")
	}
	// Merges at the same time lose nothing, and the close event finds them.
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { set(ops.MergeAttributes, fds(2), fmt.Sprintf(`{"k%d":%d}`, i, i)) })
	}
	wg.Wait()
	w.do(t, ops.Op{Kind: ops.Close, To: fds(2), Code: 1000})
	if got := w.conns[1].Attributes(); strings.Count(string(got), ":") != 20 {
		t.Errorf("%s", got)
	}
}

package registry

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// one is a connection.
type one struct{ fd uint64 }

func fdsOf(list []*one) []uint64 {
	var fds []uint64
	for _, s := range list {
		fds = append(fds, s.fd)
	}
	return fds
}

func everybody(*one) bool { return true }

// Sessions come out of order and go in any order; lists stay ascending, and the room of those who left is given back.
func TestRegistryIsAscendingAndGivesRoomBack(t *testing.T) {
	var r Registry[one]
	r.Init()
	rnd := rand.New(rand.NewPCG(1, 2))
	all := make(map[uint64]*one)
	for fd := uint64(1); fd <= 2000; fd += 10 {
		var group []*one
		for k := range uint64(10) {
			group = append(group, &one{fd + k})
		}
		rnd.Shuffle(10, func(i, j int) { group[i], group[j] = group[j], group[i] })
		for _, s := range group {
			r.Add(s.fd, s)
			all[s.fd] = s
		}
	}
	check := func() {
		t.Helper()
		var want []uint64
		for fd := range all {
			want = append(want, fd)
		}
		slices.Sort(want)
		if got := fdsOf(r.After(0, 0, everybody)); !slices.Equal(got, want) {
			t.Fatalf("%d listed, %d there", len(got), len(want))
		}
		if r.Count() != len(want) {
			t.Fatalf("count %d of %d", r.Count(), len(want))
		}
	}
	check()
	for fd := range all {
		if len(all) == 10 {
			break
		}
		r.Remove(fd)
		delete(all, fd)
		if r.Get(fd) != nil {
			t.Fatal("it is still found")
		}
		if len(all)%97 == 0 {
			check()
		}
	}
	check()
	if len(r.order) > 100 || cap(r.order) > 200 {
		t.Errorf("room for %d of 10 sessions", cap(r.order))
	}
	n := 0
	for i := range Shards {
		for _, s := range r.AppendShard(nil, i) {
			n++
			if all[s.fd] != s || s.fd%Shards != uint64(i) {
				t.Errorf("fd %d in shard %d", s.fd, i)
			}
		}
	}
	if n != 10 {
		t.Errorf("the shards hold %d", n)
	}
}

func TestRegistryPages(t *testing.T) {
	var r Registry[one]
	r.Init()
	s := make(map[uint64]*one)
	for _, fd := range []uint64{3, 5, 8, 9, 20} {
		s[fd] = &one{fd}
		r.Add(fd, s[fd])
	}
	r.Remove(8)
	r.Remove(8)
	r.Remove(1)
	if r.Count() != 4 {
		t.Errorf("%d, want 4: an fd leaves once", r.Count())
	}
	for _, c := range []struct {
		after uint64
		limit int
		want  []uint64
	}{
		{0, 0, []uint64{3, 5, 9, 20}},
		{0, 2, []uint64{3, 5}},
		{5, 2, []uint64{9, 20}},
		{8, 0, []uint64{9, 20}},
		{4, 1, []uint64{5}},
		{20, 0, nil},
		{21, 0, nil},
	} {
		if got := fdsOf(r.After(c.after, c.limit, everybody)); !slices.Equal(got, c.want) {
			t.Errorf("after %d, at most %d: %v, want %v", c.after, c.limit, got, c.want)
		}
	}
	if got := fdsOf(r.After(0, 2, func(s *one) bool { return s.fd > 4 })); !slices.Equal(got, []uint64{5, 9}) {
		t.Errorf("a limit counts who is kept: %v", got)
	}
}

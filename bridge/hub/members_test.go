package hub

import (
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// A page of members ends early when what it carries gets large; the next one goes on behind it, and none is missed.
func TestPagesOfLargeMembers(t *testing.T) {
	const n = 700
	w := newWorld(n)
	attributes := []byte(`{"a":"` + strings.Repeat("x", 4000) + `"}`)
	for _, c := range w.conns {
		c.SetAttributes(attributes)
	}
	w.do(t, ops.Op{Kind: ops.Join, All: true, Groups: []string{"g"}})
	for _, q := range []ops.Query{{Ask: ops.AskMembers, Attributes: true}, {Ask: ops.AskMembers, Name: "g", Attributes: true}} {
		pages, seen := 0, 0
		for q.Limit = ops.MaxPage; ; pages++ {
			a := w.ask(q)
			if a.Total != n {
				t.Fatalf("%d in all", a.Total)
			}
			for _, m := range a.Members {
				if seen++; m.FD != uint64(seen) || len(m.Attributes) != len(attributes) || len(m.Groups) != 1 {
					t.Fatalf("%d: %d %d", seen, m.FD, len(m.Attributes))
				}
			}
			if !a.More {
				break
			}
			q.After = a.Members[len(a.Members)-1].FD
		}
		if seen != n || pages == 0 || pages > 4 {
			t.Errorf("%d in %d pages", seen, pages+1)
		}
	}
	if a := w.ask(ops.Query{Ask: ops.AskMembers, Limit: ops.MaxPage}); len(a.Members) != n || a.Members[0].Attributes != nil {
		t.Errorf("%d without attributes", len(a.Members))
	}
}

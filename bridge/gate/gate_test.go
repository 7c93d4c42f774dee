package gate

import (
	"sync"
	"testing"
)

func TestLimits(t *testing.T) {
	g := Gate{MostPerAddress: 2}
	for i, c := range []struct {
		addr string
		want Refusal
		in   bool
	}{
		{"a", 0, true},
		{"a", 0, true},
		{"a", Address, false},
		{"b", 0, true},
		{"b", Full, false},
	} {
		why, in := g.Enter(3, c.addr)
		if why != c.want || in != c.in {
			t.Errorf("%d: %v, %v", i, why, in)
		}
	}
	g.Leave("a")
	g.Leave("b")
	if len(g.address) != 1 || g.Count() != 1 {
		t.Errorf("%d addresses and %d connections are in", len(g.address), g.Count())
	}
	g.Close()
	if why, in := g.Enter(0, "c"); why != Draining || in {
		t.Errorf("behind a closed gate: %v, %v", why, in)
	}
}

// Whoever is known at all is known when Close returns.
func TestCloseWaitsForThoseWhoAreEntering(t *testing.T) {
	for range 200 {
		var g Gate
		var mu sync.Mutex
		var wg sync.WaitGroup
		in, known := 0, 0
		for range 8 {
			wg.Go(func() {
				if _, ok := g.Enter(0, ""); ok && g.Open() {
					mu.Lock()
					known++
					mu.Unlock()
					g.Entered()
				}
			})
		}
		g.Close()
		mu.Lock()
		in = known
		mu.Unlock()
		wg.Wait()
		if in != known || g.Open() {
			t.Fatalf("%d were known when the gate closed, %d came", in, known)
		}
	}
}

func TestEveryRefusalHasItsName(t *testing.T) {
	seen := map[string]bool{}
	for r := range Refusal(Refusals) {
		if name := r.String(); name == "unknown" || seen[name] {
			t.Errorf("refusal %d is %q", r, name)
		}
		seen[r.String()] = true
	}
	if Refusal(Refusals).String() != "unknown" {
		t.Error("there is one more")
	}
}

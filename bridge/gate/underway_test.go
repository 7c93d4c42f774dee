package gate

import (
	"sync"
	"testing"
)

func TestUnderway(t *testing.T) {
	var u Underway
	for i, want := range []bool{true, true, false} {
		if got := u.Enter(2); got != want {
			t.Errorf("%d: %v", i, got)
		}
	}
	if u.Count() != 2 || !u.Full(2) || u.Full(3) || u.Full(0) || !u.Enter(0) {
		t.Error(u.Count())
	}
	for range 3 {
		u.Leave()
	}
	if u.Count() != 0 || u.Full(1) {
		t.Error(u.Count())
	}
}

// Never more than that, however many come at once: who is told no was never counted, or somebody else would be told no for it.
func TestUnderwayAtOnce(t *testing.T) {
	var u Underway
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				if u.Enter(3) {
					if n := u.Count(); n > 3 {
						t.Errorf("%d are in", n)
					}
					u.Leave()
				}
			}
		})
	}
	wg.Wait()
	if u.Count() != 0 {
		t.Error(u.Count())
	}
}

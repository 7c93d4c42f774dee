package workers

import (
	"testing"
	"time"
)

// A worker shows that it is fast before it gets more than one event, and a slow event or idleness makes it one again.
func TestAhead(t *testing.T) {
	const limit = 512
	now := int64(1e9)
	a := ahead{most: 1}
	// round sends as much as it may, which takes no time, and is told after took that all of it was begun.
	round := func(took time.Duration, wanted bool) (n int) {
		for a.room(now) {
			a.sent(now)
			n++
		}
		now += int64(took)
		a.began(n, 0, now, wanted, limit)
		return n
	}
	for i := range aheadProof {
		if n := round(20*time.Microsecond, true); n != 1 {
			t.Fatalf("round %d: %d events", i, n)
		}
	}
	for range 20 {
		round(20*time.Microsecond, false)
	}
	if a.most != 1 {
		t.Errorf("%d when nobody waits", a.most)
	}
	n := 0
	for range 40 {
		n = round(20*time.Microsecond, true)
	}
	if n != limit {
		t.Errorf("%d events of no time at all", n)
	}
	for range 40 {
		n = round(40*time.Microsecond+time.Duration(n)*3*time.Microsecond, true)
	}
	if n < 200 || n > 400 {
		t.Errorf("%d events of 3 µs each", n)
	}
	round(50*time.Millisecond, true)
	if n = round(20*time.Microsecond, true); n == 1 {
		t.Error("one pause in many events is no slow event")
	}
	for range 40 {
		round(20*time.Microsecond, true)
	}
	now += aheadIdle + 1
	if n = round(2*time.Millisecond, true); n != 1 {
		t.Errorf("%d events after a rest", n)
	}
	for range 200 {
		if n = round(2*time.Millisecond, true); n != 1 {
			t.Fatalf("%d events of 2 ms", n)
		}
	}
	a.most = 10
	a.sent(now)
	if now += aheadTime; !a.room(now) {
		t.Error("no room after a millisecond")
	}
	if now++; a.room(now) {
		t.Error("room while the first event has been away for longer")
	}
}

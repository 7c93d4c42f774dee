package inbox

import (
	"testing"

	"github.com/fpmbridge/fpmbridge/callback"
)

func TestInboxCountsWhatItHolds(t *testing.T) {
	var b Box
	add := func(typ callback.EventType, payload string) *Event {
		q := New()
		q.Type, q.Payload = typ, append(q.Payload, payload...)
		b.Push(q)
		return q
	}
	add(callback.Open, "")
	head := add(callback.Message, "four")
	if b.Pop().Type != callback.Open || b.messages != 1 || b.bytes != 4 {
		t.Fatalf("%d messages, %d bytes", b.messages, b.bytes)
	}
	add(callback.Message, "dropped")
	add(callback.Close, "why")
	add(callback.Message, "dropped too")
	head.Sent = true
	space := b.Room()
	if n := b.Drop((*Event).Bounded); n != 2 {
		t.Errorf("%d dropped, want 2", n)
	}
	select {
	case <-space:
	default:
		t.Error("a reader that waits for room was not woken")
	}
	if b.head != head || b.head.next.Type != callback.Close || b.head.next.next != nil || b.tail != b.head.next || b.messages != 1 || b.bytes != 4 {
		t.Error("the head with PHP and the close event must stay")
	}
	head.Sent = false
	if n := b.Drop((*Event).Bounded); n != 1 || b.messages != 0 || b.bytes != 0 || b.head != b.tail {
		t.Errorf("%d dropped, %d messages, %d bytes left", n, b.messages, b.bytes)
	}
	if b.Pop(); b.head != nil || b.tail != nil {
		t.Error("not empty")
	}
}

func TestInboxIsFullByMessagesAndByBytes(t *testing.T) {
	for _, c := range []struct {
		messages, bytes, n int
		want               bool
	}{
		{0, 0, 1 << 30, false}, {1, 10, 0, false}, {1, 60, 40, false}, {1, 60, 41, true}, {3, 3, 0, true}, {1, 0, 101, true},
	} {
		b := Box{messages: c.messages, bytes: c.bytes}
		if got := b.Full(c.n, 3, 100); got != c.want {
			t.Errorf("%+v: full is %v", c, got)
		}
	}
}

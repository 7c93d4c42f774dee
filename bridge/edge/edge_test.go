package edge

import (
	"strings"
	"testing"
)

func beats(t testing.TB) *Beats {
	t.Helper()
	b, err := New([]Beat{
		{Message: []byte("ping"), Reply: []byte("pong")},
		{Message: []byte("2"), Reply: []byte("3")},
		{Message: []byte("quiet"), Swallow: true},
		{Message: []byte("\xff"), Binary: true, Reply: []byte("\x00\xff")},
		{Message: []byte("ping"), Binary: true, Swallow: true},
		{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFind(t *testing.T) {
	b := beats(t)
	for _, c := range []struct {
		opcode        uint8
		message       string
		reply         string
		answer, found bool
	}{
		{1, "ping", "pong", true, true},
		{2, "ping", "", false, true},
		{1, "2", "3", true, true},
		{1, "quiet", "", false, true},
		{2, "\xff", "\x00\xff", true, true},
		{1, "", "", true, true},
		{2, "", "", false, false},
		{2, "quiet", "", false, false},
		{1, "Ping", "", false, false},
		{1, "ping ", "", false, false},
		{1, "pin", "", false, false},
		{1, strings.Repeat("x", 5000), "", false, false},
	} {
		reply, answer, found := b.Find(c.opcode, []byte(c.message))
		if string(reply) != c.reply || answer != c.answer || found != c.found {
			t.Errorf("%d %.10q: %q %v %v", c.opcode, c.message, reply, answer, found)
		}
	}
	if _, _, found := (*Beats)(nil).Find(1, nil); found {
		t.Error("none has one")
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	if b, err := New(nil); b != nil || err != nil {
		t.Error(b, err)
	}
	_, err := New(append(make([]Beat, MaxBeats), Beat{Message: []byte("\xff")}, Beat{Reply: make([]byte, MaxBytes+1)}))
	for _, part := range []string{"at most 64", "heartbeat 1: another", "heartbeat 64: a text", "heartbeat 65: a message"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in %v", part, err)
		}
	}
}

func TestAllocations(t *testing.T) {
	b := beats(t)
	for _, m := range []string{"ping", "pang", "", strings.Repeat("x", 2000)} {
		p := []byte(m)
		if n := testing.AllocsPerRun(100, func() { b.Find(1, p) }); n != 0 {
			t.Errorf("%.10q: %v allocations", m, n)
		}
	}
}

// Find is a map's lookup.
func FuzzFind(f *testing.F) {
	f.Add("ping", "2", "ping", uint8(1))
	f.Add("", "\xff", "", uint8(2))
	f.Fuzz(func(t *testing.T, first, second, message string, opcode uint8) {
		b, err := New([]Beat{{Message: []byte(first), Binary: true, Reply: []byte("1")}, {Message: []byte(second), Reply: []byte("2")}})
		if err != nil {
			return
		}
		want := map[string]string{"\x02" + first: "1", "\x01" + second: "2"}
		reply, _, found := b.Find(opcode, []byte(message))
		if w, ok := want[string([]byte{opcode})+message]; found != ok || string(reply) != w {
			t.Errorf("%q %v, want %q %v", reply, found, w, ok)
		}
	})
}

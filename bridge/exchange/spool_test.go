package exchange

import (
	"math/rand/v2"
	"testing"
)

// What is read is what was written, whatever the sizes are, and files that were read are given back.
func TestBacklogIsAQueue(t *testing.T) {
	spool := NewSpool(12<<20, 100<<20)
	x := New(Config{Settings: &Settings{}, Spool: spool, Unspooled: func(err error) { t.Error(err) }})
	r := rand.New(rand.NewPCG(1, 2))
	wrote, read := 0, 0
	p := make([]byte, 1<<20)
	for range 500 {
		if r.IntN(2) == 0 {
			part := Part{Data: make([]byte, r.IntN(1<<20)+1)}
			for i := range part.Data {
				part.Data[i] = byte((wrote + i) % 251)
			}
			n := len(part.Data)
			x.mu.Lock()
			if x.spoolLocked(&part) == Taken {
				wrote += n
			} else if wrote-read < 6<<20 {
				t.Fatalf("no room with %d bytes", wrote-read)
			}
			x.mu.Unlock()
			continue
		}
		for want := r.IntN(1 << 20); want > 0 && read < wrote; {
			n, err := x.readBacklog(p[:want])
			if err != nil {
				t.Fatal(err)
			}
			for i := range n {
				if p[i] != byte((read+i)%251) {
					t.Fatalf("another byte at %d", read+i)
				}
			}
			read += n
			want -= n
		}
		if over := int(spool.Bytes()) - (wrote - read); over < 0 || over > 6<<20 {
			t.Fatalf("%d bytes on disk for %d", spool.Bytes(), wrote-read)
		}
	}
	x.Finish()
	if spool.Bytes() != 0 || read < 20<<20 {
		t.Errorf("%d bytes on disk, %d read", spool.Bytes(), read)
	}
}

// A script that writes byte by byte takes no more memory for its slow client than one that writes at once.
func TestManySmallParts(t *testing.T) {
	x := New(Config{Settings: &Settings{}, Spool: NewSpool(1<<20, 1<<20), Unspooled: func(err error) { t.Error(err) }})
	for range 100_000 {
		if got := x.Add(Part{Data: []byte("x")}, 0); got != Taken {
			t.Fatal(got)
		}
	}
	if len(x.parts) > exchangeBytes/partBytes+1 {
		t.Errorf("%d parts", len(x.parts))
	}
	x.Finish()
}

func TestSpoolSharesWhatThereIs(t *testing.T) {
	s := NewSpool(100, 150)
	a, b, c := &Exchange{}, &Exchange{}, &Exchange{}
	if v, ok := s.grow(a, 100); v != nil || !ok {
		t.Error("a")
	}
	if v, ok := s.grow(b, 50); v != nil || !ok {
		t.Error("b")
	}
	if v, ok := s.grow(a, 1); v != nil || ok {
		t.Error("who has most gives nobody up")
	}
	if v, ok := s.grow(c, 10); v != a || !ok || s.Bytes() != 60 {
		t.Errorf("c: %d bytes", s.Bytes())
	}
	s.shrink(a, 0) // it ends, and has nothing any more
	s.shrink(b, 0)
	s.shrink(c, 0)
	if s.Bytes() != 0 {
		t.Errorf("%d bytes", s.Bytes())
	}
}

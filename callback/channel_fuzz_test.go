package callback

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
)

// heard is all that a channel says until its end.
func heard(t *testing.T, early, rest []byte, n int) (items []string, end string) {
	t.Helper()
	c := NewChannel(&pieces{rest: rest, size: n}, early)
	for {
		err := c.Read()
		if err == nil && len(c.Items) == 0 {
			t.Fatal("a Read that says nothing")
		}
		for i := range c.Items {
			it := &c.Items[i]
			if it.Kind == ItemInstruction {
				checkInstruction(t, &it.Instruction, true)
			}
			op, job := it.Instruction.Op, it.Instruction.Job
			it.Instruction.Op, it.Instruction.Job = nil, nil // it is what they point at that counts
			items = append(items, fmt.Sprintf("%+v %+v %+v", *it, op, job))
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, ErrMalformed) && !errors.Is(err, io.EOF) {
			t.Fatalf("neither the end nor nonsense: %v", err)
		}
		return items, err.Error()
	}
}

// What a worker says does not depend on how it comes.
func FuzzChannel(f *testing.F) {
	var all []byte
	for _, fix := range fixtures[frameFixture](f, "frames.json") {
		all = append(all, unhex(f, fix.Hex)...)
		f.Add(unhex(f, fix.Hex), 0, 7)
	}
	f.Add(all, 40, 100)
	f.Add(encodeFrames(pushFrame(7, "x"), endFrame(1, 0), endFrame(2, 1), frame{typ: frameAck, id: 3}), 50, 1)
	f.Add(encodeFrames(endFrame(1, 2)), 0, 31)
	f.Add(encodeFrames(pushFrame(7, string(make([]byte, 100<<10))), endFrame(1, 0)), 10, 30<<10)
	f.Fuzz(func(t *testing.T, b []byte, early, n int) {
		early, n = min(max(early, 0), len(b)), max(n, 1)
		items, end := heard(t, nil, b, len(b))
		again, endAgain := heard(t, b[:early], b[early:], n)
		if !slices.Equal(items, again) || end != endAgain {
			t.Errorf("at once: %v, then %s\nin pieces: %v, then %s", items, end, again, endAgain)
		}
	})
}

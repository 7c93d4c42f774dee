package callback

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"unicode/utf8"

	"github.com/fpmbridge/fpmbridge/internal/rawconn"
)

func FuzzFrame(f *testing.F) {
	for _, fix := range fixtures[frameFixture](f, "frames.json") {
		f.Add(unhex(f, fix.Hex))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, n, err := parseFrame(b, maxFrame)
		if err != nil {
			return
		}
		if again := got.append(nil); !bytes.Equal(again, b[:n]) {
			t.Errorf("%x became %x", b[:n], again)
		}
	})
}

// Whatever comes: no panic, a reason for every event that is not done, and instructions that hold to the contract.
func FuzzFramedAnswer(f *testing.F) {
	var all []byte
	for _, fix := range fixtures[frameFixture](f, "frames.json") {
		all = append(all, unhex(f, fix.Hex)...)
		f.Add(unhex(f, fix.Hex))
	}
	f.Add(all)
	f.Add(encodeFrames(pushFrame(7, "x"), endFrame(1, 0), endFrame(2, 2), endFrame(3, 3)))
	f.Add(encodeFrames(logFrame("x"), endFrame(1, 1), endFrame(2, 0), endFrame(3, 0)))
	f.Fuzz(func(t *testing.T, body []byte) {
		var reply Reply
		events := messages(3)
		events[2].Type = Describe
		reply.reset(len(events))
		n, err := reply.decodeFrames(body, events, "x")
		if (n < len(events)) != (err != nil) {
			t.Fatalf("%d events and %v", n, err)
		}
		for i := range reply.Results {
			r := &reply.Results[i]
			if i < n && (r.Outcome == Done) != (r.Err == nil) {
				t.Fatalf("result %d: %d, %v", i, r.Outcome, r.Err)
			}
			for _, in := range r.Instructions {
				checkInstruction(t, &in, i < n && r.Outcome == Done)
			}
		}
	})
}

func checkInstruction(t *testing.T, in *Instruction, done bool) {
	switch {
	case in.Kind != KindLog && !done:
		t.Errorf("an event that is not done has %+v", in)
	case in.FDs != nil && in.FD != 0:
		t.Errorf("two targets: %+v", in)
	case in.Kind == KindPush && (in.Opcode > maxOpcode || in.Opcode >= opcodeControl && len(in.Data) > maxControl):
		t.Errorf("%+v", in)
	case in.Kind == KindClose && len(in.Data) > maxReason:
		t.Errorf("%+v", in)
	}
}

// What is accepted is JSON, in the eyes of encoding/json too, and says the same there.
func FuzzPlainAnswer(f *testing.F) {
	for _, fix := range fixtures[plainFixture](f, "plain-answers.json") {
		f.Add([]byte(fix.Body), fix.Event == "describe")
	}
	f.Add([]byte(`{"instructions":[{"do":"push","uid":["a",{"base64":"/w=="}],"all":true,"except":{"fd":[1],"uid":"b","group":"c"},"data":"x"}]}`), false)
	f.Add([]byte(`{"instructions":[{"do":"join","group":["a"]},{"do":"bind","uid":"u","code":4000},{"do":"close","group":"g","reason":"r"}]}`), false)
	f.Fuzz(func(t *testing.T, body []byte, describe bool) {
		var reply Reply
		reply.reset(1)
		d := answerDecoder{reply: &reply, event: &Event{Type: Message, FD: 7}}
		if describe {
			d.event.Type = Describe
		}
		if err := d.decode(body); err != nil {
			if len(reply.instrs)+len(reply.fds) != 0 {
				t.Error("a bad answer left something")
			}
			return
		}
		var want struct {
			Instructions []struct {
				Do     string          `json:"do"`
				FD     json.RawMessage `json:"fd"`
				Data   *string         `json:"data"`
				Base64 *[]byte         `json:"data_base64"`
				Reason string          `json:"reason"`
			} `json:"instructions"`
		}
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatalf("accepted %s, but: %v", body, err)
		}
		if len(want.Instructions) != len(reply.instrs) {
			t.Fatalf("%d instructions of %d", len(reply.instrs), len(want.Instructions))
		}
		for i, w := range want.Instructions {
			in := &reply.instrs[i]
			if in.Kind == KindOp {
				if err := in.Op.Check(); err != nil && in.Op.To.Len() > 0 || in.Op.Kind.String() != w.Do {
					t.Errorf("%+v of %s: %v", in.Op, body, err)
				}
				continue
			}
			checkInstruction(t, in, true)
			data := w.Reason
			if w.Data != nil {
				data = *w.Data
			} else if w.Base64 != nil {
				data = string(*w.Base64)
			}
			if string(in.Data) != data || (w.Do == "push") != (in.Kind == KindPush) {
				t.Errorf("%+v of %s", in, body)
			}
			if in.Kind == KindPush && in.Opcode == opcodeText && !utf8.Valid(in.Data) {
				t.Errorf("text %q", in.Data)
			}
			var fds []uint64
			switch {
			case w.FD == nil:
				fds = []uint64{7}
			case w.FD[0] != '[':
				fds = []uint64{0}
				_ = json.Unmarshal(w.FD, &fds[0])
			default:
				_ = json.Unmarshal(w.FD, &fds)
			}
			got := in.FDs
			if got == nil {
				got = []uint64{in.FD}
			}
			if len(fds) != len(got) {
				t.Fatalf("fds %d, want %d", got, fds)
			}
			for j := range fds {
				if fds[j] != got[j] {
					t.Errorf("fds %d, want %d", got, fds)
				}
			}
		}
	})
}

func FuzzDescription(f *testing.F) {
	for _, fix := range fixtures[descriptionFixture](f, "descriptions.json") {
		f.Add([]byte(fix.Meta))
	}
	f.Fuzz(func(t *testing.T, meta []byte) {
		if d, err := parseDescription(meta, 1); (d == nil) == (err == nil) {
			t.Errorf("%v and %v", d, err)
		}
	})
}

// Whatever PHP sends, in whatever pieces: no panic, no more memory than a query may have, and whole frames back.
func FuzzServer(f *testing.F) {
	for _, fix := range fixtures[frameFixture](f, "frames.json") {
		f.Add(unhex(f, fix.Hex), uint8(7), true)
	}
	f.Add(encodeFrames(helloFrame(), query(frameCount, 1, 0, 0)), uint8(0), false)
	f.Add(encodeFrames(ask136(1, 1, `{"sizes":[1,2]}`, "abc"), ask136(2, 1, `{"sizes":[4]}`, "wait")), uint8(99), true)
	f.Fuzz(func(t *testing.T, stream []byte, piece uint8, known bool) {
		s, err := NewServer(ServerOptions{Token: "s3cret", Connections: fakeConns{n: 3}, Workers: &fakeWorkers{left: make(chan struct{})}})
		if err != nil {
			t.Fatal(err)
		}
		c := &pieces{rest: stream, size: int(piece) + 1}
		p := peer{server: s, conn: rawconn.New(c, nil), ctx: t.Context(), known: known}
		_ = p.serve()
		if limit := map[bool]int{false: maxHello, true: maxFrame}[p.known]; cap(p.in) > limit+2*readBuffer {
			t.Errorf("a buffer of %d bytes", cap(p.in))
		}
		for out := c.out; len(out) > 0; {
			reply, n, err := parseFrame(out, maxFrame)
			if err != nil || reply.typ != frameReply || len(reply.meta) > 0 && !json.Valid(reply.meta) {
				t.Fatalf("reply %x: %v", out, err)
			}
			out = out[n:]
		}
	})
}

// pieces is a peer that sends a stream in pieces and keeps what comes back.
type pieces struct {
	countConn

	rest, out []byte
	size      int
}

func (c *pieces) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.rest[:min(c.size, len(c.rest))])
	c.rest = c.rest[n:]
	return n, nil
}

func (c *pieces) Write(p []byte) (int, error) {
	c.out = append(c.out, p...)
	return len(p), nil
}

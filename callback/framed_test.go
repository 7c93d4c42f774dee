package callback

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

func messages(n int) []*Event {
	events := make([]*Event, n)
	for i := range events {
		events[i] = &Event{
			Type: Message, Attempt: 1, Opcode: 1, Flags: 33, ID: uint64(i + 1), FD: uint64(i + 101),
			Payload: []byte("hello"), Conn: &Conn{},
		}
	}
	return events
}

// sum writes a result in one line.
func sum(r *Result) string {
	name := [...]string{"done", "failed", "again", "down"}[r.Outcome]
	for _, reason := range []struct {
		err  error
		text string
	}{
		{ErrDown, "down"},
		{ErrOverloaded, "overloaded"},
		{ErrNoSlot, "no slot"},
		{ErrTimeout, "timeout"},
		{ErrCanceled, "canceled"},
		{ErrClosed, "closed"},
		{ErrReset, "reset"},
		{ErrTruncated, "truncated"},
		{ErrScript, "script"},
		{ErrBadAnswer, "bad answer"},
		{ErrTooLarge, "too large"},
		{ErrRequest, "request"},
		{ErrUnsupported, "unsupported"},
		{ErrNotRun, "not run"},
	} {
		if errors.Is(r.Err, reason.err) {
			name += " " + reason.text
		}
	}
	for _, in := range r.Instructions {
		to := fmt.Sprint(in.FD)
		if in.FDs != nil {
			to = fmt.Sprint(in.FDs)
		}
		switch in.Kind {
		case KindPush:
			name += fmt.Sprintf(" push(%s,%s)", to, in.Data)
		case KindClose:
			name += fmt.Sprintf(" close(%s,%d,%s)", to, in.Code, in.Data)
		case KindLog:
			name += fmt.Sprintf(" log(%s)", in.Data)
		default:
			name += fmt.Sprintf(" %d", in.Kind)
		}
	}
	return name
}

func sums(reply *Reply) []string {
	out := make([]string, len(reply.Results))
	for i := range reply.Results {
		out[i] = sum(&reply.Results[i])
	}
	return out
}

// What becomes of a batch of three, answer by answer.
func TestFramedAnswers(t *testing.T) {
	failed := endFrame(2, endFailed)
	failed.meta = []byte(`{"error":"boom","file":"/srv/chat.php","line":9}`)
	three := []frame{pushFrame(7, "a"), endFrame(1, 0), pushFrame(8, "b"), endFrame(2, 0), endFrame(3, 0)}
	cutInSecond := framesAnswer(pushFrame(7, "a"), endFrame(1, 0), logFrame("l"), pushFrame(8, "b"))
	list := frame{typ: uint8(KindPush), opcode: 2, code: 2, meta: []byte("\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02"), payload: []byte("x")}
	closes := list
	closes.typ, closes.opcode, closes.code, closes.payload = uint8(KindClose), 0, 4000, []byte("bye")
	for _, test := range []struct {
		name   string
		answer fakeAnswer
		remote bool // not Local
		want   []string
		err    string // in the first error that is there
	}{
		{
			name: "all done", answer: fakeAnswer{stdout: framesAnswer(three...)},
			want: []string{"done push(7,a)", "done push(8,b)", "done"},
		},
		{
			name: "lists", answer: fakeAnswer{stdout: framesAnswer(list, closes, endFrame(1, 0), endFrame(2, 0), endFrame(3, 0))},
			want: []string{"done push([1 2],x) close([1 2],4000,bye)", "done", "done"},
		},
		{
			name:   "a bare close ignores the code",
			answer: fakeAnswer{stdout: framesAnswer(frame{typ: 65, flags: CloseBare, fd: 7, code: 99}, endFrame(1, 0), endFrame(2, 0), endFrame(3, 0))},
			want:   []string{"done close(7,0,)", "done", "done"},
		},
		{
			name:   "one failed: its log lines stay",
			answer: fakeAnswer{stdout: framesAnswer(endFrame(1, 0), pushFrame(8, "b"), logFrame("l"), failed, pushFrame(9, "c"), endFrame(3, 0))},
			want:   []string{"done", "failed script log(l)", "done push(9,c)"}, err: "/srv/chat.php: boom (/srv/chat.php:9)",
		},
		{
			name:   "the script called exit",
			answer: fakeAnswer{stdout: framesAnswer(pushFrame(7, "a"), endFrame(1, endExit), endFrame(2, endNotStarted), logFrame("l"), endFrame(3, endNotStarted))},
			want:   []string{"done push(7,a)", "again not run", "again not run log(l)"},
		},
		{
			name: "the first event cannot be not started", answer: fakeAnswer{stdout: framesAnswer(endFrame(1, endNotStarted), endFrame(2, 0), endFrame(3, 0))},
			want: []string{"failed bad answer", "failed bad answer", "failed bad answer"}, err: "byte 0, event 1",
		},
		{
			name:   "not started after instructions",
			answer: fakeAnswer{stdout: framesAnswer(endFrame(1, endExit), pushFrame(7, "a"), endFrame(2, endNotStarted), endFrame(3, 0))},
			want:   []string{"done", "failed bad answer", "failed bad answer"}, err: "byte 73, event 2",
		},
		{
			name: "crash inside the second: the third never started", answer: fakeAnswer{stdout: cutInSecond, cut: true},
			want: []string{"done push(7,a)", "failed truncated log(l)", "again truncated"},
		},
		{
			name: "crash inside a frame", answer: fakeAnswer{stdout: cutInSecond[:len(cutInSecond)-1], cut: true},
			want: []string{"done push(7,a)", "failed truncated log(l)", "again truncated"},
		},
		{
			name: "over TCP the last bytes may be lost", answer: fakeAnswer{stdout: cutInSecond, cut: true}, remote: true,
			want: []string{"done push(7,a)", "failed truncated log(l)", "failed truncated"},
		},
		{
			name: "crash before anything", answer: fakeAnswer{cut: true},
			want: []string{"failed reset", "again reset", "again reset"},
		},
		{
			name: "crash before anything, over TCP", answer: fakeAnswer{cut: true}, remote: true,
			want: []string{"failed reset", "failed reset", "failed reset"},
		},
		{
			name: "crash with only stderr", answer: fakeAnswer{stderr: "NOTICE", cut: true},
			want: []string{"failed truncated", "again truncated", "again truncated"},
		},
		{
			name: "crash after the last end", answer: fakeAnswer{stdout: framesAnswer(three...), cut: true},
			want: []string{"done push(7,a)", "done push(8,b)", "done"},
		},
		{
			name: "a loop in the second: who knows about the third", answer: fakeAnswer{stdout: cutInSecond, hang: true},
			want: []string{"done push(7,a)", "failed timeout log(l)", "failed timeout"},
		},
		{
			// The SDK was finished off, but END_REQUEST does not prove that PHP was: see fastcgi_finish_request().
			name: "complete, without the last two ends", answer: fakeAnswer{stdout: framesAnswer(endFrame(1, 0))},
			want: []string{"done", "failed bad answer", "failed bad answer"}, err: "byte 40, event 2",
		},
		{
			name: "wrong id", answer: fakeAnswer{stdout: framesAnswer(endFrame(1, 0), endFrame(3, 0))},
			want: []string{"done", "failed bad answer", "failed bad answer"}, err: "byte 40, event 2: end of event 3",
		},
		{
			name: "garbage proves nothing even if it breaks off", answer: fakeAnswer{stdout: framesAnswer(endFrame(1, 0)) + strings.Repeat("<b>", 20), cut: true},
			want: []string{"done", "failed bad answer", "failed bad answer"}, err: "byte 40, event 2",
		},
		{
			name: "printed after the last end", answer: fakeAnswer{stdout: framesAnswer(three...) + "bye\n"},
			want: []string{"done push(7,a)", "done push(8,b)", "done"},
		},
		{
			name: "another content type", answer: fakeAnswer{stdout: "Content-Type: text/html\r\n\r\nFatal error"},
			want: []string{"failed bad answer", "failed bad answer", "failed bad answer"}, err: `Content-Type "text/html"`,
		},
		{
			name: "status 500", answer: fakeAnswer{stdout: "Status: 500 Internal Server Error\r\n" + framesAnswer(three...)},
			want: []string{"failed script", "failed script", "failed script"}, err: "/srv/chat.php: status 500",
		},
		{
			name: "application status", answer: fakeAnswer{stdout: framesAnswer(pushFrame(1, "a"), logFrame("l"), endFrame(1, 0)), app: 9},
			want: []string{"failed script log(l)", "failed script", "failed script"}, err: "status 9",
		},
		{
			name: "overloaded", answer: fakeAnswer{status: 2},
			want: []string{"again overloaded", "again overloaded", "again overloaded"},
		},
		{
			name: "unknown role", answer: fakeAnswer{status: 3},
			want: []string{"failed unsupported", "failed unsupported", "failed unsupported"},
		},
		{
			name: "no header block", answer: fakeAnswer{stdout: "hello"},
			want: []string{"failed bad answer", "failed bad answer", "failed bad answer"},
		},
		{
			name: "9 MiB", answer: fakeAnswer{stdout: framesAnswer(endFrame(1, 0)) + strings.Repeat("x", 9<<20)},
			want: []string{"done", "failed bad answer", "failed bad answer"},
		},
		{
			name: "9 MiB that could be one frame", answer: fakeAnswer{stdout: framesAnswer(endFrame(1, 0)) + "\x00\xff\xff\xff\x40\x01\x01" + strings.Repeat("\x00", 9<<20)},
			want: []string{"done", "failed too large", "failed too large"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got fakeRequest
			client := fakeFPM(t, func(r *fakeRequest) fakeAnswer { got = *r; return test.answer })
			s := newScript(t, client, func(o *ScriptOptions) { o.Local, o.Timeout = !test.remote, 200*time.Millisecond })
			if !test.answer.hang {
				s.opts.Timeout = 10 * time.Second
			}
			var reply Reply
			defer reply.Release()
			s.Call(t.Context(), 3, messages(3), &reply)
			if diff := cmp.Diff(test.want, sums(&reply)); diff != "" {
				t.Error(diff)
			}
			if test.err != "" {
				if all := fmt.Sprint(reply.Results[0].Err, reply.Results[1].Err); !strings.Contains(all, test.err) {
					t.Errorf("errors %s do not say %q", all, test.err)
				}
			}
			want := append(append(appendEvent(nil, messages(1)[0], time.Time{}), appendEvent(nil, messages(2)[1], time.Time{})...), appendEvent(nil, messages(3)[2], time.Time{})...)
			if string(got.stdin) != string(want) {
				t.Errorf("PHP got %x", got.stdin)
			}
		})
	}
}

// Each field out of its range makes a bad answer, with the place of the frame.
func TestFramesWithValuesThatAreNotAllowed(t *testing.T) {
	push, cls := pushFrame(7, "x"), frame{typ: 65, fd: 7, code: 1000}
	change := func(f frame, do func(f *frame)) frame { do(&f); return f }
	for _, test := range []struct {
		name string
		f    frame
		want string
	}{
		{"push: opcode", change(push, func(f *frame) { f.opcode = 11 }), "opcode 11"},
		{"push: flags", change(push, func(f *frame) { f.flags = 33 }), "flags 0x21"},
		{"push: ping too long", change(push, func(f *frame) { f.opcode, f.payload = 9, make([]byte, 126) }), "126 bytes"},
		{"push: list shorter than said", change(push, func(f *frame) { f.fd, f.code, f.meta = 0, 2, make([]byte, 8) }), "8 bytes of meta"},
		{"push: list longer than said", change(push, func(f *frame) { f.meta = make([]byte, 8) }), "8 bytes of meta"},
		{"push: list of 2^29 fds, of which none is there", change(push, func(f *frame) { f.fd, f.code = 0, 1<<29 }), "0 bytes of meta"},
		{"push: list and fd", change(push, func(f *frame) { f.code, f.meta = 1, make([]byte, 8) }), "fd 7"},
		{"close: code 0", change(cls, func(f *frame) { f.code = 0 }), "code 0"},
		{"close: code 65536", change(cls, func(f *frame) { f.code = 65536 }), "code 65536"},
		{"close: flags", change(cls, func(f *frame) { f.flags = 8 }), "flags 0x8"},
		{"close: reason", change(cls, func(f *frame) { f.payload = make([]byte, 124) }), "124 bytes"},
		{"close: half an fd", change(cls, func(f *frame) { f.fd, f.meta = 0, make([]byte, 12) }), "12 bytes of meta"},
		{"log: level", frame{typ: 66, code: 4}, "level 4"},
		{"log: meta", frame{typ: 66, meta: []byte("{")}, "meta is not valid"},
		{"response: status", frame{typ: 69, fd: 7, code: 5<<16 | 1000}, "status 1000"},
		{"connection: opcode", frame{typ: 73, fd: 7, opcode: 7}, "opcode 7"},
		{"connection: half a uid", frame{typ: 73, fd: 7, opcode: 4, payload: make([]byte, 7)}, "7 bytes of payload"},
		{"connection: pause with a payload", frame{typ: 73, fd: 7, opcode: 2, payload: []byte("x")}, "1 bytes of payload"},
		{"connection: a long ping", frame{typ: 73, fd: 7, opcode: 5, payload: make([]byte, 9)}, "9 bytes of payload"},
		{"connection: a long goaway", frame{typ: 73, fd: 7, opcode: 6, payload: make([]byte, 1025)}, "1025 bytes of payload"},
		{"description outside of describe", frame{typ: frameDescription, meta: []byte("{}")}, "type 67"},
		{"an event", frame{typ: 3}, "type 3"},
		{"unknown type", frame{typ: 200}, "type 200"},
		{"end: code", endFrame(1, 4), "code 4"},
		{"end: short hash", frame{typ: frameEnd, id: 1, payload: []byte("1234567")}, "7 bytes"},
		{"end: meta", frame{typ: frameEnd, id: 1, code: 1, meta: []byte("x"), payload: []byte(testHash)}, "meta is not valid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var reply Reply
			reply.reset(1)
			body := encodeFrames(logFrame("before"), push, test.f, endFrame(1, 0))
			n, err := reply.decodeFrames(body, messages(1), "/srv/chat.php")
			if n != 0 || err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "byte 71, event 1") {
				t.Errorf("%d events, %v; want %q at byte 71", n, err, test.want)
			}
			if got := sum(&reply.Results[0]); got != "done log(before)" {
				t.Errorf("left %s", got)
			}
		})
	}
}

func TestTransportFailures(t *testing.T) {
	kind := func(err error, started bool) error { return &fcgi.Error{Kind: err, Started: started} }
	for _, test := range []struct {
		err  error
		want string
	}{
		{kind(&fcgi.DialError{Network: "unix", Address: "/x", Err: errors.New("no")}, false), "down down"},
		{kind(fcgi.ErrOverloaded, false), "again overloaded"},
		{kind(fcgi.ErrNoSlot, false), "again no slot"},
		{kind(fcgi.ErrReset, false), "again reset"},
		{kind(fcgi.ErrReset, true), "failed reset"},
		{kind(fcgi.ErrTruncated, true), "failed truncated"},
		{kind(fcgi.ErrDeadline, true), "failed timeout"},
		{kind(fcgi.ErrDeadline, false), "again timeout"},
		{kind(fcgi.ErrCanceled, true), "failed canceled"},
		{kind(fcgi.ErrCanceled, false), "again canceled"},
		{kind(fcgi.ErrClosed, true), "failed closed"},
		{kind(fcgi.ErrClosed, false), "again closed"},
		{kind(fcgi.ErrCantMultiplex, false), "failed unsupported"},
		{kind(fcgi.ErrUnknownRole, false), "failed unsupported"},
		{kind(fcgi.ErrParamTooLarge, false), "failed request"},
		{kind(fcgi.ErrBadParams, false), "failed request"},
		{kind(fcgi.ErrAnswerTooLarge, true), "failed too large"},
		{kind(fcgi.ErrGarbage, true), "failed bad answer"},
		{kind(fcgi.ErrHeaderMissing, true), "failed bad answer"},
		{kind(fcgi.ErrHeaderTooLarge, true), "failed bad answer"},
		{kind(&fcgi.AppStatusError{Status: 3}, true), "failed script"},
		{errors.New("something else"), "failed reset"},
	} {
		s := newScript(t, doerFunc(func(context.Context, *fcgi.Request) (*fcgi.Response, error) { return nil, test.err }), nil)
		for _, encoding := range []Encoding{Plain, Framed} {
			s.opts.Encoding = encoding
			var reply Reply
			s.Call(t.Context(), 0, messages(1), &reply)
			if got := sum(&reply.Results[0]); got != test.want {
				t.Errorf("%s, %v: %s, want %s", encoding, test.err, got, test.want)
			}
			if err := reply.Results[0].Err; !errors.Is(err, test.err) || !strings.Contains(err.Error(), "/srv/chat.php") {
				t.Errorf("%v does not name the script and wrap %v", err, test.err)
			}
		}
	}
}

type doerFunc func(context.Context, *fcgi.Request) (*fcgi.Response, error)

func (f doerFunc) Do(ctx context.Context, r *fcgi.Request) (*fcgi.Response, error) { return f(ctx, r) }

// A Reply that is used again holds nothing of the call before.
func TestReplyIsUsedAgain(t *testing.T) {
	answers := make(chan fakeAnswer, 1)
	s := newScript(t, fakeFPM(t, func(*fakeRequest) fakeAnswer { return <-answers }), nil)
	var reply Reply
	defer reply.Release()
	answers <- fakeAnswer{stdout: framesAnswer(pushFrame(1, "a"), endFrame(1, 0), endFrame(2, 0)), stderr: "noise"}
	s.Call(t.Context(), 0, messages(2), &reply)
	if string(reply.Stderr) != "noise" || len(reply.Results) != 2 {
		t.Fatalf("%+v", reply)
	}
	answers <- fakeAnswer{stdout: "Content-Type: text/plain\r\n\r\n" + strings.Repeat("x", maxOutput+5)}
	s.Call(t.Context(), 0, messages(1), &reply)
	if len(reply.Stderr) != 0 || len(reply.Results) != 1 || len(reply.Output) != maxOutput || reply.OutputDropped != 5 {
		t.Fatalf("stderr %q, %d results, %d bytes of output", reply.Stderr, len(reply.Results), len(reply.Output))
	}
	reply.Release()
	if len(reply.Results) != 0 || reply.Output != nil || reply.response != nil {
		t.Fatalf("released: %+v", reply)
	}
	s.Call(t.Context(), 0, nil, &reply)
	if len(reply.Results) != 0 {
		t.Fatal("results without events")
	}
}

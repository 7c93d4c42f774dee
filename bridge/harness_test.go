package bridge

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/memnet"
	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

func (b *Bridge) Count() int { return b.CountOn(-1) }

func (b *Bridge) List(after uint64, limit int, dst []callback.ConnStatus) ([]callback.ConnStatus, bool) {
	return b.ListOn(-1, after, limit, dst)
}

// heard is an event as a fake PHP heard it.
type heard struct {
	callback.Event

	slot    int
	outcome callback.Outcome
}

func (h heard) String() string {
	s := fmt.Sprintf("%d:%s", h.FD, h.Type)
	switch h.Type {
	case callback.Message:
		s += fmt.Sprintf("(%.20s)", h.Payload)
	case callback.Close:
		s += fmt.Sprintf("(%d %s)", h.Code, h.Cause)
	default:
	}
	return s
}

// fakeScript is a PHP of this process.
type fakeScript struct {
	description atomic.Pointer[callback.Description]
	// answer is called for each event, from many goroutines; it may block. nil: all is done.
	answer func(ev *callback.Event) callback.Result
	// whole replaces answer for requests as a whole.
	whole func(ctx context.Context, events []*callback.Event, reply *callback.Reply)

	jobs  bool // events without a connection come at the same time
	ahead bool // it is a plain one, whose events may be sent ahead

	mu      sync.Mutex
	log     []heard
	batches []int
	aheads  []int
	busy    map[uint64]bool
	broken  []string
}

func newFakeScript(answer func(ev *callback.Event) callback.Result) *fakeScript {
	s := &fakeScript{answer: answer, busy: make(map[uint64]bool)}
	s.describe(callback.Description{Kind: callback.KindPlain, Encoding: callback.Framed, Events: []string{"open", "message", "close"}})
	return s
}

func (s *fakeScript) describe(d callback.Description) { s.description.Store(&d) }

func (s *fakeScript) Description() *callback.Description { return s.description.Load() }

func (s *fakeScript) Pipelines() bool { return s.ahead }

func (s *fakeScript) CallEach(ctx context.Context, slot int, events []*callback.Event, reply *callback.Reply, done func(first int)) {
	if s.ahead {
		s.mu.Lock()
		s.aheads = append(s.aheads, len(events))
		s.mu.Unlock()
		for i := range events {
			s.Call(ctx, slot, events[i:i+1], reply)
			done(i)
		}
		return
	}
	s.Call(ctx, slot, events, reply)
	done(0)
}

func (s *fakeScript) Call(ctx context.Context, slot int, events []*callback.Event, reply *callback.Reply) {
	reply.Results = make([]callback.Result, len(events))
	copies := make([]heard, len(events))
	s.mu.Lock()
	s.batches = append(s.batches, len(events))
	for i, ev := range events {
		copies[i] = heard{Event: *ev, slot: slot}
		copies[i].Payload = bytes.Clone(ev.Payload)
		if s.busy[ev.FD] && (ev.FD != 0 || !s.jobs) {
			s.broken = append(s.broken, fmt.Sprintf("fd %d has two events with PHP", ev.FD))
		}
		s.busy[ev.FD] = true
	}
	s.mu.Unlock()
	switch {
	case s.whole != nil:
		s.whole(ctx, events, reply)
	case s.answer != nil:
		for i, ev := range events {
			reply.Results[i] = s.answer(ev)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range copies {
		copies[i].outcome = reply.Results[i].Outcome
		s.busy[events[i].FD] = false
	}
	s.log = append(s.log, copies...)
}

// events returns what PHP was told and started, in order of completion.
func (s *fakeScript) events() []heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []heard
	for _, h := range s.log {
		if h.outcome == callback.Done || h.outcome == callback.Failed {
			list = append(list, h)
		}
	}
	return list
}

// story is the events in one line.
func (s *fakeScript) story() string {
	var words []string
	for _, h := range s.events() {
		words = append(words, h.String())
	}
	return strings.Join(words, " ")
}

func (s *fakeScript) last() heard {
	list := s.events()
	if len(list) == 0 {
		return heard{}
	}
	return list[len(list)-1]
}

// check holds promise 1: open first, close last and once, one at a time. closed: each open must have its close. unopened: there
// are connections that never become WebSockets.
func (s *fakeScript) check(t testing.TB, closed, unopened bool) {
	t.Helper()
	for _, what := range s.broken {
		t.Error(what)
	}
	byFD := make(map[uint64][]heard)
	for _, h := range s.events() {
		byFD[h.FD] = append(byFD[h.FD], h)
	}
	wantsOpen := s.Description().Wants(callback.Open)
	wantsClose := s.Description().Wants(callback.Close)
	wantsConnect := s.Description().Wants(callback.Connect)
	delete(byFD, 0) // jobs
	for fd, list := range byFD {
		if wantsConnect {
			if list[0].Type != callback.Connect {
				t.Errorf("fd %d: connect comes first: %v", fd, list)
			}
			list = list[1:]
		}
		if len(list) == 1 && list[0].Type == callback.Handshake && s.Description().Encoding == callback.Plain {
			continue // not let in: it has no other event
		}
		id := uint64(0)
		for i, h := range list {
			if (h.Type == callback.Open) != (i == 0 && wantsOpen) && !unopened {
				t.Errorf("fd %d: event %d is %s: open comes first and once: %v", fd, i, h.Type, list)
			}
			if h.Type == callback.Close && i != len(list)-1 {
				t.Errorf("fd %d: events after close: %v", fd, list)
			}
			if h.ID <= id {
				t.Errorf("fd %d: event id %d after %d: %v", fd, h.ID, id, list)
			}
			id = h.ID
		}
		if closed && wantsClose && list[len(list)-1].Type != callback.Close {
			t.Errorf("fd %d has no close event: %v", fd, list)
		}
	}
}

// fixture is a bridge on an in-memory network, inside of a bubble.
type fixture struct {
	t      *testing.T
	b      *Bridge
	script *fakeScript
	ln     *memnet.Listener
	stop   context.CancelFunc
	done   chan error
	logged *testlog.Buffer
	// unclosed: PHP cannot hear of every close in this test.
	unclosed bool
	// unopened: some connections stay without their upgrade.
	unopened bool
}

// bubble runs a test in a synctest bubble with a bridge whose one route is script's. set may change the options.
func bubble(t *testing.T, answer func(ev *callback.Event) callback.Result, set func(o *Options), run func(f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, newFakeScript(answer), set)
		run(f)
	})
}

func newFixture(t *testing.T, script *fakeScript, set func(o *Options), made ...func(b *Bridge)) *fixture {
	t.Helper()
	f := &fixture{t: t, script: script, ln: memnet.Listen(), done: make(chan error, 1), logged: &testlog.Buffer{}}
	o := Options{
		Routes: []Route{{Path: "/", Script: script, Name: "test.php"}},
		Log:    slog.New(slog.NewTextHandler(f.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if set != nil {
		set(&o)
	}
	var err error
	if f.b, err = New(o); err != nil {
		t.Fatal(err)
	}
	for _, f2 := range made {
		f2(f.b)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f.stop = cancel
	go func() { f.done <- f.b.Run(ctx, []net.Listener{f.ln}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-f.done; err != nil {
			t.Errorf("Run: %v", err)
		}
		f.script.check(t, !f.unclosed, f.unopened)
		if n := f.b.Count(); n != 0 && !f.unclosed {
			t.Errorf("%d connections are left in the registry", n)
		}
		// Who PHP still has when the bridge is over may be in the registry, and not admitted: its handshake waited.
		if n, known := f.b.gate.Count(), f.b.Count(); n > known || n < known && !f.unclosed {
			t.Errorf("the gate counts %d connections, the registry %d", f.b.gate.Count(), f.b.Count())
		}
		if t.Failed() {
			t.Logf("log:\n%s", f.logged)
		}
	})
	return f
}

// ask sends a request, whatever it is, and returns the client that has the response's head.
func (f *fixture) ask(request string) *client { f.t.Helper(); return f.askFrom("192.0.2.1", request) }

func (f *fixture) askFrom(ip, request string) *client {
	f.t.Helper()
	conn, err := f.ln.Dial(ip)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = conn.Close() })
	return newClient(f.t, conn, request)
}

// dial opens a WebSocket.
func (f *fixture) dial(lines ...string) *client {
	f.t.Helper()
	c := f.ask(handshake("/", lines...))
	if c.resp.StatusCode != 101 {
		f.t.Fatalf("handshake: %s", c.resp.Status)
	}
	return c
}

func (f *fixture) wantStory(want string) {
	f.t.Helper()
	synctest.Wait()
	if got := f.script.story(); got != want {
		f.t.Fatalf("PHP heard\n  %s\nwant\n  %s", got, want)
	}
}

// do makes an answer of instructions.
func do(list ...callback.Instruction) callback.Result { return callback.Result{Instructions: list} }

func push(fd uint64, s string) callback.Instruction {
	return callback.Instruction{Kind: callback.KindPush, Opcode: opText, Flags: callback.FlagFIN, FD: fd, Data: []byte(s)}
}

func pushMany(s string, fds ...uint64) callback.Instruction {
	in := push(0, s)
	in.FDs = fds
	return in
}

func closeFD(fd uint64, code uint16, reason string, flags uint8) callback.Instruction {
	return callback.Instruction{Kind: callback.KindClose, FD: fd, Code: code, Data: []byte(reason), Flags: flags}
}

// echo answers messages with themselves.
func echo(ev *callback.Event) callback.Result {
	if ev.Type != callback.Message {
		return callback.Result{}
	}
	in := push(ev.FD, string(ev.Payload))
	in.Opcode = ev.Opcode
	return do(in)
}

// sorted is a story whose connections may have been served in any order, by fd.
func (s *fakeScript) sorted() string {
	list := s.events()
	slices.SortStableFunc(list, func(a, b heard) int { return int(a.FD) - int(b.FD) })
	var words []string
	for _, h := range list {
		words = append(words, h.String())
	}
	return strings.Join(words, " ")
}

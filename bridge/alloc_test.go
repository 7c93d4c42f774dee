//go:build !race

// The race detector allocates for itself; ci/test.sh runs these tests without it.

package bridge

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// echoScript allocates nothing itself.
type echoScript struct {
	description callback.Description
	results     []callback.Result
	in          [1]callback.Instruction
}

func (s *echoScript) Description() *callback.Description { return &s.description }

func (s *echoScript) Pipelines() bool { return false }

func (s *echoScript) CallEach(ctx context.Context, slot int, events []*callback.Event, reply *callback.Reply, done func(first int)) {
	s.Call(ctx, slot, events, reply)
	done(0)
}

func (s *echoScript) Call(_ context.Context, _ int, events []*callback.Event, reply *callback.Reply) {
	s.results[0] = callback.Result{}
	if ev := events[0]; ev.Type == callback.Message {
		s.in[0] = callback.Instruction{Kind: callback.KindPush, Opcode: ev.Opcode, Flags: callback.FlagFIN, FD: ev.FD, Data: ev.Payload}
		s.results[0].Instructions = s.in[:]
	}
	reply.Results = s.results
}

// A heartbeat, and a message that is none where there are heartbeats.
func TestAllocationsOfAHeartbeat(t *testing.T) {
	for _, message := range []string{"ping", "pong"} {
		testAllocations(t, Route{Heartbeats: []Heartbeat{{Message: []byte("ping"), Reply: []byte("pong")}}}, message)
	}
}

// A message from the socket through inlet, inbox, dispatcher and router to the socket.
func TestAllocationsOfAnEvent(t *testing.T) {
	testAllocations(t, Route{}, "sixty-four bytes of a message, as the benchmark sends them, here.")
}

// testAllocations sends a message that is answered by one of its size, and pushes it from outside.
func testAllocations(t *testing.T, route Route, message string) {
	t.Helper()
	script := &echoScript{results: make([]callback.Result, 1)}
	script.description = callback.Description{Events: []string{"message"}}
	route.Path, route.Script = "/", script
	b, err := New(Options{Routes: []Route{route}, Workers: 1, ShutdownSpread: -1, PingInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	e := newEchoes(t, b, message)
	e.wantNone("event", e.round)
	op := ops.Op{Kind: ops.Push, To: ops.Set{FDs: []uint64{1}}, Opcode: 1, Data: e.request[6:]}
	e.wantNone("push", func() {
		res, rest := b.Do(&op)
		if res.Count[ops.Done] != 1 || res.Each[0] != ops.Done {
			t.Fatalf("%+v", res)
		}
		rest.Flush()
		e.read()
	})
	e.stop()
}

// echoes is a bridge on TCP and one client, which gets back what it sends.
type echoes struct {
	t               *testing.T
	conn            net.Conn
	client          *client
	request, answer []byte
	cancel          context.CancelFunc
	done            chan error
}

func newEchoes(t *testing.T, b *Bridge, message string) *echoes {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &echoes{t: t, request: []byte(masked(text, message)), done: make(chan error, 1)}
	e.answer = make([]byte, len(e.request)-4)
	var ctx context.Context
	ctx, e.cancel = context.WithCancel(t.Context())
	go func() { e.done <- b.Run(ctx, []net.Listener{ln}) }()
	if e.conn, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.conn.Close() })
	_ = e.conn.SetDeadline(time.Now().Add(20 * time.Second))
	e.client = newClient(t, e.conn, handshake("/"))
	return e
}

func (e *echoes) read() {
	if _, err := io.ReadFull(e.client.br, e.answer); err != nil {
		e.t.Fatal(err)
	}
}

func (e *echoes) round() {
	if _, err := e.conn.Write(e.request); err != nil {
		e.t.Fatal(err)
	}
	e.read()
}

// wantNone counts what one does, after some that fill pools.
func (e *echoes) wantNone(what string, one func()) {
	e.t.Helper()
	for range 200 {
		one()
	}
	if n := testing.AllocsPerRun(2000, one); n >= 1 {
		e.t.Errorf("%v allocations for each %s of %q", n, what, e.request[6:])
	}
}

func (e *echoes) stop() {
	e.t.Helper()
	e.cancel()
	_ = e.conn.Close()
	if err := <-e.done; err != nil {
		e.t.Error(err)
	}
}

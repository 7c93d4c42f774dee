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

// testAllocations sends a message that is answered by one of its size.
func testAllocations(t *testing.T, route Route, message string) {
	t.Helper()
	script := &echoScript{results: make([]callback.Result, 1)}
	script.description = callback.Description{Events: []string{"message"}}
	route.Path, route.Script = "/", script
	b, err := New(Options{Routes: []Route{route}, Workers: 1, ShutdownSpread: -1, PingInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx, []net.Listener{ln}) }()
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	c := newClient(t, conn, handshake("/"))
	request := []byte(masked(text, message))
	answer := make([]byte, len(request)-4)
	round := func() {
		if _, err := conn.Write(request); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c.br, answer); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		round()
	}
	if n := testing.AllocsPerRun(2000, round); n >= 1 {
		t.Errorf("%v allocations for each %q", n, message)
	}
	// And a push from outside.
	op := ops.Op{Kind: ops.Push, To: ops.Set{FDs: []uint64{1}}, Opcode: 1, Data: request[6:]}
	push := func() {
		if res := b.Do(&op); res.Count[ops.Done] != 1 || res.Each[0] != ops.Done {
			t.Fatalf("%+v", res)
		}
		if _, err := io.ReadFull(c.br, answer); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(2000, push); n >= 1 {
		t.Errorf("%v allocations for each push", n)
	}
	cancel()
	_ = conn.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

//go:build !race

package bridge

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"testing"

	"github.com/fpmbridge/fpmbridge/callback"
)

// echoWorkers boots resident workers of this process that push back what they get and allocate nothing per event.
type echoWorkers struct{ b *Bridge }

func (e *echoWorkers) Boot(ctx context.Context, _ int, ticket uint64, _ *callback.Reply) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer ln.Close()
	ours, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		return err
	}
	defer ours.Close()
	theirs, err := ln.Accept()
	if err != nil {
		return err
	}
	served := make(chan struct{})
	go func() {
		_ = e.b.ServeWorker(ctx, callback.WorkerHello{Ticket: ticket, PID: 1}, callback.NewChannel(theirs, nil))
		_ = theirs.Close()
		close(served)
	}()
	ready := [32]byte{4: 76}
	_, _ = ours.Write(ready[:])
	in, out := make([]byte, 64<<10), make([]byte, 0, 64<<10)
	for {
		if _, err := io.ReadFull(ours, in[:32]); err != nil {
			break
		}
		size := binary.BigEndian.Uint32(in)
		meta := binary.BigEndian.Uint32(in[28:])
		if _, err := io.ReadFull(ours, in[32:32+size]); err != nil {
			break
		}
		typ := callback.EventType(in[4])
		if typ == 21 && in[27] == 1 {
			break
		}
		out = out[:0]
		if typ == callback.Message {
			payload := in[32+meta : 32+size]
			at := len(out)
			out = append(out, in[:32]...)
			out = append(out, payload...)
			binary.BigEndian.PutUint32(out[at:], uint32(len(payload)))
			binary.BigEndian.PutUint32(out[at+28:], 0)
			out[at+4], out[at+5], out[at+6] = 64, 1, 1
		}
		end := len(out)
		out = append(out, in[:32]...)
		clear(out[end:])
		out[end+4] = 127
		if typ == 21 {
			out[end+4] = 143
		}
		copy(out[end+8:], in[8:16])
		if _, err := ours.Write(out); err != nil {
			break
		}
	}
	_ = ours.Close()
	<-served
	return nil
}

// A message from the socket through inlet, inbox and pool to a resident worker, and its push back to the socket.
func TestAllocationsOfAResidentEvent(t *testing.T) {
	for _, mode := range []DispatchMode{0, 1, 3, 4, 5, 8} {
		script := &echoScript{results: make([]callback.Result, 1)}
		script.description = callback.Description{Events: []string{"message"}}
		workers := &echoWorkers{}
		b, err := New(Options{
			Routes:  []Route{{Path: "/", Script: script, Resident: &Resident{Boot: workers, Workers: 2, Dispatch: mode}}},
			Workers: 1, ShutdownSpread: -1, PingInterval: -1,
		})
		if err != nil {
			t.Fatal(err)
		}
		workers.b = b
		e := newEchoes(t, b, "sixty-four bytes of a message, as the benchmark sends them, here.")
		e.wantNone("event of dispatch mode "+strconv.Itoa(int(mode)), e.round)
		e.stop()
	}
}

package bridge

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/ops"
)

func operation80(op ops.Op) callback.Instruction {
	return callback.Instruction{Kind: callback.KindOp, Op: &op}
}

func textOp(s string, to ops.Set) ops.Op {
	return ops.Op{Kind: ops.Push, To: to, Opcode: 1, Data: []byte(s)}
}

func (f *fixture) op(op ops.Op) ops.Result {
	f.t.Helper()
	if err := op.Check(); err != nil {
		f.t.Fatal(err)
	}
	return f.operate(&op)
}

// operate carries an operation out to its end.
func (f *fixture) operate(op *ops.Op) ops.Result {
	res, rest := f.b.Do(op)
	if rest != nil {
		rest.Flush()
	}
	return res
}

// Who pushes has his answer before the sockets are written to, and what he pushed may change then. Order holds.
func TestPushesLeaveWithTheFlush(t *testing.T) {
	bubble(t, nil, nil, func(f *fixture) {
		a, b := f.dial(), f.dial()
		data := []byte("one")
		_, first := f.b.Do(&ops.Op{Kind: ops.Push, All: true, Opcode: 1, Data: data})
		copy(data, "two")
		_, second := f.b.Do(&ops.Op{Kind: ops.Push, To: ops.Set{FDs: []uint64{1}}, Opcode: 1, Data: data})
		copy(data, "xxx")
		a.silent()
		b.silent()
		second.Flush() // takes along what is before it
		a.wantText("one")
		a.wantText("two")
		b.silent()
		first.Flush()
		b.wantText("one")
		if _, rest := f.b.Do(&ops.Op{Kind: ops.Push, To: ops.Set{FDs: []uint64{99}}, Opcode: 1}); rest != nil {
			t.Error("something is left of a push to nobody")
		}
		if _, rest := f.b.Do(&ops.Op{Kind: ops.Push, All: true, Opcode: 1, Wait: time.Second}); rest != nil {
			t.Error("something is left of a push that waits")
		}
	})
}

// Instructions of an event and operations from outside are the same ones, in the order of the answer.
func TestRoomsInAnAnswer(t *testing.T) {
	room := ops.Set{Groups: []string{"room\x00"}}
	bubble(t, commands(map[string]callback.Result{
		"join": do(operation80(ops.Op{Kind: ops.Join, To: ops.Set{FDs: []uint64{1, 2, 9}}, Groups: room.Groups}), push(1, "before"),
			operation80(textOp("hello", room)), push(1, "after")),
		"but":   do(operation80(ops.Op{Kind: ops.Push, All: true, Except: ops.Set{FDs: []uint64{1}}, Opcode: 2, Data: []byte("others")})),
		"close": do(operation80(ops.Op{Kind: ops.Close, To: room, Except: ops.Set{FDs: []uint64{1}}, Code: 4001, Reason: "out"}), push(1, "closed")),
	}), nil, func(f *fixture) {
		a, b, c := f.dial(), f.dial(), f.dial()
		a.text("join")
		for _, want := range []string{"before", "hello", "after"} {
			a.wantText(want)
		}
		b.wantText("hello")
		if res := f.op(textOp("from outside", room)); res.Count != [ops.Outcomes]int{2} {
			t.Errorf("%+v", res)
		}
		a.wantText("from outside")
		b.wantText("from outside")
		a.text("but")
		b.want(0x82, "others")
		c.want(0x82, "others")
		a.text("close")
		a.wantText("closed")
		b.wantClose(4001)
		synctest.Wait()
		if ans := f.b.Ask(&ops.Query{Ask: ops.AskGroup, Name: "room\x00", Limit: 9}); len(ans.FDs) != 1 || ans.FDs[0] != 1 {
			t.Errorf("%+v", ans)
		}
	})
}

func TestOutcomesOfRealConnections(t *testing.T) {
	bubble(t, nil, func(o *Options) { o.OutboxBytes = 1000 }, func(f *fixture) {
		a, slow := f.dial(), f.dial()
		gone := f.dial()
		gone.conn.Close()
		synctest.Wait()
		_ = slow
		huge := textOp(strings.Repeat("x", 1<<20), ops.Set{FDs: []uint64{2}})
		for range 3 {
			f.op(huge)
		}
		_ = a
		res := f.op(textOp("x", ops.Set{FDs: []uint64{1, 3, 99}}))
		if got := fmt.Sprintf("%v", res.Each); got != "[done gone unknown]" {
			t.Errorf("%v", res.Each)
		}
		a.wantText("x")
		if ans := f.b.Ask(&ops.Query{Ask: ops.AskConnection, FD: 3}); ans.Found {
			t.Errorf("%+v", ans)
		}
	})
}

// Waiting says which clients have read, and takes as long as it may, not longer.
func TestPushThatWaits(t *testing.T) {
	bubble(t, nil, nil, func(f *fixture) {
		reads, full, gone := f.dial(), f.dial(), f.dial()
		_ = full
		f.op(textOp(strings.Repeat("x", 900<<10), ops.Set{FDs: []uint64{2}}))
		go func() { // the third one leaves while it waits
			time.Sleep(300 * time.Millisecond)
			_ = gone.conn.Close()
		}()
		f.op(textOp(strings.Repeat("x", 900<<10), ops.Set{FDs: []uint64{3}}))
		op := textOp("hello", ops.Set{FDs: []uint64{1, 2, 3, 99}})
		op.Wait = time.Second
		start := time.Now()
		res := f.op(op)
		if got := fmt.Sprintf("%v %v %v", res.Each, res.Count, time.Since(start)); got != "[done late gone unknown] [1 1 0 0 1 1] 1s" {
			t.Error(got)
		}
		reads.wantText("hello")
		op.To = ops.Set{FDs: []uint64{1}}
		if res := f.op(op); res.Count[ops.Done] != 1 {
			t.Errorf("%+v", res)
		}
		reads.wantText("hello")
		stop := make(chan struct{})
		op.To, op.Wait, op.Stop = ops.Set{FDs: []uint64{2}}, 30*time.Second, stop
		go func() {
			time.Sleep(2 * time.Second) // the caller goes
			close(stop)
		}()
		start = time.Now()
		if res := f.op(op); res.Each[0] != ops.Late || time.Since(start) != 2*time.Second {
			t.Errorf("%+v after %v", res, time.Since(start))
		}
	})
}

// A user's older connection goes when he comes with another one.
func TestSingleSignOn(t *testing.T) {
	bubble(t, nil, nil, func(f *fixture) {
		a, b := f.dial(), f.dial()
		bind := func(fd uint64) ops.Op {
			return ops.Op{Kind: ops.Bind, To: ops.Set{FDs: []uint64{fd}}, UID: "7", Code: 4002, Reason: "elsewhere"}
		}
		f.op(bind(1))
		f.op(bind(2))
		a.wantClose(4002)
		f.op(textOp("x", ops.Set{UIDs: []string{"7"}}))
		b.wantText("x")
	})
}

// A large message to many is there in full, compressed or not, whoever called it.
func TestPushToManyIsEncodedOnce(t *testing.T) {
	bubble(t, nil, func(o *Options) { o.Compression = true }, func(f *fixture) {
		message := strings.Repeat("hello ", 2<<10)
		var plain, deflated []*client
		for range 5 {
			plain = append(plain, f.dial())
			deflated = append(deflated, f.dial("Sec-WebSocket-Extensions: permessage-deflate"))
		}
		data := []byte(message)
		res := f.operate(&ops.Op{Kind: ops.Push, All: true, Opcode: 1, Data: data})
		clear(data) // the caller's again
		if res.Count[ops.Done] != 10 {
			t.Errorf("%+v", res)
		}
		for _, c := range plain {
			c.wantText(message)
		}
		want := outbox.AppendDeflated(nil, 1, []byte(message), 15)
		for _, c := range deflated {
			if got := c.read(); got.first != want[0] || !bytes.HasSuffix(want, got.payload) {
				t.Errorf("%x, %d bytes", got.first, len(got.payload))
			}
		}
	})
}

// Who joins while he is closed is in no group afterwards.
func TestCloseWhileJoining(t *testing.T) {
	bubble(t, nil, nil, func(f *fixture) {
		for fd := range uint64(50) {
			c := f.dial()
			var wg sync.WaitGroup
			to := ops.Set{FDs: []uint64{fd + 1}}
			wg.Go(func() { f.op(ops.Op{Kind: ops.Join, To: to, Groups: []string{"a", "b"}}) })
			wg.Go(func() { f.op(ops.Op{Kind: ops.Bind, To: to, UID: "u"}) })
			wg.Go(func() { f.op(ops.Op{Kind: ops.Close, To: to, Code: 1000}) })
			wg.Go(func() { f.op(textOp("x", ops.Set{Groups: []string{"a"}})) })
			wg.Wait()
			_ = c.conn.Close()
		}
		synctest.Wait()
		if g, u := f.b.Groups(), f.b.Users(); g != 0 || u != 0 {
			t.Errorf("%d groups and %d users are left", g, u)
		}
	})
}

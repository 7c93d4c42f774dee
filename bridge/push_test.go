package bridge

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// commands makes a PHP that answers a message with what was registered for its text.
func commands(list map[string]callback.Result) func(ev *callback.Event) callback.Result {
	return func(ev *callback.Event) callback.Result {
		if ev.Type != callback.Message {
			return callback.Result{}
		}
		return list[string(ev.Payload)]
	}
}

// A Swoole script may send any opcode and any fragment: gorilla would not write them, we do.
func TestPushedFramesAreSentAsAsked(t *testing.T) {
	frames := []struct {
		opcode, flags uint8
		data          string
		first         byte
	}{
		{1, callback.FlagFIN, "text", 0x81},
		{2, callback.FlagFIN, "bin\x00\xff", 0x82},
		{1, 0, "first ", 0x01},
		{0, 0, "more ", 0x00},
		{0, callback.FlagFIN, "end", 0x80},
		{9, callback.FlagFIN, "ping", 0x89},
		{10, callback.FlagFIN, "pong", 0x8a},
		{9, 0, "control frames are never fragments", 0x89},
		{1, callback.FlagFIN, strings.Repeat("x", 125), 0x81},
		{1, callback.FlagFIN, strings.Repeat("x", 126), 0x81},
		{1, callback.FlagFIN, strings.Repeat("x", 65536), 0x81},
	}
	var list []callback.Instruction
	for _, fr := range frames {
		list = append(list, callback.Instruction{Kind: callback.KindPush, FD: 1, Opcode: fr.opcode, Flags: fr.flags, Data: []byte(fr.data)})
	}
	bubble(t, commands(map[string]callback.Result{"go": do(list...)}), nil, func(f *fixture) {
		c := f.dial()
		c.text("go")
		for _, fr := range frames {
			c.want(fr.first, fr.data)
		}
	})
}

func TestReplyTextGoesBackToTheSender(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		return callback.Result{Text: []byte("text for " + ev.Type.String())}
	}
	bubble(t, answer, nil, func(f *fixture) {
		c := f.dial()
		c.wantText("text for open")
		c.text("x")
		c.wantText("text for message")
	})
}

func TestPushesWithoutATakerAreCounted(t *testing.T) {
	bubble(t, commands(map[string]callback.Result{
		"unknown": do(push(99, "x"), push(0, "x"), pushMany("x", 7, 8, 1<<60), push(1, "own")),
		"closing": do(closeFD(2, 1000, "", 0), push(2, "too late"), closeFD(2, 1000, "", 0), closeFD(77, 1000, "", 0), push(1, "own")),
	}), nil, func(f *fixture) {
		a, b := f.dial(), f.dial()
		a.text("unknown")
		a.wantText("own")
		if s := f.b.Stats(); s.PushesRefused != 5 || s.Pushes != 1 {
			t.Errorf("refused %d, sent %d", s.PushesRefused, s.Pushes)
		}
		a.text("closing")
		a.wantText("own")
		b.wantClose(1000)
		if s := f.b.Stats(); s.PushesRefused != 6 || s.ClosesRefused != 2 {
			t.Errorf("refused %d pushes and %d closes", s.PushesRefused, s.ClosesRefused)
		}
		for _, reason := range []string{"unknown", "closing"} {
			if !strings.Contains(f.logged.String(), reason) {
				t.Errorf("%q is not logged", reason)
			}
		}
	})
}

// Instructions keep their order over several targets: push, close, and nothing after it.
func TestInstructionsAreCarriedOutInOrder(t *testing.T) {
	var list []callback.Instruction
	for i := range 100 {
		list = append(list, push(1, fmt.Sprint("a", i)), push(2, fmt.Sprint("b", i)))
	}
	list = append(list, closeFD(1, 4000, "done", 0), push(1, "never"), push(2, "still"))
	bubble(t, commands(map[string]callback.Result{"go": do(list...)}), nil, func(f *fixture) {
		a := f.dial()
		b := f.dial()
		b.text("go")
		for i := range 100 {
			a.wantText(fmt.Sprint("a", i))
			b.wantText(fmt.Sprint("b", i))
		}
		a.wantClose(4000)
		b.wantText("still")
	})
}

// A client that never reads is closed when its outbox is full, with cause slow; the others get everything.
func TestSlowClientIsClosedAndOthersAreNot(t *testing.T) {
	chunk := strings.Repeat("x", 10<<10)
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Message {
			return do(pushMany(chunk, 1, 2, 3))
		}
		return callback.Result{}
	}
	bubble(t, answer, func(o *Options) { o.OutboxBytes = 100 << 10 }, func(f *fixture) {
		slow, ok, sender := f.dial(), f.dial(), f.dial()
		for range 50 {
			sender.text("go")
			ok.wantText(chunk)
			sender.wantText(chunk)
		}
		slow.wantGone()
		synctest.Wait()
		if s := f.b.Stats(); s.Closed["slow"] != 1 || s.PushesRefused == 0 {
			t.Errorf("closed %v, refused %d", s.Closed, s.PushesRefused)
		}
		if got := f.script.sorted(); !strings.HasPrefix(got, "1:open 1:close(1006 slow)") {
			t.Errorf("PHP heard %s", got)
		}
	})
}

// One push, then silence: the client that does not take it is closed after the write timeout.
func TestStalledWriteIsSlow(t *testing.T) {
	large := strings.Repeat("x", 500_000)
	bubble(t, commands(map[string]callback.Result{"go": do(push(1, large))}), nil, func(f *fixture) {
		c := f.dial()
		c.text("go")
		time.Sleep(11 * time.Second)
		f.wantStory("1:open 1:message(go) 1:close(1006 slow)")
	})
}

// The answer's buffers are used again for the next answer while the client still reads the last one.
func TestQueuedFramesDoNotChange(t *testing.T) {
	for name, fds := range map[string][]uint64{"fd": nil, "list of one": {1}, "list of two": {1, 2}} {
		for _, compress := range []bool{false, true} {
			t.Run(fmt.Sprint(name, compress), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					script := newFakeScript(nil)
					buffer := make([]byte, 300_000)
					n := byte(0)
					script.whole = func(_ context.Context, events []*callback.Event, reply *callback.Reply) {
						if events[0].Type != callback.Message {
							return
						}
						n++
						for i := range buffer {
							buffer[i] = 'a' + byte(i*i%7)*n
						}
						in := callback.Instruction{Kind: callback.KindPush, Opcode: 2, Flags: 1, FD: 1, FDs: fds, Data: buffer}
						if fds != nil {
							in.FD = 0
						}
						reply.Results[0] = do(in)
					}
					f := newFixture(t, script, func(o *Options) { o.Workers, o.OutboxBytes, o.Compression = 1, 8<<20, compress })
					c := f.dial(offer)
					f.dial()
					synctest.Wait()
					for range 5 {
						c.text("go")
						synctest.Wait()
					}
					for k := byte(1); k <= 5; k++ {
						fr := c.read()
						got := fr.payload
						if compress {
							got = []byte(inflated(t, got))
						}
						want := make([]byte, len(buffer))
						for i := range want {
							want[i] = 'a' + byte(i*i%7)*k
						}
						if !bytes.Equal(got, want) {
							t.Fatalf("frame %d is torn", k)
						}
					}
				})
			})
		}
	}
}

func TestCloseInstructions(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags uint8
		code  uint16
		// what the client sees after what was queued
		frame bool
		told  uint16
	}{
		{"with handshake", 0, 4000, true, 4000},
		{"no wait", callback.CloseNoWait, 4001, true, 4001},
		{"bare", callback.CloseBare, 1000, false, 1006},
		{"clean", callback.CloseBare, 1000, true, 1006},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, commands(map[string]callback.Result{"go": do(push(1, "queued"), closeFD(1, c.code, "why", c.flags))}), func(o *Options) { o.CleanClose = c.name == "clean" }, func(f *fixture) {
				cl := f.dial()
				cl.text("go")
				cl.wantText("queued")
				switch {
				case c.name == "clean": // a bare close has no reason
					cl.want(bitFIN|opClose, "\x03\xe8")
				case c.frame:
					cl.want(bitFIN|opClose, string([]byte{byte(c.code >> 8), byte(c.code)})+"why")
				}
				if c.flags != 0 {
					cl.wantEOF()
				}
				synctest.Wait()
				f.wantStory(fmt.Sprintf("1:open 1:message(go) 1:close(%d server)", c.told))
				start := time.Now()
				if c.flags == 0 {
					cl.close(c.code, "")
					cl.wantEOF()
				}
				_ = cl.conn.Close()
				synctest.Wait()
				if f.b.Count() != 0 || time.Since(start) > 0 {
					t.Errorf("%d connections left after %v", f.b.Count(), time.Since(start))
				}
			})
		})
	}
}

func TestCloseWithResetDropsWhatIsQueued(t *testing.T) {
	large := strings.Repeat("x", 500_000)
	bubble(t, commands(map[string]callback.Result{"go": do(push(1, large), closeFD(1, 1000, "", callback.CloseReset))}), nil, func(f *fixture) {
		c := f.dial()
		c.text("go")
		rest, err := io.ReadAll(c.br)
		if len(rest) >= len(large) {
			t.Errorf("read %d bytes, %v", len(rest), err)
		}
		f.wantStory("1:open 1:message(go) 1:close(1000 server)")
		if f.b.Count() != 0 {
			t.Error("it is still there")
		}
	})
}

// The client does not answer our close frame: after the close timeout it is closed all the same.
func TestCloseHandshakeThatIsNotAnswered(t *testing.T) {
	bubble(t, commands(map[string]callback.Result{"go": do(closeFD(1, 1000, "", 0))}), nil, func(f *fixture) {
		c := f.dial()
		c.text("go")
		c.wantClose(1000)
		time.Sleep(4 * time.Second)
		if f.b.Count() != 1 {
			t.Error("it was not waited for")
		}
		time.Sleep(2 * time.Second)
		if f.b.Count() != 0 {
			t.Error("it is still there")
		}
	})
}

// Over real sockets, for the paths that an in-memory network has not: a broadcast to 50 clients, everybody gets all in order.
func TestBroadcastOverTCP(t *testing.T) {
	const clients, rounds = 50, 20
	script := newFakeScript(nil)
	script.answer = func(ev *callback.Event) callback.Result {
		if ev.Type != callback.Message {
			return callback.Result{}
		}
		var fds []uint64
		for fd := range uint64(clients) {
			fds = append(fds, fd+1)
		}
		return do(pushMany(string(ev.Payload), fds...))
	}
	b, err := New(Options{Routes: []Route{{Path: "/", Script: script}}, ShutdownSpread: -1})
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
	var list []*client
	for range clients {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		defer conn.Close()
		list = append(list, newClient(t, conn, handshake("/")))
	}
	want := make([]string, rounds)
	for i := range rounds {
		want[i] = fmt.Sprint(i) + strings.Repeat("x", i*500)
		list[0].text(want[i])
	}
	for _, c := range list {
		for _, w := range want {
			c.wantText(w)
		}
	}
	cancel()
	for _, c := range list {
		c.wantClose(1001)
		c.close(1001, "")
	}
	for _, c := range list {
		c.wantEOF()
		_ = c.conn.Close()
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	script.check(t, true, false)
	if got := slices.Max(script.sizes()); got != 1 {
		t.Errorf("a batch of %d", got)
	}
}

package bridge

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/memnet"
)

// fakeWorkers boots resident workers of this process: each life of a worker is a call of live.
type fakeWorkers struct {
	b    *Bridge
	live func(w *fakeWorker)
	slow time.Duration // until a process calls back

	mu    sync.Mutex
	heard []string // "worker:event fd(payload)attempt"
}

// fakeWorker is PHP's end of a channel.
type fakeWorker struct {
	of   *fakeWorkers
	id   int
	conn net.Conn
}

func (f *fakeWorkers) Boot(ctx context.Context, worker int, ticket uint64, _ *callback.Reply) error {
	ours, theirs := memnet.Pipe(64 << 10)
	served := make(chan struct{})
	time.Sleep(f.slow)
	go func() {
		_ = f.b.ServeWorker(ctx, callback.WorkerHello{Ticket: ticket, PID: 1}, callback.NewChannel(theirs, nil))
		_ = theirs.Close()
		close(served)
	}()
	w := &fakeWorker{of: f, id: worker, conn: ours}
	w.begun(0)
	f.live(w)
	_ = ours.Close()
	<-served
	return nil
}

// next reads one frame; ok is false at the end, and when the bridge says stop.
func (w *fakeWorker) next() (id uint64, ok bool) {
	head := make([]byte, 32)
	if _, err := io.ReadFull(w.conn, head); err != nil {
		return 0, false
	}
	rest := make([]byte, binary.BigEndian.Uint32(head))
	if _, err := io.ReadFull(w.conn, rest); err != nil {
		return 0, false
	}
	if head[4] == 21 {
		if head[27] == 2 {
			w.say(143, 0)
			return w.next()
		}
		return 0, false
	}
	payload := rest[binary.BigEndian.Uint32(head[28:]):]
	if callback.EventType(head[4]) != callback.Message {
		payload = nil
	}
	w.of.mu.Lock()
	w.of.heard = append(w.of.heard, fmt.Sprintf("%s %d(%s)%d", callback.EventType(head[4]), binary.BigEndian.Uint64(head[16:]), payload, head[7]))
	w.of.mu.Unlock()
	return binary.BigEndian.Uint64(head[8:]), true
}

// say sends a frame without meta and payload.
func (w *fakeWorker) say(typ byte, id uint64) {
	frame := make([]byte, 32)
	frame[4] = typ
	binary.BigEndian.PutUint64(frame[8:], id)
	_, _ = w.conn.Write(frame)
}

func (w *fakeWorker) end(id uint64)   { w.say(127, id) }
func (w *fakeWorker) last(id uint64)  { w.say(75, id) }
func (w *fakeWorker) begun(id uint64) { w.say(76, id) }

// serveAll ends every event at once.
func (w *fakeWorker) serveAll() {
	for {
		id, ok := w.next()
		if !ok {
			w.last(id)
			return
		}
		w.end(id)
	}
}

func (f *fakeWorkers) story() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.heard, " ")
}

// resident runs a test with one resident worker, whose lives are calls of live.
func resident(t *testing.T, set func(o *Resident), live func(w *fakeWorker), run func(f *fixture, workers *fakeWorkers)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		workers := &fakeWorkers{live: live}
		r := Resident{Boot: workers, Workers: 1}
		if set != nil {
			set(&r)
		}
		f := newFixture(t, newFakeScript(nil), func(o *Options) { o.Routes[0].Resident = &r }, func(b *Bridge) { workers.b = b })
		run(f, workers)
	})
}

func TestResidentWorkerGetsEventsInOrder(t *testing.T) {
	resident(t, nil, (*fakeWorker).serveAll, func(f *fixture, workers *fakeWorkers) {
		c := f.dial()
		c.text("a")
		c.text("b")
		c.close(1000, "")
		c.wantClose(1000)
		_ = c.conn.Close()
		synctest.Wait()
		if got, want := workers.story(), "open 1()1 message 1(a)1 message 1(b)1 close 1()1"; got != want {
			t.Errorf("heard %s, want %s", got, want)
		}
	})
}

// What the window has no room for waits in the bridge, and behind the inbox in TCP.
func TestResidentWindow(t *testing.T) {
	var release chan struct{}
	resident(t, func(r *Resident) { r.Window, release = 2, make(chan struct{}) }, func(w *fakeWorker) {
		var ids []uint64
		for range 2 {
			id, _ := w.next()
			w.begun(id) // as coroutines that wait
			ids = append(ids, id)
		}
		<-release
		for _, id := range ids {
			w.end(id)
		}
		w.serveAll()
	}, func(f *fixture, workers *fakeWorkers) {
		a, b := f.dial(), f.dial()
		synctest.Wait()
		for range 100 {
			a.text("x")
			b.text("y")
		}
		synctest.Wait()
		if got := workers.story(); strings.Count(got, "message") != 0 {
			t.Errorf("more than the window: %s", got)
		}
		if f.b.Stats().InboxFull == 0 {
			t.Error("nobody stopped reading")
		}
		close(release)
		synctest.Wait()
		if got := strings.Count(workers.story(), "message"); got != 200 {
			t.Errorf("%d messages", got)
		}
		_, _ = a.conn.Close(), b.conn.Close()
	})
}

// A worker dies: what it provably did not start goes to the next one, what it may have started is lost, connections stay.
func TestResidentWorkerDies(t *testing.T) {
	for _, test := range []struct {
		name string
		gets int // events; all but the last one wait in it
		die  func(w *fakeWorker, ids []uint64)
		want string
	}{
		{"with last words", 4, func(w *fakeWorker, ids []uint64) { w.end(ids[0]); w.end(ids[1]); w.last(ids[2]) }, "message 1(c)2"},
		{"killed", 4, func(w *fakeWorker, ids []uint64) { w.end(ids[0]) }, ""},
		{"killed in its second event", 2, func(w *fakeWorker, ids []uint64) { w.end(ids[0]) }, "message 1(b)1 message 1(c)1"},
		{"before it began one", 1, func(w *fakeWorker, _ []uint64) { w.last(0) }, "open 1()2 message 1(a)1 message 1(b)1 message 1(c)1"},
		// Message a waits, b has ended: a has begun, too.
		{"while an event waits", 4, func(w *fakeWorker, ids []uint64) { w.end(ids[0]); w.end(ids[2]); w.last(ids[2]) }, "message 1(c)2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			lives := 0
			resident(t, nil, func(w *fakeWorker) {
				if lives++; lives > 1 {
					w.of.mu.Lock()
					w.of.heard = nil
					w.of.mu.Unlock()
					w.serveAll()
					return
				}
				var ids []uint64
				for len(ids) < test.gets {
					id, _ := w.next()
					if ids = append(ids, id); len(ids) < test.gets {
						w.begun(id)
					}
				}
				time.Sleep(time.Millisecond) // all of them have come
				test.die(w, ids)
			}, func(f *fixture, workers *fakeWorkers) {
				c := f.dial()
				for _, s := range []string{"a", "b", "c"} {
					c.text(s)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if got := workers.story(); got != test.want {
					t.Errorf("the next worker heard %q, want %q", got, test.want)
				}
				c.text("d")
				synctest.Wait()
				if got := workers.story(); !strings.HasSuffix(got, "message 1(d)1") {
					t.Errorf("the next worker heard %q", got)
				}
				_ = c.conn.Close()
			})
		})
	}
}

// With coroutines a later event may end first.
func TestResidentEndsInAnyOrder(t *testing.T) {
	resident(t, nil, func(w *fakeWorker) {
		var ids []uint64
		for range 3 {
			id, _ := w.next()
			w.begun(id)
			ids = append(ids, id)
		}
		w.end(ids[2])
		w.end(ids[0])
		w.end(ids[1])
		w.serveAll()
	}, func(f *fixture, workers *fakeWorkers) {
		c := f.dial()
		c.text("a")
		c.text("b")
		synctest.Wait()
		_ = c.conn.Close()
		synctest.Wait()
		if got := workers.story(); !strings.HasSuffix(got, "message 1(b)1 close 1()1") || f.b.Count() != 0 {
			t.Errorf("heard %q, %d connections left", got, f.b.Count())
		}
	})
}

// A worker that speaks nonsense is sent away, a stranger is not let in.
func TestResidentStrangers(t *testing.T) {
	lives := 0
	resident(t, nil, func(w *fakeWorker) {
		if lives++; lives == 1 {
			w.end(12345)
			_, _ = io.Copy(io.Discard, w.conn)
			return
		}
		w.serveAll()
	}, func(f *fixture, workers *fakeWorkers) {
		synctest.Wait()
		time.Sleep(time.Second)
		c := f.dial()
		c.text("served")
		synctest.Wait()
		if lives != 2 || !strings.HasSuffix(workers.story(), "message 1(served)1") {
			t.Errorf("%d lives, heard %q", lives, workers.story())
		}
		_, theirs := net.Pipe()
		if err := f.b.ServeWorker(t.Context(), callback.WorkerHello{Ticket: 7}, callback.NewChannel(theirs, nil)); err == nil {
			t.Error("a stranger was let in")
		}
		_ = c.conn.Close()
	})
}

// A process that was started and had not called back when the bridge stopped was never told to end: the shutdown took all of its time.
func TestShutdownRefusesWorkersThatComeLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		workers := &fakeWorkers{slow: 5 * time.Second, live: (*fakeWorker).serveAll}
		r := &Resident{Boot: workers, Workers: 1}
		f := newFixture(t, newFakeScript(nil), func(o *Options) { o.Routes[0].Resident, o.ShutdownTimeout = r, time.Minute },
			func(b *Bridge) { workers.b = b })
		synctest.Wait()
		start := time.Now()
		f.stop()
		err := <-f.done
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("stopped after %v", took)
		}
		f.done <- err // for the cleanup
	})
}

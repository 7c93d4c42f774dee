package bridge

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// gone waits until the bridge closes the worker's channel, as a process does that is stuck.
func (w *fakeWorker) gone() { _, _ = io.Copy(io.Discard, w.conn) }

// A worker that is silent on its channel is reported, and then replaced, in whatever way it is.
func TestSilentWorkersAreReplaced(t *testing.T) {
	for _, test := range []struct {
		name string
		live func(w *fakeWorker)
	}{
		{"never answers", (*fakeWorker).gone},
		{"half a frame", func(w *fakeWorker) { _, _ = w.conn.Write([]byte{0, 0, 1, 0, 64}); w.gone() }},
		{"says it ends and does not", func(w *fakeWorker) { w.last(1); w.gone() }},
		{"instructions without end", func(w *fakeWorker) {
			go w.gone()
			frame := make([]byte, 32)
			frame[4] = 66
			for {
				if _, err := w.conn.Write(frame); err != nil {
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			lives := 0
			resident(t, func(r *Resident) { r.Timeout = 8 * time.Second }, func(w *fakeWorker) {
				if lives++; lives == 1 {
					id, _ := w.next() // a connection whose open event is lost would be closed
					w.end(id)
					test.live(w)
					return
				}
				w.serveAll()
			}, func(f *fixture, workers *fakeWorkers) {
				c := f.dial()
				c.text("x")
				time.Sleep(12 * time.Second)
				synctest.Wait()
				if lives != 2 {
					t.Errorf("%d lives", lives)
				}
				c.text("served")
				synctest.Wait()
				if !strings.Contains(workers.story(), "(served)1") {
					t.Errorf("heard %q", workers.story())
				}
				said := f.logged.String()
				for _, want := range []string{"worker does not answer\"", "another one takes its place", "cannot be ended from here"} {
					if !strings.Contains(said, want) {
						t.Errorf("the log has no %q", want)
					}
				}
				_ = c.conn.Close()
			})
		})
	}
}

// Who waits as a coroutine answers when it is asked, for as long as it wants.
func TestWaitingWorkersStay(t *testing.T) {
	lives := 0
	resident(t, func(r *Resident) { r.Timeout = 2 * time.Second }, func(w *fakeWorker) {
		lives++
		for {
			id, ok := w.next() // answers controls
			if !ok {
				return
			}
			w.begun(id)
		}
	}, func(f *fixture, _ *fakeWorkers) {
		c := f.dial()
		c.text("x")
		time.Sleep(12 * time.Second)
		synctest.Wait()
		if lives != 1 || strings.Contains(f.logged.String(), "does not answer") {
			t.Errorf("%d lives", lives)
		}
		c.raw([]byte(masked(bitFIN|opPing, "pi"))) // pings are answered meanwhile
		c.want(bitFIN|opPong, "pi")
		if s := f.b.Stats().Residents; len(s) != 1 || s[0].Events != 2 || s[0].PID != 1 {
			t.Errorf("stats %+v", s)
		}
		_ = c.conn.Close()
	})
}

// A stuck worker's connections wait; those of the others do not, and closes are queued.
func TestStuckWorkerStallsItsOwn(t *testing.T) {
	lives := 0
	resident(t, func(r *Resident) { r.Workers, r.Timeout = 2, 20*time.Second }, func(w *fakeWorker) {
		if w.id == 1 {
			if lives++; lives == 1 {
				id, _ := w.next()
				w.end(id)
				w.gone()
				return
			}
		}
		w.serveAll()
	}, func(f *fixture, workers *fakeWorkers) {
		stuck, fine := f.dial(), f.dial() // fd 1: worker 1
		for range 200 {
			fine.text("fine")
			stuck.text("stuck")
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := workers.story(); strings.Count(got, "(fine)") != 200 || strings.Contains(got, "(stuck)") {
			t.Errorf("heard %q", got)
		}
		if f.b.Stats().InboxFull == 0 {
			t.Error("the socket of the stuck one was read beyond its inbox")
		}
		_ = stuck.conn.Close()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if got := workers.story(); !strings.Contains(got, "close 1()1") || f.b.Count() != 1 {
			t.Errorf("%d connections, heard %q", f.b.Count(), got)
		}
		_ = fine.conn.Close()
	})
}

// A process that never calls back is given up, and another one is asked for.
func TestWorkersThatNeverCallBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		workers := &fakeWorkers{live: (*fakeWorker).serveAll}
		mute := &muteBooter{then: workers}
		late := 0
		r := &Resident{Boot: mute, Workers: 1, Timeout: 10 * time.Second, Late: func(_ int, since time.Duration) {
			if late++; since < 5*time.Second || since > 8*time.Second {
				t.Errorf("late after %v", since)
			}
		}}
		f := newFixture(t, newFakeScript(nil), func(o *Options) { o.Routes[0].Resident = r }, func(b *Bridge) { workers.b = b })
		c := f.dial()
		c.text("x")
		time.Sleep(15 * time.Second)
		synctest.Wait()
		if mute.calls != 2 || late != 1 || !strings.Contains(workers.story(), "(x)1") {
			t.Errorf("%d calls, late %d, heard %q", mute.calls, late, workers.story())
		}
		_ = c.conn.Close()
	})
}

// A worker that was replaced since it did not answer was killed, for the script.
func TestWorkerErrorSaysHowItEnded(t *testing.T) {
	lives := 0
	r := Resident{Workers: 1, Timeout: 4 * time.Second}
	synctest.Test(t, func(t *testing.T) {
		workers := &fakeWorkers{live: func(w *fakeWorker) {
			if lives++; lives == 1 {
				w.gone()
				return
			}
			w.serveAll()
		}}
		r.Boot = workers
		script := newFakeScript(nil)
		script.jobs = true
		script.describe(callback.Description{Kind: callback.KindPlain, Encoding: callback.Framed, Events: []string{"open", "message", "close", "workererror"}})
		f := newFixture(t, script, func(o *Options) { o.Routes[0].Resident = &r }, func(b *Bridge) { workers.b = b })
		c := f.dial()
		time.Sleep(6 * time.Second)
		synctest.Wait()
		found := ""
		for _, ev := range script.events() {
			if ev.Type == callback.WorkerError {
				found = string(ev.Meta)
			}
		}
		if found != `{"worker":0,"pid":1,"exit_code":0,"signal":9}` {
			t.Errorf("worker error %s", found)
		}
		_ = c.conn.Close()
	})
}

// muteBooter starts a process that never calls back, and then others.
type muteBooter struct {
	then  Booter
	calls int
}

func (m *muteBooter) Boot(ctx context.Context, worker int, ticket uint64, reply *callback.Reply) error {
	if m.calls++; m.calls == 1 {
		<-ctx.Done()
		return ctx.Err()
	}
	return m.then.Boot(ctx, worker, ticket, reply)
}

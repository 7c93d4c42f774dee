package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// php takes what a pool posts, and answers when a test says so.
type php struct {
	t      *testing.T
	p      *Pool
	d      callback.Description
	posted []Event
}

func newPHP(t *testing.T, set func(o *Options, d *callback.Description)) *php {
	t.Helper()
	h := &php{t: t, d: callback.Description{Workers: 2, TaskWorkers: 2, Events: []string{"finish", "pipemessage", "workererror", "start", "shutdown"}}}
	o := Options{
		Post:        func(ev Event) { h.posted = append(h.posted, ev) },
		Description: func() *callback.Description { return &h.d },
		MaxTasks:    10, MaxBytes: 100, Slots: 4, Log: slog.New(slog.DiscardHandler), Script: "x.php",
	}
	if set != nil {
		set(&o, &h.d)
	}
	h.p = New(o)
	return h
}

func (h *php) add(worker int, data string) {
	h.t.Helper()
	id, err := h.p.Reserve(&callback.TaskQuery{Slot: 1, Source: 0, Size: len(data)})
	if err != nil {
		h.t.Fatal(err)
	}
	h.p.Settle(1)
	h.p.Add(&job.Job{ID: id, Worker: worker}, []byte(data))
}

// waiting is what PHP has, as "type worker data" each.
func (h *php) waiting() string {
	var list []string
	for _, ev := range h.posted {
		list = append(list, fmt.Sprintf("%s %d %s", ev.Type, job.Parse(ev.Meta).Worker, ev.Data))
	}
	return strings.Join(list, ", ")
}

func (h *php) want(s string) {
	h.t.Helper()
	if got := h.waiting(); got != s {
		h.t.Fatalf("PHP has %q, want %q", got, s)
	}
}

// done ends the first event with these results.
func (h *php) done(outcome callback.Outcome, results ...string) {
	h.t.Helper()
	ev := h.posted[0]
	h.posted = h.posted[1:]
	res := callback.Result{Outcome: outcome}
	for _, r := range results {
		res.Instructions = append(res.Instructions, callback.Instruction{Kind: callback.KindFinish, Data: []byte(r)})
	}
	if ev.Done != nil {
		ev.Done(&res)
	}
}

func TestEachTaskWorkerHasOneTask(t *testing.T) {
	h := newPHP(t, nil)
	for _, data := range []string{"a", "b", "c", "d"} {
		h.add(-1, data)
	}
	h.want("task 2 a, task 3 b")
	h.done(callback.Done)
	h.want("task 3 b, task 2 c")
	h.done(callback.Failed)
	h.want("task 2 c, task 3 d")
	h.done(callback.Done)
	h.done(callback.Done)
	if s := h.p.Stats(); s.Done != 3 || s.Failed != 1 || s.Tasks != 4 || s.Waiting != 0 || s.Running != 0 {
		t.Errorf("%+v", s)
	}
}

// Tasks for one index keep their order; those for whoever is free come between them by their age.
func TestTasksOfOneIndexComeOneAfterTheOther(t *testing.T) {
	h := newPHP(t, nil)
	h.add(0, "a")
	h.add(1, "b")
	h.add(-1, "c")
	h.add(0, "d")
	h.add(0, "e")
	h.want("task 2 a, task 3 b")
	h.done(callback.Done)
	h.want("task 3 b, task 2 c")
	h.done(callback.Done)
	h.want("task 2 c")
	h.done(callback.Done)
	h.want("task 2 d")
	h.done(callback.Done)
	h.want("task 2 e")
}

func TestIDsCountFromZeroForEachWorker(t *testing.T) {
	h := newPHP(t, nil)
	var ids []uint64
	for _, source := range []int{0, 0, 1, 0, -1} {
		id, err := h.p.Reserve(&callback.TaskQuery{Slot: 1, Source: source})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if got := fmt.Sprint(ids); got != "[0 1 0 2 0]" {
		t.Error(got)
	}
}

func TestResultsComeInOrderToWhoAsked(t *testing.T) {
	h := newPHP(t, nil)
	h.p.Add(&job.Job{ID: 7, Source: 1, Worker: -1, Callback: "f"}, []byte("x"))
	h.done(callback.Done, "1", "2", "3")
	h.want("finish 1 1")
	if j := job.Parse(h.posted[0].Meta); j.ID != 7 || j.Source != 2 || j.Callback != "f" || j.Time < 1 {
		t.Errorf("%+v", j)
	}
	h.done(callback.Failed)
	h.want("finish 1 2")
	h.done(callback.Done)
	h.want("finish 1 3")
	h.done(callback.Done)
	h.want("")
	// Nobody to hear of it: the manager asked, or the script has no finish.
	h.p.Add(&job.Job{Source: -1, Worker: -1}, []byte("x"))
	h.done(callback.Done, "1")
	h.d.Events = nil
	h.p.Add(&job.Job{Worker: -1}, []byte("x"))
	h.done(callback.Done, "1")
	h.want("")
	if s := h.p.Stats(); s.ResultsDropped != 2 || s.Waiting != 0 {
		t.Errorf("%+v", s)
	}
}

// What waits is bounded in count and bytes, places that are only reserved included; a run that ended takes its own back.
func TestBounds(t *testing.T) {
	h := newPHP(t, nil)
	for i := range 10 {
		if _, err := h.p.Reserve(&callback.TaskQuery{Slot: i % 3, Size: 9}); err != nil {
			t.Fatal(i, err)
		}
	}
	if _, err := h.p.Reserve(&callback.TaskQuery{Slot: 9}); !errors.Is(err, callback.ErrTaskQueueFull) {
		t.Error(err)
	}
	for i := range 4 {
		h.p.Settle(i)
	}
	if _, err := h.p.Reserve(&callback.TaskQuery{Slot: 1, Size: 101}); !errors.Is(err, callback.ErrTaskQueueFull) {
		t.Error(err)
	}
	for range 12 {
		h.p.Add(&job.Job{Worker: -1}, []byte("12345"))
	}
	if s := h.p.Stats(); s.Dropped != 2 || s.Waiting != 8 || s.Running != 2 {
		t.Errorf("%+v", s)
	}
	h.p.Send(&job.Job{}, nil)
	if s := h.p.Stats(); s.MessagesDropped != 1 {
		t.Errorf("%+v", s)
	}
	h.d.TaskWorkers = 0
	if _, err := h.p.Reserve(&callback.TaskQuery{Slot: 1}); !errors.Is(err, callback.ErrNoTaskWorkers) {
		t.Error(err)
	}
}

func TestMessagesToOneWorkerKeepTheirOrder(t *testing.T) {
	h := newPHP(t, nil)
	for _, data := range []string{"1", "2"} {
		h.p.Send(&job.Job{Source: 0, Worker: 1}, []byte(data))
		h.p.Send(&job.Job{Source: 1, Worker: 0}, []byte(data))
	}
	h.want("pipemessage 1 1, pipemessage 0 1")
	h.done(callback.Done)
	h.want("pipemessage 0 1, pipemessage 1 2")
}

func (h *php) run(ctx context.Context, timeout time.Duration, data ...string) <-chan string {
	got := make(chan string, 1)
	q := &callback.TaskQuery{Worker: -1, Timeout: timeout}
	for _, d := range data {
		q.Data = append(q.Data, []byte(d))
	}
	go func() {
		results, err := h.p.Run(ctx, q)
		var list []string
		for _, r := range results {
			list = append(list, fmt.Sprintf("%d %v %s", r.ID, r.OK, r.Data))
		}
		got <- strings.Join(list, ", ") + fmt.Sprint(err)
	}()
	return got
}

func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPHP(t, nil)
		got := h.run(t.Context(), time.Second, "a", "b", "c")
		synctest.Wait()
		h.want("task 2 a, task 3 b")
		h.done(callback.Done, "A", "too much")
		h.done(callback.Failed)
		h.done(callback.Done)
		if s := <-got; s != "0 true A, 1 false , 2 false <nil>" {
			t.Error(s)
		}
		// Too late: what has begun runs on for nobody, the rest never begins.
		got = h.run(t.Context(), time.Second, "a", "b", "c")
		if s := <-got; s != "3 false , 4 false , 5 false <nil>" {
			t.Error(s)
		}
		h.want("task 2 a, task 3 b")
		h.done(callback.Done, "late")
		h.done(callback.Done)
		h.want("")
		if s := h.p.Stats(); s.Dropped != 1 || s.ResultsDropped != 1 || s.Waiting != 0 || s.Running != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// Who waits goes away, and its tasks make room.
func TestAWaiterThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPHP(t, nil)
		ctx, leave := context.WithCancel(t.Context())
		got := h.run(ctx, 0, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
		synctest.Wait()
		if s := <-h.run(t.Context(), 0, "x"); !strings.Contains(s, "full") {
			t.Error(s)
		}
		leave()
		<-got
		h.add(-1, "next")
		h.want("task 2 a, task 3 b")
		h.done(callback.Done)
		h.want("task 3 b, task 2 next")
	})
}

func TestOneSlotCannotWait(t *testing.T) {
	h := newPHP(t, func(o *Options, _ *callback.Description) { o.Slots = 1 })
	if _, err := h.p.Run(t.Context(), &callback.TaskQuery{Data: [][]byte{nil}}); !errors.Is(err, callback.ErrNoTaskSlot) {
		t.Error(err)
	}
}

// At the end, tasks and their results come first, then the shutdown event; a task that hangs is given up.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPHP(t, nil)
		s := NewSet(slog.New(slog.DiscardHandler))
		s.pools = append(s.pools, h.p)
		h.add(-1, "a")
		aborted := make(chan bool, 2)
		end := func() chan struct{} {
			over := make(chan struct{})
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				s.Finish(ctx)
				s.Shutdown(ctx, false, func() { aborted <- true })
				close(over)
			}()
			synctest.Wait()
			return over
		}
		over := end()
		h.want("task 2 a")
		h.done(callback.Done, "r")
		synctest.Wait()
		h.want("finish 0 r")
		h.done(callback.Done)
		synctest.Wait()
		h.want("shutdown 0 ")
		h.done(callback.Done)
		<-over
		h.add(-1, "hangs")
		<-end()
		if len(aborted) != 1 {
			t.Errorf("aborted %d times", len(aborted))
		}
	})
}

func TestDied(t *testing.T) {
	h := newPHP(t, nil)
	h.p.Died(5, &callback.Event{Type: callback.Message}, callback.ErrScript)
	h.p.Died(4, &callback.Event{Type: callback.Message}, callback.ErrReset)
	h.p.Died(4, &callback.Event{Type: callback.Task, Meta: []byte(`{"worker":3}`)}, callback.ErrReset)
	h.p.Died(4, &callback.Event{Type: callback.WorkerError}, callback.ErrReset) // or it would never end
	var got []string
	for _, ev := range h.posted {
		got = append(got, string(ev.Meta))
	}
	want := `{"worker":1,"pid":0,"exit_code":255,"signal":0} {"worker":0,"pid":0,"exit_code":0,"signal":9} {"worker":3,"pid":0,"exit_code":0,"signal":9}`
	if s := strings.Join(got, " "); s != want {
		t.Error(s)
	}
}

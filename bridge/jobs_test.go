package bridge

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

// withTasks runs a test with a script that has task workers. Tasks take a second; a message "n x" asks for n tasks.
func withTasks(t *testing.T, slots, workers int, run func(f *fixture, running func() int)) {
	t.Helper()
	var mu sync.Mutex
	running, most := 0, 0
	answer := func(ev *callback.Event) callback.Result {
		switch ev.Type {
		case callback.Task:
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			return callback.Result{Instructions: []callback.Instruction{{Kind: callback.KindFinish, Data: []byte("result")}}}
		case callback.Message:
			var n int
			if _, err := fmt.Sscanf(string(ev.Payload), "%d tasks", &n); err == nil {
				var res callback.Result
				for i := range n {
					res.Instructions = append(res.Instructions, callback.Instruction{
						Kind: callback.KindTask, Job: &job.Job{ID: uint64(i), Worker: -1}, Data: []byte("data"),
					})
				}
				return res
			}
			return echo(ev)
		default:
			return callback.Result{}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		script := newFakeScript(answer)
		script.describe(callback.Description{
			Kind: callback.KindPlain, Encoding: callback.Framed, Batch: true, Events: []string{"open", "message", "close", "finish", "start", "shutdown"},
			Workers: 2, TaskWorkers: workers,
		})
		script.jobs = true
		f := newFixture(t, script, func(o *Options) { o.Workers, o.PingInterval = slots, -1 })
		run(f, func() int {
			mu.Lock()
			defer mu.Unlock()
			return most
		})
	})
}

// A flood of tasks takes all slots but one, and messages wait for nothing.
func TestTasksLeaveASlotToMessages(t *testing.T) {
	for _, slots := range []int{2, 3, 5} {
		withTasks(t, slots, 10, func(f *fixture, most func() int) {
			c := f.dial()
			c.text("20 tasks")
			time.Sleep(100 * time.Millisecond)
			start := time.Now()
			for range 10 {
				c.text("x")
				c.wantText("x")
			}
			if took := time.Since(start); took > 10*time.Millisecond {
				t.Errorf("%d slots: ten messages took %v", slots, took)
			}
			time.Sleep(time.Minute)
			if n := most(); n != slots-1 {
				t.Errorf("%d slots: %d tasks at once", slots, n)
			}
			if s := f.b.Stats(); s.EventsDone["task"] != 20 || s.EventsDone["finish"] != 20 || s.Tasks.Done != 20 || s.Tasks.Waiting != 0 {
				t.Errorf("%+v", s)
			}
			if s := f.b.ServerStats("test.php"); s.Tasks != 20 || s.IdleTasks != 10 || s.Tasking != 0 || s.Connections != 1 || s.MinFD != 1 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// One slot alone is shared in turns: neither a flood of tasks nor one of messages has it for itself.
func TestOneSlotIsSharedInTurns(t *testing.T) {
	withTasks(t, 1, 10, func(f *fixture, _ func() int) {
		c := f.dial()
		c.text("5 tasks")
		time.Sleep(10 * time.Millisecond)
		start := time.Now()
		c.text("x")
		c.wantText("x")
		if took := time.Since(start); took > 1100*time.Millisecond {
			t.Errorf("a message waited %v behind tasks", took)
		}
		time.Sleep(10 * time.Second)
		if _, err := f.b.RunTasks(t.Context(), &callback.TaskQuery{Script: "test.php", Data: [][]byte{nil}}); !errors.Is(err, callback.ErrNoTaskSlot) {
			t.Error(err)
		}
	})
}

// All runs that there may be wait for a task at the same time: there is a slot for their tasks.
func TestWaitingRunsDoNotWaitForEachOther(t *testing.T) {
	const slots = 3
	synctest.Test(t, func(t *testing.T) {
		var f *fixture
		script := newFakeScript(nil)
		script.answer = func(ev *callback.Event) callback.Result {
			if ev.Type == callback.Task {
				return callback.Result{Instructions: []callback.Instruction{{Kind: callback.KindFinish, Data: ev.Payload}}}
			}
			if ev.Type != callback.Message {
				return callback.Result{}
			}
			res, err := f.b.RunTasks(t.Context(), &callback.TaskQuery{Script: "test.php", Worker: -1, Timeout: time.Minute, Data: [][]byte{ev.Payload}})
			if err != nil || !res[0].OK {
				return callback.Result{Outcome: callback.Failed, Err: err}
			}
			return echo(&callback.Event{Type: callback.Message, FD: ev.FD, Payload: res[0].Data, Opcode: 1})
		}
		script.describe(callback.Description{
			Kind: callback.KindPlain, Encoding: callback.Framed, Events: []string{"message"}, Workers: 1, TaskWorkers: 1,
		})
		script.jobs = true
		f = newFixture(t, script, func(o *Options) { o.Workers, o.PingInterval = slots, -1 })
		var list []*client
		for range 3 * slots {
			list = append(list, f.dial())
		}
		start := time.Now()
		for _, c := range list {
			c.text("hello")
		}
		for _, c := range list {
			c.wantText("hello")
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestStartComesFirstAndShutdownLast(t *testing.T) {
	withTasks(t, 2, 1, func(f *fixture, _ func() int) {
		c := f.dial()
		c.text("1 tasks")
		synctest.Wait()
		f.stop()
		c.wantClose(1001)
		c.close(1001, "")
		time.Sleep(5 * time.Second)
		f.wantStory("0:start 1:open 1:message(1 tasks) 1:close(1001 shutdown) 0:task 0:finish 0:shutdown")
	})
}

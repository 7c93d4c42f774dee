package callback

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/callback/job"
)

// fakeWorkers runs tasks by turning their data around; one that says "wait" waits for the asker to leave.
type fakeWorkers struct {
	refuse error
	left   chan struct{}
}

func (w *fakeWorkers) ReserveTask(q *TaskQuery) (uint64, error) {
	if w.refuse != nil {
		return 0, w.refuse
	}
	return uint64(100*q.Slot + 10*q.Source + q.Size), nil
}

func (w *fakeWorkers) RunTasks(ctx context.Context, q *TaskQuery) ([]TaskResult, error) {
	if w.refuse != nil {
		return nil, w.refuse
	}
	results := make([]TaskResult, len(q.Data))
	for i, d := range q.Data {
		if string(d) == "wait" {
			<-ctx.Done()
			close(w.left)
			return results, nil
		}
		results[i] = TaskResult{ID: uint64(i), Data: []byte(strings.ToUpper(string(d))), OK: len(d) > 0}
	}
	return results, nil
}

func (w *fakeWorkers) Worker(script string, worker int) (state WorkerState, ok bool) {
	return WorkerState{Busy: worker == 0, PID: worker * 77}, script == "x.php" && worker < 2
}

func (w *fakeWorkers) ServerStats(string) ServerStats { return ServerStats{Connections: 3} }

func ask136(id uint64, opcode uint8, meta, payload string) frame {
	return frame{typ: frameTasks, opcode: opcode, id: id, meta: []byte(meta), payload: []byte(payload)}
}

func TestQueriesAboutTasksAndWorkers(t *testing.T) {
	w := &fakeWorkers{left: make(chan struct{})}
	_, dial := unixServer(t, func(o *ServerOptions) { o.Workers = w })
	conn := dial()
	send(t, conn, helloFrame(),
		ask136(1, 0, `{"script":"x.php","slot":3,"source":2,"sizes":[1]}`, ""),
		ask136(2, 1, `{"script":"x.php","worker":-1,"timeout_ms":500,"sizes":[1,0,2]}`, "abc"),
		frame{typ: frameStats, id: 3, meta: []byte(`{"script":"x.php"}`)},
		frame{typ: frameWorker, id: 4, fd: 0, meta: []byte(`{"script":"x.php"}`)},
		frame{typ: frameWorker, id: 5, fd: 1, meta: []byte(`{"script":"x.php"}`)},
		frame{typ: frameWorker, id: 6, fd: 2, meta: []byte(`{"script":"x.php"}`)},
		query(frameCount, 7, 0, 0),
	)
	expect(t, conn,
		"id=1 code=0 fd=321", `id=2 code=0 fd=0 {"ids":[0,1,2],"sizes":[1,-1,2]} 414243`, `id=3 code=0 fd=0 {"start_time":0,"connection_num":3,`,
		"id=4 code=0 fd=1", "id=5 code=0 fd=2", "id=6 code=404", "id=7 code=0 fd=3",
	)
	for i, bad := range []frame{
		ask136(9, 0, `{"sizes":[1]}`, "x"), ask136(9, 0, `{"sizes":[1,2]}`, ""), ask136(9, 0, `{"sizes":[-1]}`, ""), ask136(9, 2, `{"sizes":[0]}`, ""),
		ask136(9, 1, `{"sizes":[]}`, ""), ask136(9, 1, `{"sizes":[2]}`, "x"), ask136(9, 1, `{"sizes":[1]}`, "xy"), ask136(9, 1, `{"sizes":[-1,1]}`, "x"),
		ask136(9, 1, `{"sizes":[0],"timeout_ms":-1}`, ""), ask136(9, 1, `{"sizes":[0],"worker":-2}`, ""), ask136(9, 1, `{`, ""), ask136(9, 1, "", ""),
		{typ: frameStats, id: 9},
		{typ: frameWorker, id: 9, meta: []byte("[]")},
		ask136(9, 1, `{"sizes":[`+strings.Repeat("0,", maxTasks)+`0]}`, ""),
	} {
		send(t, conn, bad)
		if got := receive(t, conn); !strings.HasPrefix(got, "id=9 code=400") {
			t.Errorf("%d: %s", i, got)
		}
	}
	for _, refused := range []struct {
		err  error
		code int
	}{{fmt.Errorf("%w: 10", ErrTaskQueueFull), 429}, {ErrNoTaskWorkers, 404}, {ErrNoTaskSlot, 409}, {errors.New("x"), 409}} {
		w.refuse = refused.err
		send(t, conn, ask136(9, 0, `{"sizes":[1]}`, ""), ask136(10, 1, `{"sizes":[0]}`, ""))
		expect(t, conn, fmt.Sprintf("id=9 code=%d", refused.code), fmt.Sprintf("id=10 code=%d", refused.code))
	}
}

// Who waits and leaves is noticed; who waits and asks more gets all answers.
func TestAnAskerThatLeavesWhileItWaits(t *testing.T) {
	w := &fakeWorkers{left: make(chan struct{})}
	s, dial := unixServer(t, func(o *ServerOptions) { o.Workers = w })
	conn := dial()
	send(t, conn, helloFrame(), ask136(1, 1, `{"sizes":[4]}`, "wait"))
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-w.left:
	case <-time.After(10 * time.Second):
		t.Fatal("the wait goes on for nobody")
	}
	select {
	case err := <-s.errs:
		t.Error(err)
	default:
	}
}

// A task's data may have 64 MiB, other queries stay small; without Workers nobody can ask.
func TestSizesOfTaskQueries(t *testing.T) {
	_, dial := unixServer(t, func(o *ServerOptions) { o.Workers = &fakeWorkers{} })
	conn := dial()
	big := strings.Repeat("a", 1<<20)
	send(t, conn, helloFrame(), ask136(1, 1, fmt.Sprintf(`{"sizes":[%d]}`, len(big)), big), query(frameCount, 2, 0, 0))
	if got := receive(t, conn); !strings.HasPrefix(got, fmt.Sprintf(`id=1 code=0 fd=0 {"ids":[0],"sizes":[%d]} 4141`, len(big))) {
		t.Errorf("%.100s", got)
	}
	expect(t, conn, "id=2 code=0 fd=3")
	_, dial = unixServer(t, nil)
	conn = dial()
	send(t, conn, helloFrame(), ask136(1, 0, `{"sizes":[1]}`, ""))
	expect(t, conn, "id=1 code=501")
}

func TestJobInstructions(t *testing.T) {
	task, message := Event{Type: Task, ID: 1}, Event{Type: Message, ID: 1}
	for _, c := range []struct {
		ev   Event
		f    frame
		want string // of the error; "" for none
	}{
		{message, frame{typ: 70, meta: []byte(`{"task":7,"source":0,"worker":-1,"callback":"f"}`), payload: []byte("x")}, ""},
		{message, frame{typ: 70, meta: []byte(`{"worker":-2}`)}, "worker -2"},
		{message, frame{typ: 70, meta: []byte(`{"source":-2}`)}, "asked by -2"},
		{message, frame{typ: 70, meta: []byte(`{"task":-1}`)}, "meta does not say"},
		{message, frame{typ: 70, meta: []byte(`{"callback":"` + strings.Repeat("x", job.MaxCallback+1) + `"}`)}, "1025 bytes"},
		{message, frame{typ: 70}, "meta does not say"},
		{task, frame{typ: 71, payload: []byte("x")}, ""},
		{message, frame{typ: 71}, "a task's result in the answer to message"},
		{message, frame{typ: 72, meta: []byte(`{"worker":1}`)}, ""},
		{message, frame{typ: 72, meta: []byte(`{"worker":-1}`)}, "worker -1"},
		{message, frame{typ: 74, opcode: 1}, ""},
		{message, frame{typ: 74, opcode: 3, fd: 1}, ""},
		{message, frame{typ: 74, opcode: 4}, ""},
		{message, frame{typ: 74, opcode: 5}, "opcode 5"},
		{message, frame{typ: 74}, "opcode 0"},
		{Event{Type: Describe}, frame{typ: 74, opcode: 1}, "not allowed here"},
	} {
		var r Reply
		r.reset(1)
		err := r.instruction(&c.f, &c.ev)
		switch {
		case c.want == "" && (err != nil || len(r.instrs) != 1 || r.instrs[0].Kind != Kind(c.f.typ)):
			t.Errorf("%d %s: %v %v", c.f.typ, c.f.meta, err, r.instrs)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%d %s: %v, want %s", c.f.typ, c.f.meta, err, c.want)
		}
	}
}

func TestJobEvents(t *testing.T) {
	j := job.Job{ID: 7, Source: 0, Worker: 2, Time: 1.5}
	b := appendEvent(nil, &Event{Type: Task, ID: 3, Attempt: 1, Meta: j.JSON(), Payload: []byte("data")}, time.Now())
	f, _, err := parseFrame(b, maxFrame)
	if err != nil || f.typ != 10 || f.id != 3 || string(f.meta) != `{"task":7,"source":0,"worker":2,"time":1.5}` || string(f.payload) != "data" {
		t.Errorf("%+v %s %v", f, f.meta, err)
	}
	if got := job.Parse(f.meta); got != j {
		t.Errorf("%+v", got)
	}
	b = appendEvent(nil, &Event{Type: Start, Opcode: StartAfterReload}, time.Now())
	if f, _, err = parseFrame(b, maxFrame); err != nil || f.typ != 13 || f.opcode != 2 || len(f.meta)+len(f.payload) > 0 {
		t.Errorf("%+v %v", f, err)
	}
}

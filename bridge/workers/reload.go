package workers

import (
	"context"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

// reloadPatience is how long a reload waits for the replacement of one worker before it goes on to the next.
const reloadPatience = 30 * time.Second

// Reload replaces the workers, one after the other: each ends in order, and the next one runs the code that is there then. No event is
// lost. It returns when all are replaced or ctx has ended.
func (p *Pool) Reload(ctx context.Context) {
	for _, w := range p.workers {
		came := w.replaced()
		if !w.end() {
			// Who is about to come has loaded the code before.
			p.await(ctx, w, came)
			came = w.replaced()
			w.end()
		}
		p.await(ctx, w, came)
	}
}

func (p *Pool) await(ctx context.Context, w *worker, came <-chan struct{}) {
	select {
	case <-came:
	case <-time.After(reloadPatience):
		p.o.Log.Warn("the worker is not replaced yet, the reload goes on", "worker", w.id, "script", p.o.Script)
	case <-ctx.Done():
	}
}

// replaced returns a channel that is closed when the next process has the place.
func (w *worker) replaced() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.came == nil {
		w.came = make(chan struct{})
	}
	return w.came
}

// StopWorker ends one worker in order; another one takes its place.
func (p *Pool) StopWorker(id int) {
	if id >= 0 && id < len(p.workers) {
		p.workers[id].end()
	}
}

// State says how a worker is.
func (p *Pool) State(id int) callback.WorkerState {
	w := p.workers[id]
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ch == nil {
		return callback.WorkerState{}
	}
	return callback.WorkerState{Busy: len(w.sent) > w.first, Ending: w.stopping, PID: w.pid}
}

// Stats is how a worker is, and what it has done.
type Stats struct {
	Script string `json:"script"`
	Worker int    `json:"worker"`
	PID    int    `json:"pid"` // 0: nobody is there
	Events int    `json:"events"`
	Served uint64 `json:"served"` // events that this process got
	Memory int64  `json:"memory"` // what it said last that its script has, bytes; 0: nothing yet
}

// Stats appends a line for each worker.
func (p *Pool) Stats(dst []Stats) []Stats {
	for _, w := range p.workers {
		w.mu.Lock()
		s := Stats{Script: p.o.Script, Worker: w.id}
		if w.ch != nil {
			s.PID, s.Events, s.Served, s.Memory = w.pid, len(w.sent)-w.first, w.served, w.memory
		}
		w.mu.Unlock()
		dst = append(dst, s)
	}
	return dst
}

// Idle counts workers without work.
func (p *Pool) Idle() (n int) {
	for _, w := range p.workers {
		if w.load() == 0 {
			n++
		}
	}
	return n
}

// died tells the script of a worker that did not end in order. err may know how it ended; php-fpm does not say.
func (p *Pool) died(w *worker, end ended, err error) {
	dead := job.DeadWorker{Worker: w.id, PID: end.pid, ExitCode: 255}
	if !end.said {
		dead.ExitCode, dead.Signal = 0, 9
	}
	dead.From(err)
	p.o.Died(dead)
}

package jobs

import (
	"context"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

// waiter is a PHP run that waits for tasks. Guarded by the pool's mu, but for done.
type waiter struct {
	results []callback.TaskResult
	left    int
	done    chan struct{} // closed with the last result
}

func (w *waiter) set(i int, r callback.TaskResult) {
	w.results[i] = r
	if w.left--; w.left == 0 {
		close(w.done)
	}
}

// Run queues a task for each q.Data and waits for their results: until all are there, q.Timeout (0: none) is over or ctx ends. A task
// that PHP has not begun then never begins.
func (p *Pool) Run(ctx context.Context, q *callback.TaskQuery) ([]callback.TaskResult, error) {
	if p.o.Slots < 2 {
		return nil, callback.ErrNoTaskSlot
	}
	bytes := 0
	for _, data := range q.Data {
		bytes += len(data)
	}
	w := &waiter{results: make([]callback.TaskResult, len(q.Data)), left: len(q.Data), done: make(chan struct{})}
	tasks := make([]*task, len(q.Data))
	p.mu.Lock()
	if err := p.roomLocked(len(q.Data), bytes); err != nil {
		p.mu.Unlock()
		return nil, err
	}
	for i, data := range q.Data {
		t := &task{Job: job.Job{ID: p.idLocked(q.Source), Source: q.Source, Worker: q.Worker}, data: data, waiter: w, index: i}
		w.results[i].ID = t.ID
		tasks[i] = t
		p.addLocked(t)
	}
	p.mu.Unlock()

	var timeout <-chan time.Time
	if q.Timeout > 0 {
		timer := time.NewTimer(q.Timeout)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-w.done:
	case <-timeout:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.left > 0 {
		p.cancelLocked(tasks)
	}
	return w.results, nil
}

// cancelLocked forgets tasks whose results nobody waits for any more. Those that PHP has begun run on.
func (p *Pool) cancelLocked(tasks []*task) {
	for _, t := range tasks {
		t.canceled = true
		if !t.begun {
			t.data = nil
			p.stats.Dropped++
			p.releaseLocked(1, t.size)
		}
	}
}

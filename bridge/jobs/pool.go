package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

// Event is what a pool has for PHP. Data and Meta belong to Post only until it returns.
type Event struct {
	Type   callback.EventType
	Opcode uint8
	Meta   []byte
	Data   []byte
	// Done is called once, when PHP is done with the event, with a result that is valid until it returns. It may be nil.
	Done func(res *callback.Result)
}

// Options configure a Pool. All are needed.
type Options struct {
	// Post queues an event for a PHP run of its own. It may be called from many goroutines and must not block, and not call Done.
	Post func(ev Event)
	// Description says how many workers the script has, and what it wants to hear.
	Description func() *callback.Description
	MaxTasks    int // that wait or run, and results that PHP has not heard of
	MaxBytes    int // of their data
	Slots       int // PHP requests at a time: a run that waits for a task needs two
	Log         *slog.Logger
	Script      string // for the log
}

// Pool is the tasks and messages of one script.
type Pool struct {
	o Options

	reserving atomic.Int64 // runs that hold a reservation

	mu       sync.Mutex
	workers  map[int]*worker
	any      queue // tasks for whoever is free first
	next     map[int]uint64
	reserved map[int]load // by slot
	pipes    map[int]*chain
	held     load // waiting, running, and results on their way
	order    uint64
	running  int
	idle     chan struct{} // made by WaitIdle; closed when nothing is held
	stats    Stats
}

// load is how much somebody holds.
type load struct{ count, bytes int }

// Stats counts tasks since the pool began, and those that it holds.
type Stats struct {
	Waiting int // now
	Running int // now
	Tasks   uint64
	// Done have answered, Failed have not: their child died, or the script failed.
	Done, Failed uint64
	// Dropped never ran: the queue was full, or who waited for them went away.
	Dropped uint64
	// ResultsDropped had nobody to hear of them.
	ResultsDropped uint64
	Messages       uint64
	// MessagesDropped were more than the queue takes.
	MessagesDropped uint64
}

// Add adds those of another pool.
func (s *Stats) Add(o Stats) {
	s.Waiting += o.Waiting
	s.Running += o.Running
	s.Tasks += o.Tasks
	s.Done += o.Done
	s.Failed += o.Failed
	s.Dropped += o.Dropped
	s.ResultsDropped += o.ResultsDropped
	s.Messages += o.Messages
	s.MessagesDropped += o.MessagesDropped
}

// task is one task from its queueing to its result.
type task struct {
	job.Job

	data     []byte
	size     int
	order    uint64
	waiter   *waiter // nil: a finish event takes the result
	index    int     // in the waiter's results
	begun    bool    // it is, or was, with PHP
	canceled bool
	next     *task
}

type worker struct {
	busy  bool
	queue queue
}

// queue is a list of tasks. Canceled ones stay in it until their turn.
type queue struct{ head, tail *task }

func (q *queue) push(t *task) {
	if q.tail == nil {
		q.head = t
	} else {
		q.tail.next = t
	}
	q.tail = t
}

func (q *queue) peek() *task {
	for q.head != nil && q.head.canceled {
		q.pop()
	}
	return q.head
}

func (q *queue) pop() {
	t := q.head
	if q.head = t.next; q.head == nil {
		q.tail = nil
	}
	t.next = nil
}

// New makes a pool.
func New(o Options) *Pool {
	return &Pool{
		o: o, workers: make(map[int]*worker), next: make(map[int]uint64), reserved: make(map[int]load), pipes: make(map[int]*chain),
	}
}

// Description is what the script says of itself now.
func (p *Pool) Description() *callback.Description { return p.o.Description() }

// Reserve keeps a place for a task that the run in slot will ask for in its answer, and returns the task's id: they count from 0 for
// each worker.
func (p *Pool) Reserve(q *callback.TaskQuery) (uint64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.roomLocked(1, q.Size); err != nil {
		return 0, err
	}
	r := p.reserved[q.Slot]
	if r.count == 0 {
		p.reserving.Add(1)
	}
	p.reserved[q.Slot] = load{r.count + 1, r.bytes + q.Size}
	return p.idLocked(q.Source), nil
}

func (p *Pool) idLocked(source int) uint64 {
	id := p.next[source]
	p.next[source]++
	return id
}

// roomLocked reports whether so many tasks more may be queued.
func (p *Pool) roomLocked(count, bytes int) error {
	if p.o.Description().TaskWorkers == 0 {
		return callback.ErrNoTaskWorkers
	}
	all := load{p.held.count + count, p.held.bytes + bytes}
	for _, r := range p.reserved {
		all.count, all.bytes = all.count+r.count, all.bytes+r.bytes
	}
	switch {
	case all.count > p.o.MaxTasks:
		return fmt.Errorf("%w: %d tasks (limits.tasks)", callback.ErrTaskQueueFull, p.o.MaxTasks)
	case all.bytes > p.o.MaxBytes:
		return fmt.Errorf("%w: %d bytes of data (limits.task_data)", callback.ErrTaskQueueFull, p.o.MaxBytes)
	}
	return nil
}

// Settle takes back what the run in slot reserved: its answer is here.
func (p *Pool) Settle(slot int) {
	if p.reserving.Load() == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.reserved[slot]; ok {
		delete(p.reserved, slot)
		p.reserving.Add(-1)
	}
}

// Release takes one reservation of a slot back: its task is here.
func (p *Pool) Release(slot, size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.reserved[slot]
	switch {
	case r.count > 1:
		p.reserved[slot] = load{r.count - 1, r.bytes - size}
	case r.count == 1:
		delete(p.reserved, slot)
		p.reserving.Add(-1)
	}
}

// Add queues a task that a run asked for. data is copied.
func (p *Pool) Add(j *job.Job, data []byte) {
	p.mu.Lock()
	if err := p.roomLocked(1, len(data)); err != nil {
		p.stats.Dropped++
		p.mu.Unlock()
		p.o.Log.Warn("task dropped", "task", j.ID, "worker", j.Source, "script", p.o.Script, "err", err)
		return
	}
	t := &task{Job: *j, data: append([]byte(nil), data...)}
	p.addLocked(t)
	p.mu.Unlock()
}

// addLocked starts a task, or queues it.
func (p *Pool) addLocked(t *task) {
	t.Time, t.size = unixNow(), len(t.data)
	t.order = p.order
	p.order++
	p.stats.Tasks++
	p.holdLocked(1, t.size)
	if t.Worker >= 0 {
		w := p.workerLocked(t.Worker)
		if w.busy {
			w.queue.push(t)
		} else {
			p.startLocked(t, t.Worker, w)
		}
		return
	}
	for i := range max(p.o.Description().TaskWorkers, 1) {
		if w := p.workerLocked(i); !w.busy {
			p.startLocked(t, i, w)
			return
		}
	}
	p.any.push(t)
}

func (p *Pool) workerLocked(index int) *worker {
	w := p.workers[index]
	if w == nil {
		w = new(worker)
		p.workers[index] = w
	}
	return w
}

// startLocked hands a task to PHP as the worker of that index.
func (p *Pool) startLocked(t *task, index int, w *worker) {
	w.busy = true
	p.running++
	meta := job.Job{ID: t.ID, Source: t.Source, Worker: p.o.Description().Workers + index, Time: t.Time}
	data := t.data
	t.data, t.begun = nil, true
	p.o.Post(Event{Type: callback.Task, Meta: meta.JSON(), Data: data, Done: func(res *callback.Result) {
		p.ended(t, index, meta.Worker, res)
	}})
}

// ended takes a task's results and gives its worker the next task.
func (p *Pool) ended(t *task, index, id int, res *callback.Result) {
	var results [][]byte
	if res.Outcome == callback.Done {
		for i := range res.Instructions {
			if in := &res.Instructions[i]; in.Kind == callback.KindFinish {
				results = append(results, append([]byte(nil), in.Data...))
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if res.Outcome == callback.Done {
		p.stats.Done++
	} else {
		p.stats.Failed++
	}
	switch {
	case t.waiter != nil:
		if t.canceled {
			p.stats.ResultsDropped += uint64(len(results))
			break
		}
		r := callback.TaskResult{ID: t.ID}
		if len(results) > 0 {
			r.Data, r.OK = results[0], true
		}
		t.waiter.set(t.index, r)
	case len(results) == 0:
	case t.Source < 0 || t.Callback == "" && !p.o.Description().Wants(callback.Finish):
		p.stats.ResultsDropped += uint64(len(results))
	default:
		c := &chain{p: p}
		for _, data := range results {
			meta := job.Job{ID: t.ID, Source: id, Worker: t.Source, Callback: t.Callback, Time: unixNow()}
			c.addLocked(callback.Finish, meta.JSON(), data)
		}
	}
	p.running--
	w := p.workers[index]
	w.busy = false
	own, other := w.queue.peek(), p.any.peek()
	switch {
	case own != nil && (other == nil || own.order < other.order):
		w.queue.pop()
		p.startLocked(own, index, w)
	case other != nil && index < max(p.o.Description().TaskWorkers, 1):
		p.any.pop()
		p.startLocked(other, index, w)
	}
	p.releaseLocked(1, t.size)
}

func (p *Pool) holdLocked(count, bytes int) {
	p.held.count += count
	p.held.bytes += bytes
}

func (p *Pool) releaseLocked(count, bytes int) {
	p.holdLocked(-count, -bytes)
	if p.held.count == 0 && p.idle != nil {
		close(p.idle)
		p.idle = nil
	}
}

// WaitIdle returns when there is neither a task nor a result or message that PHP has not heard of, or when ctx ends: then it returns
// how many there are.
func (p *Pool) WaitIdle(ctx context.Context) (left int) {
	for {
		p.mu.Lock()
		left = p.held.count
		if left > 0 && p.idle == nil {
			p.idle = make(chan struct{})
		}
		idle := p.idle
		p.mu.Unlock()
		if left == 0 {
			return 0
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return left
		}
	}
}

// Stats returns the counters.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Running = p.running
	s.Waiting = max(p.held.count-p.running, 0)
	return s
}

// Busy reports whether a task of that index is with PHP.
func (p *Pool) Busy(index int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.workers[index]
	return w != nil && w.busy
}

func unixNow() float64 { return float64(time.Now().UnixMicro()) / 1e6 }

package callback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

// TaskQuery is what PHP asks about tasks while it runs; docs/protocol.md section 4, type 136.
type TaskQuery struct {
	Script  string        // the asking script, as its route names it
	Slot    int           // BRIDGE_WORKER of the run that asks
	Source  int           // its worker id
	Worker  int           // index of the task worker, -1 for any
	Timeout time.Duration // of the wait; 0: none
	Data    [][]byte      // one per task; valid during the call
	Size    int           // of the data of a task that is to come
}

// TaskResult is what a task gave back to who waits for it.
type TaskResult struct {
	ID   uint64
	Data []byte
	OK   bool // false: timed out, failed, or gave nothing
}

// Why the bridge does not take a task.
var (
	ErrTaskQueueFull = errors.New("callback: the task queue is full")
	ErrNoTaskWorkers = errors.New("callback: the script has no task workers")
	ErrNoTaskSlot    = errors.New("callback: with one PHP request at a time nobody could run the task meanwhile: set workers to 2 or more")
)

// ServerStats are the numbers behind Swoole's stats(), of one script's server.
type ServerStats struct {
	StartTime   int64  `json:"start_time"` // unix seconds
	Connections int    `json:"connection_num"`
	Aborted     uint64 `json:"abort_count"`
	Accepted    uint64 `json:"accept_count"`
	Closed      uint64 `json:"close_count"`
	IdleWorkers int    `json:"idle_worker_num"`
	Dispatched  uint64 `json:"dispatch_count"`
	Requests    uint64 `json:"request_count"`
	Responses   uint64 `json:"response_count"`
	BytesIn     uint64 `json:"total_recv_bytes"`
	BytesOut    uint64 `json:"total_send_bytes"`
	Running     int    `json:"concurrency"`
	Sessions    uint64 `json:"session_round"`
	MinFD       uint64 `json:"min_fd"`
	MaxFD       uint64 `json:"max_fd"`
	IdleTasks   int    `json:"task_idle_worker_num"`
	Tasking     int    `json:"tasking_num"`
	Tasks       uint64 `json:"task_count"`
}

// Workers is what the server asks about tasks, workers and the server itself. Its methods are called from many goroutines at a
// time; only RunTasks may block.
type Workers interface {
	// ReserveTask keeps a place for a task of q.Size bytes that the run in q.Slot will ask for, and returns its id.
	ReserveTask(q *TaskQuery) (id uint64, err error)
	// RunTasks queues a task for each q.Data and returns when each has ended, q.Timeout is over or ctx has ended: one result per task,
	// in order.
	RunTasks(ctx context.Context, q *TaskQuery) ([]TaskResult, error)
	// Worker says how a worker of the script is, and whether there is such a worker.
	Worker(script string, worker int) (WorkerState, bool)
	// ServerStats counts for a script's server.
	ServerStats(script string) ServerStats
}

// ResidentSlot is added to a resident worker's number where a slot is asked for.
const ResidentSlot = 1 << 20

const (
	taskReserve = 0
	taskRun     = 1
	// maxTasks is how many tasks one question may wait for: Swoole's taskWaitMulti takes 1,023.
	maxTasks = 1024
)

// codeRefused and codeFull answer questions about tasks beside the codes that all have.
const (
	codeRefused = 409
	codeFull    = 429
)

// ask is the meta of queries that concern one script.
type ask struct {
	Script  string `json:"script"`
	Slot    int    `json:"slot"`
	Source  int    `json:"source"`
	Worker  int    `json:"worker"`
	Timeout int64  `json:"timeout_ms"`
	Sizes   []int  `json:"sizes"`
}

// workers answers a query about tasks, workers or the server.
func (p *peer) workers(f *frame) error {
	all := p.server.opts.Workers
	if all == nil {
		p.reply(f.id, codeUnknown, "unknown query")
		return nil
	}
	var a ask
	if err := json.Unmarshal(f.meta, &a); err != nil {
		p.reply(f.id, codeMalformed, "meta: "+err.Error())
		return nil
	}
	switch f.typ {
	case frameStats:
		p.replyJSON(f.id, all.ServerStats(a.Script), nil)
	case frameWorker:
		w, ok := all.Worker(a.Script, int(f.fd&(1<<31-1)))
		if !ok {
			p.reply(f.id, codeNotFound, "")
			return nil
		}
		reply := frame{typ: frameReply, id: f.id, fd: workerIdle}
		switch {
		case w.Ending:
			reply.fd = workerEnding
		case w.Busy:
			reply.fd = workerBusy
		}
		if w.PID > 0 {
			reply.meta = append(strconv.AppendInt([]byte(`{"pid":`), int64(w.PID), 10), '}')
		}
		p.out = reply.append(p.out)
	case frameTasks:
		return p.tasks(f, &a)
	}
	return nil
}

// Swoole's SWOOLE_WORKER_BUSY, SWOOLE_WORKER_IDLE and SWOOLE_WORKER_EXIT.
const (
	workerBusy   = 1
	workerIdle   = 2
	workerEnding = 3
)

// WorkerState is how a worker is.
type WorkerState struct {
	Busy   bool
	Ending bool
	PID    int // of a resident worker's process; 0: it has none
}

func (p *peer) tasks(f *frame, a *ask) error {
	q := TaskQuery{Script: a.Script, Slot: a.Slot, Source: a.Source, Worker: a.Worker, Timeout: time.Duration(a.Timeout) * time.Millisecond}
	if err := q.take(f, a); err != nil {
		p.reply(f.id, codeMalformed, err.Error())
		return nil
	}
	if f.opcode == taskReserve {
		id, err := p.server.opts.Workers.ReserveTask(&q)
		if err != nil {
			p.refuseTask(f.id, err)
			return nil
		}
		reply := frame{typ: frameReply, id: f.id, fd: id}
		p.out = reply.append(p.out)
		return nil
	}
	id := f.id
	var results []TaskResult
	var refused error
	err := p.blocking(func(ctx context.Context) { results, refused = p.server.opts.Workers.RunTasks(ctx, &q) })
	switch {
	case err != nil:
		return err
	case refused != nil:
		p.refuseTask(id, refused)
		return nil
	}
	meta := struct {
		IDs   []uint64 `json:"ids"`
		Sizes []int    `json:"sizes"` // -1: no result
	}{make([]uint64, len(results)), make([]int, len(results))}
	var payload []byte
	for i, r := range results {
		meta.IDs[i], meta.Sizes[i] = r.ID, -1
		if r.OK {
			meta.Sizes[i] = len(r.Data)
			payload = append(payload, r.Data...)
		}
	}
	p.replyJSON(id, meta, payload)
	return nil
}

// take cuts the payload into the data of the tasks.
func (q *TaskQuery) take(f *frame, a *ask) error {
	const most = 1 << 40 // no sum of sizes overflows
	rest := f.payload
	switch {
	case f.opcode > taskRun:
		return fmt.Errorf("opcode %d", f.opcode)
	case len(a.Sizes) == 0 || len(a.Sizes) > maxTasks:
		return fmt.Errorf("%d tasks: want 1 to %d", len(a.Sizes), maxTasks)
	case a.Timeout < 0 || a.Timeout > most || a.Slot < 0 || a.Worker < -1 || a.Worker > maxWorkers || a.Source < -1 || a.Source > 2*maxWorkers:
		return errors.New("a number out of range")
	case f.opcode == taskReserve:
		if q.Size = a.Sizes[0]; q.Size < 0 || len(a.Sizes) != 1 || len(rest) > 0 {
			return errors.New("want one size and no data")
		}
		return nil
	}
	q.Data = make([][]byte, len(a.Sizes))
	for i, n := range a.Sizes {
		if n < 0 || n > len(rest) {
			return errors.New("the sizes are not those of the data")
		}
		q.Data[i], rest = rest[:n:n], rest[n:]
	}
	if len(rest) > 0 {
		return errors.New("the sizes are not those of the data")
	}
	return nil
}

func (p *peer) refuseTask(id uint64, err error) {
	code := uint32(codeRefused)
	switch {
	case errors.Is(err, ErrTaskQueueFull):
		code = codeFull
	case errors.Is(err, ErrNoTaskWorkers):
		code = codeNotFound
	}
	p.reply(id, code, err.Error())
}

// replyJSON appends a reply with meta.
func (p *peer) replyJSON(id uint64, meta any, payload []byte) {
	b, err := json.Marshal(meta)
	if err != nil { // these are plain numbers
		b = []byte("{}")
	}
	reply := frame{typ: frameReply, id: id, meta: b, payload: payload}
	p.out = reply.append(p.out)
}

// blocking runs what may take long, with a context that ends when the peer leaves. Replies to what was asked before go out first.
func (p *peer) blocking(run func(ctx context.Context)) error {
	if err := p.flush(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	came := make(chan []byte, 1)
	go func() {
		// A peer that waits has nothing to say: what comes is its end, or a few queries that it sends ahead.
		var ahead []byte
		b := make([]byte, readBuffer)
		for {
			n, err := p.conn.Read(b)
			ahead = append(ahead, b[:n]...)
			if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				cancel()
			}
			if err != nil || len(ahead) > maxQuery { // the rest of it waits in its socket
				break
			}
		}
		came <- ahead
	}()
	run(ctx)
	gone := ctx.Err() != nil
	if p.conn.SetReadDeadline(time.Unix(1, 0)) != nil {
		gone = true
	}
	ahead := <-came
	if gone || p.conn.SetReadDeadline(time.Time{}) != nil {
		return errGone
	}
	if len(ahead) > 0 {
		// A new buffer: the query at hand points into the old one.
		p.in = append(slices.Clip(p.in), ahead...)
	}
	return nil
}

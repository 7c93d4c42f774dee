package bridge

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

const (
	// window and windowBytes bound what a worker may have without its word: what a kill -9 can take along.
	defaultWindow      = 512
	defaultWindowBytes = 256 << 10
	// maxStream bounds a worker's outbox; the window keeps it far below.
	maxStream = 1 << 30
	// workerStall is how long a worker may leave its socket unread, per 64 KiB, before it is given up.
	workerStall = time.Minute
	// Back-off between two processes of a place, when the first one did not live long.
	bootFirst = 100 * time.Millisecond
	bootMost  = 5 * time.Second
	livedLong = 10 * time.Second
)

// Booter starts resident workers; *callback.Script is one. Boot blocks until the worker has ended.
type Booter interface {
	Boot(ctx context.Context, worker int, ticket uint64, reply *callback.Reply) error
}

// Resident says how many PHP processes of a route stay.
type Resident struct {
	Boot        Booter
	Workers     int // worker_num
	Window      int // events that a worker may have unanswered; default 512
	WindowBytes int // default 256 KiB
}

// pool is the resident workers of a route.
type pool struct {
	b           *Bridge
	route       *route
	boot        Booter
	workers     []*worker
	window      int
	windowBytes int

	stopping chan struct{} // closed when no process is to start any more

	mu      sync.Mutex
	stopped bool
	wg      sync.WaitGroup // supervisors, and who watches
	unwatch context.CancelFunc
}

func newPool(b *Bridge, rt *route, r *Resident) *pool {
	p := &pool{b: b, route: rt, stopping: make(chan struct{}), boot: r.Boot, window: r.Window, windowBytes: r.WindowBytes}
	def(&p.window, defaultWindow)
	def(&p.windowBytes, defaultWindowBytes)
	for id := range r.Workers {
		p.workers = append(p.workers, &worker{pool: p, id: id, box: mailbox{b: b, route: rt}})
	}
	return p
}

// ready sends a mailbox's events to its worker.
//
// A connection belongs to one worker, and that to the connection's number, whoever holds the worker's place.
func (p *pool) ready(m *mailbox) {
	at := m.fd
	if at == 0 {
		at = uint64(m.place)
	}
	p.workers[at%uint64(len(p.workers))].ready(m)
}

// start boots a process for each place, and goes on doing so until stop.
func (p *pool) start(ctx context.Context) {
	for _, w := range p.workers {
		p.wg.Go(func() { p.supervise(ctx, w) })
	}
	watchCtx, stop := context.WithCancel(ctx)
	p.unwatch = stop
	p.wg.Go(func() { p.watch(watchCtx) })
}

// supervise keeps one place taken.
func (p *pool) supervise(ctx context.Context, w *worker) {
	pause := bootFirst
	var reply callback.Reply
	for {
		p.mu.Lock()
		stopped := p.stopped
		p.mu.Unlock()
		if stopped {
			return
		}
		ticket := uint64(rand.Int64()) | 1 //nolint:gosec // the token is the secret; this tells one process from the next
		w.mu.Lock()
		w.ticket, w.left = ticket, nil
		w.mu.Unlock()
		started := time.Now()
		err := p.boot.Boot(ctx, w.id, ticket, &reply)
		lived := time.Since(started)
		attached := w.over()
		p.b.logOutput(&w.box, &callback.Event{}, &reply)
		reply.Release()
		p.mu.Lock()
		stopped = p.stopped
		p.mu.Unlock()
		if stopped {
			return
		}
		if err == nil && !attached {
			err = errNoChannel
		}
		end := w.ending()
		if end.orderly {
			p.logLife(w, lived, nil)
			pause = bootFirst
			continue
		}
		p.logLife(w, lived, err)
		if attached {
			p.died(w, end)
		}
		if lived > livedLong {
			pause = bootFirst
		}
		select {
		case <-time.After(pause):
		case <-p.stopping:
		case <-ctx.Done():
			return
		}
		pause = min(2*pause, bootMost)
	}
}

// ended is how a process ended.
type ended struct {
	pid     int
	said    bool // its last word came: it was no kill
	orderly bool // as it was told to
}

func (w *worker) ending() ended {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := ended{w.pid, w.said, w.orderly}
	w.said, w.orderly = false, false
	return e
}

// errNoChannel is a script that ended before its server started.
var errNoChannel = errors.New("bridge: the script ended before start()")

func (p *pool) logLife(w *worker, lived time.Duration, err error) {
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.Int("worker", w.id), slog.String("script", p.route.name), slog.Int64("lived_ms", lived.Milliseconds())}
	if err != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.Any("err", err))
	}
	p.b.log.LogAttrs(context.Background(), level, "worker ended", attrs...)
}

// stop tells the workers to end, waits for that until ctx ends, and starts no new ones.
func (p *pool) stop(ctx context.Context) {
	p.mu.Lock()
	if !p.stopped {
		p.stopped = true
		close(p.stopping)
	}
	p.mu.Unlock()
	p.unwatch()
	for _, w := range p.workers {
		w.end()
	}
	done := make(chan struct{})
	go func() {
		p.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		p.b.opts.Abort()
		<-done
	}
}

// over is called when a process's request has ended: it waits until its channel has, too. It is false if it never had one.
func (w *worker) over() bool {
	w.mu.Lock()
	left := w.left
	w.ticket = 0
	if w.ch != nil {
		_ = w.ch.Conn.SetReadDeadline(time.Now().Add(time.Second)) // what it said last is still read
	}
	w.mu.Unlock()
	if left == nil {
		return false
	}
	<-left
	return true
}

// end tells the worker's process to end when it has handled what it has. Nothing more is sent to it. It is false
// if nobody is there.
func (w *worker) end() bool {
	w.mu.Lock()
	out := w.out
	if out != nil && !w.stopping {
		w.stopping = true
		w.scratch = callback.AppendControl(w.scratch[:0], callback.ControlStop)
		out.Add(w.scratch, nil, false)
	}
	w.mu.Unlock()
	if out != nil {
		out.Flush()
	}
	return out != nil
}

// newResidents gives each resident route its pool.
func (b *Bridge) newResidents() {
	for _, rt := range b.routes {
		if rt.resident != nil {
			rt.pool = newPool(b, rt, rt.resident)
		}
	}
}

func (b *Bridge) startResidents(ctx context.Context) {
	for _, rt := range b.routes {
		if rt.pool != nil {
			rt.pool.start(ctx)
		}
	}
}

// stopResidents ends the resident workers, by force when ctx ends.
func (b *Bridge) stopResidents(ctx context.Context) {
	for _, rt := range b.routes {
		if rt.pool != nil {
			rt.pool.stop(ctx)
		}
	}
}

// ServeWorker implements callback.Residents.
func (b *Bridge) ServeWorker(ctx context.Context, hello callback.WorkerHello, ch *callback.Channel) error {
	for _, rt := range b.routes {
		if rt.pool == nil {
			continue
		}
		for _, w := range rt.pool.workers {
			out, ok := w.attach(ch, hello.Ticket, hello.PID)
			if !ok {
				continue
			}
			b.log.Info("worker started", "worker", w.id, "pid", hello.PID, "script", rt.name)
			err := w.serve(ctx, ch, out)
			w.detach()
			return err
		}
	}
	return errStranger
}

// errStranger is a worker that nobody started, or that came too late.
var errStranger = errors.New("bridge: a worker that is not expected")

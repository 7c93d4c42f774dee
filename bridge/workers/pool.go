package workers

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
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

// Pool is the resident workers of one script.
type Pool struct {
	o        Options
	workers  []*worker
	round    atomic.Uint64 // whose turn it is
	stopping chan struct{} // closed when no process is to start any more

	mu      sync.Mutex
	stopped bool
	wg      sync.WaitGroup // supervisors, and who watches
	unwatch context.CancelFunc
}

// New makes a pool; Start boots it.
func New(o Options) *Pool {
	p := &Pool{o: o, stopping: make(chan struct{})}
	if p.o.Window == 0 {
		p.o.Window = defaultWindow
	}
	if p.o.WindowBytes == 0 {
		p.o.WindowBytes = defaultWindowBytes
	}
	if p.o.Mode == 0 {
		p.o.Mode = ByFD
	}
	if p.o.Grace == nil {
		p.o.Grace = func() time.Duration { return 0 }
	}
	if p.o.Late == nil {
		p.o.Late = func(int, time.Duration) {}
	}
	for id := range o.Workers {
		p.workers = append(p.workers, &worker{pool: p, id: id})
	}
	return p
}

// Len is how many workers there are to be.
func (p *Pool) Len() int { return len(p.workers) }

// Mode is how it places events.
func (p *Pool) Mode() Mode { return p.o.Mode }

// Ready sends a box's events to the worker that gets them. Whoever calls it is the only one who does so for that box at that time.
func (p *Pool) Ready(b Box) {
	if w := p.place(b); w != nil {
		w.ready(b)
	}
}

// Start boots a process for each place, and goes on doing so until Stop.
func (p *Pool) Start(ctx context.Context) {
	for _, w := range p.workers {
		p.wg.Go(func() { p.supervise(ctx, w) })
	}
	watchCtx, stop := context.WithCancel(ctx)
	p.unwatch = stop
	p.wg.Go(func() { p.watch(watchCtx) })
}

// supervise keeps one place taken.
func (p *Pool) supervise(ctx context.Context, w *worker) {
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
		boot, cancel := context.WithCancel(ctx)
		w.mu.Lock()
		w.ticket, w.left = ticket, nil
		w.bootedAt, w.late, w.leftAt, w.cancel = p.o.Now(), false, 0, cancel
		w.mu.Unlock()
		started := time.Now()
		err := p.o.Boot.Boot(boot, w.id, ticket, &reply)
		lived := time.Since(started)
		cancel()
		attached := w.over()
		w.forget()
		p.o.Output(w.id, &reply)
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
		why := err
		if why == nil {
			why = errExited
		}
		p.logLife(w, lived, why)
		if attached {
			p.died(w, end, err)
			w.sameAge(end, lived)
		}
		if lived > livedLong || attached && end.took {
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
	byUs    bool // it was killed since it did not answer
	took    bool // it was ready for events: its boot is no reason to wait with the next one
}

func (w *worker) ending() ended {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := ended{w.pid, w.said, w.orderly, w.byUs, w.takes}
	w.said, w.orderly, w.byUs = false, false, false
	return e
}

// sameAge says so when workers of a place are killed at about the same age, as php-fpm's request_terminate_timeout does. php-fpm looks
// three times in that time, so that the ages differ by up to a third.
func (w *worker) sameAge(end ended, lived time.Duration) {
	const least, twice = time.Second, 2
	before := w.killedAt
	if w.killedAt = lived; end.said || end.byUs {
		w.killedAt, w.killedAlike = 0, 0
		return
	}
	if short, long := min(before, lived), max(before, lived); short < least || long > short+short*2/5 {
		w.killedAlike = 0
		return
	}
	if w.killedAlike++; w.killedAlike == twice {
		w.pool.o.Log.Warn("workers are killed again and again at the same age: request_terminate_timeout of php-fpm's pool counts their whole life, it must be 0 for them",
			"worker", w.id, "age_s", lived.Seconds(), "script", w.pool.o.Script)
	}
}

// helloLate is how long a process's hello may come behind the end of its request.
const helloLate = 200 * time.Millisecond

// errNoChannel is a script that ended before its server started.
var errNoChannel = errors.New("workers: the script ended before start()")

// errExited is an end that php-fpm finds nothing wrong with.
var errExited = errors.New("workers: the script called exit, or threw what nobody catches")

func (p *Pool) logLife(w *worker, lived time.Duration, err error) {
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.Int("worker", w.id), slog.String("script", p.o.Script), slog.Int64("lived_ms", lived.Milliseconds())}
	if err != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("err", callback.Why(err, p.o.Script)))
	}
	p.o.Log.LogAttrs(context.Background(), level, "worker ended", attrs...)
}

// Stop tells the workers to end, waits for that until ctx ends, and starts no new ones.
func (p *Pool) Stop(ctx context.Context) {
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
		p.o.Abort()
		<-done
	}
}

// over is called when a process's request has ended: it waits until its channel has, too. It is false if it never had one.
func (w *worker) over() bool {
	w.mu.Lock()
	if w.left == nil { // one that ends at once: its request's end may overtake its hello
		if w.came == nil {
			w.came = make(chan struct{})
		}
		came := w.came
		w.mu.Unlock()
		select {
		case <-came:
		case <-w.pool.stopping:
		case <-time.After(helloLate):
		}
		w.mu.Lock()
	}
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
		if !w.owesLocked() {
			w.heard = w.pool.o.Now()
		}
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

// Serve runs the channel of the process that was started with the hello's ticket. ok is false if it is none of this pool's.
func (p *Pool) Serve(ctx context.Context, hello callback.WorkerHello, ch *callback.Channel) (ok bool, err error) {
	for _, w := range p.workers {
		out, ok := w.attach(ch, hello.Ticket, hello.PID)
		if !ok {
			continue
		}
		p.o.Log.Info("worker started", "worker", w.id, "pid", hello.PID, "script", p.o.Script)
		err := w.serve(ctx, ch, out)
		w.detach()
		return true, err
	}
	return false, nil
}

package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

// sums say that a test has tested something.
type sums struct{ events, lost, unbegun, returned, died, ahead int }

// world is a pool with processes that end, hang, wait and dawdle, and connections that post events. It checks what must hold whatever
// happens.
type world struct {
	t       *testing.T
	seed    uint64
	mode    Mode
	window  int
	bytes   int
	calm    int // how rarely something happens
	timeout time.Duration
	pool    *Pool
	boxes   []*box

	mu    sync.Mutex
	lives map[int]uint64
	// current is the process that has or had a worker's place last.
	current map[int]*life
	ids     uint64
	byID    map[uint64]*entry
	boxOf   map[uint64]*box
	order   map[*box]int // the index behind the one that was begun last
	places  map[*box]int
	sums
}

func (w *world) newLife(worker int) *life {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lives[worker]++
	l := &life{world: w, worker: worker, rng: rand.New(rand.NewPCG(w.seed, uint64(worker+1)<<32+w.lives[worker]))}
	w.current[worker] = l
	return l
}

// begin is called when a process begins an event.
func (w *world) begin(l *life, id uint64) *entry {
	w.mu.Lock()
	e, b := w.byID[id], w.boxOf[id]
	w.mu.Unlock()
	if e == nil {
		w.t.Errorf("nobody has posted event %d", id)
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.began++; e.began > 1 {
		w.t.Errorf("fd %d: event %d is begun twice", b.fd, e.index)
	}
	// Lost ones are left out, nothing else is.
	for next := w.order[b]; next < e.index; next++ {
		if b.all[next].began == 0 && !b.all[next].acked {
			w.t.Errorf("fd %d: event %d is begun before %d", b.fd, e.index, next)
		}
	}
	if e.index < w.order[b] {
		w.t.Errorf("fd %d: event %d is begun behind %d", b.fd, e.index, w.order[b]-1)
	}
	w.order[b], e.life = e.index+1, l
	switch at, ok := w.places[b]; {
	case w.mode == ByUID, w.mode.Each():
	case ok && at != l.worker:
		w.t.Errorf("fd %d has gone from worker %d to %d", b.fd, at, l.worker)
	}
	w.places[b] = l.worker
	if w.mode.Each() {
		for _, before := range b.all[:e.index] {
			if !before.acked {
				w.t.Errorf("fd %d: event %d has begun and %d is not over", b.fd, e.index, before.index)
			}
		}
	}
	return e
}

func (w *world) end(e *entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.ended = true
}

// took is called when a worker has got an event of a box; the worker and the box are locked.
func (w *world) took(b *box, to *worker) {
	n := len(to.sent) - to.first
	if n > w.window || n > 1 && to.bytes > w.bytes {
		w.t.Errorf("worker %d has %d events, %d bytes", to.id, n, to.bytes)
	}
	w.mu.Lock()
	w.ahead = max(w.ahead, to.ahead.n)
	w.mu.Unlock()
	if a := &to.ahead; a.n > a.most || a.most > w.window {
		w.t.Errorf("worker %d has %d of %d events ahead", to.id, a.n, a.most)
	}
	if b.n > 0 && b.worker != to.id {
		w.t.Errorf("fd %d: worker %d gets an event, %d has one", b.fd, to.id, b.worker)
	}
}

// over is called when an event has its end; the box is locked.
func (w *world) over(b *box, e *entry, res *callback.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case res.Outcome == callback.Done:
		if !e.ended {
			w.t.Errorf("fd %d: event %d is done, nobody did it", b.fd, e.index)
		}
	case !errors.Is(res.Err, ErrLost):
		w.t.Errorf("fd %d: event %d: %v", b.fd, e.index, res.Err)
	default:
		w.lost++
		if e.ended {
			w.t.Errorf("fd %d: event %d has ended and is lost", b.fd, e.index)
		}
		l := w.current[b.worker]
		l.mu.Lock()
		defer l.mu.Unlock()
		switch {
		case !l.over && !l.said && !l.hung:
			w.t.Errorf("fd %d: event %d is lost, its process lives", b.fd, e.index)
		case e.life == nil:
			if w.unbegun++; l.said {
				w.t.Errorf("fd %d: event %d is lost, and its process said that it was not begun", b.fd, e.index)
			}
		case e.life != l:
			w.t.Errorf("fd %d: event %d is lost with a process that did not have it", b.fd, e.index)
		}
	}
}

// play posts events, reloads and stops workers, and waits until all is over.
func (w *world) play() {
	rng := rand.New(rand.NewPCG(w.seed, 0))
	modes := []Mode{RoundRobin, ByFD, ByFD, Idle, ByIP, ByUID, Stream, Lightest, PerRequest, Concurrent}
	w.mode, w.window, w.bytes = modes[rng.IntN(len(modes))], []int{1, 2, 8, 512}[rng.IntN(4)], []int{200, 256 << 10}[rng.IntN(2)]
	w.calm = []int{1, 5, 20}[rng.IntN(3)]
	if rng.IntN(2) == 0 {
		w.timeout = 2 * time.Second
	}
	start := time.Now()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.pool = New(Options{
		Boot: w, Workers: 1 + rng.IntN(4), Window: w.window, WindowBytes: w.bytes, Mode: w.mode, Timeout: w.timeout,
		Log: slog.New(slog.DiscardHandler), Now: func() int64 { return int64(time.Since(start)) },
		Carrier: func(int) Carrier { return noCarrier{} }, Over: func(int, Box, *callback.Event, *callback.Result) {},
		Returned: func() {}, Left: func(int) {}, Output: func(int, *callback.Reply) {}, Abort: cancel,
		Died: func(job.DeadWorker) { w.mu.Lock(); w.died++; w.mu.Unlock() },
	})
	w.pool.Start(ctx)
	var posting sync.WaitGroup
	for fd := range 1 + rng.IntN(8) {
		b := &box{world: w, fd: uint64(fd + 1), ip: uint64(rng.IntN(3))}
		w.boxes = append(w.boxes, b)
		own := rand.New(rand.NewPCG(w.seed, 1<<32+b.fd))
		posting.Go(func() { w.post(b, own) })
	}
	for range rng.IntN(4) {
		pause, one := time.Duration(rng.IntN(400))*time.Millisecond, rng.IntN(5)
		posting.Go(func() {
			time.Sleep(pause)
			if one < 4 {
				w.pool.StopWorker(one)
			} else {
				w.pool.Reload(ctx)
			}
		})
	}
	posting.Wait()
	for range 10 * 60 * 10 {
		if w.done() {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, b := range w.boxes {
		if !b.done() {
			w.t.Errorf("fd %d: %d of %d events had their end", b.fd, b.head, len(b.all))
		}
		if b.n != 0 || b.parked && b.unsent < len(b.all) {
			w.t.Errorf("fd %d: %d events are away", b.fd, b.n)
		}
	}
	for _, e := range w.byID {
		w.returned += e.returned
	}
	w.events = len(w.byID)
	over, end := context.WithTimeout(ctx, time.Minute)
	defer end()
	w.pool.Stop(over)
	if over.Err() != nil {
		w.t.Error("it takes a minute to stop")
	}
}

// post is one connection.
func (w *world) post(b *box, rng *rand.Rand) {
	for i, last := 0, 2+rng.IntN(40*w.calm); i <= last; i++ {
		e := &entry{Event: callback.Event{Type: callback.Message, FD: b.fd, Attempt: 1, Payload: make([]byte, rng.IntN(100))}}
		switch i {
		case 0:
			e.Type, e.Payload = callback.BufferFull, nil // no meta, as with messages
		case last:
			e.Type, e.Payload = callback.BufferEmpty, nil
		}
		w.mu.Lock()
		w.ids++
		e.ID = w.ids
		w.byID[e.ID], w.boxOf[e.ID] = e, b
		w.mu.Unlock()
		b.post(e)
		if w.mode == ByUID && rng.IntN(10) == 0 {
			b.mu.Lock()
			b.uid = uint64(rng.IntN(5))
			b.mu.Unlock()
		}
		if rng.IntN(3*w.calm) == 0 {
			time.Sleep(time.Duration(rng.IntN(30_000)) * time.Microsecond)
		}
	}
}

func (w *world) done() bool {
	for _, b := range w.boxes {
		if !b.done() {
			return false
		}
	}
	return true
}

type noCarrier struct{}

func (noCarrier) Do(*callback.Instruction) {}
func (noCarrier) Flush()                   {}

// Whatever becomes of the processes: each event is begun once at most, in the order of its connection, by the worker that has it, and
// has one end; what is named as lost did not end; and a window is never exceeded.
func TestOrderWhateverHappens(t *testing.T) {
	seeds := uint64(60)
	if testing.Short() {
		seeds = 20
	}
	var all sums
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{
					t: t, seed: seed, byID: map[uint64]*entry{}, boxOf: map[uint64]*box{}, order: map[*box]int{}, places: map[*box]int{},
					lives: map[int]uint64{}, current: map[int]*life{},
				}
				w.play()
				all.events, all.lost, all.unbegun, all.returned = all.events+w.events, all.lost+w.lost, all.unbegun+w.unbegun, all.returned+w.returned
				all.died, all.ahead = all.died+w.died, max(all.ahead, w.ahead)
			})
		})
	}
	if all.lost == 0 || all.unbegun == 0 || all.returned == 0 || all.died == 0 || all.ahead < 2 || all.unbegun > all.lost/2 {
		t.Errorf("not what is to be tested: %+v", all)
	}
	t.Logf("%+v", all)
}

package workers

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

// Booter starts resident workers; *callback.Script is one. Boot blocks until the worker has ended.
type Booter interface {
	Boot(ctx context.Context, worker int, ticket uint64, reply *callback.Reply) error
}

// Box is an ordered queue of events, of one connection or of a job. An event stays in it until Acked.
type Box interface {
	// Key is what decides about its worker. bound: it is the number of the worker, whatever the mode.
	Key(m Mode) (key uint64, bound bool)
	// Seat is the pool's own, for as long as the box lives.
	Seat() *Seat
	// Hold reports whether a worker has events of the box. Then Acked says ready when that is over.
	Hold() bool
	// Feed hands the events that no worker has to take, in order, until that says no. rest: there are more for the same worker; idle: the
	// box is empty.
	Feed(to Taker) (rest, idle bool)
	// Unsent is the first event that no worker has; nil: none.
	Unsent() *callback.Event
	// Return takes back an event that a worker has and did not start. The last one comes first.
	Return(ev *callback.Event)
	// Acked is called when a worker is done with an event. ready: the box has to be given to Pool.Ready again; idle: it is empty.
	Acked(ev *callback.Event, res *callback.Result) (ready, idle bool)
	// Park notes that the box waits in a worker's queue, or not any more. It reports whether that is new.
	Park(waits bool) bool
	// Settle is called after the box ran empty, without a lock.
	Settle()
}

// Taker takes events of a Box.
type Taker interface {
	// Take reports whether it has taken the event, at the time now. It must not change until it is Acked or Returned.
	Take(ev *callback.Event, now time.Time) bool
}

// Seat is what a pool keeps with a Box.
type Seat struct {
	next Box                    // in the queue of a worker; its lock
	at   atomic.Pointer[worker] // that got its events last, in modes where that is no matter of arithmetic
}

// Carrier carries out what a worker asks for. One goroutine uses it.
type Carrier interface {
	// Do carries out one instruction.
	Do(in *callback.Instruction)
	// Flush writes what is left of it to the clients.
	Flush()
}

// Options are a pool's.
type Options struct {
	Boot        Booter
	Workers     int // 1 and more
	Window      int // events that a worker may have unanswered; default 512
	WindowBytes int // default 256 KiB
	Mode        Mode

	// Timeout is how long a worker may owe an answer before another one takes its place; 0: for ever. Grace is what one that is told to
	// end has beyond that, for its coroutines.
	Timeout time.Duration
	Grace   func() time.Duration
	// Late is told of a worker that was started that long ago and has not called back, once for each process. It may block.
	Late func(worker int, since time.Duration)
	// Unheard is told when a process that never called back is given up, with the ids of those that have. nil: nobody can end it.
	Unheard func(known []int)

	Script string // its name in the log
	Log    *slog.Logger
	Now    func() int64 // a monotonic clock, nanoseconds
	// Carrier makes the carrier for one process of a worker.
	Carrier func(worker int) Carrier
	// Over is told of each event that a worker is done with, or that was lost with it.
	Over func(worker int, box Box, ev *callback.Event, res *callback.Result)
	// Returned is told of each event that goes to the next process of a worker.
	Returned func()
	// Left is told when a worker's process has gone from its channel.
	Left func(worker int)
	// Died is told of workers that did not end in order.
	Died func(d job.DeadWorker)
	// Output gets what a process printed outside of its channel.
	Output func(worker int, reply *callback.Reply)
	// Abort ends all calls to PHP.
	Abort func()
}

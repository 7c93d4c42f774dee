package workers

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
	"github.com/fpmbridge/fpmbridge/internal/memnet"
)

// crashing is a script whose processes die at once, before they are ready for events or right after it.
type crashing struct {
	pool  *Pool
	ready bool
	boots int
}

func (c *crashing) Boot(ctx context.Context, _ int, ticket uint64, _ *callback.Reply) error {
	c.boots++
	ours, theirs := memnet.Pipe(4096)
	served := make(chan struct{})
	go func() {
		_, _ = c.pool.Serve(ctx, callback.WorkerHello{Ticket: ticket, PID: 1}, callback.NewChannel(theirs, nil))
		_ = theirs.Close()
		close(served)
	}()
	if c.ready {
		(&life{conn: ours}).say(76, 0, 0)
	}
	_ = ours.Close()
	<-served
	return nil
}

// Whoever finds a message that a script dies of must not be able to stop it for everybody else for seconds each time.
func TestOnlyBootsThatFailAreWaitedFor(t *testing.T) {
	for _, c := range []struct {
		name        string
		ready       bool
		least, most int
	}{{"before workerStart is over", false, 8, 12}, {"after it", true, 190, 210}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				script := &crashing{ready: c.ready}
				start := time.Now()
				ctx, cancel := context.WithCancel(t.Context())
				script.pool = New(Options{
					Boot: script, Workers: 1, Mode: ByFD, Log: slog.New(slog.DiscardHandler), Now: func() int64 { return int64(time.Since(start)) },
					Carrier: func(int) Carrier { return noCarrier{} }, Over: func(int, Box, *callback.Event, *callback.Result) {},
					Returned: func() {}, Left: func(int) {}, Output: func(int, *callback.Reply) {}, Abort: cancel, Died: func(job.DeadWorker) {},
				})
				script.pool.Start(ctx)
				time.Sleep(20 * time.Second)
				synctest.Wait()
				if script.boots < c.least || script.boots > c.most {
					t.Errorf("%d processes in 20 s, want %d to %d", script.boots, c.least, c.most)
				}
				cancel()
				script.pool.Stop(ctx)
			})
		})
	}
}

package jobs

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

// Set is the pools of all scripts.
type Set struct {
	log   *slog.Logger
	pools []*Pool
}

// NewSet makes an empty set.
func NewSet(log *slog.Logger) *Set { return &Set{log: log} }

// Add makes the pool of a script, or returns the one that it has. It is for construction only.
func (s *Set) Add(o Options) *Pool {
	if p := s.Get(o.Script); p != nil {
		return p
	}
	p := New(o)
	s.pools = append(s.pools, p)
	return p
}

// Get returns a script's pool, or nil.
func (s *Set) Get(script string) *Pool {
	for _, p := range s.pools {
		if p.o.Script == script {
			return p
		}
	}
	return nil
}

// All returns the pools.
func (s *Set) All() []*Pool { return s.pools }

// HasTaskWorkers reports whether some script has task workers.
func (s *Set) HasTaskWorkers() bool {
	return slices.ContainsFunc(s.pools, func(p *Pool) bool { return p.o.Description().TaskWorkers > 0 })
}

// ReserveTask implements callback.Workers.
func (s *Set) ReserveTask(q *callback.TaskQuery) (uint64, error) {
	if p := s.Get(q.Script); p != nil {
		return p.Reserve(q)
	}
	return 0, callback.ErrNoTaskWorkers
}

// RunTasks implements callback.Workers.
func (s *Set) RunTasks(ctx context.Context, q *callback.TaskQuery) ([]callback.TaskResult, error) {
	if p := s.Get(q.Script); p != nil {
		return p.Run(ctx, q)
	}
	return nil, callback.ErrNoTaskWorkers
}

// Tell gives a script a start event, if it wants them: what is one of callback.StartServer and so on. "" is all scripts. The
// channel gets a token for each script that has handled it, of as many as the number says.
func (s *Set) Tell(script string, what uint8) (told <-chan struct{}, scripts int) {
	done := make(chan struct{}, len(s.pools))
	for _, p := range s.pools {
		d := p.o.Description()
		if !d.Wants(callback.Start) || what == callback.StartBeforeShutdown && d.Kind == callback.KindPlain {
			continue
		}
		if script == "" || script == p.o.Script && what != callback.StartServer {
			scripts++
			p.o.Post(Event{Type: callback.Start, Opcode: what, Done: func(*callback.Result) { done <- struct{}{} }})
		}
	}
	return done, scripts
}

// Finish lets PHP finish what is queued, until ctx ends.
func (s *Set) Finish(ctx context.Context) {
	for _, p := range s.pools {
		if left := p.WaitIdle(ctx); left > 0 {
			s.log.Error("shutdown took too long", "tasks_and_results_left", left, "script", p.o.Script)
		}
	}
}

// Shutdown tells the scripts that the server has ended. When ctx ends before they have heard it, it calls abort, unless late: then
// somebody has called it already.
func (s *Set) Shutdown(ctx context.Context, late bool, abort func()) {
	told := make(chan struct{}, len(s.pools))
	waits := 0
	for _, p := range s.pools {
		if ctx.Err() == nil && p.o.Description().Wants(callback.Shutdown) {
			waits++
			p.o.Post(Event{Type: callback.Shutdown, Done: func(*callback.Result) { told <- struct{}{} }})
		}
	}
	for ; waits > 0 && ctx.Err() == nil; waits-- {
		select {
		case <-told:
		case <-ctx.Done():
			s.log.Error("shutdown took too long", "event", callback.Shutdown.String())
		}
	}
	if ctx.Err() != nil && !late {
		abort()
	}
}

// Died tells the script of a run of the slot that died with err while it had ev: with exit code 255 where PHP itself said so, as Swoole's
// manager reports a fatal error or an uncaught exception. A child that vanished looks killed.
func (p *Pool) Died(slot int, ev *callback.Event, err error) {
	d := p.o.Description()
	if ev.Type == callback.WorkerError || !d.Wants(callback.WorkerError) {
		return
	}
	died := job.DeadWorker{Worker: slot % max(d.Workers, 1), ExitCode: 255}
	if ev.Type == callback.Task {
		died.Worker = job.Parse(ev.Meta).Worker
	}
	if !errors.Is(err, callback.ErrScript) {
		died.ExitCode, died.Signal = 0, 9
	}
	died.From(err)
	p.o.Post(Event{Type: callback.WorkerError, Meta: died.JSON()})
}

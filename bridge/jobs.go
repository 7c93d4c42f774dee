package bridge

import (
	"context"
	"slices"

	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/jobs"
	"github.com/fpmbridge/fpmbridge/callback"
)

// newPools gives each route the pool of its script; routes of one script share it.
func (b *Bridge) newPools() {
	for _, rt := range b.routes {
		rt.jobs = b.jobs.Add(jobs.Options{
			Post:        func(ev jobs.Event) { b.postJob(rt, ev) },
			Description: rt.script.Description, MaxTasks: b.opts.MaxTasks, MaxBytes: b.opts.MaxTaskData, Slots: b.opts.Workers,
			Log: b.log, Script: rt.name,
		})
	}
}

func (b *Bridge) postJob(rt *route, ev jobs.Event) {
	q := inbox.New()
	q.Type, q.Opcode, q.Meta, q.Done = ev.Type, ev.Opcode, ev.Meta, ev.Done
	q.Payload = append(q.Payload, ev.Data...)
	b.post(rt, q)
}

// job carries out an instruction that concerns no connection.
func (r *router) job(m *mailbox, in *callback.Instruction) {
	switch in.Kind {
	case callback.KindTask:
		m.route.jobs.Add(in.Job, in.Data)
	case callback.KindPipeMessage:
		if d := m.route.script.Description(); in.Job.Worker < d.Workers+d.TaskWorkers {
			m.route.jobs.Send(in.Job, in.Data)
		}
	case callback.KindServer:
		if in.Opcode == callback.ServerStop {
			if m.route.pool != nil {
				m.route.pool.StopWorker(int(in.FD & (1<<31 - 1)))
			}
			return
		}
		r.b.log.Info("the script asks for it", "reload", in.Opcode != callback.ServerShutdown, "shutdown", in.Opcode == callback.ServerShutdown, "script", m.route.name)
		if in.Opcode != callback.ServerShutdown {
			r.b.opts.Reload(m.route.name, in.Opcode == callback.ServerTasks)
		} else {
			r.stop = true
		}
	default: // a task's results: its pool takes them
	}
}

// ReserveTask implements callback.Workers.
func (b *Bridge) ReserveTask(q *callback.TaskQuery) (uint64, error) { return b.jobs.ReserveTask(q) }

// RunTasks implements callback.Workers.
func (b *Bridge) RunTasks(ctx context.Context, q *callback.TaskQuery) ([]callback.TaskResult, error) {
	return b.jobs.RunTasks(ctx, q)
}

// Tell gives a script a start event, if it wants them, and waits until it has handled it or ctx ends: what is
// callback.StartBeforeReload or StartAfterReload.
func (b *Bridge) Tell(ctx context.Context, script string, what uint8) {
	told, waits := b.jobs.Tell(script, what)
	for ; waits > 0; waits-- {
		select {
		case <-told:
		case <-ctx.Done():
			return
		}
	}
}

// Worker implements callback.Workers.
func (b *Bridge) Worker(script string, worker int) (callback.WorkerState, bool) {
	p := b.jobs.Get(script)
	if p == nil {
		return callback.WorkerState{}, false
	}
	d := p.Description()
	if worker >= d.Workers {
		return callback.WorkerState{Busy: p.Busy(worker - d.Workers)}, worker < d.Workers+d.TaskWorkers
	}
	for rt, pool := range b.residents {
		if rt.name == script && worker >= 0 && worker < pool.Len() {
			return pool.State(worker), true
		}
	}
	return callback.WorkerState{Busy: b.dispatcher.busy(worker, d.Workers) > 0}, true
}

// ServerStats implements callback.Workers.
func (b *Bridge) ServerStats(script string) callback.ServerStats {
	c := &b.stats
	s := callback.ServerStats{
		StartTime: b.started.Unix(), Connections: b.registry.Count(), Sessions: b.fds.Load(), BytesIn: c.BytesIn.Load(), BytesOut: c.BytesOut.Load(),
		Requests: c.MessagesIn.Load(), Responses: c.Pushes.Load(),
	}
	s.Accepted, s.Closed = s.Sessions, s.Sessions-uint64(s.Connections)
	for i := range c.EventsDone {
		s.Dispatched += c.EventsDone[i].Load() + c.EventsFailed[i].Load()
	}
	for _, n := range b.Stats().Refused {
		s.Aborted += n
	}
	if all := b.registry.After(0, 0, func(*session) bool { return true }); len(all) > 0 {
		s.MinFD, s.MaxFD = all[0].fd, all[len(all)-1].fd
	}
	if p := b.jobs.Get(script); p != nil {
		d, t := p.Description(), p.Stats()
		s.IdleWorkers, s.Running = b.idleWorkers(script, d.Workers), b.underway.Count()
		s.Tasks, s.Tasking, s.IdleTasks = t.Tasks, t.Running+t.Waiting, max(d.TaskWorkers-t.Running, 0)
	}
	return s
}

// idleWorkers counts a script's workers without work.
func (b *Bridge) idleWorkers(script string, workers int) (idle int) {
	for rt, pool := range b.residents {
		if rt.name == script {
			return pool.Idle()
		}
	}
	idle = workers
	for w := range min(workers, len(b.dispatcher.slots)) {
		if b.dispatcher.busy(w, workers) > 0 {
			idle--
		}
	}
	return idle
}

// busy counts the slots at work that a script with so many workers sees as that worker.
func (d *dispatcher) busy(worker, workers int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, sl := range d.slots {
		if sl.id%workers == worker && !slices.Contains(d.free, sl) {
			n++
		}
	}
	return n
}

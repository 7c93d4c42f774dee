package jobs

import (
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
)

// chain is events for PHP that keep their order: one at a time. Guarded by the pool's mu.
type chain struct {
	p     *Pool
	busy  bool
	queue []link
}

type link struct {
	t          callback.EventType
	meta, data []byte
}

// addLocked gives an event to PHP when those before it are done. It keeps data.
func (c *chain) addLocked(t callback.EventType, meta, data []byte) {
	c.p.holdLocked(1, len(data))
	if c.busy {
		c.queue = append(c.queue, link{t, meta, data})
		return
	}
	c.postLocked(link{t, meta, data})
}

func (c *chain) postLocked(l link) {
	c.busy = true
	size := len(l.data)
	c.p.o.Post(Event{Type: l.t, Meta: l.meta, Data: l.data, Done: func(*callback.Result) {
		c.p.mu.Lock()
		defer c.p.mu.Unlock()
		c.busy = false
		if len(c.queue) > 0 {
			next := c.queue[0]
			c.queue[0] = link{}
			c.queue = c.queue[1:]
			c.postLocked(next)
		}
		c.p.releaseLocked(1, size)
	}})
}

// Send queues a message for a worker. data is copied.
func (p *Pool) Send(from *job.Job, data []byte) {
	p.mu.Lock()
	if p.held.count >= p.o.MaxTasks || p.held.bytes+len(data) > p.o.MaxBytes {
		p.stats.MessagesDropped++
		p.mu.Unlock()
		p.o.Log.Warn("message to a worker dropped, the queue is full", "worker", from.Worker, "from_worker", from.Source, "script", p.o.Script)
		return
	}
	p.stats.Messages++
	c := p.pipes[from.Worker]
	if c == nil {
		c = &chain{p: p}
		p.pipes[from.Worker] = c
	}
	message := job.Job{Source: from.Source, Worker: from.Worker, Time: unixNow()}
	c.addLocked(callback.PipeMessage, message.JSON(), append([]byte(nil), data...))
	p.mu.Unlock()
}

package bridge

import (
	"context"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/bridge/registry"
	"github.com/fpmbridge/fpmbridge/callback"
)

// sweepEvery is how often queue timeouts are looked at; it bounds how late they are.
const sweepEvery = 100 * time.Millisecond

// sweep is the bridge's only clock: pings, dead peers and events that waited too long, without a timer per connection.
//
// A ping interval is cut into one step per shard of the registry, so neighbouring fds are pinged at different times: a
// crowd that connected in one second is not pinged in one second.
func (b *Bridge) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	var batch []*session
	start := time.Now()
	done := 0 // steps of the ping cycle that are done
	var idle idleRounds
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		b.dispatcher.handOver()
		b.dispatcher.reserveForTasks(b.jobs.HasTaskWorkers()) // a description may change
		b.dispatcher.expire(b.opts.QueueTimeout, b.opts.RetryWindow)
		batch = idle.run(b, time.Now(), batch)
		batch = b.endExpired(time.Now(), batch)
		if b.opts.PingInterval <= 0 {
			continue
		}
		due := int(int64(time.Since(start)) * registry.Shards / int64(b.opts.PingInterval))
		for ; done < due; done++ {
			batch = b.registry.AppendShard(batch[:0], done%registry.Shards)
			now := time.Now()
			for _, s := range batch {
				s.beat(now)
			}
			clear(batch)
		}
	}
}

// beat pings a connection that was silent for a while and ends one that was silent for too long.
func (s *session) beat(now time.Time) {
	if !s.established() || s.stuck.Load() || s.protected.Load() {
		return
	}
	silent := now.Sub(time.Unix(0, s.recvAt.Load()))
	switch {
	case silent > s.b.opts.PingTimeout:
		s.end(ending{cause: callback.CauseDead, code: closeAbnormal, reason: "no sign of life"})
	case silent > s.b.pingAfter:
		s.control([]byte{outbox.BitFIN | outbox.OpPing, 0})
	}
}

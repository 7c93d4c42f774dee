package bridge

import (
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/registry"
	"github.com/fpmbridge/fpmbridge/callback"
)

// idleEvery is how often listeners with MaxIdle are looked at, at most.
const idleEvery = 500 * time.Millisecond

// idleRounds are the sweeper's rounds for connections on which nothing happens. Unlike its pings they are Swoole's settings, and hold for
// connections of any kind.
type idleRounds struct {
	heartbeat, idle time.Time // the last rounds
}

// run does the rounds that are due. batch is room to work in.
func (r *idleRounds) run(b *Bridge, now time.Time, batch []*session) []*session {
	if every := b.tuning.Load().HeartbeatInterval; every > 0 && now.Sub(r.heartbeat) >= every {
		if !r.heartbeat.IsZero() {
			b.Idle(true, nil)
		}
		r.heartbeat = now
	}
	if now.Sub(r.idle) < idleEvery || !b.anyIdleLimit() {
		return batch
	}
	r.idle = now
	for i := range registry.Shards {
		batch = b.registry.AppendShard(batch[:0], i)
		for _, s := range batch {
			moved := time.Unix(0, max(s.recvAt.Load(), s.sentAt.Load()))
			if s.on.MaxIdle > 0 && now.Sub(moved) > s.on.MaxIdle {
				s.endIdle("nothing moved for max_idle_time")
			}
		}
		clear(batch)
	}
	return batch
}

// anyIdleLimit reports whether a listener has MaxIdle.
func (b *Bridge) anyIdleLimit() bool {
	for i := range b.listeners {
		if b.listeners[i].Load().MaxIdle > 0 {
			return true
		}
	}
	return false
}

// Idle appends to dst the connections that sent nothing for HeartbeatIdle, in ascending order and without those that are protected; hangUp ends
// them. Nothing if the heartbeat is off.
func (b *Bridge) Idle(hangUp bool, dst []uint64) []uint64 {
	tuning := b.tuning.Load()
	if tuning.HeartbeatInterval <= 0 {
		return dst
	}
	late := time.Now().Add(-tuning.HeartbeatIdle).UnixNano()
	for _, s := range b.registry.After(0, 0, func(s *session) bool { return s.recvAt.Load() < late && s.open() && !s.protected.Load() }) {
		dst = append(dst, s.fd)
		if hangUp {
			s.endIdle("nothing received for heartbeat_idle_time")
		}
	}
	return dst
}

// endIdle ends a connection on which nothing happens, if that is its client's doing.
func (s *session) endIdle(reason string) {
	if !s.protected.Load() && !s.stuck.Load() {
		s.end(ending{cause: callback.CauseIdle, code: closeAbnormal, reason: reason})
	}
}

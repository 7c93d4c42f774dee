package bridge

import "github.com/fpmbridge/fpmbridge/callback"

// The questions PHP may ask while it runs: the callback socket calls these, from any goroutine; none blocks on I/O.

// Info returns what is known of a connection, also while its close event runs.
func (b *Bridge) Info(fd uint64) (callback.ConnInfo, bool) {
	s := b.registry.Get(fd)
	if s == nil {
		return callback.ConnInfo{}, false
	}
	return s.info(), true
}

// ListOn appends to dst up to limit (0: all) open connections of a listener (-1: all) with fds above after, in ascending order. It reports false
// if after is neither 0 nor an open connection, as Swoole's getClientList does.
func (b *Bridge) ListOn(listener int, after uint64, limit int, dst []callback.ConnStatus) ([]callback.ConnStatus, bool) {
	if after != 0 {
		if s := b.registry.Get(after); s == nil || !s.open() {
			return dst, false
		}
	}
	for _, s := range b.registry.After(after, limit, func(s *session) bool { return s.open() && s.cameBy(listener) }) {
		dst = append(dst, callback.ConnStatus{FD: s.fd, Status: s.status()})
	}
	return dst, true
}

// CountOn returns how many connections of a listener (-1: all) there are, those that are ending included.
func (b *Bridge) CountOn(listener int) int {
	if listener < 0 {
		return b.registry.Count()
	}
	return len(b.registry.After(0, 0, func(s *session) bool { return s.cameBy(listener) }))
}

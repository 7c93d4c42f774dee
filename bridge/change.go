package bridge

import (
	"github.com/fpmbridge/fpmbridge/callback"
)

// send puts raw bytes on the way: those of a TCP connection, or of a WebSocket, where they have to be frames. While the HTTP server has the
// socket they would get between its responses.
func (r *router) send(from *mailbox, in *callback.Instruction, cork bool) {
	s := r.target(from, in.FD)
	switch {
	case s == nil:
		r.b.refusePush(from, in.FD, "unknown fd")
	case !s.open():
		r.b.refusePush(from, in.FD, "closing")
	case s.phase() == phaseHTTP:
		r.b.refusePush(from, in.FD, "no WebSocket and no TCP port")
		r.b.log.Warn("send() to a connection that speaks HTTP: answer its request instead", "fd", in.FD, "script", from.route.name)
	default:
		r.put(from, s, nil, in.Data, false, cork)
	}
}

func (r *router) target(from *mailbox, fd uint64) *session {
	if s := from.session; s != nil && fd == from.fd {
		return s
	}
	return r.b.registry.Get(fd)
}

// connection changes a connection as the script asks.
func (r *router) connection(from *mailbox, in *callback.Instruction) {
	s := r.target(from, in.FD)
	if s == nil || !s.open() {
		r.b.log.Debug("change of a connection that is not open", "fd", in.FD, "by_fd", from.fd, "script", from.route.name)
		return
	}
	switch in.Opcode {
	case callback.ConnProtect:
		s.protected.Store(in.Code != 0)
	case callback.ConnPause:
		s.pause()
	case callback.ConnResume:
		s.resume()
	case callback.ConnBind:
		s.mu.Lock()
		if s.uid == nil {
			uid := in.UID
			s.uid = &uid
		}
		s.mu.Unlock()
	}
}

// pause lets nobody read from the client: what it says waits in TCP. What was read already waits with the reader goroutine.
func (s *session) pause() {
	s.mu.Lock()
	s.paused = true
	s.mu.Unlock()
}

func (s *session) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = false
	s.in.wake()
}

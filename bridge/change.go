package bridge

import (
	"bytes"
	"net/http"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/tally"
	"github.com/fpmbridge/fpmbridge/callback"
)

// send puts raw bytes on the way: those of a TCP connection, of a WebSocket, where they have to be frames, or of one that speaks HTTP.
func (r *router) send(from *mailbox, in *callback.Instruction, cork bool) {
	s := r.target(from, in.FD)
	switch {
	case s == nil:
		r.b.refusePush(from, in.FD, tally.Unknown)
	case !s.open():
		r.b.refusePush(from, in.FD, tally.Closing)
	case s.http2() != nil: // bytes of the script's would break all streams
		r.b.refusePush(from, in.FD, tally.NoWebSocket)
	case s.phase() == phaseHTTP && !s.goRaw(in.Data):
	default:
		r.put(from, s, nil, in.Data, false, cork)
	}
}

// goRaw prepares a connection whose socket the HTTP server has for bytes that are the script's. They leave beside what the server writes, in
// Swoole as here. Of a request that is under way they are the response: the bridge gives none any more. True: data may be sent;
// false: it was the 101 of a handshake, and goes its way.
func (s *session) goRaw(data []byte) bool {
	x := s.exchange.Load()
	if x != nil && s.shaking.Load() == uint32(shakingAsked) && bytes.HasPrefix(data, []byte("HTTP/1.1 101 ")) {
		head, rest, _ := bytes.Cut(data[len("HTTP/1.1 101 "):], []byte("\r\n\r\n"))
		x.Add(exchange.Part{Status: http.StatusSwitchingProtocols, Head: append(head, "\r\n"...), Data: rest, End: true}, 0)
		return false
	}
	s.openOutbox()
	s.raw.Store(true)
	if x != nil {
		x.Raw()
	}
	return true
}

// openOutbox makes the outbox, if it is not there.
func (s *session) openOutbox() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.outOpen {
		s.outOpen = true
		s.out.Init(s.sock, s.on.OutboxBytes, s.b.opts.WriteTimeout, &s.b.wg, s.writeFailed)
		s.watch()
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
	case callback.ConnPing, callback.ConnGoAway:
		s.frame(in)
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
	s.in.Wake()
}

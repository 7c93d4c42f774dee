package bridge

import (
	"net/http"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/callback"
)

// A script may answer handshakes itself (Swoole's onHandshake), or add to the bridge's 101 (onBeforeHandshakeResponse). Its answer comes as
// an HTTP response does. What it pushes to the connection meanwhile waits for the 101.

// shaking says what the script has to do with a connection's handshake, as PHP sees it in the connection's status.
type shaking uint32

const (
	shakingNot     shaking = iota
	shakingAsked           // the handshake event runs: not a WebSocket yet
	shakingAllowed         // the script adds to the 101: as good as a WebSocket
	shakingRefused         // the script has refused it
)

// ask posts an event about the handshake.
func (b *Bridge) ask(w http.ResponseWriter, r *http.Request, s *session, t callback.EventType, up *upgrade) *exchange.Exchange {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // PHP may take its time
	s.list(s.route)
	b.welcome(s, up) // its end takes it out again, also of a handshake that is refused
	b.leaveGate(s)
	x := b.exchange(r, s, s.route)
	if t == callback.Handshake {
		x.Answered = b.underway.Leave
	}
	b.exchanging.Add(1)
	s.exchange.Store(x)
	q := inbox.New()
	q.Type, q.Head = t, up.head
	q.Done = func(res *callback.Result) { x.EventOver(unanswered(res), res.Outcome != callback.Done) }
	b.hand(&s.mailbox, q)
	return x
}

// askHandshake has the script answer the handshake. False: it was refused, or the client has left.
func (b *Bridge) askHandshake(w http.ResponseWriter, r *http.Request, s *session, up *upgrade) bool {
	s.shaking.Store(uint32(shakingAsked))
	x := b.ask(w, r, s, callback.Handshake, up)
	p, ok := x.First(r.Context())
	if ok && p.Status == http.StatusSwitchingProtocols && !s.ending.Load() {
		x.Finish()
		up.quiet = true
		up.answer, up.subprotocol, up.extensions = exchange.ScriptSwitch(&p, up.extensions)
		return true
	}
	s.shaking.Store(uint32(shakingRefused))
	b.refused(s, gate.Script, int(p.Status))
	x.Last = true
	w.Header().Set("Connection", "close")
	x.Serve(w, r)
	return false
}

// askBefore lets the script add to the 101. False: it closed the connection, it failed, or the client has left.
func (b *Bridge) askBefore(w http.ResponseWriter, r *http.Request, s *session, up *upgrade) (extra exchange.Head, ok bool) {
	s.shaking.Store(uint32(shakingAllowed))
	x := b.ask(w, r, s, callback.BeforeHandshake, up)
	status, ok := x.Wait(r.Context())
	if s.ending.Load() || !ok {
		x.Finish()
		panic(http.ErrAbortHandler) // closed without an answer
	}
	p, said := x.Said()
	x.Finish()
	if !said && status != 0 {
		s.shaking.Store(uint32(shakingRefused))
		b.refuse(w, s, gate.Script, status, "The script failed.")
		return extra, false
	}
	return exchange.ParseHead(p.Head), true
}

// list makes a connection one that PHP finds by its fd.
func (s *session) list(rt *route) {
	s.mu.Lock()
	add := !s.listed && !s.ending.Load()
	if add {
		s.listed, s.tracked, s.route, s.pool = true, true, rt, rt.pool
	}
	if s.opened == openNone {
		s.opened = openHanded
	}
	s.mu.Unlock()
	if add {
		s.b.registry.Add(s.fd, s)
	}
}

// hold keeps a frame that is pushed while the script still has the handshake; it follows the 101. False: there is no handshake.
func (s *session) hold(header, body []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shaking.Load() == uint32(shakingNot) || s.closing != nil || s.phase() != phaseHTTP || len(s.early)+len(body) > s.on.OutboxBytes {
		return false
	}
	s.early = append(append(s.early, header...), body...)
	return true
}

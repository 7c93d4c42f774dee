package bridge

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/permit"
)

// admit decides about one handshake and starts its session.
func (b *Bridge) admit(w http.ResponseWriter, r *http.Request) {
	s, ok := r.Context().Value(sessionKey{}).(*session)
	if !ok {
		http.Error(w, "no connection", http.StatusInternalServerError)
		return
	}
	if s.http2() != nil {
		b.admitStream(w, r, s)
		return
	}
	exchange.OriginForm(r)
	rt := match(b.routes, r.URL.Path)
	switch {
	case r.ProtoMajor != 1: // HTTP/2's preface
		b.refuse(w, s, gate.NotUpgrade, http.StatusHTTPVersionNotSupported, "HTTP/1.1 is spoken here.")
		return
	case r.Method == http.MethodConnect: // a 200 would make a tunnel of it
		b.refuse(w, s, gate.NotUpgrade, http.StatusNotImplemented, "There is no proxy here.")
		return
	case r.RequestURI != "*" && r.RequestURI[0] != '/':
		b.refuse(w, s, gate.NotUpgrade, http.StatusBadRequest, "A path begins with a slash.")
		return
	case strings.ContainsFunc(r.RequestURI, func(c rune) bool { return c >= utf8.RuneSelf }): // RFC 9112 3.2; Swoole, too
		b.refuse(w, s, gate.NotUpgrade, http.StatusBadRequest, "A request line is ASCII.")
		return
	case rt == nil:
		b.refuse(w, s, gate.Route, http.StatusNotFound, "There is no WebSocket at this path.")
		return
	case !s.upgrades(r):
		b.page(w, r, s, rt)
		return
	case !r.ProtoAtLeast(1, 1) || r.ContentLength != 0: // what follows would be its body for a proxy, and frames for us
		b.refuse(w, s, gate.Handshake, http.StatusBadRequest, "A WebSocket handshake is HTTP/1.1, and has no body.")
		return
	case !slices.Equal(r.Header["Sec-Websocket-Version"], []string{"13"}):
		w.Header().Set("Sec-WebSocket-Version", "13") // RFC 6455 section 4.2.2
		w.Header().Set("Upgrade", "websocket")        // RFC 9110 section 15.5.22
		b.refuse(w, s, gate.Handshake, http.StatusUpgradeRequired, "Only WebSocket version 13 is spoken here.")
		return
	case !permit.Origin(rt.origins, r.Header.Get("Origin")):
		b.refuse(w, s, gate.Origin, http.StatusForbidden, "This origin may not connect.")
		return
	}
	if !b.gate.Open() {
		b.refuseDraining(w, s)
		return
	}
	defer b.gate.Entered()
	r, who, ok := b.identify(w, r, s, rt)
	if !ok {
		return
	}
	if !s.take(r.Context(), rt) {
		panic(http.ErrAbortHandler)
	}
	up, ok := b.upgrade(w, r, s, &who)
	if !ok {
		return
	}
	b.stats.Accepted.Add(1)
	s.start(up)
}

// take gives the session to the route that its upgrade chose. What the script at "/" is still to hear of the connection comes first. False: ctx ended
// before that.
func (s *session) take(ctx context.Context, rt *route) bool {
	if !s.waitIdle(ctx.Done()) {
		return false
	}
	s.mu.Lock()
	s.route, s.pool = rt, rt.pool
	s.mu.Unlock()
	return true
}

// refuse answers a client that is not let in, counts it and says so in the log.
func (b *Bridge) refuse(w http.ResponseWriter, s *session, why gate.Refusal, status int, text string) {
	b.refused(s, why, status)
	s.closeBehind(w)
	http.Error(w, text, status)
}

// closeBehind has the connection closed behind a response, if that is the only one.
func (s *session) closeBehind(w http.ResponseWriter) {
	if s.http2() == nil {
		w.Header().Set("Connection", "close")
		if w.Header().Get("Upgrade") != "" {
			w.Header().Add("Connection", "Upgrade")
		}
	}
}

func (b *Bridge) refused(s *session, why gate.Refusal, status int) {
	if s.http2() == nil {
		s.byUs.Store(true)
	}
	b.stats.Refused[why].Add(1)
	b.log.Info("connection refused", "fd", s.fd, "reason", why.String(), "status", status, "remote", s.addr)
}

// retryAfter is when a client that came at a bad time should come again, in seconds.
const retryAfter = "5"

func (b *Bridge) refuseDraining(w http.ResponseWriter, s *session) {
	w.Header().Set("Retry-After", retryAfter)
	b.refuse(w, s, gate.Draining, http.StatusServiceUnavailable, "The server is shutting down.")
}

// mayAsk says no to a client where PHP has as many requests as it may have (Swoole's max_concurrency), and counts this one in otherwise if PHP
// is to answer it.
func (b *Bridge) mayAsk(w http.ResponseWriter, s *session, counts bool) bool {
	most := b.tuning.Load().MaxConcurrency
	if counts && b.underway.Enter(most) || !counts && !b.underway.Full(most) {
		return true
	}
	w.Header().Set("Retry-After", retryAfter)
	b.refuse(w, s, gate.Busy, http.StatusServiceUnavailable, "The server has as many requests as it may have.")
	return false
}

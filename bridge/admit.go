package bridge

import (
	"context"
	"net/http"
	"sync"
)

// refusal says why a client was not let in.
type refusal uint8

const (
	refuseDraining   refusal = iota // shutting down
	refuseRoute                     // no route has that path
	refuseNotUpgrade                // an ordinary HTTP request
	refuseHandshake                 // RFC 6455 section 4.2.1
	refuseOrigin
	refuseFull
	refuseAddress
	refuseHead   // a head that CGI cannot carry
	refuseTLS    // the TLS handshake failed
	refuseBody   // a request's body that is too large, too slow or broken
	refuseScript // the script refused the handshake, or failed at it
)

// String returns the reason's name in Stats.
func (r refusal) String() string {
	switch r {
	case refuseDraining:
		return "draining"
	case refuseRoute:
		return "route"
	case refuseNotUpgrade:
		return "not_an_upgrade"
	case refuseHandshake:
		return "handshake"
	case refuseOrigin:
		return "origin"
	case refuseFull:
		return "connections"
	case refuseAddress:
		return "connections_per_address"
	case refuseHead:
		return "header"
	case refuseTLS:
		return "tls_handshake"
	case refuseBody:
		return "body"
	case refuseScript:
		return "script"
	}
	return "unknown"
}

// admission is the count of who is in.
type admission struct {
	mu      sync.Mutex
	closed  bool
	total   int
	address map[string]int // only kept while there is a limit per address
	pending sync.WaitGroup // those that are counted in, and in no registry yet
}

// enter counts a connection in, or says why not. pending.Done has to follow when the connection is in the registry, or has left.
func (a *admission) enter(o *Options, most int, addr string) (refusal, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return refuseDraining, false
	}
	if most > 0 && a.total >= most {
		return refuseFull, false
	}
	if o.MaxPerAddress > 0 {
		if a.address[addr] >= o.MaxPerAddress {
			return refuseAddress, false
		}
		a.address[addr]++
	}
	a.total++
	a.pending.Add(1)
	return 0, true
}

// close lets nobody in any more; whoever is in is in the registry when it returns.
func (a *admission) close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	a.pending.Wait()
}

func (a *admission) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.total
}

func (a *admission) leave(o *Options, addr string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.total--
	if o.MaxPerAddress > 0 {
		if a.address[addr]--; a.address[addr] == 0 {
			delete(a.address, addr)
		}
	}
}

// admit decides about one handshake and starts its session.
func (b *Bridge) admit(w http.ResponseWriter, r *http.Request) {
	s, ok := r.Context().Value(sessionKey{}).(*session)
	if !ok {
		http.Error(w, "no connection", http.StatusInternalServerError)
		return
	}
	rt := match(b.routes, r.URL.Path)
	switch {
	case rt == nil:
		b.refuse(w, s, refuseRoute, http.StatusNotFound, "There is no WebSocket at this path.")
		return
	case !s.upgrades(r):
		b.page(w, r, s, rt)
		return
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		w.Header().Set("Sec-WebSocket-Version", "13") // RFC 6455 section 4.2.2
		b.refuse(w, s, refuseHandshake, http.StatusUpgradeRequired, "Only WebSocket version 13 is spoken here.")
		return
	case !rt.allows(r):
		b.refuse(w, s, refuseOrigin, http.StatusForbidden, "This origin may not connect.")
		return
	}
	s.mu.Lock()
	admitted := s.admitted // by an HTTP request
	s.mu.Unlock()
	if !admitted {
		why, ok := b.admission.enter(&b.opts, b.tuning.Load().MaxConnections, s.addr)
		if !ok {
			b.refuseBusy(w, s, why)
			return
		}
		defer b.admission.pending.Done()
	}
	if !s.take(r.Context(), rt) {
		if !admitted {
			b.admission.leave(&b.opts, s.addr)
		}
		panic(http.ErrAbortHandler)
	}
	up, ok := b.upgrade(w, r, s)
	if !ok {
		if !admitted {
			s.mu.Lock()
			s.admitted = false
			s.mu.Unlock()
			b.admission.leave(&b.opts, s.addr)
		}
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
	s.route, s.pool, s.admitted = rt, rt.pool, true
	s.mu.Unlock()
	return true
}

// refuse answers a client that is not let in, counts it and says so in the log.
func (b *Bridge) refuse(w http.ResponseWriter, s *session, why refusal, status int, text string) {
	b.refused(s, why, status)
	w.Header().Set("Connection", "close")
	http.Error(w, text, status)
}

func (b *Bridge) refused(s *session, why refusal, status int) {
	s.byUs.Store(true)
	b.stats.Refused[why].Add(1)
	b.log.Info("connection refused", "fd", s.fd, "reason", why.String(), "status", status, "remote", s.addr)
}

// refuseBusy is for a client that admission did not count in.
func (b *Bridge) refuseBusy(w http.ResponseWriter, s *session, why refusal) {
	status, text := http.StatusServiceUnavailable, "The server has as many connections as it may have."
	switch why {
	case refuseAddress:
		status, text = http.StatusTooManyRequests, "Your address has as many connections as it may have."
	case refuseDraining:
		text = "The server is shutting down."
	default:
	}
	w.Header().Set("Retry-After", "5")
	b.refuse(w, s, why, status, text)
}

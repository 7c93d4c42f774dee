package bridge

import (
	"net/http"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/permit"
	"github.com/fpmbridge/fpmbridge/callback"
)

// Identity is what a connection is let in with.
type Identity = permit.Identity

// Tickets checks what a client shows at its handshake, before PHP hears of it. It is called by many goroutines and must not block. The
// request that it returns is what PHP is told of. refusal is a word for the client and the log, with the value of WWW-Authenticate; "":
// the client may come in.
type Tickets interface {
	Check(r *http.Request) (told *http.Request, who Identity, refusal, challenge string)
}

// identify says who the client of a handshake is, by its ticket and by its script. False: it is refused, and knows why, or has left.
func (b *Bridge) identify(w http.ResponseWriter, r *http.Request, s *session, rt *route) (told *http.Request, who Identity, ok bool) {
	told = r
	if rt.tickets != nil {
		var refusal, challenge string
		if told, who, refusal, challenge = rt.tickets.Check(r); refusal != "" {
			w.Header().Set("WWW-Authenticate", challenge)
			b.log.Info("ticket refused", "fd", s.fd, "why", refusal, "remote", s.addr, "script", rt.name)
			b.refuse(w, s, gate.Ticket, http.StatusUnauthorized, "Unauthorized: "+refusal)
			return told, who, false
		}
	}
	if rt.script.Description().Encoding == callback.Plain {
		env, err := callback.BuildEnv(told, &s.conn)
		if err != nil {
			b.refuse(w, s, gate.Head, http.StatusRequestHeaderFieldsTooLarge, "The request's head is too large for CGI.")
			return told, who, false
		}
		s.conn.Env = env
	}
	if rt.authorize {
		if !rightShape(r) {
			return told, who, true // ownHandshake says what is wrong with it
		}
		return told, who, b.authorize(w, told, s, rt, &who)
	}
	return told, who, true
}

// authorize has a plain script say whether a client may come in. Until then there is no connection for PHP: nobody finds it, and its end
// is no event.
func (b *Bridge) authorize(w http.ResponseWriter, r *http.Request, s *session, rt *route, who *Identity) bool {
	if rt.script.Description().Encoding != callback.Plain { // a deploy: the script has become one that does not know the event
		b.log.Error("authorize is for plain scripts, nobody is let in", "script", rt.name)
		b.refuse(w, s, gate.Script, http.StatusInternalServerError, "The script failed.")
		return false
	}
	if b.asking.Add(1) > maxHandshakes {
		b.asking.Add(-1)
		w.Header().Set("Retry-After", retryAfter)
		b.refuse(w, s, gate.Pending, http.StatusServiceUnavailable, "The server has as many handshakes as it can decide about.")
		return false
	}
	defer b.asking.Add(-1)
	b.exchanging.Add(1)
	defer b.exchanging.Add(-1)
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // PHP may take its time
	b.leaveGate(s)
	v, ok := b.askPlain(r, s, rt, who)
	if !ok || r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client has left
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(b.opts.WriteTimeout))
	if v.Err != nil {
		b.log.Warn("handshake not authorized", "fd", s.fd, "script", rt.name, "err", callback.Why(v.Err, rt.name))
	}
	switch {
	case v.Refusal.Status != 0:
		b.refused(s, gate.Script, v.Refusal.Status)
		v.Refusal.Serve(w)
		return false
	case v.Status != 0:
		if v.Status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", retryAfter)
		}
		b.refuse(w, s, gate.Script, v.Status, "The script failed.")
		return false
	}
	if err := who.Join(&v.Who); err != nil {
		b.log.Warn("handshake not authorized", "fd", s.fd, "script", rt.name, "err", callback.Why(err, rt.name))
		b.refuse(w, s, gate.Script, http.StatusInternalServerError, "The script failed.")
		return false
	}
	return true
}

// askPlain posts the event and waits for what becomes of it. False: the client has left. An event that PHP has not got then is dropped, and
// until it is, its client counts, so that clients who leave at once leave no queue behind.
func (b *Bridge) askPlain(r *http.Request, s *session, rt *route, who *Identity) (v permit.Verdict, ok bool) {
	m := &mailbox{b: b, fd: s.fd, route: rt}
	over := make(chan permit.Verdict, 1)
	q := inbox.New()
	q.Type, q.Conn, q.Last, q.Attributes = callback.Handshake, &s.conn, s.lastMsg.Load(), who.Attributes
	q.Done = func(res *callback.Result) { over <- permit.Judge(r, res) }
	m.mu.Lock()
	m.enqueueLocked(q)
	m.mu.Unlock()
	m.ready()
	select {
	case v = <-over:
		return v, true
	case <-r.Context().Done():
	}
	m.mu.Lock()
	m.abandoned = true
	waits := m.in.Head() != nil && !m.in.Head().Sent
	m.mu.Unlock()
	if waits {
		<-over // the sweeper drops it
	}
	return v, false
}

// rightShape reports whether a handshake can become a WebSocket at all.
func rightShape(r *http.Request) bool {
	return r.Method == http.MethodGet && exchange.ValidKey(r.Header["Sec-Websocket-Key"])
}

// welcome makes a connection, which PHP is about to find, the one of who: once, since a script that answers the handshake may change it.
func (b *Bridge) welcome(s *session, up *upgrade) {
	if up.welcomed {
		return
	}
	up.welcomed = true
	who := up.who
	s.member.SetAttributes(who.Attributes)
	if who.UID != "" {
		b.hub.Bind(&s.member, who.UID, false)
	}
	if len(who.Groups) > 0 {
		b.hub.Join(&s.member, who.Groups)
	}
}

package bridge

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/streams"
	"github.com/fpmbridge/fpmbridge/callback"
)

// page answers a request that is no upgrade.
func (b *Bridge) page(w http.ResponseWriter, r *http.Request, s *session, rt *route) {
	if b.crowded() || r.ProtoMajor == 1 && s.front.framing.Doubtful(r) {
		w.Header().Set("Connection", "close")
	}
	wanted := s.wantsOf(rt, callback.Request)
	switch {
	case rt.files != nil && (!wanted || rt.hasFile(r)):
		s.onlyFiles()
		if st := streams.Of(r); st != nil {
			st.Pass()
			w = exchange.Pace(w, b.opts.WriteTimeout) // a stream may stand still while its connection lives
		}
		rt.files.ServeHTTP(w, r)
	case wanted:
		b.request(w, r, s, rt)
	case rt.script.Description().Kind == callback.KindPlain:
		b.refuse(w, s, gate.NotUpgrade, http.StatusBadRequest, "This is a WebSocket server: connect with a WebSocket client.")
	default:
		b.refusePage(w, s)
	}
}

// hasFile reports whether the route's files answer a request, which goes to the script otherwise.
func (r *route) hasFile(req *http.Request) bool {
	files, ok := r.files.(interface{ Has(path string) bool })
	return ok && (req.Method == http.MethodGet || req.Method == http.MethodHead) && files.Has(req.URL.Path)
}

// refusePage is what Swoole answers where the script has no onRequest (websocket_server.cc:260-272).
func (b *Bridge) refusePage(w http.ResponseWriter, s *session) {
	b.refused(s, gate.NotUpgrade, http.StatusBadRequest)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=UTF-8")
	h.Set("Cache-Control", "must-revalidate,no-cache,no-store")
	s.closeBehind(w)
	h.Set("Server", exchange.ServerName)
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, "<html><body><h2>HTTP 400 Bad Request</h2><hr><i>Powered by Swoole</i></body></html>")
}

// crowded reports whether so many sockets are there that idle ones should go.
func (b *Bridge) crowded() bool {
	if len(b.handshakes) > maxHandshakes/2 {
		return true
	}
	most := b.tuning.Load().MaxConnections
	return most > 0 && b.gate.Count() > most*3/4
}

// request brings an HTTP request to PHP, and PHP's response to the client.
func (b *Bridge) request(w http.ResponseWriter, r *http.Request, s *session, rt *route) {
	if b.draining.Load() {
		b.refuseDraining(w, s)
		return
	}
	if !b.known(w, s, rt) {
		return
	}
	q, st := inbox.New(), streams.Of(r)
	limits := exchange.Limits{Max: int64(s.on.MaxMessage), Form: s.speech(rt).HTTP.MaxUpload, Plain: s.speech(rt).HTTP.NoForms, Stall: b.opts.HeaderTimeout}
	if st != nil {
		limits.Room = func(n int64) error { return st.Room(r.Context(), n) }
		q.Stream = st.ID
	}
	body, status, err := exchange.ReadBody(w, r, limits, q.Payload)
	if status != 0 {
		if q.Free(); st != nil && r.Context().Err() != nil {
			panic(http.ErrAbortHandler) // nobody wants it any more
		}
		if err != nil {
			b.log.Error("request refused", "fd", s.fd, "err", err)
		}
		if b.refuse(w, s, gate.Body, status, http.StatusText(status)); st != nil {
			exchange.Linger(w, r)
		}
		return
	}
	if !b.mayAsk(w, s, true) {
		q.Free()
		body.Release()
		return
	}
	s.lastMsg.Store(s.recvAt.Load() / int64(time.Microsecond))
	b.stats.Requests.Add(1)
	x := b.exchange(r, s, rt)
	x.Answered = b.underway.Leave
	x.Keep(body.Bytes)
	q.Type, q.Head, q.Payload, q.Form = callback.Request, exchange.RequestHead(r), body.Bytes, body.Form
	q.Done = func(res *callback.Result) {
		x.EventOver(unanswered(res), res.Outcome != callback.Done)
		if body.Release(); st != nil {
			st.Unload(x.Held())
		}
	}
	if !s.begin(st, r, x, rt.pool != nil) {
		x.Finish()
		q.End(&callback.Result{Outcome: callback.NotStarted})
		panic(http.ErrAbortHandler)
	}
	m := s.box(rt)
	id, ok := b.hand(m, q)
	if st.Pass(); !ok {
		x.Finish()
		panic(http.ErrAbortHandler)
	}
	if st != nil {
		defer func() {
			if r.Context().Err() != nil {
				m.cancel(id)
			}
		}()
	}
	x.Serve(w, r)
	if r.Close || w.Header().Get("Connection") == "close" {
		s.byUs.Store(true) // as Swoole, whose onClose has reactor -1 then
	}
}

// known makes a connection one that PHP can find by its fd. Then it does not hold up strangers any more.
func (b *Bridge) known(w http.ResponseWriter, s *session, rt *route) bool {
	if !b.gate.Open() {
		b.refuseDraining(w, s)
		return false
	}
	defer b.gate.Entered()
	s.mu.Lock()
	if !s.listed && s.ending.Load() {
		s.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	s.mu.Unlock()
	s.list(rt)
	b.leaveGate(s)
	return true
}

// box is the mailbox for events of a request on rt: the connection's own, unless it belongs to another script.
func (s *session) box(rt *route) *mailbox {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.route == rt {
		return &s.mailbox
	}
	return &mailbox{b: s.b, fd: s.fd, route: rt, pool: rt.pool}
}

// hand puts an event into a mailbox, and returns its id; false: the connection has ended.
func (b *Bridge) hand(m *mailbox, q *inbox.Event) (id uint64, ok bool) {
	if m.session == nil && m.fd != 0 {
		if s := b.registry.Get(m.fd); s != nil {
			q.Conn, q.Last = &s.conn, s.lastMsg.Load()
		}
	}
	m.mu.Lock()
	if s := m.session; s != nil && (s.closing != nil || s.opened == openUnstarted) {
		m.mu.Unlock()
		q.End(&callback.Result{Outcome: callback.NotStarted})
		return 0, false
	}
	if s := m.session; s != nil && s.opened == openNone {
		s.opened = openHanded // onlyFiles, beside it
	}
	schedule := m.enqueueLocked(q)
	id = q.ID
	m.mu.Unlock()
	if schedule {
		m.ready()
	}
	return id, true
}

// exchange makes the exchange of a request.
func (b *Bridge) exchange(r *http.Request, s *session, rt *route) *exchange.Exchange {
	c := exchange.Config{
		Settings: &s.speech(rt).HTTP, WriteTimeout: b.opts.WriteTimeout, Detach: b.opts.DetachTimeout,
		Lost: func(err error) {
			b.stats.ResponsesLost.Add(1)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				s.tooSlow()
			}
			b.log.Debug("response not delivered", "fd", s.fd, "script", rt.name, "err", err)
		},
		Late:  func() { b.log.Warn("a detached response was never ended", "fd", s.fd, "script", rt.name) },
		Spool: b.spool, Cut: s.tooSlow,
		Unspooled: func(err error) { b.log.Error("a response cannot wait on disk", "fd", s.fd, "err", err) },
	}
	if r.ProtoMajor == 1 {
		c.Front = &s.front.Front
		return exchange.New(c)
	}
	var x *exchange.Exchange // a slow stream alone is cut off
	c.Cut = func() { x.Break() }
	x = exchange.New(c)
	return x
}

// unanswered is the status for a client whose request PHP has not answered.
func unanswered(res *callback.Result) int {
	if res.Outcome == callback.NotStarted || res.Outcome == callback.Down {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// partOf is an instruction as a part of a response.
func partOf(in *callback.Instruction) exchange.Part {
	return exchange.Part{
		Status: in.Code, Head: in.Head, Data: in.Data,
		End: in.Flags&callback.ResponseEnd != 0, Detach: in.Flags&callback.ResponseDetach != 0,
	}
}

// Respond carries out a part of a response that must leave now; it implements callback.Responses.
func (b *Bridge) Respond(in *callback.Instruction) bool {
	s := b.registry.Get(in.FD)
	return s != nil && s.respond(in, b.opts.WriteTimeout) == exchange.Taken
}

// respond hands a part of a response to its exchange. A client that does not take what PHP has already said is cut off.
func (s *session) respond(in *callback.Instruction, wait time.Duration) exchange.Taking {
	x := s.exchangeOf(in.Stream)
	if x == nil {
		return exchange.TooLate
	}
	taken := x.Add(partOf(in), wait)
	if taken == exchange.TooMuch {
		x.Cut()
	}
	return taken
}

// tooSlow ends a connection before its upgrade that does not read.
func (s *session) tooSlow() {
	s.end(ending{cause: callback.CauseSlow, code: closeAbnormal, reason: "the client does not read", flags: callback.CloseReset})
}

// SendFile implements callback.Responses.
func (b *Bridge) SendFile(in *callback.Instruction, name string, offset, n int64) callback.FileResult {
	x := b.exchangeOf(in.FD, in.Stream)
	if x == nil {
		return callback.FileGone
	}
	f, ok := exchange.OpenFile(name)
	if !ok {
		return callback.FileUnreadable
	}
	p := partOf(in)
	p.File, p.Offset, p.N, p.End = f, offset, n, true
	if x.Add(p, b.opts.WriteTimeout) != exchange.Taken {
		_ = f.Close()
		return callback.FileGone
	}
	return callback.FileTaken
}

// Body implements callback.Responses.
func (b *Bridge) Body(fd uint64, stream uint16, offset, n int) ([]byte, bool) {
	x := b.exchangeOf(fd, stream)
	if x == nil {
		return nil, false
	}
	return x.Body(offset, n)
}

func (b *Bridge) exchangeOf(fd uint64, stream uint16) *exchange.Exchange {
	s := b.registry.Get(fd)
	if s == nil {
		return nil
	}
	return s.exchangeOf(stream)
}

package bridge

import (
	"net"
	"net/http"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/streams"
	"github.com/fpmbridge/fpmbridge/callback"
)

// On a connection of HTTP/2 each stream has its exchange. Its events stand in the connection's one mailbox, in the order in which the requests
// were complete; so they are handed over as those of any connection, while responses leave beside each other.

// multiplex is such a connection, or one that may become it.
type multiplex struct {
	*streams.Conn

	exchanges exchange.Set
}

// wrap prepares the connection of a listener that speaks HTTP/2, too.
func (a *accepted) wrap(c net.Conn) {
	s := a.s
	a.h2 = new(multiplex)
	a.h2.Conn = streams.New(c, streams.Options{
		First: s.b.opts.HeaderTimeout, Idle: s.b.sockets.Done,
		Over: func(id uint32) {
			was, empty := a.h2.exchanges.Remove(streams.KeyOf(id))
			if was {
				s.b.exchanging.Add(-1)
			}
			if empty && s.ending.Load() {
				a.h2.HangUp()
			}
		},
	})
	a.Conn = a.h2
}

// http2 is the connection below the HTTP server; nil: its client does not speak HTTP/2.
func (s *session) http2() *multiplex {
	if s.front == nil || s.front.h2 == nil || !s.front.h2.HTTP2() {
		return nil
	}
	return s.front.h2
}

// admitStream answers a request of HTTP/2.
func (b *Bridge) admitStream(w http.ResponseWriter, r *http.Request, s *session) {
	st, r, ok := s.front.h2.Enter(r)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	defer st.Leave(r.Context())
	flaw := streams.Flaw(r)
	switch rt := match(b.routes, r.URL.Path); {
	case flaw != "":
		b.refuse(w, s, gate.NotUpgrade, http.StatusBadRequest, flaw)
		exchange.Linger(w, r)
	case r.Method == http.MethodConnect: // RFC 8441 section 4, or a proxy is looked for
		b.refuse(w, s, gate.Handshake, http.StatusNotImplemented, "There are no WebSockets over HTTP/2 here: connect with HTTP/1.1.")
	case rt == nil:
		b.refuse(w, s, gate.Route, http.StatusNotFound, "There is nothing at this path.")
		exchange.Linger(w, r)
	default:
		b.page(w, r, s, rt)
	}
}

// begin makes the exchange of a request known, and waits for its turn. False: nobody wants it any more.
func (s *session) begin(st *streams.Stream, r *http.Request, x *exchange.Exchange, several bool) bool {
	s.b.exchanging.Add(1)
	if st == nil {
		s.exchange.Store(x)
	} else {
		s.front.h2.exchanges.Add(st.Key(), x)
	}
	if s.ending.Load() {
		x.Hang() // it was closed while nobody looked
	}
	return st.Turn(r.Context(), several)
}

// exchangeOf is the exchange of a stream; nil: there is none. The connection of HTTP/1 has one, whatever the stream.
func (s *session) exchangeOf(stream uint16) *exchange.Exchange {
	if h2 := s.http2(); h2 != nil {
		return h2.exchanges.Get(stream)
	}
	return s.exchange.Load()
}

// cancel takes an event out that PHP has not got, and whose client does not want it any more.
func (m *mailbox) cancel(id uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.in.Drop(func(q *inbox.Event) bool { return q.ID == id })
	m.away.unsent = m.in.Unsent()
}

// frame sends a control frame of HTTP/2, as the script asks.
func (s *session) frame(in *callback.Instruction) {
	h2 := s.http2()
	switch {
	case h2 == nil:
	case in.Opcode == callback.ConnPing:
		h2.Ping(in.Data)
	default:
		s.byUs.Store(true)
		h2.GoAway(in.Error, in.Data)
	}
}

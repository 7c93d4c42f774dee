package bridge

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/inlet"
	"github.com/fpmbridge/fpmbridge/callback"
)

// upgrade is how a handshake ends well.
type upgrade struct {
	head        []byte // of the request, for the open event of a framed script
	quiet       bool   // the script made the 101: it gets no open event
	answer      []byte // the 101, and what stands behind it
	subprotocol string
	extensions  string // the value of Sec-WebSocket-Extensions; "": none
	who         *Identity
	welcomed    bool
}

// upgrade answers the handshake and fills the session; false: it was refused, and the client knows why.
func (b *Bridge) upgrade(w http.ResponseWriter, r *http.Request, s *session, who *Identity) (up upgrade, ok bool) {
	rt := s.route
	up.who = who
	if s.conn.Env == nil {
		up.head = exchange.RequestHead(r)
	}
	if b.opts.Compression || s.speech(rt).Compression {
		up.extensions = inlet.Negotiate(r.Header)
	}
	asks := s.wants(callback.Handshake)
	if !b.mayAsk(w, s, asks) {
		return up, false
	}
	if asks {
		if !b.askHandshake(w, r, s, &up) {
			return up, false
		}
	} else if !b.ownHandshake(w, r, s, &up) {
		return up, false
	}
	conn, early, err := hijack(w)
	if err != nil {
		if conn != nil {
			_ = conn.Close() // the client left during the upgrade
			s.httpClosed()
		}
		return up, false
	}
	deflate := up.extensions != ""
	s.mu.Lock() // PHP may find the session, and ask about it or end it
	s.sock = conn
	s.conn.Subprotocol = up.subprotocol
	s.conn.Compression = deflate
	s.window = inlet.ServerWindow(up.extensions)
	s.mu.Unlock()
	now := time.Now().UnixNano()
	s.recvAt.Store(now)
	s.sentAt.Store(now)
	s.inlet.Init(s.sock, early, inlet.Limits{Message: s.on.MaxMessage, Inflated: s.on.maxInflated}, deflate, &s.recvAt)
	s.openOutbox()
	s.out.Add(up.answer, nil, false)
	return up, true
}

// ownHandshake makes the bridge's own 101, to which the script may add.
func (b *Bridge) ownHandshake(w http.ResponseWriter, r *http.Request, s *session, up *upgrade) bool {
	key := r.Header.Get("Sec-Websocket-Key")
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet) // RFC 9110 section 15.5.6
		b.refuse(w, s, gate.Handshake, http.StatusMethodNotAllowed, "The method of a WebSocket handshake is GET.")
		return false
	case !exchange.ValidKey(r.Header["Sec-Websocket-Key"]):
		b.refuse(w, s, gate.Handshake, http.StatusBadRequest, "Sec-WebSocket-Key has 16 bytes in base64.")
		return false
	}
	var extra exchange.Head
	if s.wants(callback.BeforeHandshake) {
		var ok bool
		if extra, ok = b.askBefore(w, r, s, up); !ok {
			return false
		}
	}
	if up.subprotocol = up.who.Subprotocol; up.subprotocol == "" {
		up.subprotocol = exchange.Subprotocol(r, s.route.subprotocols, s.speech(s.route).FixedProtocol)
	}
	for _, line := range up.who.Headers {
		extra.Lines = append(extra.Lines, exchange.Line(line))
	}
	up.answer = exchange.Switch(key, up.subprotocol, up.extensions, extra, s.route.script.Description().Kind != callback.KindPlain)
	return true
}

// hijack takes the socket over, and what was read too far.
func hijack(w http.ResponseWriter) (conn net.Conn, early []byte, err error) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("bridge: %w", err)
	}
	// net/http's view of it is not needed any more, and reads go past it.
	if a, ok := conn.(*accepted); ok {
		if conn = a.Conn; a.h2 != nil {
			conn = a.h2.Under()
		}
	}
	_ = conn.SetDeadline(time.Time{})
	if n := rw.Reader.Buffered(); n > 0 {
		early = make([]byte, n)
		if _, err := io.ReadFull(rw.Reader, early); err != nil {
			return conn, nil, fmt.Errorf("bridge: %w", err)
		}
	}
	return conn, early, nil
}

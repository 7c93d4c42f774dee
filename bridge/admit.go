package bridge

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/fpmbridge/fpmbridge/callback"
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
	refuseHead // a head that CGI cannot carry
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
	}
	return "unknown"
}

// readBuffer is gorilla's buffer per connection. It only has to hold a frame's header and a control frame, since wire reads
// ahead; gorilla takes a buffer of ours if it has more than 256 bytes.
const readBuffer = 264

// accepted is what is known of a TCP connection from its accept on.
type accepted struct {
	fd       uint64
	at       time.Time
	listener uint16
	local    netip.AddrPort
	remote   netip.AddrPort
}

type acceptedKey struct{}

// admission is the count of who is in.
type admission struct {
	mu      sync.Mutex
	closed  bool
	total   int
	address map[string]int // only kept while there is a limit per address
	pending sync.WaitGroup // those that are counted in, and in no registry yet
}

// enter counts a connection in, or says why not. pending.Done has to follow when the connection is in the registry, or has left.
func (a *admission) enter(o *Options, addr string) (refusal, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return refuseDraining, false
	}
	if o.MaxConnections > 0 && a.total >= o.MaxConnections {
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

// server makes the HTTP server of one listener. Each TCP connection gets an fd when it is accepted, as in Swoole.
func (b *Bridge) server(index int) *http.Server {
	return &http.Server{
		Handler:           http.HandlerFunc(b.admit),
		ReadTimeout:       b.opts.HeaderTimeout, // of the body too: net/http reads what a handler left
		ReadHeaderTimeout: b.opts.HeaderTimeout,
		IdleTimeout:       b.opts.HeaderTimeout,
		MaxHeaderBytes:    b.opts.MaxHeader,
		ErrorLog:          b.httpLog,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, acceptedKey{}, &accepted{
				fd: b.fds.Add(1), at: time.Now(), listener: uint16(index),
				local: addrPort(c.LocalAddr()), remote: addrPort(c.RemoteAddr()),
			})
		},
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateHijacked, http.StateClosed:
				<-b.handshakes
			case http.StateNew, http.StateActive, http.StateIdle:
			}
		},
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// admit decides about one handshake and starts its session.
func (b *Bridge) admit(w http.ResponseWriter, r *http.Request) {
	acc, ok := r.Context().Value(acceptedKey{}).(*accepted)
	if !ok {
		http.Error(w, "no connection", http.StatusInternalServerError)
		return
	}
	rt := match(b.routes, r.URL.Path)
	switch {
	case rt == nil:
		b.refuse(w, acc, refuseRoute, http.StatusNotFound, "There is no WebSocket at this path.")
		return
	case !websocket.IsWebSocketUpgrade(r) && rt.files != nil:
		rt.files.ServeHTTP(w, r)
		return
	case !websocket.IsWebSocketUpgrade(r):
		b.refuse(w, acc, refuseNotUpgrade, http.StatusBadRequest, "This is a WebSocket server: connect with a WebSocket client.")
		return
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		w.Header().Set("Sec-WebSocket-Version", "13") // RFC 6455 section 4.2.2
		b.refuse(w, acc, refuseHandshake, http.StatusUpgradeRequired, "Only WebSocket version 13 is spoken here.")
		return
	case !rt.allows(r):
		b.refuse(w, acc, refuseOrigin, http.StatusForbidden, "This origin may not connect.")
		return
	}
	addr := acc.remote.Addr().String()
	if why, ok := b.admission.enter(&b.opts, addr); !ok {
		status, text := http.StatusServiceUnavailable, "The server has as many connections as it may have."
		switch why {
		case refuseAddress:
			status, text = http.StatusTooManyRequests, "Your address has as many connections as it may have."
		case refuseDraining:
			text = "The server is shutting down."
		default:
		}
		w.Header().Set("Retry-After", "5")
		b.refuse(w, acc, why, status, text)
		return
	}
	defer b.admission.pending.Done()
	s := &session{b: b, route: rt, fd: acc.fd, addr: addr}
	if !b.upgrade(w, r, acc, s) {
		b.admission.leave(&b.opts, addr)
		return
	}
	b.stats.Accepted.Add(1)
	s.start()
}

// upgrade answers the handshake and fills the session; false: it was refused, and the client knows why.
func (b *Bridge) upgrade(w http.ResponseWriter, r *http.Request, acc *accepted, s *session) bool {
	s.conn = callback.Conn{
		RemoteAddr: s.addr, RemotePort: acc.remote.Port(), ServerAddr: acc.local.Addr().String(), ServerPort: acc.local.Port(),
		Listener: acc.listener, TLS: r.TLS != nil, Connected: acc.at,
	}
	if s.route.script.Description().Encoding == callback.Plain {
		env, err := callback.BuildEnv(r, &s.conn, acc.local.String())
		if err != nil {
			b.refuse(w, acc, refuseHead, http.StatusRequestHeaderFieldsTooLarge, "The request's head is too large for CGI.")
			return false
		}
		s.conn.Env = env
	} else {
		s.conn.Head = callback.BuildHead(r)
	}
	hj := &hijacker{ResponseWriter: w}
	up := websocket.Upgrader{
		HandshakeTimeout:  b.opts.HeaderTimeout,
		WriteBufferPool:   &b.noWriteBuffers,
		Subprotocols:      s.route.subprotocols,
		EnableCompression: b.opts.Compression,
		CheckOrigin:       func(*http.Request) bool { return true }, // done by admit
		Error: func(_ http.ResponseWriter, _ *http.Request, status int, reason error) {
			b.refuse(w, acc, refuseHandshake, status, strings.TrimPrefix(reason.Error(), "websocket: ")+".")
		},
	}
	ws, err := up.Upgrade(hj, r, nil)
	if err != nil {
		if hj.wire != nil {
			_ = hj.wire.Close() // the client left during the upgrade
		}
		return false
	}
	s.sock, s.ws, s.w = hj.wire.Conn, ws, hj.wire
	hj.wire.s = s
	hj.wire.init()
	s.conn.Subprotocol = ws.Subprotocol()
	s.conn.Compression = hj.wire.deflate
	s.recvAt.Store(time.Now().UnixNano())
	s.lastMsg.Store(acc.at.UnixMicro())
	s.out.Init(s.sock, b.opts.OutboxBytes, b.opts.WriteTimeout, &b.wg, s.writeFailed)
	s.out.Add(hj.wire.handshake, nil, false)
	hj.wire.handshake = nil
	return true
}

// refuse answers a client that is not let in, counts it and says so in the log.
func (b *Bridge) refuse(w http.ResponseWriter, acc *accepted, why refusal, status int, text string) {
	b.stats.Refused[why].Add(1)
	b.log.Info("connection refused", "fd", acc.fd, "reason", why.String(), "status", status, "remote", acc.remote.String())
	w.Header().Set("Connection", "close")
	http.Error(w, text, status)
}

// hijacker takes the socket over for gorilla, which would refuse a client that sends its first frame together with
// the handshake: what was read too far goes in front of the wire's reads.
type hijacker struct {
	http.ResponseWriter
	wire *wire
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("bridge: %w", err)
	}
	h.wire = &wire{Conn: conn}
	if n := rw.Reader.Buffered(); n > 0 {
		early, err := rw.Peek(n)
		if err != nil {
			return nil, nil, errors.Join(err, conn.Close())
		}
		h.wire.ahead = append([]byte(nil), early...)
	}
	h.wire.br = bufio.NewReaderSize(h.wire, readBuffer)
	return h.wire, bufio.NewReadWriter(h.wire.br, rw.Writer), nil
}

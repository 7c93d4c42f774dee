package bridge

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/socket"
	"github.com/fpmbridge/fpmbridge/callback"
)

// Each TCP connection gets its session and its fd when it is accepted, as in Swoole; net/http has the socket until the upgrade.
//
// The script at "/" is the one that connections belong to before anybody knows their path. If it is a Swoole server, it hears of
// TCP connections as such: connect for each, close for each, also of one that only fetched a page, and it finds them in the
// registry. Such sessions are tracked. Other scripts know WebSockets only: their sessions come into being for PHP at the upgrade.

// limited accepts as many sockets as may be in their HTTP phase.
type limited struct {
	net.Listener

	b     *Bridge
	index int
	stop  <-chan struct{}
}

// Accept implements net.Listener. The server's ConnState gives the token back.
func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err //nolint:wrapcheck // net/http looks at the error's type
		}
		if why, ok := l.b.letIn(c); !ok {
			l.b.turnedAway.Refuse(c, gate.Answer(why))
			continue
		}
		select {
		case l.b.handshakes <- struct{}{}:
			l.b.sockets.Add(1)
			a := &accepted{Front: exchange.Front{Conn: c}, s: l.b.accept(c, l.index)}
			if a.s.front, a.Sent = a, &a.s.sentAt; a.s.on.HTTP2 {
				a.wrap(c)
			}
			a.s.track()
			return a, nil
		case <-l.stop:
			l.b.gate.Leave(socket.Remote(c))
			return nil, errors.Join(net.ErrClosed, c.Close())
		}
	}
}

// letIn counts a connection in, or says why not. Swoole closes those above its max_conn, of all kinds, when they come.
func (b *Bridge) letIn(c net.Conn) (why gate.Refusal, ok bool) {
	addr := socket.Remote(c)
	if why, ok = b.gate.Enter(b.tuning.Load().MaxConnections, addr); !ok {
		b.stats.Refused[why].Add(1)
		b.log.Info("connection refused", "reason", why.String(), "remote", addr)
	}
	return why, ok
}

// leave counts a connection out, once.
func (b *Bridge) leave(s *session) {
	if s.admitted.CompareAndSwap(true, false) {
		b.gate.Leave(s.addr)
	}
}

// accepted is a socket as net/http sees it.
type accepted struct {
	exchange.Front

	s       *session
	h2      *multiplex // nil: the listener does not speak HTTP/2
	framing exchange.Framing
}

// Read implements net.Conn, and notes the client's sign of life.
func (a *accepted) Read(p []byte) (int, error) {
	if a.s.on.Delay {
		a.s.waitForRoom(0)
	}
	n, err := a.Conn.Read(p)
	if n > 0 {
		a.s.recvAt.Store(time.Now().UnixNano())
		if x := a.s.exchange.Load(); x != nil {
			x.Next()
		}
		a.framing.Note(p[:n])
	}
	return n, err //nolint:wrapcheck // net/http looks at the error's type
}

// accept makes the session of a socket.
func (b *Bridge) accept(c net.Conn, listener int) *session {
	local, remote := socket.AddrPort(c.LocalAddr()), socket.AddrPort(c.RemoteAddr())
	s := &session{sock: c, addr: socket.Remote(c), on: b.listener(listener)}
	s.admitted.Store(true)
	s.member.Conn = s
	s.atGate.Store(true)
	s.mailbox = mailbox{b: b, fd: b.fds.Add(1), route: match(b.routes, "/"), session: s}
	if s.route != nil {
		s.pool = s.route.pool
	}
	s.conn = callback.Conn{
		RemoteAddr: s.addr, RemotePort: remote.Port(), ServerAddr: local.Addr().String(), ServerPort: local.Port(),
		Listener: uint16(listener), Connected: time.Now(), Listen: local.String(),
	}
	if !remote.IsValid() { // a Unix socket
		s.conn.RemoteAddr, s.conn.ServerAddr = "", ""
	}
	s.conn.SocketFD, s.conn.ServerFD = socket.Descriptor(socket.Raw(c)), s.on.fd
	if t, ok := c.(*socket.TLS); ok {
		s.conn.TLS, s.conn.ClientCert = true, t.ClientCert()
	}
	s.paused = s.on.Delay
	s.recvAt.Store(s.conn.Connected.UnixNano())
	s.lastMsg.Store(s.conn.Connected.UnixMicro())
	return s
}

// track makes a connection known to a script that hears of TCP connections as such, which it reports.
func (s *session) track() bool {
	if s.route == nil || s.route.script.Description().Kind == callback.KindPlain {
		return false
	}
	s.tracked = true
	s.listed = true
	s.opened = openHanded
	schedule := false
	if s.wants(callback.Connect) {
		s.opened = openWaiting
		q := inbox.New()
		q.Type = callback.Connect
		schedule = s.enqueueLocked(q) // nobody else knows the session yet
	}
	s.b.registry.Add(s.fd, s)
	if schedule {
		s.ready()
	}
	return true
}

type sessionKey struct{}

// server makes the HTTP server of one listener. ctx is that of its requests: whoever waits for PHP in a handler stops when it ends.
func (b *Bridge) server(ctx context.Context) *http.Server {
	return &http.Server{
		Handler:           http.HandlerFunc(b.admit),
		ReadTimeout:       b.opts.HeaderTimeout, // of the body too: net/http reads what a handler left
		ReadHeaderTimeout: b.opts.HeaderTimeout,
		IdleTimeout:       b.opts.KeepAlive,
		MaxHeaderBytes:    b.opts.MaxHeader,
		ErrorLog:          b.httpLog,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, sessionKey{}, sessionOf(c))
		},
		ConnState: func(c net.Conn, state http.ConnState) {
			s := sessionOf(c)
			switch state {
			case http.StateClosed:
				s.answered()
				s.httpClosed()
				b.leaveGate(s)
				if h2 := s.http2(); h2 != nil {
					h2.Finish()
				} else {
					b.sockets.Done()
				}
			case http.StateHijacked:
				s.answered()
				b.leaveGate(s)
				b.sockets.Done()
			case http.StateIdle:
				if s.answered(); !s.ending.Load() {
					break
				}
				if h2 := s.http2(); h2 != nil {
					h2.HangUp()
				} else {
					_ = c.Close()
				}
			case http.StateNew, http.StateActive:
			}
		},
	}
}

func sessionOf(c net.Conn) *session {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	return c.(*accepted).s //nolint:forcetypeassert // limited.Accept made it
}

// httpClosed is called when the HTTP server is done with a socket that has not become a WebSocket.
func (s *session) httpClosed() {
	if !s.tracked {
		s.b.leave(s)
		return
	}
	e := ending{cause: callback.CauseGone, code: closeAbnormal}
	switch {
	case s.b.draining.Load():
		e.cause = callback.CauseShutdown
	case s.byUs.Load():
		e.cause, e.flags = callback.CauseServer, callback.CloseBare
	}
	s.mu.Lock()
	s.readerEnd = true
	s.mu.Unlock()
	if !s.end(e) {
		s.release()
	}
}

// onlyFiles notes that the bridge answered a request by itself. A script that has heard nothing of the connection yet hears nothing
// of its end either, as with Swoole's static handler.
func (s *session) onlyFiles() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tracked && s.opened == openHanded && !s.wants(callback.Connect) && !s.told {
		s.opened = openNone
	}
}

// leaveGate gives the token back that each socket needs until it is known.
func (b *Bridge) leaveGate(s *session) {
	if s.atGate.CompareAndSwap(true, false) {
		<-b.handshakes
	}
}

// answered is called when all of a response has been written.
func (s *session) answered() {
	if s.exchange.Swap(nil) != nil {
		s.b.exchanging.Add(-1)
	}
}

// hangUpHTTP does what the client sees of an end before the upgrade. The HTTP server notices, and reports it to httpClosed.
func (s *session) hangUpHTTP(e ending) {
	switch raw := s.raw.Load(); {
	case e.cause == callback.CauseGone, e.cause == callback.CauseNone, e.cause == callback.CauseShutdown:
		if raw {
			s.out.Abort()
		}
	case raw && e.flags&callback.CloseReset == 0:
		s.out.Finish(nil) // what send() sent comes first; the HTTP server notices the end
		s.linger()
	default:
		if h2 := s.http2(); h2 != nil {
			if e.flags&callback.CloseReset != 0 || h2.exchanges.Hang() == 0 {
				_ = h2.Close()
			}
			return
		}
		if x := s.exchange.Load(); x != nil && e.flags&callback.CloseReset == 0 {
			x.Hang() // its handler sends what PHP said before, and closes; or StateIdle does
			return
		}
		s.mu.Lock()
		sock := s.sock
		s.mu.Unlock()
		_ = sock.Close()
	}
}

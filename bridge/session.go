package bridge

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/hub"
	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/inlet"
	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/callback"
)

// session is one TCP connection from its accept until PHP has handled its close event: with the HTTP server first, and from its
// upgrade on a WebSocket.
//
// Its reader goroutine is the only one that lives as long as the connection; everything else is done by whoever has
// something to do: dispatcher workers hand over events and push, the outbox's flusher writes while the client is slow.
type session struct {
	mailbox

	// set at construction
	tracked bool      // the script hears of the TCP connection itself: see accept.go
	front   *accepted // as the HTTP server has it
	conn    callback.Conn
	window  uint8 // what its client inflates with, in bits; 0: nothing is compressed
	sock    net.Conn
	addr    string    // key of the per-address limit
	on      *Listener // how its listener is served

	out    outbox.Outbox
	member hub.Member  // its groups and user
	inlet  inlet.Inlet // the reader goroutine's
	// filling is the message that is being read; the reader goroutine's.
	filling *inbox.Event
	tcp     *tcpReader // the reader goroutine's, of a connection whose bytes are the script's; nil: of others

	// any goroutine
	recvAt   atomic.Int64  // last byte from the client; unix nanoseconds
	sentAt   atomic.Int64  // last push, 101 or piece of an answer
	expires  atomic.Int64  // when its ticket is over; unix nanoseconds, 0: never
	lastMsg  atomic.Int64  // last message received; unix microseconds
	stuck    atomic.Bool   // the reader waits for room in the inbox: silence is ours, not the client's
	ending   atomic.Bool   // end was called; set under mu
	spoken   atomic.Uint32 // a phase
	admitted atomic.Bool   // counted by the gate
	atGate   atomic.Bool   // it has a token of Bridge.handshakes
	shaking  atomic.Uint32 // a shaking
	raw      atomic.Bool   // send() wrote to it while it spoke HTTP
	byUs     atomic.Bool   // the HTTP server closes it for a reason of ours
	// exchange is the HTTP request that is being answered; nil: none.
	exchange atomic.Pointer[exchange.Exchange]
	// protected: no idle time ends it
	protected atomic.Bool
	// calling is the number of the call to PHP that the reader goroutine is in; 0: it reads. Whoever changes it from that
	// number to 0 has the reading: see inline.go.
	calling atomic.Uint64

	// guarded by mu
	opened    openState
	closing   *ending
	parting   *ending // what the client ended it with, while PHP still answers what it said before
	readerEnd bool    // nobody reads any more
	listed    bool    // in the registry
	outOpen   bool    // out is ready
	told      bool    // an event of it came, whose type is not close
	errno     int     // of the connection's end; 0: none
	marked    int     // events of crossed that wait
	paused    bool    // PHP wants nothing to be read
	uid       *int64  // that PHP bound; nil: none
	early     []byte  // frames that were pushed before the 101
}

// openState says how far the open event got: the close event follows it, and only it.
type openState uint8

const (
	openNone      openState = iota // PHP has not heard of the connection
	openWaiting                    // of its open event
	openHanded                     // PHP started it, may have started it, or does not want it
	openUnstarted                  // PHP provably never started it: no close event
)

// phase says what is spoken on a connection.
type phase uint32

const (
	phaseHTTP      phase = iota // the HTTP server has the socket
	phaseWebSocket              // the session has it
	phaseTCP                    // the session has it, and its bytes are the script's
)

// start makes the open event with the request's head, sends the 101 and starts the reader goroutine.
func (s *session) start(up upgrade) {
	// The open event stands in the inbox before anybody can find the WebSocket and end it.
	schedule, closed := false, false
	s.mu.Lock()
	switch {
	case s.closing != nil:
		closed = true // PHP closed the connection before it was a WebSocket
	case up.quiet:
		s.opened = openHanded
	case s.wants(callback.Open):
		q := inbox.New()
		q.Type, q.Head = callback.Open, up.head
		if s.opened == openNone {
			s.opened = openWaiting
		}
		schedule = s.enqueueLocked(q)
	default:
		s.opened = openHanded
	}
	s.out.Add(s.early, nil, false)
	s.early = nil
	s.spoken.Store(uint32(phaseWebSocket))
	listed := s.listed
	s.listed = true
	s.mu.Unlock()
	s.b.welcome(s, &up)
	// The 101 stands first in the outbox: whoever finds the session may push to it, and a client that has the 101 misses nothing.
	if !listed {
		s.b.registry.Add(s.fd, s)
	}
	if at := up.who.Expires; !at.IsZero() && s.route.expiryCode != 0 {
		s.b.expiresAt(s, at)
	}
	// PHP hears of it before the client does: what another client says because of this one comes later.
	if schedule {
		s.ready()
	}
	if closed {
		s.out.Abort()
		_ = s.sock.Close()
	} else {
		s.out.Flush()
	}
	s.b.wg.Go(s.read)
}

// enqueue puts a message into the inbox. It reports whether the caller has to see to it that PHP gets it: nobody else will.
func (s *session) enqueue(q *inbox.Event) (schedule bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending.Load() || s.opened == openUnstarted {
		q.Free()
		s.b.stats.MessagesDropped.Add(1)
		return false
	}
	return s.enqueueLocked(q)
}

func (s *session) phase() phase { return phase(s.spoken.Load()) }

// open reports whether the connection is there and nobody has ended it.
func (s *session) open() bool { return !s.ending.Load() }

// wants reports whether the script is to be told of such events of this connection.
func (s *session) wants(t callback.EventType) bool {
	return s.route.script.Description().WantsOn(int(s.conn.Listener), t)
}

// wantsOf asks a script that may be another one than the connection's own.
func (s *session) wantsOf(rt *route, t callback.EventType) bool {
	s.mu.Lock() // beside it another stream may list the connection
	own := s.route
	s.mu.Unlock()
	if rt == own {
		return rt.script.Description().WantsOn(int(s.conn.Listener), t)
	}
	return rt.wants(t)
}

func (s *session) cameBy(listener int) bool { return listener < 0 || int(s.conn.Listener) == listener }

// established reports whether messages may be pushed to it.
func (s *session) established() bool { return s.open() && s.phase() == phaseWebSocket }

func (s *session) status() callback.Status {
	switch {
	case s.phase() == phaseTCP:
		return callback.StatusNone
	case s.phase() == phaseHTTP:
		return s.shakingStatus()
	case s.ending.Load():
		return callback.StatusClosing
	}
	return callback.StatusActive
}

// shakingStatus is the status before the upgrade.
func (s *session) shakingStatus() callback.Status {
	switch shaking(s.shaking.Load()) {
	case shakingAsked:
		return callback.StatusHandshake
	case shakingAllowed:
		return callback.StatusActive
	case shakingRefused:
		return callback.StatusRefused
	case shakingNot:
	}
	return callback.StatusNone
}

// lastStatus is what the close event says of the connection: its status before the end e.
func (s *session) lastStatus(e ending) callback.Status {
	switch {
	case s.phase() == phaseHTTP:
		return s.shakingStatus()
	case e.cause == callback.CauseServer && e.flags&callback.CloseBare == 0:
		return callback.StatusClosing
	}
	return callback.StatusActive
}

func (s *session) info() callback.ConnInfo {
	place := s.worker() + 1
	s.mu.Lock()
	defer s.mu.Unlock()
	return callback.ConnInfo{
		Place: place,
		FD:    s.fd, Status: s.status(), Closing: s.ending.Load(), Listener: int(s.conn.Listener),
		RemoteAddr: s.conn.RemoteAddr, RemotePort: s.conn.RemotePort, ServerAddr: s.conn.ServerAddr, ServerPort: s.conn.ServerPort,
		TLS: s.conn.TLS, Compression: s.conn.Compression, Subprotocol: s.conn.Subprotocol,
		Connected: s.conn.Connected, Received: unixOrZero(s.recvAt.Load()), Sent: unixOrZero(s.sentAt.Load()),
		Dispatched: unixOrZero(s.dispatch.Load()), InboxBytes: s.in.Bytes(), OutboxBytes: s.out.Bytes(),
		ServerFD: s.conn.ServerFD, SocketFD: s.conn.SocketFD, UID: s.uid, CloseErrno: s.errno, ClientCert: s.conn.ClientCert,
		Attributes: string(s.member.Attributes()),
	}
}

func unixOrZero(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

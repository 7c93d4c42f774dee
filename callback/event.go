package callback

import "time"

// EventType says what happened. Its values are the frame types of docs/protocol.md.
type EventType uint8

// The closed set of events.
const (
	Describe        EventType = 1
	Open            EventType = 2
	Message         EventType = 3
	Close           EventType = 4
	Connect         EventType = 5 // a TCP connection was accepted
	Receive         EventType = 6 // bytes on a TCP port
	Handshake       EventType = 7 // the script answers the handshake itself
	BeforeHandshake EventType = 8 // it may add to the 101
	Request         EventType = 9
	Task            EventType = 10
	Finish          EventType = 11
	PipeMessage     EventType = 12
	Start           EventType = 13 // the bridge serves, reloads, or is about to end: Opcode
	Shutdown        EventType = 14 // it ends
	WorkerError     EventType = 17 // a run died
	BufferFull      EventType = 19 // what waits for a client came over its high watermark
	BufferEmpty     EventType = 20 // and sank to the low one
)

// describeMeasure is the Opcode of a Describe event that also measures what runs before the first event of each request.
const describeMeasure = 1

// What a Start event is about, in its Opcode.
const (
	StartServer         = 0
	StartBeforeReload   = 1
	StartAfterReload    = 2
	StartBeforeShutdown = 3 // the bridge is about to end, and its connections are still there; not for plain scripts
)

// String returns the event's name as scripts and logs spell it.
func (t EventType) String() string {
	names := [...]string{
		Describe: "describe", Open: "open", Message: "message", Close: "close", Connect: "connect", Receive: "receive",
		Handshake: "handshake", BeforeHandshake: "beforehandshakeresponse", Request: "request", Task: "task", Finish: "finish",
		PipeMessage: "pipemessage", Start: "start", Shutdown: "shutdown", WorkerError: "workererror", BufferFull: "bufferfull",
		BufferEmpty: "bufferempty",
	}
	if int(t) >= len(names) || names[t] == "" {
		return "unknown"
	}
	return names[t]
}

// EventTypes is one more than the largest EventType.
const EventTypes = int(BufferEmpty) + 1

// Cause says why a connection ended; docs/protocol.md section 2 lists the set.
type Cause uint8

// The closed set of causes.
const (
	CauseNone      Cause = iota
	CauseClient          // the client's close frame
	CauseGone            // EOF or reset without a close frame
	CauseServer          // PHP asked
	CauseSlow            // outbox over its limit, or a write stalled
	CauseDead            // nothing was received for ping.timeout
	CauseProtocol        // 1002
	CauseUTF8            // 1007
	CauseTooBig          // 1009
	CausePHPFailed       // the open event failed
	CausePHPBusy         // no slot within queue_timeout
	CausePHPDown         // no php-fpm within retry_window
	CauseShutdown        // 1001
	CauseIdle            // nothing was received for Swoole's heartbeat_idle_time, or nothing moved for max_idle_time
	CauseExpired         // the ticket that let it in is over
)

// String returns the cause's name in docs/protocol.md.
func (c Cause) String() string {
	names := [...]string{
		CauseNone: "", CauseClient: "client", CauseGone: "gone", CauseServer: "server", CauseSlow: "slow", CauseDead: "dead",
		CauseProtocol: "protocol", CauseUTF8: "utf8", CauseTooBig: "too_big", CausePHPFailed: "php_failed", CausePHPBusy: "php_busy",
		CausePHPDown: "php_down", CauseShutdown: "shutdown", CauseIdle: "idle", CauseExpired: "expired",
	}
	if int(c) >= len(names) {
		return "unknown"
	}
	return names[c]
}

// ServerSide reports whether the bridge or PHP, not the client or the network, ended the connection.
// Swoole's onClose shows these with reactorId -1.
func (c Cause) ServerSide() bool {
	switch c {
	case CauseServer, CausePHPFailed, CausePHPBusy, CausePHPDown, CauseShutdown, CauseExpired:
		return true
	case CauseNone, CauseClient, CauseGone, CauseSlow, CauseDead, CauseProtocol, CauseUTF8, CauseTooBig, CauseIdle:
	}
	return false
}

// Causes is one more than the largest Cause.
const Causes = int(CauseExpired) + 1

// Event is one thing that PHP is told. The bridge owns it and its bytes; a caller reads them until Call returns.
type Event struct {
	Type    EventType
	Attempt uint8  // 1 for the first time
	Opcode  uint8  // Message: 1 text, 2 binary. Close: the Status before the end; 8 close, 9 ping, 10 pong if the route delivers them. Start: what about
	Flags   uint8  // Message: Swoole's frame bits, 33 for an ordinary browser message, 39 for a compressed one
	Cause   Cause  // Close
	Code    uint16 // Close, and Message with opcode 8: RFC 6455 section 7.4, 1005 and 1006 included
	ID      uint64 // unique while the bridge runs
	FD      uint64
	Stream  uint32 // Request over HTTP/2: its stream's id; 0: of HTTP/1
	Last    int64  // when the connection's last message was received, unix microseconds; for Message: this one
	Head    []byte // framed encoding, Open, Handshake, BeforeHandshake, Request: the request's head, as text
	Payload []byte // Message: the message. Close: the reason. Task, Finish, PipeMessage: the data. Request: the body
	Meta    []byte // events of no connection: a JSON object, nil for none
	// Attributes of the connection, a JSON object; nil: none, or the event is another than Close and goes to a resident worker, which asks for them.
	Attributes []byte
	Conn       *Conn // nil for Describe
	// Form is the Content-Type of a body that php-fpm itself shall take apart (docs/protocol.md section 5); "": it need not.
	Form string
}

// Conn is what PHP may know of a connection without asking. Admit builds it once.
type Conn struct {
	Env         []byte // plain encoding: CGI pairs in FastCGI's own form (BuildEnv); nil when framed
	RemoteAddr  string // IP
	ServerAddr  string // IP
	RemotePort  uint16
	ServerPort  uint16
	Listener    uint16 // index of the listener
	Listen      string // BRIDGE_LISTEN: its address, host:port
	TLS         bool
	Compression bool // permessage-deflate was negotiated
	Subprotocol string
	ServerFD    int // descriptors, as ConnInfo has them
	SocketFD    int
	ClientCert  string    // PEM; "" if there is none
	Connected   time.Time // accept
}

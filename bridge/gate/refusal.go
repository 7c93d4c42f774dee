package gate

// Refusal says why a client was not let in.
type Refusal uint8

// The closed set of refusals.
const (
	Draining   Refusal = iota // shutting down
	Route                     // no route has that path
	NotUpgrade                // an ordinary HTTP request
	Handshake                 // RFC 6455 section 4.2.1
	Origin
	Full
	Address
	Head    // a head that CGI cannot carry
	TLS     // the TLS handshake failed
	Body    // a request's body that is too large, too slow or broken
	Script  // the script refused the handshake, or failed at it
	Ticket  // no ticket, or one that lets nobody in
	Pending // too many handshakes wait for a script's word
	Busy    // as many requests are under way as may be

	// Refusals is how many there are.
	Refusals = int(iota)
)

// String returns the reason's name in Stats.
func (r Refusal) String() string {
	switch r {
	case Draining:
		return "draining"
	case Route:
		return "route"
	case NotUpgrade:
		return "not_an_upgrade"
	case Handshake:
		return "handshake"
	case Origin:
		return "origin"
	case Full:
		return "connections"
	case Address:
		return "connections_per_address"
	case Head:
		return "header"
	case TLS:
		return "tls_handshake"
	case Body:
		return "body"
	case Script:
		return "script"
	case Ticket:
		return "ticket"
	case Pending:
		return "handshakes"
	case Busy:
		return "concurrency"
	}
	return "unknown"
}

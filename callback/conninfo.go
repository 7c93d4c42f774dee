package callback

import (
	"strconv"
	"time"
)

// Status of a connection, with Swoole's values.
type Status uint8

// The states that PHP can see.
const (
	StatusNone      Status = 0 // no WebSocket: plain HTTP, or TCP
	StatusHandshake Status = 2
	StatusActive    Status = 3
	StatusClosing   Status = 4 // or closed, while its close event runs
	StatusRefused   Status = 5 // the script refused the handshake
)

// ConnInfo is what info tells PHP about a connection at one moment. Zero times are told as 0.
type ConnInfo struct {
	FD          uint64
	Status      Status
	Closing     bool // ended, or about to
	Listener    int
	Place       int // the number of the resident worker that has it, or of the slot that had its last event, plus 1; 0: none
	RemoteAddr  string
	RemotePort  uint16
	ServerAddr  string
	ServerPort  uint16
	TLS         bool
	Compression bool
	Subprotocol string
	Connected   time.Time
	Received    time.Time
	Sent        time.Time
	Dispatched  time.Time
	InboxBytes  int
	OutboxBytes int
	ServerFD    int    // the listener's descriptor; 0: not told, as with those below
	SocketFD    int    // the connection's
	UID         *int64 // what the script bound; nil: nothing
	CloseErrno  int    // what broke the connection
	ClientCert  string // PEM
	Attributes  string // a JSON object; "": none
	Stream      uint32 // of a request over HTTP/2; 0: another event, or HTTP/1
}

// ConnStatus is one line of a list.
type ConnStatus struct {
	FD     uint64
	Status Status
}

// JSON is the connection object of docs/protocol.md section 4.
func (c *ConnInfo) JSON() []byte { return c.appendJSON(nil) }

// appendJSON appends the connection object of docs/protocol.md section 4. Its shape is fixed and it is built for every
// open event and every info query, so it is written by hand into a buffer that is used again: no allocation.
func (c *ConnInfo) appendJSON(b []byte) []byte {
	b = appendJSONInt(b, `{"fd":`, int64(c.FD))
	if c.Stream != 0 {
		b = appendJSONInt(b, `,"stream":`, int64(c.Stream))
	}
	b = appendJSONInt(b, `,"status":`, int64(c.Status))
	b = appendJSONInt(b, `,"listener":`, int64(c.Listener))
	b = appendJSONString(append(b, `,"remote_addr":`...), c.RemoteAddr)
	b = appendJSONInt(b, `,"remote_port":`, int64(c.RemotePort))
	b = appendJSONString(append(b, `,"server_addr":`...), c.ServerAddr)
	b = appendJSONInt(b, `,"server_port":`, int64(c.ServerPort))
	b = strconv.AppendBool(append(b, `,"tls":`...), c.TLS)
	b = appendJSONTime(b, `,"connect_time":`, c.Connected)
	b = appendJSONTime(b, `,"recv_time":`, c.Received)
	b = appendJSONTime(b, `,"send_time":`, c.Sent)
	b = appendJSONTime(b, `,"dispatch_time":`, c.Dispatched)
	b = appendJSONInt(b, `,"inbox_bytes":`, int64(c.InboxBytes))
	b = appendJSONInt(b, `,"outbox_bytes":`, int64(c.OutboxBytes))
	b = appendJSONString(append(b, `,"subprotocol":`...), c.Subprotocol)
	b = strconv.AppendBool(append(b, `,"compression":`...), c.Compression)
	if c.Place > 0 {
		b = appendJSONInt(b, `,"worker":`, int64(c.Place-1))
	}
	if c.ServerFD != 0 {
		b = appendJSONInt(b, `,"server_fd":`, int64(c.ServerFD))
	}
	if c.SocketFD != 0 {
		b = appendJSONInt(b, `,"socket_fd":`, int64(c.SocketFD))
	}
	if c.UID != nil {
		b = appendJSONInt(b, `,"uid":`, *c.UID)
	}
	if c.CloseErrno != 0 {
		b = appendJSONInt(b, `,"close_errno":`, int64(c.CloseErrno))
	}
	if c.ClientCert != "" {
		b = appendJSONString(append(b, `,"client_cert":`...), c.ClientCert)
	}
	return append(appendAttributes(b, ',', c.Attributes), '}')
}

// appendAttributes appends them as a member of an object, behind what separates it from the one before; nothing if there are none.
func appendAttributes[T string | []byte](b []byte, separator byte, attributes T) []byte {
	if len(attributes) == 0 {
		return b
	}
	return append(append(append(b, separator), `"attributes":`...), attributes...)
}

func appendJSONInt(b []byte, key string, v int64) []byte {
	return strconv.AppendInt(append(b, key...), v, 10)
}

// appendJSONTime writes seconds with at most six decimals, as Swoole's connect_time and the like are floats.
func appendJSONTime(b []byte, key string, t time.Time) []byte {
	b = append(b, key...)
	if t.IsZero() {
		return append(b, '0')
	}
	return strconv.AppendFloat(b, float64(t.UnixMicro())/1e6, 'f', -1, 64)
}

const hexDigits = "0123456789abcdef"

// appendJSONString quotes what is an address or a protocol token. Bytes outside printable ASCII cannot be in one; they
// come out as escapes of their Latin-1 meaning, so that the JSON is valid whatever a peer did.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

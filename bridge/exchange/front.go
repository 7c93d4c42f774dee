package exchange

import (
	"bytes"
	"cmp"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Front is a connection below the HTTP server: it gets the next head that the server writes in the order in which a script wants it.
type Front struct {
	net.Conn

	Sent *atomic.Int64 // when something left; unix nanoseconds

	// owned by the goroutine that answers requests
	order *headOrder // for the next head; nil: as it comes
	held  []byte     // what there is of it
}

// Write implements net.Conn, and notes when something was sent.
func (f *Front) Write(p []byte) (int, error) {
	f.Sent.Store(time.Now().UnixNano())
	if f.order == nil {
		return f.Conn.Write(p) //nolint:wrapcheck // net/http looks at the error's type
	}
	f.held = append(f.held, p...)
	end := bytes.Index(f.held, []byte("\r\n\r\n"))
	if end < 0 {
		return len(p), nil
	}
	end += len("\r\n\r\n")
	out := append(f.order.apply(f.held[:end]), f.held[end:]...)
	f.order, f.held = nil, nil
	if _, err := f.Conn.Write(out); err != nil {
		return 0, err //nolint:wrapcheck // as above
	}
	return len(p), nil
}

// CloseWrite lets net/http end a connection in order.
func (f *Front) CloseWrite() error {
	if c, ok := f.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite() //nolint:wrapcheck // passed through
	}
	return nil
}

// ReadFrom lets net/http send files without copying them.
func (f *Front) ReadFrom(r io.Reader) (int64, error) {
	f.Sent.Store(time.Now().UnixNano())
	if c, ok := f.Conn.(io.ReaderFrom); ok {
		return c.ReadFrom(r) //nolint:wrapcheck // passed through
	}
	return io.Copy(struct{ io.Writer }{f.Conn}, r) //nolint:wrapcheck // passed through
}

// headOrder brings the header lines of a response into the order in which the script set them; net/http sorts them. It also says
// a reason that net/http does not know. What the lines say stays net/http's.
type headOrder struct {
	status int // 0: leave the status line
	reason string
	names  []string // in the order of the first line of each
	bare   bool     // nothing is said about the body and the connection but what the script set: it ends with the connection
}

func (o *headOrder) add(name string) {
	if !slices.Contains(o.names, name) {
		o.names = append(o.names, name)
	}
}

// lastNames is the order of what a script did not set.
func lastNames() []string {
	return []string{"server", "date", "connection", "content-type", "content-encoding", "content-length", "transfer-encoding"}
}

// apply rewrites a head that ends with an empty line.
func (o *headOrder) apply(head []byte) []byte {
	lines := bytes.Split(bytes.TrimSuffix(head, []byte("\r\n\r\n")), []byte("\r\n"))
	out := make([]byte, 0, len(head)+len(o.reason))
	version, _, _ := bytes.Cut(lines[0], []byte(" "))
	if o.status != 0 && o.reason != "" {
		out = append(append(out, version...), ' ')
		out = strconv.AppendInt(out, int64(o.status), 10)
		out = append(append(out, ' '), o.reason...)
	} else {
		out = append(out, lines[0]...)
	}
	out = append(out, "\r\n"...)
	rank := make(map[string]int)
	for i, name := range o.names {
		rank[strings.ToLower(name)] = i + 1
	}
	for i, name := range lastNames() {
		if _, ok := rank[name]; !ok {
			rank[name] = len(o.names) + 2 + i
		}
	}
	rest := lines[1:]
	of := func(line []byte) int {
		name, _, _ := bytes.Cut(line, []byte(":"))
		if n, ok := rank[strings.ToLower(string(name))]; ok {
			return n
		}
		return len(o.names) + 1
	}
	slices.SortStableFunc(rest, func(a, b []byte) int { return cmp.Compare(of(a), of(b)) })
	for _, line := range rest {
		if o.bare && of(line) > len(o.names)+2+slices.Index(lastNames(), "date") {
			continue
		}
		out = append(append(out, line...), "\r\n"...)
	}
	return append(out, "\r\n"...)
}

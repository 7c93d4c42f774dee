package exchange

import (
	"bytes"
	"net/http"
	"strings"
	"sync/atomic"
)

// Framing watches what a client of HTTP/1 sends for header lines by which somebody between us may have taken a request to end elsewhere; net/http takes
// them out before anybody sees them. It takes what stands in bodies for header lines, too: that costs such a client a connection, at worst.
type Framing struct {
	// owned by who reads
	line           [len(codingName)]byte // how the line begins that comes, in lower case
	n              int                   // bytes of it
	skip           bool                  // the rest of the line
	length, coding bool                  // since the last empty line

	coded, both atomic.Bool // ever
}

const (
	lengthName = "content-length"
	codingName = "transfer-encoding"
)

// Note takes what came.
func (f *Framing) Note(p []byte) {
	for len(p) > 0 {
		if f.skip {
			end := bytes.IndexByte(p, '\n')
			if end < 0 {
				return
			}
			p, f.n, f.skip = p[end+1:], 0, false
			continue
		}
		c := p[0]
		p = p[1:]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		switch {
		case c == '\n':
			if f.n == 0 {
				f.length, f.coding = false, false
			}
			f.n = 0
			continue
		case f.n == 0 && c == '\r':
			continue
		case f.n == 0 && c != lengthName[0] && c != codingName[0]:
			f.skip = true
			continue
		}
		f.line[f.n] = c
		switch f.n++; string(f.line[:f.n]) {
		case lengthName:
			f.length, f.skip = true, true
		case codingName:
			f.coding, f.skip = true, true
			f.coded.Store(true)
		default:
			f.skip = f.n == len(f.line)
		}
		if f.length && f.coding {
			f.both.Store(true)
		}
	}
}

// Doubtful reports whether the connection is to be closed behind a request's response: RFC 9112 section 6.1 has it for Transfer-Encoding beside
// Content-Length, and in HTTP/1.0.
func (f *Framing) Doubtful(r *http.Request) bool {
	return f.both.Load() && len(r.TransferEncoding) > 0 || f.coded.Load() && !r.ProtoAtLeast(1, 1)
}

// OriginForm makes the target of a request of HTTP/1 what the script knows: a path, and a query. A client may name the server in it, too (RFC 9112 section 3.2.2).
func OriginForm(r *http.Request) {
	scheme, rest, ok := strings.Cut(r.RequestURI, "://")
	if !ok || strings.ContainsAny(scheme, "/?") {
		return
	}
	_, path, _ := strings.Cut(rest, "/")
	if i := strings.IndexAny(rest, "/?"); i >= 0 && rest[i] == '?' {
		path = rest[i:]
	}
	r.RequestURI = "/" + path
	if r.URL.Path == "" {
		r.URL.Path = "/"
	}
}

// withoutOtherRanges takes a Range out whose unit nobody here knows: RFC 9110 section 14.2 has it ignored, and net/http answers 416.
func withoutOtherRanges(r *http.Request) {
	if unit, _, _ := strings.Cut(r.Header.Get("Range"), "="); unit != "bytes" {
		r.Header.Del("Range")
	}
}

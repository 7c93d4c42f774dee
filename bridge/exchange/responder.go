package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// responder writes one response through net/http, which does the framing. It belongs to the handler's goroutine.
type responder struct {
	x  *Exchange
	w  http.ResponseWriter
	r  *http.Request
	rc *http.ResponseController

	headed bool
	head   *headOrder
}

// pieceBytes is what a client has WriteTimeout for.
const pieceBytes = 64 << 10

// ServerName is what Swoole says of itself; clients of unmodified scripts may look for it.
const ServerName = "swoole-http-server"

// write sends one part. last: nothing else waits, so it has to leave now.
func (o *responder) write(p *Part, hangup, last bool) error {
	defer p.close()
	if p.Status != 0 && !o.headed {
		o.headed = true
		if hangup {
			o.w.Header().Set("Connection", "close")
		}
		lines := ParseHead(p.Head)
		body := o.setHeaders(lines, p)
		if p.File != nil {
			return o.file(p)
		}
		o.w.WriteHeader(o.status(p.Status, lines.Reason))
		p.Data = body
	} else if p.Status == 0 && p.End && len(p.Head) > 0 {
		for _, line := range ParseHead(p.Head).Lines {
			o.w.Header().Add(http.TrailerPrefix+line.Name, line.Value)
		}
	}
	if err := o.backlog(p.spooled); err != nil {
		return err
	}
	if err := o.body(p.Data); err != nil {
		return err
	}
	if p.End || !last {
		return nil
	}
	if err := o.rc.Flush(); err != nil {
		return fmt.Errorf("bridge: %w", err)
	}
	return nil
}

// status is the number for net/http. Swoole answers a code that it does not know with 200, unless there is a reason.
func (o *responder) status(code uint16, reason string) int {
	status := int(code)
	switch {
	case status < http.StatusOK:
		status = http.StatusOK // an interim answer is none
	case reason == "" && http.StatusText(status) == "" && o.r.ProtoMajor == 1: // HTTP/2 has no reasons
		status = http.StatusOK
	}
	o.head.status, o.head.reason = status, reason
	return status
}

// setHeaders makes the header of the first part and returns the body to send with it.
func (o *responder) setHeaders(lines Head, p *Part) (body []byte) {
	h := o.w.Header()
	o.head = &headOrder{}
	length := ""
	for _, line := range lines.Lines {
		switch {
		case strings.EqualFold(line.Name, "Content-Length"):
			length = line.Value
		case strings.EqualFold(line.Name, "Transfer-Encoding"):
			// net/http's business
		case strings.EqualFold(line.Name, "Connection") && h.Get("Connection") == "close":
			// nobody may keep it
		case o.r.ProtoMajor == 2 && isOfConnection(line.Name):
			// RFC 9113 section 8.2.2: the client would refuse the response
		default:
			name := line.Name
			if isAutomatic(name) {
				name = http.CanonicalHeaderKey(name)
				if line.Value == "" {
					h[name] = nil // Swoole's way to leave an automatic header out
					continue
				}
				h[name] = []string{line.Value}
			} else {
				h[name] = append(h[name], line.Value)
			}
			o.head.add(name)
		}
	}
	setDefault := func(name, value string) {
		if _, ok := h[name]; !ok {
			h.Set(name, value)
		}
	}
	setDefault("Server", ServerName)
	setDefault("Connection", "keep-alive")
	if p.File == nil {
		setDefault("Content-Type", "text/html")
	}
	body = p.Data
	status := int(p.Status)
	bodyless := status < http.StatusOK || status == http.StatusNoContent || status == http.StatusNotModified
	switch {
	case p.File != nil, bodyless:
	case p.End:
		if encoding, packed := o.x.Settings.compress(o.r, h, body); encoding != "" {
			h.Set("Content-Encoding", encoding)
			body = packed
		}
		if o.r.Method != http.MethodHead || length == "" || len(body) > 0 {
			length = strconv.Itoa(len(body))
		}
		h.Set("Content-Length", length)
	case length != "":
		if n, err := strconv.ParseInt(length, 10, 64); err == nil && n >= 0 {
			h.Set("Content-Length", length)
		}
	case o.r.ProtoAtLeast(1, 1):
		h.Set("Transfer-Encoding", "chunked") // or net/http counts what a script wrote fast, and says a length
	}
	if o.x.Last {
		h.Set("Connection", "close")
		o.head.bare = p.End // as Swoole refuses a handshake (swoole_http_response.cc:413-416)
	}
	if o.r.TLS == nil && o.x.Front != nil {
		o.x.Front.order = o.head
	}
	return body
}

// isOfConnection reports whether a header is one of HTTP/1's connections.
func isOfConnection(name string) bool {
	for _, other := range [...]string{"Keep-Alive", "Proxy-Connection", "Upgrade", "TE"} {
		if strings.EqualFold(name, other) {
			return true
		}
	}
	return false
}

// isAutomatic reports whether a header is one that a response has by itself: there is one of it at most.
func isAutomatic(name string) bool {
	for _, auto := range [...]string{"Server", "Date", "Connection", "Content-Type", "Content-Encoding"} {
		if strings.EqualFold(name, auto) {
			return true
		}
	}
	return false
}

// body writes a piece after the other, each in its time.
func (o *responder) body(data []byte) error {
	for {
		n := min(len(data), pieceBytes)
		// Also for what net/http writes when the handler has returned.
		if err := o.deadline(); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		if _, err := o.w.Write(data[:n]); err != nil {
			if errors.Is(err, http.ErrBodyNotAllowed) {
				return nil // HEAD, 204, 304
			}
			return fmt.Errorf("bridge: %w", err)
		}
		data = data[n:]
	}
}

// backlog writes the next n bytes of what waited on disk.
func (o *responder) backlog(n int64) error {
	piece := make([]byte, min(n, pieceBytes))
	for n > 0 {
		got, err := o.x.readBacklog(piece[:min(n, pieceBytes)])
		if err != nil {
			return err
		}
		if err := o.body(piece[:got]); err != nil {
			return err
		}
		n -= int64(got)
	}
	return nil
}

func (o *responder) deadline() error {
	if err := o.rc.SetWriteDeadline(time.Now().Add(o.x.WriteTimeout)); err != nil {
		return fmt.Errorf("bridge: %w", err)
	}
	return nil
}

// file sends a file, or a part of it. Of a whole file net/http also serves ranges and If-Modified-Since.
func (o *responder) file(p *Part) error {
	lines := ParseHead(p.Head)
	info, err := p.File.Stat()
	if err != nil {
		return fmt.Errorf("bridge: %w", err)
	}
	w := &paced{ResponseWriter: o.w, o: o}
	if p.Offset == 0 && p.N == 0 && p.Status == http.StatusOK && lines.Reason == "" {
		o.head.status = 0 // as it comes
		withoutOtherRanges(o.r)
		http.ServeContent(w, o.r, "", info.ModTime(), p.File)
		return w.err
	}
	n := p.N
	if n == 0 || n > info.Size()-p.Offset {
		n = max(info.Size()-p.Offset, 0)
	}
	o.w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	o.w.WriteHeader(o.status(p.Status, lines.Reason))
	if _, err := p.File.Seek(p.Offset, io.SeekStart); err != nil {
		return fmt.Errorf("bridge: %w", err)
	}
	if o.r.Method == http.MethodHead {
		return o.deadline()
	}
	if _, err := io.CopyN(w, p.File, n); err != nil && w.err == nil {
		w.err = err
	}
	return w.err
}

// paced gives each piece of a file its time, and remembers what went wrong.
type paced struct {
	http.ResponseWriter

	o   *responder
	err error
}

// Pace gives the client timeout for each piece that is written.
func Pace(w http.ResponseWriter, timeout time.Duration) http.ResponseWriter {
	x := &Exchange{Config: Config{WriteTimeout: timeout}}
	return &paced{ResponseWriter: w, o: &responder{x: x, w: w, rc: http.NewResponseController(w)}}
}

// Write implements io.Writer.
func (w *paced) Write(p []byte) (int, error) {
	if w.err = w.o.deadline(); w.err != nil {
		return 0, w.err
	}
	n, err := w.ResponseWriter.Write(p)
	if err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		w.err = err
	}
	return n, err //nolint:wrapcheck // passed through
}

// ReadFrom lets the kernel copy, piece by piece.
func (w *paced) ReadFrom(src io.Reader) (total int64, err error) {
	to, ok := w.ResponseWriter.(io.ReaderFrom)
	if !ok {
		return io.Copy(struct{ io.Writer }{w}, src) //nolint:wrapcheck // passed through
	}
	// The kernel copies from a file below one limit only.
	left := int64(-1)
	if l, ok := src.(*io.LimitedReader); ok {
		src, left = l.R, l.N
	}
	for left != 0 {
		piece := int64(8 * pieceBytes)
		if left > 0 {
			piece = min(piece, left)
		}
		if w.err = w.o.deadline(); w.err != nil {
			return total, w.err
		}
		n, err := to.ReadFrom(&io.LimitedReader{R: src, N: piece})
		total += n
		if err != nil {
			w.err = err
			return total, err //nolint:wrapcheck // passed through
		}
		if left > 0 {
			left -= n
		}
		if n == 0 {
			return total, nil
		}
	}
	return total, nil
}

// own is an answer of the bridge, or the end of a response that PHP left unfinished.
func (o *responder) own(status int) {
	if o.headed || o.x.isRaw() {
		panic(http.ErrAbortHandler) // the client must see that something is missing
	}
	h := o.w.Header()
	h.Set("Server", ServerName)
	h.Set("Content-Length", "0")
	h["Content-Type"] = []string{"text/html"}
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "5")
	}
	if o.deadline() == nil {
		o.w.WriteHeader(status)
	}
}

// Head is a response's head as PHP says it.
type Head struct {
	Reason string
	Lines  []Line
}

// Line is a header line.
type Line struct{ Name, Value string }

// ParseHead reads the reason and the header lines. What is no header line is left out.
func ParseHead(b []byte) (h Head) {
	reason, rest, _ := bytes.Cut(b, []byte("\r\n"))
	h.Reason = printable(string(reason))
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		name, value, ok := strings.Cut(string(line), ":")
		if ok && validName(name) {
			h.Lines = append(h.Lines, Line{name, printable(strings.TrimSpace(value))})
		}
	}
	return h
}

// printable takes control characters out: none of them may reach a head.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// validName reports whether name is a token of RFC 9110 section 5.6.2.
func validName(name string) bool {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c > '~' || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return name != ""
}

// OpenFile opens a regular file for a response. A bridge that runs as root does not lend its rights to PHP.
func OpenFile(name string) (*os.File, bool) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // or a named pipe would wait for who writes to it
	if err != nil {
		return nil, false
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || os.Geteuid() == 0 && info.Mode().Perm()&0o004 == 0 {
		_ = f.Close()
		return nil, false
	}
	return f, true
}

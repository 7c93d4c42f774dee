package exchange

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"syscall"
	"time"
)

// Limits bound a request's body.
type Limits struct {
	Max   int64         // bytes
	Form  int64         // bytes of a form that may carry files, if that is more
	Plain bool          // no body is a form
	Stall time.Duration // the longest pause
	// Room is asked before each piece, with the bytes that came so far, and may make it wait; nil: it may not.
	Room func(n int64) error
}

// Body is a request's body.
type Body struct {
	Bytes  []byte
	Form   string // the Content-Type of a form that may carry files; "": it is none
	mapped bool
}

// Release gives the bytes back, which nobody may use any more.
func (b *Body) Release() {
	if b.mapped {
		_ = syscall.Munmap(b.Bytes)
	}
	*b = Body{}
}

const (
	// spoolAbove is the size above which a form goes to a file.
	spoolAbove = 256 << 10
	// slowestBody is what a client has to send in a second, on average, in bytes.
	slowestBody = 1 << 10
	firstBody   = 4 << 10
)

var errTooLarge = errors.New("exchange: the body is too large")

// ReadBody reads a request's body behind buf[:0]. Where it cannot, it returns the status of a refusal; with 500 the error is ours. A
// large form goes to a file that is mapped, so that it takes no memory.
func ReadBody(w http.ResponseWriter, r *http.Request, l Limits, buf []byte) (body Body, status int, err error) {
	limit := l.Max
	if !l.Plain {
		body.Form = multipartType(r)
	}
	if body.Form == badForm {
		return Body{}, http.StatusBadRequest, nil
	}
	if body.Form != "" {
		limit = max(limit, l.Form)
	}
	if r.ContentLength > limit {
		return body, http.StatusRequestEntityTooLarge, nil
	}
	rc := http.NewResponseController(w)
	// While PHP works, net/http waits for the client to leave, for as long as it takes.
	defer func() { _ = rc.SetReadDeadline(time.Time{}) }()
	if r.Body == nil || r.Body == http.NoBody {
		return body, 0, nil
	}
	in := reader{
		Reader: &timed{r: r.Body, rc: rc, start: time.Now(), stall: l.Stall, room: l.Room},
		buf:    buf[:0], limit: limit, expect: r.ContentLength, spools: body.Form != "",
	}
	defer in.close()
	err = in.all()
	if err == nil {
		body.Bytes, body.mapped, err = in.bytes()
	}
	var own *spoolError
	switch {
	case err == nil:
		return body, 0, nil
	case errors.As(err, &own):
		return Body{}, http.StatusInternalServerError, err
	case errors.Is(err, errTooLarge):
		return Body{}, http.StatusRequestEntityTooLarge, nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Body{}, http.StatusRequestTimeout, nil
	}
	return Body{}, http.StatusBadRequest, nil
}

// spoolError is a file that cannot be written.
type spoolError struct{ err error }

func (e *spoolError) Error() string { return fmt.Sprintf("exchange: a body cannot be kept: %v", e.err) }

// reader reads a whole body, into memory or into a file.
type reader struct {
	io.Reader

	buf    []byte
	limit  int64
	expect int64 // bytes, if they are known
	size   int64
	spools bool
	spool  *os.File
}

func (r *reader) close() {
	if r.spool != nil {
		_ = r.spool.Close()
	}
}

// all reads to the end.
func (r *reader) all() error {
	for {
		if len(r.buf) == cap(r.buf) {
			grow := max(firstBody, len(r.buf))
			if r.expect > 0 && r.size == 0 {
				grow = int(min(r.expect+1, spoolAbove+1)) // and no more: it may never come
			}
			r.buf = append(make([]byte, 0, len(r.buf)+grow), r.buf...)
		}
		n, err := r.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		r.size += int64(n)
		switch {
		case r.size > r.limit:
			return errTooLarge
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err //nolint:wrapcheck // ReadBody looks at its kind only
		}
		if r.spools && len(r.buf) > spoolAbove {
			if err := r.toFile(); err != nil {
				return &spoolError{err}
			}
		}
	}
}

// toFile moves what is in memory to a file, which goes when it is closed.
func (r *reader) toFile() (err error) {
	if r.spool == nil {
		if r.spool, err = os.CreateTemp("", "fpmbridge-upload-"); err != nil {
			return err //nolint:wrapcheck // spoolError does
		}
		if err = os.Remove(r.spool.Name()); err != nil {
			return err //nolint:wrapcheck // as above
		}
	}
	_, err = r.spool.Write(r.buf)
	r.buf = r.buf[:0]
	return err //nolint:wrapcheck // as above
}

func (r *reader) bytes() (b []byte, mapped bool, err error) {
	if r.spool == nil {
		return r.buf, false, nil
	}
	if err = r.toFile(); err == nil {
		b, err = syscall.Mmap(int(r.spool.Fd()), 0, int(r.size), syscall.PROT_READ, syscall.MAP_PRIVATE)
	}
	if err != nil {
		return nil, false, &spoolError{err}
	}
	return b, true, nil
}

const (
	// lingerTime and lingerBytes are for a client to notice that it is refused.
	lingerTime  = time.Second
	lingerBytes = 16 * (64 << 10)
)

// Linger sends the refusal of a request of HTTP/2 and takes more of its body, for a while. Where a stream is reset behind a response, clients that still send
// report an error and not the response (curl 7.88 does).
func Linger(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	if rc.Flush() == nil && rc.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, r.Body, lingerBytes)
	}
}

const (
	// maxBoundary is the longest that PHP takes: FILLUNIT of main/rfc1867.c without its line. RFC 2046 has 70.
	maxBoundary = 5*1024 - 4
	// badForm is a form that nobody could take apart.
	badForm = "bad"
)

// multipartType is the Content-Type of a form that may carry files; "": it is none.
func multipartType(r *http.Request) string {
	value := r.Header.Get("Content-Type")
	media, params, err := mime.ParseMediaType(value)
	if err != nil || media != "multipart/form-data" || params["boundary"] == "" {
		return ""
	}
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		if len(params["boundary"]) > maxBoundary {
			return badForm
		}
		return value
	}
	return ""
}

// timed reads a body whose client keeps sending: a pause is bounded, and so is the average.
type timed struct {
	r     io.Reader
	rc    *http.ResponseController
	start time.Time
	stall time.Duration
	room  func(n int64) error
	n     int64
}

// Read implements io.Reader.
func (t *timed) Read(p []byte) (int, error) {
	if t.room != nil {
		from := time.Now()
		_ = t.rc.SetReadDeadline(time.Time{}) // it is not the client that is waited for
		if err := t.room(t.n); err != nil {
			return 0, err
		}
		t.start = t.start.Add(time.Since(from))
	}
	most := t.start.Add(t.stall + time.Duration(t.n/slowestBody)*time.Second)
	if pause := time.Now().Add(t.stall); pause.Before(most) {
		most = pause
	}
	if err := t.rc.SetReadDeadline(most); err != nil {
		return 0, err //nolint:wrapcheck // the caller looks at its kind only
	}
	n, err := t.r.Read(p)
	t.n += int64(n)
	return n, err //nolint:wrapcheck // as above
}

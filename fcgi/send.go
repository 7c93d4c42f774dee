package fcgi

import (
	"errors"
	"io"
	"net"
	"time"
)

const (
	// smallBody goes out in the same system call as the parameters. It is small enough for
	// the socket's buffers, so that nobody has to read while it is written.
	smallBody = 16 << 10
	// recordsPerWrite bounds the work of one writev: about 1 MiB.
	recordsPerWrite = 16
	// streamGrace is how long a body that is still being written may take after the whole answer
	// came. php-fpm has read it by then and only its last bytes are on the way; a server that
	// never reads them costs its connection.
	streamGrace = 20 * time.Millisecond
)

// sending is how far a request got out.
type sending struct {
	params bool       // all PARAMS records: from here on the server can have started
	all    bool       // the record that ends stdin, too
	stale  bool       // the connection had ended before anything was written
	err    error      // of writing, or a stdinError
	stream chan error // the result of the goroutine that writes a large body; nil without one
}

// stdinError is a failure of Request.Stdin, as opposed to one of the connection.
type stdinError struct{ error }

func (e stdinError) Unwrap() error { return e.error }

// small says that the whole request is one write.
func (r *Request) small() bool { return (r.Stdin == nil || r.Body != nil) && len(r.Body) <= smallBody }

// send writes the request to a new connection or to a kept one, and behind it further small ones. Of a large one it writes the head and
// starts a goroutine for the rest: a server may answer before it has read a large body, so that has to
// be written while the answer is read.
func (c *conn) send(r *Request, behind []Request, keep, kept bool) sending {
	b := appendBegin(c.wbuf[:0], keep)
	b = appendParams(b, r.Params, r.Extra)
	head := len(b)
	small := r.small()
	if small {
		b = appendBody(b, r.Body)
		for i := range behind {
			next := &behind[i]
			b = appendBody(appendParams(appendBegin(b, keep), next.Params, next.Extra), next.Body)
		}
	}
	var n int
	var stale bool
	var err error
	if small {
		n, stale, err = c.writeAndWait(b, kept)
	} else {
		n, err = c.writeAll(b)
	}
	if cap(b) <= keptBuffer {
		c.wbuf = b
	}
	s := sending{params: n >= head, all: small && err == nil, stale: stale, err: err}
	if small || err != nil {
		return s
	}
	s.stream = make(chan error, 1)
	go func(body []byte, stdin io.Reader, done chan<- error) {
		var err error
		if body != nil {
			err = writeBody(c.nc, body)
		} else {
			err = copyStdin(c.nc, stdin)
		}
		if errors.As(err, new(stdinError)) {
			c.close() // so that nobody waits for an answer
		}
		done <- err
	}(r.Body, r.Stdin, s.stream)
	return s
}

// appendBody appends a small stdin and its end.
func appendBody(b, body []byte) []byte {
	if len(body) > 0 {
		b = append(appendHeader(b, typeStdin, len(body)), body...)
	}
	return appendHeader(b, typeStdin, 0)
}

// finish waits for the goroutine of a large body, not for long when its answer is there already.
func (s *sending) finish(c *conn, answered bool) {
	select {
	case s.err = <-s.stream:
	default:
		if answered {
			_ = c.nc.SetWriteDeadline(time.Now().Add(streamGrace))
			c.deadline = time.Unix(0, 0) // not what is wanted by anybody, so it will be set anew
		} else {
			c.close()
		}
		s.err = <-s.stream
	}
	s.all = s.err == nil
}

// writeBody writes body as records and ends stdin, without copying.
func writeBody(w io.Writer, body []byte) error {
	full := appendHeader(nil, typeStdin, bodyRecord)
	vecs := make([][]byte, 0, 2*recordsPerWrite+1)
	for len(body) > 0 {
		vecs = vecs[:0]
		for len(body) > 0 && len(vecs) < 2*recordsPerWrite {
			n := min(len(body), bodyRecord)
			header := full
			if n < bodyRecord {
				header = appendHeader(nil, typeStdin, n)
			}
			vecs = append(vecs, header, body[:n])
			body = body[n:]
		}
		if len(body) == 0 {
			vecs = append(vecs, appendHeader(nil, typeStdin, 0))
		}
		bufs := net.Buffers(vecs)
		if _, err := bufs.WriteTo(w); err != nil {
			return err
		}
	}
	return nil
}

// copyStdin writes what stdin gives as records, and ends stdin.
func copyStdin(w io.Writer, stdin io.Reader) error {
	buf := make([]byte, headerLen+bodyRecord)
	for {
		n, err := stdin.Read(buf[headerLen:])
		if n > 0 {
			appendHeader(buf[:0], typeStdin, n)
			if _, werr := w.Write(buf[:headerLen+n]); werr != nil {
				return werr
			}
		}
		if errors.Is(err, io.EOF) {
			_, err = w.Write(appendHeader(buf[:0], typeStdin, 0))
			return err
		}
		if err != nil {
			return stdinError{err}
		}
	}
}

package fcgi

import (
	"bytes"
	"iter"
	"sync"
)

// keptBuffer is the most that a released Response takes back into the pool, so that one large
// answer does not stay in memory for good.
const keptBuffer = 64 << 10

// Response is an answer, whole or (next to an error) as far as it came. It belongs to the caller
// until Release; none of its slices may be used after that.
type Response struct {
	Status        int    // from the Status header, 200 without one; 0 when the header block is not there
	Body          []byte // stdout after the header block
	Stderr        []byte // the first Options.MaxStderr bytes of it
	StderrDropped int    // how many bytes of stderr came after those

	pool   *sync.Pool
	out    []byte // header block and body as they came
	header []byte // the part of out before the body, blank line included
}

// NewResponse is the answer of a script that was not asked by FastCGI: its header block, a blank line, and the body.
func NewResponse(out []byte) (*Response, error) {
	n := headerEnd(out, 0)
	if n < 0 {
		return nil, &Error{Kind: ErrHeaderMissing, Started: true}
	}
	r := &Response{out: out, header: out[:n], Body: out[n:]}
	if err := r.parseHeaders(); err != nil {
		return nil, &Error{Kind: ErrGarbage, Cause: err, Started: true}
	}
	return r, nil
}

// Release gives the buffers back. It may be called on nil, and at most once otherwise.
func (r *Response) Release() {
	if r == nil || r.pool == nil {
		return
	}
	pool, out, stderr := r.pool, r.out[:0], r.Stderr[:0]
	if cap(out) > keptBuffer {
		out = nil
	}
	if cap(stderr) > keptBuffer {
		stderr = nil
	}
	*r = Response{out: out, Stderr: stderr}
	pool.Put(r)
}

// Header returns the value of the first header of that name, in any case, or nil.
func (r *Response) Header(name string) []byte {
	for k, v := range r.Headers() {
		if equalFold(k, name) {
			return v
		}
	}
	return nil
}

// Headers walks over all headers in the order they came, Status included. Names are as the script
// wrote them.
func (r *Response) Headers() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for block := r.header; len(block) > 0; {
			line, rest := cutLine(block)
			block = rest
			if len(line) == 0 {
				return
			}
			name, value, _ := bytes.Cut(line, []byte{':'})
			if !yield(name, trim(value)) {
				return
			}
		}
	}
}

// parseHeaders checks the header block and takes the status from it.
func (r *Response) parseHeaders() error {
	r.Status = 200
	for block := r.header; len(block) > 0; {
		line, rest := cutLine(block)
		block = rest
		if len(line) == 0 {
			break
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 {
			r.Status = 0
			return badAnswer("header line without a name")
		}
		if equalFold(line[:colon], "Status") {
			status, ok := parseStatus(trim(line[colon+1:]))
			if !ok {
				r.Status = 0
				return badAnswer("malformed Status header")
			}
			r.Status = status
		}
	}
	return nil
}

// parseStatus reads "404" or "404 Not Found".
func parseStatus(b []byte) (int, bool) {
	if len(b) < 3 || len(b) > 3 && b[3] != ' ' {
		return 0, false
	}
	n := 0
	for _, d := range b[:3] {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = n*10 + int(d-'0')
	}
	return n, n >= 100
}

// trim drops blanks at both ends. Unlike bytes.Trim it returns an empty value as one that is there.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// cutLine splits after the first line; the line comes without its \n or \r\n.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return b, nil
	}
	line, rest = b[:i], b[i+1:]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	return line, rest
}

// headerEnd returns the length of the header block with its blank line, or -1 while it is not
// there. from is where to look on: what an earlier call saw need not be looked at again.
func headerEnd(b []byte, from int) int {
	for i := max(from-2, 0); i < len(b); {
		j := bytes.IndexByte(b[i:], '\n')
		if j < 0 {
			return -1
		}
		i += j
		// The line that ends here is blank when its start is here too.
		k := i
		if k > 0 && b[k-1] == '\r' {
			k--
		}
		if k == 0 || b[k-1] == '\n' {
			return i + 1
		}
		i++
	}
	return -1
}

// equalFold compares ASCII letters without case and allocates nothing.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		if lower(b[i]) != lower(s[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

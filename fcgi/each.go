package fcgi

import (
	"context"
	"errors"
	"io"
	"syscall"
	"time"
)

// maxAhead is the most bytes that DoEach sends at once. It is under every socket's buffer, so that nobody has to read while they are written.
const maxAhead = 32 << 10

// Answers gets what became of the requests of a [Client.DoEach].
type Answers interface {
	// Answer is called in the caller's goroutine with what Do would return for the i-th request. The Response is the callee's to release.
	Answer(i int, res *Response, err error)
}

// Pipelines reports whether DoEach sends requests ahead: to a php-fpm on a Unix socket, with nothing in between, which keeps connections. DESIGN.md says why only there.
func (c *Client) Pipelines() bool { return c.keep && c.opts.EOFMeansUnread && c.opts.Network == "unix" }

// DoEach does requests in turn. Where it can it sends small ones ahead: in one write over one connection, on which the server finds the
// next when it is done with one. Each has its own time, counted from the answer before it, and its own outcome, as from Do.
//
// It returns how many have their outcome: all, or those up to one that had no answer in time. The others were not started then, and it is for
// the caller to say whether they have waited for too long.
//
// With a ctx that can end it is Do for each.
func (c *Client) DoEach(ctx context.Context, reqs []Request, to Answers) (done int) {
	for done < len(reqs) {
		n := 1
		if ctx.Done() == nil && c.Pipelines() {
			n = ahead(reqs[done:])
		}
		if n > 1 {
			k, last := c.burst(ctx, reqs[done:done+n], done, to)
			if done += k; last {
				return done
			}
			continue
		}
		res, err := c.Do(ctx, &reqs[done])
		to.Answer(done, res, err)
		done++
		if late(err) {
			return done
		}
	}
	return done
}

// late reports whether PHP had its time, and did not answer.
func late(err error) bool {
	if err == nil {
		return false
	}
	var fail *Error
	return errors.As(err, &fail) && fail.Started && errors.Is(fail, ErrDeadline)
}

// ahead returns how many of the requests may be sent at once; at least 1.
func ahead(reqs []Request) int {
	size := 0
	for i := range reqs {
		r := &reqs[i]
		size += len(r.Params) + len(r.Extra) + len(r.Body)
		if !r.small() || size > maxAhead || checkParams(r.Params, r.Extra) != nil {
			return max(i, 1)
		}
	}
	return len(reqs)
}

// burst does the requests on one connection, and returns how many of them have their outcome: the others were not started. last: DoEach ends with them.
// first is the first one's number.
func (c *Client) burst(ctx context.Context, reqs []Request, first int, to Answers) (done int, last bool) {
	cn, fail := c.pool.acquire(ctx)
	if fail != nil {
		to.Answer(first, nil, fail)
		return 1, false
	}
	x := exchange{client: c, ctx: ctx}
	x.begin(&reqs[0])
	x.behind = reqs[1:]
	cn, fail = x.run(cn)
	defer func() { x.settle(cn) }()
	for {
		res, err := x.result(fail)
		to.Answer(first+done, res, err)
		done++
		last = late(err)
		switch {
		case done == len(reqs):
			return done, last
		case cn == nil:
			return done, last // nothing was sent
		case cn.usedUp && !cn.passed(fail):
			if cn.ended(fail) {
				return done, last
			}
			for ; done < len(reqs); done++ {
				to.Answer(first+done, nil, &Error{Kind: ErrReset, Cause: errBefore, Started: true})
			}
			return done, last
		}
		x.begin(&reqs[done])
		x.behind = reqs[done+1:]
		if fail = x.read(cn); fail != nil && !fail.Started && cn.usedUp {
			x.res.Release()
			return done, false // the child had left before it saw the request
		}
	}
}

// errBefore is why a request that was sent ahead has no outcome of its own.
var errBefore = errors.New("the request before it on the connection failed")

// read reads the answer to a request that was sent behind another one.
func (x *exchange) read(cn *conn) *Error {
	cn.got = cn.r != cn.w
	cn.socket.more = len(x.behind) > 0
	a := answer{c: cn, res: x.res, lim: x.client.limits}
	err := cn.arm(x.deadline, x.req.Timeout)
	if err == nil {
		err = a.read()
	}
	cn.usedUp = !a.complete || len(x.behind) == 0 && cn.r != cn.w
	if err == nil {
		return nil
	}
	return x.classify(cn, sending{params: true, all: true}, err)
}

// How long, and for how many bytes, the end of an answer that was given up is waited for.
const (
	passFor = 10 * time.Millisecond
	maxPass = 1 << 20
)

// passed reads on to the end of an answer that was given up for what it says, so that the next one can be read. It reports false, at a place where [conn.ended] can go on, if the
// end does not come soon.
func (c *conn) passed(fail *Error) bool {
	if fail == nil || !errors.Is(fail, ErrAnswerTooLarge) && !errors.Is(fail, ErrHeaderTooLarge) && !errors.Is(fail, ErrGarbage) {
		return false
	}
	if c.arm(time.Now().Add(passFor), 0) != nil {
		return false
	}
	for most := maxPass; most > 0 && c.left >= 0; {
		most -= c.left + headerLen
		if c.skip(c.left) != nil || c.need(headerLen) != nil {
			return false
		}
		h := parseHeader(c.rbuf[c.r:])
		if c.r += headerLen; h.version != protocolVersion {
			c.left = ended
			return false
		}
		c.left = h.length + h.padding
		if h.kind == typeEndRequest {
			c.left = ended
			c.usedUp = c.skip(h.length+h.padding) != nil
			return !c.usedUp
		}
	}
	return false
}

// ended sees to it that the server starts nothing that it has not started yet, and reports whether that holds for all requests behind the one that failed.
//
// A child that is gone starts nothing. One that still runs a script cannot write the end of its answer once the connection is cut, and gives that up
// then, before it looks for the next request. So what counts is that it had not written the end before.
func (c *conn) ended(fail *Error) bool {
	if fail != nil {
		for _, gone := range []error{io.EOF, syscall.ECONNRESET, syscall.EPIPE} {
			if errors.Is(fail.Cause, gone) {
				return true
			}
		}
	}
	if fail == nil || c.left < 0 {
		return false // the server was done with it
	}
	rest := leftover{skip: c.left}
	rest.take(c.rbuf[c.r:c.w])
	return c.cut(&rest) == nil && !rest.end
}

// leftover looks for END_REQUEST in what comes behind the place where an answer was given up.
type leftover struct {
	skip int // bytes of the record at hand
	head [headerLen]byte
	n    int // of head
	end  bool
}

func (l *leftover) take(b []byte) {
	for len(b) > 0 && !l.end {
		if k := min(l.skip, len(b)); k > 0 {
			l.skip -= k
			b = b[k:]
			continue
		}
		k := copy(l.head[l.n:], b)
		l.n += k
		b = b[k:]
		if l.n == headerLen {
			h := parseHeader(l.head[:])
			l.skip, l.n, l.end = h.length+h.padding, 0, h.kind == typeEndRequest || h.version != protocolVersion
		}
	}
}

// begin makes the exchange one of r, with a new Response.
func (x *exchange) begin(r *Request) {
	x.req, x.res = r, x.client.responses.Get().(*Response)
	x.res.pool = &x.client.responses
	x.deadline = time.Time{}
	if r.Timeout > 0 {
		x.deadline = time.Now().Add(r.Timeout)
	}
}

// result is what Do returns. A Response of which nothing came is released.
func (x *exchange) result(fail *Error) (*Response, error) {
	if fail == nil {
		return x.res, nil
	}
	if len(x.res.out) == 0 && len(x.res.Stderr) == 0 {
		x.res.Release()
		return nil, fail
	}
	return x.res, fail
}

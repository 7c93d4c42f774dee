package fcgi

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// Request is one request. Do only reads it, and has no part of it in use after it returned; a
// Stdin whose Read hangs makes Do wait, so who passes one must be able to end it.
type Request struct {
	Params  []byte        // name/value pairs, encoded with AppendParam; may be shared by many requests
	Extra   []byte        // more of them, for this request only
	Body    []byte        // stdin
	Stdin   io.Reader     // stdin as a stream, if Body is nil
	Timeout time.Duration // for the exchange, counted from having a slot; 0: only the context counts

	// php-fpm believes CONTENT_LENGTH, not the length of stdin: among the pairs it must be right, or php-fpm waits for
	// more of the body, or drops some.
}

// Do sends r and reads the answer. A non-nil error is an *Error. The Response is nil only with an
// error: next to one it holds what came of the answer (stderr, the first part of a truncated body),
// or is nil when nothing came. Either way it is the caller's, to be released.
//
// Do waits in line for a slot until ctx ends. With a ctx that can end (Done is not nil) it
// allocates, for context.AfterFunc; without, not at all on a kept connection.
func (c *Client) Do(ctx context.Context, r *Request) (*Response, error) {
	if err := checkParams(r.Params, r.Extra); err != nil {
		return nil, &Error{Kind: err}
	}
	cn, fail := c.pool.acquire(ctx)
	if fail != nil {
		return nil, fail
	}
	x := exchange{client: c, ctx: ctx}
	x.begin(r)
	cn, fail = x.run(cn)
	x.settle(cn)
	return x.result(fail)
}

// exchange is one request on its way: at most two attempts, the second on a fresh connection.
type exchange struct {
	client   *Client
	ctx      context.Context
	req      *Request
	behind   []Request // to be sent right after req
	res      *Response
	deadline time.Time // zero: none
}

// run does the request with the slot that the caller owns, and has to settle. cn is an idle connection or nil; what is returned is the one that was used, or nil.
func (x *exchange) run(cn *conn) (*conn, *Error) {
	p := &x.client.pool
	if x.ctx.Err() != nil {
		return cn, contextError(x.ctx, false)
	}
	for ; cn != nil; cn = p.takeIdle() {
		stale := !x.usable(cn)
		if !stale {
			var fail *Error
			var unread bool
			fail, unread, stale = x.attempt(cn, true)
			if !stale {
				p.reuses.Add(1)
				if fail == nil || !unread {
					return cn, fail
				}
			}
		}
		p.discard(cn)
		if !stale {
			p.retries.Add(1)
			break
		}
	}
	cn, fail := x.client.dial(x.ctx, x.deadline)
	if fail != nil {
		return nil, fail
	}
	if err := cn.arm(x.deadline, x.req.Timeout); err != nil {
		cn.usedUp = true
		fail = &Error{Kind: ErrReset, Cause: err}
	} else {
		fail, _, _ = x.attempt(cn, false)
	}
	return cn, fail
}

// settle gives the slot back, with the connection if it may be used again.
func (x *exchange) settle(cn *conn) {
	if cn != nil && cn.usedUp {
		x.client.pool.discard(cn)
		cn = nil
	}
	x.client.pool.release(cn)
}

// usable looks whether the server has closed the connection meanwhile, and arms the deadline.
// Of a small request the look is part of the sending.
func (x *exchange) usable(cn *conn) bool {
	return (x.req.small() && cn.r == cn.w || cn.quiet()) && cn.arm(x.deadline, x.req.Timeout) == nil
}

// attempt sends the request on cn and reads the answer. unread is true when the server provably did
// not start it, nothing of an answer came, and the request can be sent once more. stale: nothing was even sent.
func (x *exchange) attempt(cn *conn, reused bool) (fail *Error, unread, stale bool) {
	var stop func() bool
	if x.ctx.Done() != nil {
		stop = context.AfterFunc(x.ctx, cn.abort)
	}
	cn.got = false
	cn.socket.more = len(x.behind) > 0
	a := answer{c: cn, res: x.res, lim: x.client.limits}
	s := cn.send(x.req, x.behind, x.client.keep, reused)
	err := s.err
	if !s.stale && (s.params || !reused) {
		// After a failed write too: a server may answer and close without reading everything.
		err = a.read()
	}
	streamed := s.stream != nil
	if streamed {
		s.finish(cn, a.complete)
	}
	cn.usedUp = !a.complete || s.err != nil || len(x.behind) == 0 && cn.r != cn.w
	if stop != nil && !stop() {
		cn.usedUp = true // it is being closed
	}
	if err == nil {
		return nil, false, false
	}
	fail = x.classify(cn, s, err)
	return fail, errors.Is(fail.Kind, ErrReset) && !fail.Started && (x.req.Body != nil || !streamed), s.stale
}

// classify makes an Error of what ended an attempt. The proof at its end, told in DESIGN.md: while php-fpm runs a script
// it does not read the record that ends stdin, so if the script's process dies the kernel reports a reset. An orderly
// end says that php-fpm had stopped serving the connection before it saw the request.
func (x *exchange) classify(cn *conn, s sending, err error) *Error {
	var fail *Error
	switch {
	case errors.As(err, &fail):
		return fail
	case x.client.pool.isClosed():
		return &Error{Kind: ErrClosed, Started: s.params}
	case x.ctx.Err() != nil:
		return contextError(x.ctx, s.params)
	case errors.As(s.err, new(stdinError)):
		return &Error{Kind: ErrStdin, Cause: errors.Unwrap(s.err), Started: s.params}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Error{Kind: ErrDeadline, Cause: err, Started: s.params}
	case cn.got:
		return &Error{Kind: ErrTruncated, Cause: err, Started: s.params}
	}
	unread := x.client.opts.EOFMeansUnread && s.all && errors.Is(err, io.EOF) &&
		(x.req.Body != nil || x.req.Stdin == nil) && lengthHolds(x.req.Params, x.req.Extra, len(x.req.Body))
	return &Error{Kind: ErrReset, Cause: err, Started: s.params && !unread}
}

package fcgi

import (
	"errors"
	"slices"
)

// limits are the bounds of an answer, from Options.
type limits struct{ body, header, stderr int }

// answer reads one answer from c into res.
type answer struct {
	c      *conn
	res    *Response
	lim    limits
	looked int // how much of res.out was searched for the end of the header block
	inBody bool
	// complete: END_REQUEST came for a request that the server took.
	complete bool
}

// badAnswer is an ErrGarbage with what was wrong.
func badAnswer(what string) *Error {
	return &Error{Kind: ErrGarbage, Cause: errors.New(what), Started: true}
}

// read returns nil after a complete answer with protocol status 0 and appStatus 0. An *Error is
// the server's doing; any other error is the connection's.
func (a *answer) read() error {
	a.c.left = 0
	for {
		if err := a.c.need(headerLen); err != nil {
			return err
		}
		h := parseHeader(a.c.rbuf[a.c.r:])
		a.c.r += headerLen
		a.c.left = h.length + h.padding
		switch {
		case h.version != protocolVersion:
			a.c.left = ended // or nobody knows
			return badAnswer("record of another protocol version")
		case h.id != requestID:
			return badAnswer("record of another request")
		}
		var err error
		switch h.kind {
		case typeStdout:
			err = a.stdout(h.length)
		case typeStderr:
			err = a.stderr(h.length)
		case typeEndRequest:
			return a.end(h)
		default:
			return badAnswer("record of a type that is no answer")
		}
		if err != nil {
			return err
		}
		if err := a.c.skip(h.padding); err != nil {
			return err
		}
	}
}

// stdout takes n bytes of the header block or the body.
func (a *answer) stdout(n int) error {
	c, res := a.c, a.res
	for n > 0 {
		room := a.lim.body - len(res.Body)
		if a.inBody && room == 0 {
			return &Error{Kind: ErrAnswerTooLarge, Started: true}
		}
		if a.inBody && c.r == c.w && n >= len(c.rbuf) {
			// Long stretches go straight to where they stay.
			start, most := len(res.out), min(n, room)
			res.out = slices.Grow(res.out, most)
			k, err := c.readInto(res.out[start : start+most])
			res.out = res.out[:start+k]
			res.header, res.Body = res.out[:len(res.header)], res.out[len(res.header):]
			if err != nil {
				return err
			}
			n -= k
			c.left -= k
			continue
		}
		if err := c.need(1); err != nil {
			return err
		}
		k := min(n, c.w-c.r)
		if a.inBody {
			k = min(k, room)
		}
		res.out = append(res.out, c.rbuf[c.r:c.r+k]...)
		c.r += k
		c.left -= k
		n -= k
		if a.inBody {
			res.header, res.Body = res.out[:len(res.header)], res.out[len(res.header):]
		} else if err := a.findBody(); err != nil {
			return err
		}
	}
	return nil
}

// findBody splits header block and body once the blank line is there.
func (a *answer) findBody() error {
	res := a.res
	end := headerEnd(res.out, a.looked)
	a.looked = len(res.out)
	if end < 0 && len(res.out) >= a.lim.header || end > a.lim.header {
		return &Error{Kind: ErrHeaderTooLarge, Started: true}
	}
	if end < 0 {
		return nil
	}
	a.inBody = true
	res.header, res.Body = res.out[:end], res.out[end:]
	if err := res.parseHeaders(); err != nil {
		return err
	}
	if len(res.Body) > a.lim.body {
		res.Body = res.Body[:a.lim.body]
		return &Error{Kind: ErrAnswerTooLarge, Started: true}
	}
	return nil
}

func (a *answer) stderr(n int) error {
	c, res := a.c, a.res
	for n > 0 {
		if err := c.need(1); err != nil {
			return err
		}
		k := min(n, c.w-c.r)
		keep := min(k, a.lim.stderr-len(res.Stderr))
		res.Stderr = append(res.Stderr, c.rbuf[c.r:c.r+keep]...)
		res.StderrDropped += k - keep
		c.r += k
		c.left -= k
		n -= k
	}
	return nil
}

func (a *answer) end(h recordHeader) error {
	a.c.left = ended
	if h.length != endRequestLen {
		return badAnswer("END_REQUEST of a wrong length")
	}
	if err := a.c.need(endRequestLen); err != nil {
		return err
	}
	b := a.c.rbuf[a.c.r:]
	app := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	status := b[4]
	a.c.r += endRequestLen
	if err := a.c.skip(h.padding); err != nil {
		return err
	}
	switch status {
	case statusComplete:
		a.complete = true
	case statusCantMultiplex:
		return &Error{Kind: ErrCantMultiplex}
	case statusOverloaded:
		return &Error{Kind: ErrOverloaded}
	case statusUnknownRole:
		return &Error{Kind: ErrUnknownRole}
	default:
		return badAnswer("END_REQUEST with an unknown protocol status")
	}
	if app != 0 {
		return &Error{Kind: &AppStatusError{Status: app}, Started: true}
	}
	if !a.inBody {
		return &Error{Kind: ErrHeaderMissing, Started: true}
	}
	return nil
}

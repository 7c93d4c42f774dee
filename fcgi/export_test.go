package fcgi

import (
	"context"
	"net"
)

// SetDial replaces how c connects. Call it before the first Do.
func (c *Client) SetDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	c.dialFunc = dial
}

// Sweep has the timer of the idle connections fire now. Something has to be idle.
func (c *Client) Sweep() {
	c.pool.mu.Lock()
	stopped := c.pool.sweeper.Stop()
	c.pool.mu.Unlock()
	if stopped {
		c.pool.sweep()
	}
}

// AppendRequest appends all records of a request with a small body.
func AppendRequest(dst, params, body []byte) []byte {
	dst = appendBegin(dst, true)
	dst = appendParams(dst, params, nil)
	if len(body) > 0 {
		dst = appendHeader(dst, typeStdin, len(body))
		dst = append(dst, body...)
	}
	return appendHeader(dst, typeStdin, 0)
}

// KeptAfterRelease releases r and returns how much memory stays in it.
func (r *Response) KeptAfterRelease() int {
	r.Release()
	return cap(r.out) + cap(r.Stderr)
}

// CheckPairs says whether b is a list of whole pairs.
func CheckPairs(b []byte) error {
	for len(b) > 0 {
		n, err := firstPair(b)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// EndIn says whether END_REQUEST stands in what comes behind skip bytes of a record.
func EndIn(skip int, pieces ...[]byte) bool {
	l := leftover{skip: skip}
	for _, b := range pieces {
		l.take(b)
	}
	return l.end
}

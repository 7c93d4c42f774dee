package fcgi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

// Options says where the server is and what a client may use of it. The zero value of every field
// but Network and Address is its default.
type Options struct {
	Network, Address string // "unix" and a path, or "tcp" and host:port

	// MaxConns is the number of slots: connections, and so requests, at a time. Default 4.
	// php-fpm gives every connection a child of its own, so stay below its pm.max_children.
	MaxConns int
	// IdleTimeout is how long an unused connection is kept. Default 5 s; negative keeps none.
	IdleTimeout time.Duration
	// DialTimeout bounds the making of a connection. Default 1 s.
	DialTimeout time.Duration

	MaxAnswer int // bytes of an answer's body; default 8 MiB
	MaxHeader int // bytes of an answer's CGI header block; default 64 KiB
	MaxStderr int // bytes of stderr that are kept of an answer; default 64 KiB

	// EOFMeansUnread says that the server is php-fpm itself, without a proxy between. Then an
	// orderly end of the connection before any answer proves that the request was not read; see
	// DESIGN.md for why. Such a request is sent once more if its connection was a reused one.
	EOFMeansUnread bool
}

func (o Options) withDefaults() (Options, error) {
	var problems []error
	if o.Network != "unix" && o.Network != "tcp" {
		problems = append(problems, fmt.Errorf("fcgi: network %q: want unix or tcp", o.Network))
	}
	if o.Address == "" {
		problems = append(problems, errors.New("fcgi: no address"))
	}
	for _, n := range []struct {
		name  string
		value *int
		def   int
	}{
		{"MaxConns", &o.MaxConns, 4},
		{"MaxAnswer", &o.MaxAnswer, 8 << 20},
		{"MaxHeader", &o.MaxHeader, 64 << 10},
		{"MaxStderr", &o.MaxStderr, 64 << 10},
	} {
		if *n.value < 0 {
			problems = append(problems, fmt.Errorf("fcgi: %s %d: want 0 or more", n.name, *n.value))
		}
		if *n.value == 0 {
			*n.value = n.def
		}
	}
	if o.DialTimeout < 0 {
		problems = append(problems, fmt.Errorf("fcgi: DialTimeout %v: want 0 or more", o.DialTimeout))
	}
	if o.DialTimeout == 0 {
		o.DialTimeout = time.Second
	}
	if o.IdleTimeout == 0 {
		o.IdleTimeout = 5 * time.Second
	}
	return o, errors.Join(problems...)
}

// Client sends requests to one FastCGI server. Its methods may be called from many goroutines.
type Client struct {
	// set at construction
	opts     Options
	limits   limits
	keep     bool            // ask the server to keep connections
	life     context.Context // ends with Close, for dials under way
	end      context.CancelFunc
	dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

	pool      pool
	responses sync.Pool
}

// New checks the options and returns a client. It does not connect.
func New(opts Options) (*Client, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Client{
		opts:     opts,
		limits:   limits{body: opts.MaxAnswer, header: opts.MaxHeader, stderr: opts.MaxStderr},
		keep:     opts.IdleTimeout > 0,
		dialFunc: new(net.Dialer).DialContext,
	}
	c.life, c.end = context.WithCancel(context.Background())
	c.pool.init(opts.MaxConns, opts.IdleTimeout)
	c.responses.New = func() any { return new(Response) }
	return c, nil
}

// Close closes all connections. Requests under way and waiting for a slot return ErrClosed soon
// after, in their own goroutines.
func (c *Client) Close() error {
	// The pool first: a dial that ends must find it closed, or it would hand its slot to one who waits.
	c.pool.close()
	c.end()
	return nil
}

// Stats is what a client did so far and has at the moment.
type Stats struct {
	Dials   uint64 // connections made
	Reuses  uint64 // requests sent over a kept connection
	Retries uint64 // requests sent once more because the kept connection was dead

	InFlight int // slots in use
	Waiting  int // requests in the queue for a slot
	Idle     int // kept connections without a request
}

// Stats returns the numbers of this moment.
func (c *Client) Stats() Stats { return c.pool.snapshot() }

// dial makes a connection for the owner of a slot.
func (c *Client) dial(ctx context.Context, deadline time.Time) (*conn, *Error) {
	// The request's own time ends the dial when it is the shorter one; that is a deadline then.
	end, short := time.Now().Add(c.opts.DialTimeout), false
	if !deadline.IsZero() && deadline.Before(end) {
		end, short = deadline, true
	}
	dialCtx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	nc, err := c.dialFunc(dialCtx, c.opts.Network, c.opts.Address)
	for errors.Is(err, syscall.EAGAIN) && pause(dialCtx, busyPause) {
		nc, err = c.dialFunc(dialCtx, c.opts.Network, c.opts.Address)
	}
	if err != nil {
		switch {
		case c.pool.isClosed():
			return nil, &Error{Kind: ErrClosed}
		case ctx.Err() != nil:
			return nil, contextError(ctx, false)
		case short && !time.Now().Before(deadline):
			return nil, &Error{Kind: ErrDeadline, Cause: err}
		}
		return nil, &Error{Kind: &DialError{Network: c.opts.Network, Address: c.opts.Address, Err: err}}
	}
	cn := newConn(nc)
	if !c.pool.register(cn) {
		cn.close()
		return nil, &Error{Kind: ErrClosed}
	}
	return cn, nil
}

// busyPause is the time between two attempts to connect to a Unix socket whose queue is full. The kernel does not wait
// there but says EAGAIN, which means that the server is busy and not that it is down.
const busyPause = 5 * time.Millisecond

// pause waits and says whether ctx is still there.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func contextError(ctx context.Context, started bool) *Error {
	kind := ErrCanceled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		kind = ErrDeadline
	}
	return &Error{Kind: kind, Cause: ctx.Err(), Started: started}
}

package streams

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// Limits of one connection.
const (
	// MaxStreams is how many requests may be under way: what clients take for granted before they know (RFC 9113 section 5.1.2).
	MaxStreams = 100
	// Window is how much of a request's body the client may send ahead, in bytes, and AllWindows of all of them: the most that net/http takes.
	Window     = 64 << 10
	AllWindows = 4<<20 - 1
	// mostLarge is how many bodies above Window may be read, or be with PHP, at a time.
	mostLarge = 4
	// mostQueued is how many events of one connection may be with PHP, or next, where PHP takes them one at a time; mostAtOnce where not.
	mostQueued = 2
	mostAtOnce = 32
	// mostBehind is how many bytes of responses that PHP is done with may wait for the client. Above it PHP gets no more of its requests.
	mostBehind = 8 << 20
	// mostKnown bounds the streams that are remembered. net/http has MaxStreams under way, lets four times as many wait, and then gives up.
	mostKnown = 8 * MaxStreams
	// readBuffer is for the client's frames: net/http reads them in small pieces.
	readBuffer = 4 << 10
)

var errFlood = errors.New("streams: the client opens streams faster than they can be refused")

// Options say whom a connection tells what.
type Options struct {
	// First is how long the client may take for its first request.
	First time.Duration
	// Over is told once of each stream that Enter has taken, when its handler has left and its response too, or nobody wants it any more.
	Over func(id uint32)
	// Idle is called once, after Finish, when all handlers have left.
	Idle func()
}

// Conn is a connection that may turn out to speak HTTP/2. As long as it does not, it only passes bytes on.
type Conn struct {
	net.Conn

	o Options

	// owned by the goroutine that reads
	matched int           // bytes of the preface that came; -1: it is not HTTP/2
	in      *bufio.Reader // made when the preface is complete
	part    head          // of the frame that comes
	got     int           // bytes of part
	pending []byte        // goes to the reader first
	left    int           // of the frame's payload
	tail    []byte        // goes to the reader behind the payload
	fresh   uint32        // the stream whose header block comes; 0: it is known already
	ends    bool          // and that has no body

	// any goroutine
	spoken atomic.Bool   // HTTP/2 is
	last   atomic.Uint32 // the latest stream of the client
	large  chan struct{} // a token for each large body
	table  table

	out output
}

// New wraps a connection before anything is read from it.
func New(c net.Conn, o Options) *Conn {
	conn := &Conn{Conn: c, o: o}
	conn.out.idle.L = &conn.out.mu
	return conn
}

// HTTP2 reports whether the client has begun to speak it.
func (c *Conn) HTTP2() bool { return c.spoken.Load() }

// Under is the connection itself, for whoever takes one over that does not speak HTTP/2.
func (c *Conn) Under() net.Conn { return c.Conn }

// CloseWrite passes it on.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite() //nolint:wrapcheck // passed through
	}
	return nil
}

// ReadFrom lets net/http send files over HTTP/1 without copying them.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) {
	if to, ok := c.Conn.(io.ReaderFrom); ok && !c.HTTP2() {
		return to.ReadFrom(r) //nolint:wrapcheck // passed through
	}
	return io.Copy(struct{ io.Writer }{c}, r) //nolint:wrapcheck // passed through
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	if c.in != nil {
		return c.readFrames(p)
	}
	if c.matched < 0 {
		return c.Conn.Read(p) //nolint:wrapcheck // net/http looks at the error's type
	}
	p = p[:min(len(p), len(preface)-c.matched)]
	n, err := c.Conn.Read(p)
	switch {
	case string(p[:n]) != preface[c.matched:c.matched+n]:
		c.matched = -1
	case c.matched+n < len(preface):
		c.matched += n
	default:
		c.begin()
	}
	return n, err //nolint:wrapcheck // as above
}

// begin is called when the client has said that it speaks HTTP/2.
func (c *Conn) begin() {
	c.in = bufio.NewReaderSize(c.Conn, readBuffer)
	c.large = make(chan struct{}, mostLarge)
	c.table.begin(time.AfterFunc(c.o.First, func() { _ = c.Close() }))
	c.spoken.Store(true)
}

// readFrames gives frames on, with a label in each request's header block.
func (c *Conn) readFrames(p []byte) (int, error) {
	for len(p) > 0 {
		if len(c.pending) > 0 {
			n := copy(p, c.pending)
			c.pending = c.pending[n:]
			return n, nil
		}
		if c.left > 0 {
			n, err := c.in.Read(p[:min(len(p), c.left)])
			if c.left -= n; c.left == 0 {
				c.pending, c.tail = c.tail, nil
			}
			return n, err //nolint:wrapcheck // as in Read
		}
		n, err := io.ReadFull(c.in, c.part[c.got:])
		if c.got += n; err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			return 0, err //nolint:wrapcheck // as in Read
		}
		c.got = 0
		if err := c.frame(); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// frame notes what a frame of the client's means, and prepares what the reader gets.
func (c *Conn) frame() error {
	f := &c.part
	if first, _ := c.in.Peek(min(1, f.length())); f.overPadded(first) {
		clear(f[5:]) // net/http would only reset the stream, and both sides would remember other header lines from there on: no request has stream 0
	}
	id := f.stream()
	switch f.kind() {
	case frameHeaders:
		c.fresh, c.ends = 0, f.has(flagEndStream)
		if id > c.last.Load() && id&1 == 1 {
			c.last.Store(id)
			c.fresh = id
			if !c.table.arrive(id) {
				return errFlood
			}
		}
		if c.ends {
			c.table.complete(id)
		}
	case frameData:
		if f.has(flagEndStream) {
			c.table.complete(id)
		}
	case frameReset:
		c.over(id)
	}
	c.left = f.length()
	if f.has(flagEndHeaders) && c.fresh != 0 && c.fresh == id {
		c.tail = f.addLabel()
		c.fresh = 0
	}
	c.pending = append([]byte(nil), f[:]...)
	if c.left == 0 {
		c.pending, c.tail = append(c.pending, c.tail...), nil
	}
	return nil
}

package bridge

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/inlet"
	"github.com/fpmbridge/fpmbridge/bridge/split"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

// tcpChunk is how much of a TCP connection is read at once, and the largest receive event without a splitter: Swoole's SW_BUFFER_SIZE_BIG.
const tcpChunk = 64 << 10

// tlsRecord is the most that one read of a TLS connection gives, RFC 8446 section 5.1.
const tlsRecord = 16 << 10

// tcpChunks is process-wide, as sync.Pools of plain buffers are.
var tcpChunks = sync.Pool{New: func() any { b := make([]byte, tcpChunk); return &b }}

// Accepting goes on after this long when the process is out of descriptors.
const (
	minAcceptPause = 5 * time.Millisecond
	maxAcceptPause = time.Second
)

// serveTCP returns what serves a listener whose bytes are the script's, until stop is called.
func (b *Bridge) serveTCP(l net.Listener, i int) (serve, stop func() error) {
	stopped := make(chan struct{})
	stop = func() error {
		close(stopped)
		return l.Close()
	}
	serve = func() error {
		pause := minAcceptPause
		for {
			c, err := l.Accept()
			select {
			case <-stopped:
				if err == nil {
					_ = c.Close()
				}
				return nil
			default:
			}
			if err == nil {
				pause = minAcceptPause
				b.startTCP(b.accept(c, i))
				continue
			}
			if errors.Is(err, net.ErrClosed) {
				return err //nolint:wrapcheck // Run says which listener
			}
			b.log.Error("cannot accept", "listener", l.Addr().String(), "err", err)
			select {
			case <-time.After(pause):
			case <-stopped:
				return nil
			}
			pause = min(2*pause, maxAcceptPause)
		}
	}
	return serve, stop
}

// startTCP lets a connection in whose bytes are the script's, and starts its reader goroutine.
func (b *Bridge) startTCP(s *session) {
	if why, ok := b.admission.enter(&b.opts, s.addr); !ok {
		b.stats.Refused[why].Add(1)
		b.log.Info("connection refused", "fd", s.fd, "reason", why.String(), "remote", s.addr)
		_ = s.sock.Close()
		return
	}
	defer b.admission.pending.Done()
	s.admitted = true
	s.spoken.Store(uint32(phaseTCP))
	s.out.Init(s.sock, s.on.OutboxBytes, b.opts.WriteTimeout, &b.wg, s.writeFailed)
	s.watch()
	s.tcp = new(tcpReader)
	s.tcp.init(s)
	if !s.track() {
		b.admission.leave(&b.opts, s.addr) // nobody to tell: the script is a plain one by now
		_ = s.sock.Close()
		return
	}
	b.stats.Accepted.Add(1)
	b.wg.Go(s.read)
}

// tcpReader reads a connection whose bytes are the script's. It belongs to the reader goroutine.
type tcpReader struct {
	s     *session
	raw   syscall.RawConn // nil where the socket cannot be tried without blocking (TLS, pipes)
	try   func(fd uintptr) bool
	split *split.Splitter // nil: a packet is what was read at once
	// blocking is what is read into where only a blocking read tells that there is something; nil otherwise
	blocking []byte

	chunk *[]byte // what n bytes were read into; nil: nothing
	n     int
	err   error
}

func (r *tcpReader) init(s *session) {
	r.s = s
	if sc, ok := s.sock.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			r.raw, r.try = raw, r.tryRead // kept: a closure per read would be an allocation
		}
	}
	if r.raw == nil {
		r.blocking = make([]byte, tlsRecord)
	}
	if s.on.rule != nil {
		r.split = new(split.Splitter)
		r.split.Init(s.on.rule)
	}
}

// wait returns when something was read. It is where a connection spends its life, so it takes a chunk only when there is something, where
// the socket can be tried.
func (r *tcpReader) wait() error {
	r.n, r.err = 0, nil
	if r.raw == nil {
		n, err := r.s.sock.Read(r.blocking)
		if n == 0 {
			return err //nolint:wrapcheck // the reader goroutine looks at its kind
		}
		r.take()
		r.n = copy(*r.chunk, r.blocking[:n])
	} else if err := r.raw.Read(r.try); err != nil {
		return err //nolint:wrapcheck // as above
	}
	if r.err != nil {
		return r.err
	}
	r.s.recvAt.Store(time.Now().UnixNano())
	return nil
}

func (r *tcpReader) take() { r.chunk, _ = tcpChunks.Get().(*[]byte) }

// drop gives the chunk back.
func (r *tcpReader) drop() {
	if r.chunk != nil {
		tcpChunks.Put(r.chunk)
		r.chunk = nil
	}
}

// tryRead is called by the runtime's poller; false: wait until there is something.
func (r *tcpReader) tryRead(fd uintptr) bool {
	r.take()
	for {
		n, errno := rawio.Read(fd, *r.chunk)
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			r.drop()
			return false
		case errno != 0:
			r.err = errno
		case n == 0:
			r.err = io.EOF
		}
		if r.n = n; r.err != nil {
			r.drop()
		}
		return true
	}
}

// readTCP is the reader goroutine of a connection whose bytes are the script's.
func (s *session) readTCP() {
	err := s.tcp.run()
	if errors.Is(err, inlet.ErrStopped) {
		return
	}
	s.tcp.drop()
	e := ending{cause: callback.CauseGone, code: closeAbnormal}
	switch {
	case errors.Is(err, split.ErrTooBig):
		e.cause, e.reason = callback.CauseTooBig, "packet too big"
	case errors.Is(err, split.ErrLength):
		e.cause, e.reason = callback.CauseProtocol, "no valid length"
	case errors.Is(err, io.EOF) && !s.ending.Load():
		// Who has nothing more to say may still wait for the answer to what it said.
		s.waitIdle()
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		s.mu.Lock()
		s.errno = int(errno)
		s.mu.Unlock()
	}
	s.end(e)
	s.out.Finish(nil)
	s.finish()
}

// run reads until the connection ends, or another goroutine has the reading (inlet.ErrStopped).
func (r *tcpReader) run() error {
	for {
		if err := r.deliver(); err != nil {
			return err
		}
		if err := r.wait(); err != nil {
			return err
		}
		if r.split != nil && !r.s.ending.Load() {
			r.split.Feed((*r.chunk)[:r.n])
			r.drop()
		}
	}
}

// deliver brings what was read on its way to PHP.
func (r *tcpReader) deliver() error {
	if r.s.ending.Load() {
		r.drop() // what a client says after we ended is thrown away
		return nil
	}
	if r.split == nil {
		if r.chunk == nil {
			return nil
		}
		q := newQueued()
		q.Payload = append(q.Payload, (*r.chunk)[:r.n]...)
		r.drop()
		if !r.s.deliver(q) {
			return inlet.ErrStopped
		}
		return nil
	}
	for {
		p, err := r.split.Next()
		if err != nil || p == nil {
			return err //nolint:wrapcheck // readTCP looks at it
		}
		q := newQueued()
		q.Payload = append(q.Payload, p...)
		if !r.s.deliver(q) {
			return inlet.ErrStopped
		}
		if r.s.ending.Load() {
			return nil
		}
	}
}

// hangUpTCP does what the client sees of an end. Nothing says goodbye in TCP.
func (s *session) hangUpTCP(e ending) {
	switch {
	case e.cause == callback.CauseGone:
		s.out.Finish(nil) // the client may have closed its half only
		s.linger()
	case e.cause == callback.CauseSlow, e.cause == callback.CauseDead, e.flags&callback.CloseReset != 0:
		s.cut()
	default:
		s.out.Finish(nil)
		s.linger()
	}
}

package bridge

import (
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/inlet"
	"github.com/fpmbridge/fpmbridge/bridge/socket"
	"github.com/fpmbridge/fpmbridge/bridge/split"
	"github.com/fpmbridge/fpmbridge/callback"
)

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
				if _, ok := b.letIn(c); ok {
					b.startTCP(b.accept(c, i))
				} else {
					_ = c.Close()
				}
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
	s.spoken.Store(uint32(phaseTCP))
	s.openOutbox()
	s.tcp = new(tcpReader)
	s.tcp.init(s)
	if !s.track() {
		b.leave(s) // nobody to tell: the script is a plain one by now
		_ = s.sock.Close()
		return
	}
	b.stats.Accepted.Add(1)
	b.wg.Go(s.read)
}

// tcpReader reads a connection whose bytes are the script's. It belongs to the reader goroutine.
type tcpReader struct {
	socket.Reader

	s     *session
	split *split.Splitter // nil: a packet is what was read at once
}

func (r *tcpReader) init(s *session) {
	r.s = s
	r.Init(s.sock)
	if s.on.rule != nil {
		r.split = new(split.Splitter)
		r.split.Init(s.on.rule)
	}
}

// readTCP is the reader goroutine of a connection whose bytes are the script's.
func (s *session) readTCP() {
	err := s.tcp.run()
	if errors.Is(err, inlet.ErrStopped) {
		return
	}
	s.tcp.Drop()
	e := ending{cause: callback.CauseGone, code: closeAbnormal}
	switch {
	case errors.Is(err, split.ErrTooBig):
		e.cause, e.reason = callback.CauseTooBig, "packet too big"
	case errors.Is(err, split.ErrLength):
		e.cause, e.reason = callback.CauseProtocol, "no valid length"
	case errors.Is(err, io.EOF) && !s.ending.Load():
		// Who has nothing more to say may still wait for the answer to what it said.
		_ = s.waitIdle(s.b.over)
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
		if err := r.Wait(); err != nil {
			return err //nolint:wrapcheck // readTCP looks at it
		}
		r.s.recvAt.Store(time.Now().UnixNano())
		if r.split != nil && !r.s.ending.Load() {
			r.split.Feed(r.Bytes())
			r.Drop()
		}
	}
}

// deliver brings what was read on its way to PHP.
func (r *tcpReader) deliver() error {
	if r.s.ending.Load() {
		r.Drop() // what a client says after we ended is thrown away
		return nil
	}
	if r.split == nil {
		read := r.Bytes()
		if read == nil {
			return nil
		}
		q := inbox.New()
		q.Payload = append(q.Payload, read...)
		r.Drop()
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
		q := inbox.New()
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

package api

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/rawconn"
)

// firstByte is how long a client may take to say anything.
const firstByte = 5 * time.Second

// maxSilent is how many may be about to: more than a crowd that comes at once, on a busy machine.
const maxSilent = 2048

// Split takes a listener apart: frames gets the connections of clients that speak frames, whose first byte is 0 (the length of a
// hello, big-endian), and http the others. Closing one of them closes ln.
func Split(ln net.Listener) (frames, http net.Listener) {
	s := &splitter{Listener: ln, done: make(chan struct{}), silent: make(chan struct{}, maxSilent)}
	f, h := &half{s, make(chan net.Conn)}, &half{s, make(chan net.Conn)}
	go s.accept(f, h)
	return f, h
}

type splitter struct {
	net.Listener

	once   sync.Once
	done   chan struct{} // closed at the end
	err    error         // why, before that
	silent chan struct{}
}

type half struct {
	*splitter

	conns chan net.Conn
}

func (s *splitter) end(err error) {
	s.once.Do(func() {
		s.err = err
		close(s.done)
	})
}

func (s *splitter) accept(f, h *half) {
	var looking sync.WaitGroup
	defer looking.Wait()
	for {
		c, err := s.Accept()
		if err != nil {
			select {
			case <-s.done:
				return
			case <-time.After(acceptPause): // out of descriptors, most of all
			}
			if isClosed(err) {
				s.end(err)
				return
			}
			continue
		}
		select {
		case s.silent <- struct{}{}:
		default:
			_ = c.Close()
			continue
		}
		looking.Go(func() {
			defer func() { <-s.silent }()
			s.look(c, f, h)
		})
	}
}

const acceptPause = 5 * time.Millisecond

func (s *splitter) look(c net.Conn, f, h *half) {
	b := make([]byte, 1)
	_ = c.SetReadDeadline(time.Now().Add(firstByte))
	if _, err := c.Read(b); err != nil {
		_ = c.Close()
		return
	}
	_ = c.SetReadDeadline(time.Time{})
	to := h
	if b[0] == 0 {
		to = f
	}
	select {
	case to.conns <- rawconn.New(c, b):
	case <-s.done:
		_ = c.Close()
	}
}

func (h *half) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

func (h *half) Close() error {
	h.end(net.ErrClosed)
	return h.Listener.Close()
}

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }

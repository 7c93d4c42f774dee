package callback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/ops"
	"github.com/fpmbridge/fpmbridge/internal/rawconn"
)

const (
	defaultMaxConns = 1024
	// helloTimeout is for a connection that does not say who it is.
	helloTimeout = 5 * time.Second
	// writeTimeout is for a PHP that asks and does not read.
	writeTimeout = 5 * time.Second
	// Accepting goes on after this long when the process is out of descriptors.
	minAcceptPause = 5 * time.Millisecond
	maxAcceptPause = time.Second
)

// Why the callback socket closed a connection; [ServerOptions].OnError gets them.
var (
	ErrTooManyConns = errors.New("callback: too many connections on the callback socket")
	ErrBadToken     = errors.New("callback: no hello with the right token")
	ErrMalformed    = errors.New("callback: malformed query")
	ErrStalled      = errors.New("callback: the peer does not read its replies")
)

// Connections is what the server asks about. Its methods are called from many goroutines at a time and must not block.
type Connections interface {
	// Info describes a connection, also while its close event runs.
	Info(fd uint64) (ConnInfo, bool)
	// ListOn appends to dst the connections after fd after (0: from the first), in ascending order and at most limit of
	// them (0: all), without those whose close event runs. It is false if after is not 0 and not open.
	// listener is the one that they came by; -1: any.
	ListOn(listener int, after uint64, limit int, dst []ConnStatus) ([]ConnStatus, bool)
	// CountOn counts the connections of a listener (-1: all), those whose close event runs included.
	CountOn(listener int) int
	// Idle appends to dst the connections that the heartbeat finds, and ends them if hangUp is set.
	Idle(hangUp bool, dst []uint64) []uint64
}

// ServerOptions configures a [Server].
type ServerOptions struct {
	Token       string // what PHP has to say; never empty
	Connections Connections
	Workers     Workers      // nil: queries about tasks and workers are unknown
	Responses   Responses    // nil: queries about responses are unknown
	Shared      SharedMemory // nil: queries about shared memory are unknown
	Residents   Residents    // resident workers; nil: there are none
	Gateway     Gateway      // nil: operations are unknown queries
	// Authorize, if set, takes the place of Token and makes it a server for strangers: they may only ask the Gateway. It says what
	// the bearer of a key may do; its error is told to the peer.
	Authorize func(from net.Addr, key []byte) (ops.Scope, error)
	// Generation, if set, is another number when what Authorize says may be another thing: it is asked again then.
	Generation func() uint64
	MaxConns   int // at a time; default 1024
	// OnError gets why a connection was closed by us, once per connection, and errors of accepting. It is called from
	// many goroutines at a time and must not block. May be nil.
	OnError func(err error)
}

// Server is the callback socket: it answers what PHP asks about connections while an event runs.
type Server struct {
	// set at construction
	opts  ServerOptions
	token []byte

	mu    sync.Mutex
	conns map[*peer]struct{}
	last  uint64 // the owner number of the last connection
}

// NewServer checks the options.
func NewServer(o ServerOptions) (*Server, error) {
	var problems []error
	if o.Token == "" && o.Authorize == nil {
		problems = append(problems, errors.New("callback: no token for the callback socket"))
	}
	if o.Connections == nil && o.Authorize == nil {
		problems = append(problems, errors.New("callback: nobody to ask about connections"))
	}
	if o.MaxConns < 0 {
		problems = append(problems, fmt.Errorf("callback: at most %d connections: want 0 or more", o.MaxConns))
	}
	if o.MaxConns == 0 {
		o.MaxConns = defaultMaxConns
	}
	if o.OnError == nil {
		o.OnError = func(error) {}
	}
	return &Server{opts: o, token: []byte(o.Token), conns: make(map[*peer]struct{})}, errors.Join(problems...)
}

// Serve answers connections of ln until ctx ends, and returns nil then. It closes ln and all connections that it
// accepted, and returns when their goroutines have ended. It may be called for several listeners.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	var peers sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer func() {
		cancel()
		stop()
		_ = ln.Close()
		peers.Wait()
	}()
	pause := minAcceptPause
	for {
		conn, err := ln.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return nil
		}
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("callback: the callback socket was closed: %w", err)
			}
			s.opts.OnError(fmt.Errorf("callback: accepting on the callback socket: %w", err))
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			pause = min(2*pause, maxAcceptPause)
			continue
		}
		pause = minAcceptPause
		p := &peer{server: s, conn: rawconn.New(conn, nil), ctx: ctx}
		if !s.add(p) {
			s.opts.OnError(ErrTooManyConns)
			p.refuse()
			continue
		}
		peers.Go(func() {
			defer s.remove(p)
			defer p.leave()
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			defer conn.Close()
			if err := p.serve(); err != nil && ctx.Err() == nil {
				s.opts.OnError(err)
			}
		})
	}
}

func (s *Server) add(p *peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) >= s.opts.MaxConns {
		return false
	}
	s.last++
	p.owner = s.last
	s.conns[p] = struct{}{}
	return true
}

func (s *Server) remove(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, p)
}

package bridge

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/socket"
	"github.com/fpmbridge/fpmbridge/bridge/split"
	"github.com/fpmbridge/fpmbridge/bridge/streams"
)

// Protocol is what is spoken on a listener.
type Protocol uint8

// The protocols.
const (
	ProtocolWebSocket Protocol = iota // and HTTP
	ProtocolHTTP                      // an upgrade is a request as any other
	ProtocolTCP                       // bytes
)

// Listener is how a listener is served. The zero value is a WebSocket listener with what Options say.
type Listener struct {
	Protocol Protocol
	// Split says for ProtocolTCP what a receive event is; nil: whatever was read at once. New checks it.
	Split *SplitOptions
	TLS   *tls.Config // nil: none
	// HTTP2 is spoken beside HTTP/1: with clients that agreed on it in TLS, and with those that begin with it. There are no WebSockets over it.
	HTTP2 bool
	// Delay: nothing is read before the script resumes the connection.
	Delay bool
	// MaxIdle ends connections on which nothing moved for that long, in either direction; 0: never.
	MaxIdle time.Duration
	// HighWater and LowWater are the bytes in an outbox at which the script gets buffer_full, and buffer_empty again. HighWater 0: never.
	HighWater, LowWater int
	Speech              *Speech // for the master script; nil: what its route says
	// In bytes; 0: what Options say.
	MaxMessage, OutboxBytes int

	maxInflated int
	fd          int // the socket's descriptor
	rule        *split.Rule
}

// SplitOptions say what a packet of a TCP listener is.
type SplitOptions = split.Options

// listener returns how the listener with that index is served.
func (b *Bridge) listener(i int) *Listener {
	if i < len(b.listeners) {
		return b.listeners[i].Load()
	}
	return &b.anyListener
}

// upgrades reports whether a request asks for a WebSocket where there are any.
func (s *session) upgrades(r *http.Request) bool {
	return s.on.Protocol == ProtocolWebSocket && exchange.Upgrades(r.Header)
}

// withDefaults fills in what a listener leaves to the options.
func (l Listener) withDefaults(o *Options) Listener {
	if l.maxInflated = l.MaxMessage; l.MaxMessage == 0 {
		l.MaxMessage, l.maxInflated = o.MaxMessage, o.MaxInflated
	}
	def(&l.OutboxBytes, o.OutboxBytes)
	if l.Speech != nil {
		speech := *l.Speech
		speech.HTTP.SetDefaults()
		l.Speech = &speech
	}
	return l
}

// complete makes the rule for packets.
func (l *Listener) complete() (err error) {
	if l.Split != nil {
		l.rule, err = split.New(*l.Split)
	}
	return err //nolint:wrapcheck // it names the setting
}

// Tuning is what Retune may change while the bridge runs; see Options.
type Tuning struct {
	HeartbeatInterval, HeartbeatIdle time.Duration
	MaxConnections, MaxConcurrency   int
	Listeners                        []Listener // by their index: for connections from now on, but not their Protocol, HTTP2 and TLS
}

// Retune changes what a script that was deployed again wants changed. An error changes nothing.
func (b *Bridge) Retune(t Tuning) error {
	list := make([]*Listener, min(len(t.Listeners), len(b.listeners)))
	for i := range list {
		l, old := t.Listeners[i].withDefaults(&b.opts), b.listeners[i].Load()
		l.Protocol, l.HTTP2, l.TLS, l.fd = old.Protocol, old.HTTP2, old.TLS, old.fd
		if err := l.complete(); err != nil {
			return err
		}
		list[i] = &l
	}
	for i, l := range list {
		b.listeners[i].Store(l)
	}
	b.tuning.Store(&t)
	return nil
}

// serve returns what serves a listener until stop is called.
func (b *Bridge) serve(ctx context.Context, l net.Listener, i int) (serve, stop func() error) {
	if config := b.listener(i).TLS; config != nil {
		l = socket.NewTLS(l, socket.TLSOptions{
			Config: config, Timeout: b.opts.HeaderTimeout, Most: maxHandshakes, Failed: func(remote net.Addr, err error) {
				b.stats.Refused[gate.TLS].Add(1)
				b.log.Info("connection refused", "reason", gate.TLS.String(), "remote", remote.String(), "err", err)
			},
		})
	}
	if b.listener(i).Protocol == ProtocolTCP {
		return b.serveTCP(l, i)
	}
	return b.serveHTTP(ctx, l, i)
}

// serveHTTP returns what serves a listener until stop is called.
func (b *Bridge) serveHTTP(ctx context.Context, l net.Listener, i int) (serve, stop func() error) {
	requests, end := context.WithCancel(context.WithoutCancel(ctx))
	srv := b.server(requests)
	if b.listener(i).HTTP2 {
		streams.Serve(srv, b.opts.WriteTimeout)
	}
	serve = func() error {
		err := srv.Serve(&limited{l, b, i, ctx.Done()})
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err //nolint:wrapcheck // Run says which listener
	}
	stop = func() error {
		err := srv.Close()
		end()      // net/http tells only those handlers that have read their request's body
		return err //nolint:wrapcheck // nobody looks at it
	}
	return serve, stop
}

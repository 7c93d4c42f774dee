package socket

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"net"
	"sync"
	"time"
)

// TLSOptions say how the handshakes of a listener are done.
type TLSOptions struct {
	Config  *tls.Config
	Timeout time.Duration // of one handshake
	Most    int           // handshakes under way; more clients wait in the kernel's queue
	// Failed is told of each handshake that failed, from its goroutine.
	Failed func(remote net.Addr, err error)
}

// tlsListener does the TLS handshakes of a listener beside each other: its Accept returns connections that have theirs behind them.
type tlsListener struct {
	net.Listener

	o      TLSOptions
	ctx    context.Context // of the handshakes
	cancel context.CancelFunc
	ready  chan accept
	under  chan struct{} // a token for each handshake
	wg     sync.WaitGroup
}

// accept is what Accept returns.
type accept struct {
	c   net.Conn
	err error
}

// NewTLS returns a listener of *TLS connections, which Close ends with all handshakes.
func NewTLS(l net.Listener, o TLSOptions) net.Listener {
	t := &tlsListener{Listener: l, o: o, ready: make(chan accept), under: make(chan struct{}, o.Most)}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.wg.Go(t.loop)
	return t
}

// loop accepts until the listener is closed.
func (t *tlsListener) loop() {
	for {
		c, err := t.Listener.Accept()
		if err != nil {
			select {
			case t.ready <- accept{err: err}: // the caller paces the next try
			case <-t.ctx.Done():
				return
			}
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		select {
		case t.under <- struct{}{}:
			t.wg.Go(func() { t.shake(c) })
		case <-t.ctx.Done():
			_ = c.Close()
			return
		}
	}
}

// shake does one handshake.
func (t *tlsListener) shake(c net.Conn) {
	defer func() { <-t.under }()
	ctx, cancel := context.WithTimeout(t.ctx, t.o.Timeout)
	defer cancel()
	s := &TLS{Conn: tls.Server(c, t.o.Config), under: c}
	if err := s.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		t.o.Failed(c.RemoteAddr(), err)
		return
	}
	select {
	case t.ready <- accept{c: s}:
	case <-t.ctx.Done():
		_ = c.Close()
	}
}

// Accept implements net.Listener.
func (t *tlsListener) Accept() (net.Conn, error) {
	select {
	case a := <-t.ready:
		return a.c, a.err
	case <-t.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It waits for the handshakes, which it ends.
func (t *tlsListener) Close() error {
	err := t.Listener.Close()
	t.cancel()
	t.wg.Wait()
	return err //nolint:wrapcheck // passed through
}

// TLS is a TLS connection that ends as a TCP connection does.
type TLS struct {
	*tls.Conn

	under net.Conn
}

// CloseWrite says goodbye in TLS, and then in TCP. It may block for as long as crypto/tls lets it, 5 seconds.
func (s *TLS) CloseWrite() error {
	err := s.Conn.CloseWrite()
	if c, ok := s.under.(interface{ CloseWrite() error }); ok {
		err = errors.Join(err, c.CloseWrite())
	}
	return err
}

// Close drops the connection: tls.Conn's own would wait for a client that does not read.
func (s *TLS) Close() error {
	return s.under.Close() //nolint:wrapcheck // passed through
}

// ClientCert is the client's certificate as PEM, or "".
func (s *TLS) ClientCert() string {
	certs := s.ConnectionState().PeerCertificates
	if len(certs) == 0 {
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certs[0].Raw}))
}

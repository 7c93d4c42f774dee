package bridge

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"net"
	"sync"
	"syscall"
)

// tlsListener does the TLS handshakes of a listener beside each other: its Accept returns connections that have theirs behind them. A
// handshake has HeaderTimeout, and at most maxHandshakes are under way; more clients wait in the kernel's queue.
type tlsListener struct {
	net.Listener

	b      *Bridge
	config *tls.Config
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

func (b *Bridge) newTLS(l net.Listener, config *tls.Config) *tlsListener {
	t := &tlsListener{Listener: l, b: b, config: config, ready: make(chan accept), under: make(chan struct{}, maxHandshakes)}
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
	ctx, cancel := context.WithTimeout(t.ctx, t.b.opts.HeaderTimeout)
	defer cancel()
	s := &tlsSock{Conn: tls.Server(c, t.config), under: c}
	if err := s.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		t.b.stats.Refused[refuseTLS].Add(1)
		t.b.log.Info("connection refused", "reason", refuseTLS.String(), "remote", c.RemoteAddr().String(), "err", err)
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

// tlsSock is a TLS connection that ends as a TCP connection does.
type tlsSock struct {
	*tls.Conn

	under net.Conn
}

// CloseWrite says goodbye in TLS, and then in TCP. It may block for as long as crypto/tls lets it, 5 seconds.
func (s *tlsSock) CloseWrite() error {
	err := s.Conn.CloseWrite()
	if c, ok := s.under.(interface{ CloseWrite() error }); ok {
		err = errors.Join(err, c.CloseWrite())
	}
	return err
}

// Close drops the connection: tls.Conn's own would wait for a client that does not read.
func (s *tlsSock) Close() error {
	return s.under.Close() //nolint:wrapcheck // passed through
}

// clientCert is the client's certificate as PEM, or "".
func (s *tlsSock) clientCert() string {
	certs := s.ConnectionState().PeerCertificates
	if len(certs) == 0 {
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certs[0].Raw}))
}

// rawSock is what is below TLS, or the socket itself.
func rawSock(c net.Conn) net.Conn {
	if s, ok := c.(*tlsSock); ok {
		return s.under
	}
	return c
}

// descriptor is a socket's number in the operating system; 0: it has none.
func descriptor(sock any) (n int) {
	sc, ok := sock.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := sc.SyscallConn()
	if err != nil || raw.Control(func(fd uintptr) { n = int(fd) }) != nil {
		return 0
	}
	return n
}

package socket

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func dial(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// certificate is good for an hour, and for nobody's name.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestNumbersAndAddresses(t *testing.T) {
	l := listen(t)
	defer l.Close()
	c := dial(t, l)
	if Descriptor(l) < 3 || Descriptor(c) < 3 || Descriptor(l) == Descriptor(c) {
		t.Errorf("descriptors %d and %d", Descriptor(l), Descriptor(c))
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if Descriptor(a) != 0 || Raw(a) != a {
		t.Error("a pipe has a number, or something below it")
	}
	if got := AddrPort(l.Addr()).String(); got != l.Addr().String() {
		t.Errorf("%s, want %s", got, l.Addr())
	}
	if got := AddrPort(&net.TCPAddr{IP: net.ParseIP("::ffff:10.0.0.1"), Port: 7}).String(); got != "10.0.0.1:7" {
		t.Errorf("%s: an IPv4 address is one on any socket", got)
	}
	if AddrPort(&net.UnixAddr{Name: "x"}).IsValid() {
		t.Error("a Unix socket has a port")
	}
}

// readAll reads to the end, as the bridge does.
func readAll(r *Reader) (all []byte, err error) {
	for {
		if err := r.Wait(); err != nil {
			return all, err
		}
		if n := len(r.Bytes()); n == 0 || n > Chunk {
			return all, errors.New("a read of no length")
		}
		all = append(all, r.Bytes()...)
		r.Drop()
	}
}

func TestReaderReadsWhatComesAndItsEnd(t *testing.T) {
	l := listen(t)
	defer l.Close()
	want := bytes.Repeat([]byte("0123456789abcdef"), 20<<10)
	for name, pair := range map[string]func() (read, write net.Conn){
		"tcp": func() (net.Conn, net.Conn) {
			c := dial(t, l)
			s, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			return s, c
		},
		"pipe": func() (net.Conn, net.Conn) { return net.Pipe() },
	} {
		read, write := pair()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = write.Write(want)
			_ = write.Close()
		}()
		var r Reader
		r.Init(read)
		got, err := readAll(&r)
		if !bytes.Equal(got, want) || !errors.Is(err, io.EOF) {
			t.Errorf("%s: %d of %d bytes, %v", name, len(got), len(want), err)
		}
		if r.Bytes() != nil {
			t.Errorf("%s: bytes behind the end", name)
		}
		<-done
		_ = read.Close()
		if err := r.Wait(); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: a closed socket gave %v", name, err)
		}
	}
}

// One client that says nothing and one that speaks no TLS hold up nobody, and Close waits for neither.
func TestHandshakesAreBesideEachOther(t *testing.T) {
	under := listen(t)
	failed := make(chan error, 2)
	config := &tls.Config{Certificates: []tls.Certificate{certificate(t)}, ClientAuth: tls.RequestClientCert}
	l := NewTLS(under, TLSOptions{
		Config: config, Timeout: time.Minute, Most: 8, Failed: func(_ net.Addr, err error) { failed <- err },
	})
	silent, stranger := dial(t, under), dial(t, under)
	if _, err := io.WriteString(stranger, "GET / HTTP/1.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Error("plain HTTP was taken for a handshake")
	}
	said := make(chan error, 1)
	for _, certs := range [][]tls.Certificate{nil, {certificate(t)}} {
		c := tls.Client(dial(t, under), &tls.Config{InsecureSkipVerify: true, Certificates: certs})
		go func() {
			if _, err := io.WriteString(c, "hello"); err != nil {
				said <- err
				return
			}
			said <- c.CloseWrite()
		}()
		s, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		var r Reader
		r.Init(s)
		if got, err := readAll(&r); string(got) != "hello" || !errors.Is(err, io.EOF) {
			t.Errorf("%q, %v", got, err)
		}
		if err := <-said; err != nil {
			t.Error(err)
		}
		if _, ok := Raw(s).(*net.TCPConn); !ok || Descriptor(Raw(s)) < 3 {
			t.Errorf("%T below TLS", Raw(s))
		}
		if pem := s.(*TLS).ClientCert(); strings.HasPrefix(pem, "-----BEGIN CERTIFICATE-----\n") != (certs != nil) {
			t.Errorf("client's certificate %q", pem)
		}
		_ = s.Close()
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; err == nil {
		t.Error("the silent client has had its handshake")
	}
	_ = silent.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := silent.Read(make([]byte, 1)); err == nil || errors.Is(err, net.ErrClosed) {
		t.Errorf("the silent client's connection is open: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed listener: %v", err)
	}
}

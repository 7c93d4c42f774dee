package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

// signed is a certificate with its key.
type signed struct {
	*x509.Certificate

	key   *ecdsa.PrivateKey
	chain [][]byte // it first
}

// sign makes a certificate of a name; by nil: it signs itself. It is good in the year 2000, too, where a bubble's time begins.
func sign(t *testing.T, name string, by *signed, ca bool) *signed {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter: time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: ca, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	parent, parentKey := template, key
	if by != nil {
		parent, parentKey = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	s := &signed{key: key, chain: [][]byte{der}}
	if s.Certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	if by != nil {
		s.chain = append(s.chain, by.chain...)
	}
	return s
}

func (s *signed) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Raw}))
}

func (s *signed) tls() []tls.Certificate {
	return []tls.Certificate{{Certificate: s.chain, PrivateKey: s.key}}
}

// folder is where the files are. Each write gives a file another time than it had, whatever the clock of the file system.
type folder struct {
	t     *testing.T
	dir   string
	times int
}

func (f *folder) write(name, text string) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	f.times++
	at := time.Unix(int64(1_000_000+f.times), 0)
	if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, at, at)); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// pair writes a certificate and its key as NAME.crt and NAME.key.
func (f *folder) pair(name string, s *signed) Pair {
	f.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		f.t.Fatal(err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return Pair{f.write(name+".crt", s.pem()), f.write(name+".key", string(key))}
}

// shake does a handshake, and returns whose certificate the client sees, and what the server says of it.
func shake(t *testing.T, config *tls.Config, client *tls.Config) (name string, err error) {
	t.Helper()
	ours, theirs := net.Pipe()
	done := make(chan error, 1)
	go func() {
		err := tls.Server(theirs, config).HandshakeContext(t.Context())
		_ = theirs.Close()
		done <- err
	}()
	client.InsecureSkipVerify = true
	c := tls.Client(ours, client)
	if c.HandshakeContext(t.Context()) == nil {
		_, _ = c.Read(make([]byte, 1)) // the server's word on the client's certificate
		name = c.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	_ = ours.Close()
	return name, <-done
}

func wantName(t *testing.T, config *tls.Config, server, want string) {
	t.Helper()
	if got, err := shake(t, config, &tls.Config{ServerName: server}); got != want || err != nil {
		t.Errorf("clients of %q see %q, not %q: %v", server, got, want, err)
	}
}

func TestChangedFilesAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &folder{t: t, dir: t.TempDir()}
		log := &testlog.Buffer{}
		files := &Files{Pair: f.pair("a", sign(t, "first", nil, false))}
		config, err := New(files, slog.New(slog.NewTextHandler(log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		wantName(t, config, "x", "first")
		f.pair("a", sign(t, "second", nil, false))
		wantName(t, config, "x", "first") // it looks once a second
		time.Sleep(lookEvery)
		wantName(t, config, "x", "second")
		if strings.Count(log.String(), "TLS certificate read again") != 1 {
			t.Error(log)
		}

		// What cannot be used is said once for each change, and clients see the old one.
		for i, spoil := range []func(){
			func() { f.write("a.crt", "no certificate") },
			func() { f.write("a.crt", sign(t, "of another key", nil, false).pem()) }, // a deploy in the middle of its way
			func() { _ = os.Remove(files.Pair.Key) },
			func() { _ = os.Remove(files.Pair.Cert) },
		} {
			spoil()
			for range 3 {
				time.Sleep(lookEvery)
				wantName(t, config, "x", "second")
			}
			if n := strings.Count(log.String(), "level=ERROR"); n != i+1 {
				t.Errorf("%d lines after %d changes: %s", n, i+1, log)
			}
		}
		f.pair("a", sign(t, "third", nil, false))
		time.Sleep(lookEvery)
		wantName(t, config, "x", "third")
		if strings.Count(log.String(), "read again") != 2 || strings.Contains(log.String(), "PRIVATE") {
			t.Error(log)
		}
	})
}

func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &folder{t: t, dir: t.TempDir()}
		files := &Files{Pair: f.pair("a", sign(t, "any", nil, false)), Names: map[string]Pair{
			"Chat.example.com": f.pair("b", sign(t, "chat", nil, false)), "*.example.com": f.pair("c", sign(t, "all", nil, false)),
		}}
		config, err := New(files, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for server, want := range map[string]string{
			"chat.example.com": "chat", "CHAT.EXAMPLE.COM": "chat", "x.example.com": "all", "example.com": "any", "x.y.example.com": "any", "other": "any", "": "any",
		} {
			wantName(t, config, server, want)
		}
		f.pair("c", sign(t, "all anew", nil, false))
		time.Sleep(lookEvery)
		wantName(t, config, "x.example.com", "all anew")
	})
}

func TestClients(t *testing.T) {
	ca := sign(t, "authority", nil, true)
	between := sign(t, "between", ca, true)
	deeper := sign(t, "deeper", between, true)
	clients := map[string]*signed{
		"none": nil, "good": sign(t, "good", ca, false), "below one": sign(t, "below one", between, false), "below two": sign(t, "below two", deeper, false),
		"of another": sign(t, "of another", sign(t, "stranger", nil, true), false), "self": sign(t, "self", nil, false),
	}
	synctest.Test(t, func(t *testing.T) {
		f := &folder{t: t, dir: t.TempDir()}
		pair, caFile := f.pair("a", sign(t, "server", nil, false)), f.write("ca.pem", ca.pem())
		more := t.TempDir()
		if err := os.WriteFile(filepath.Join(more, "ca.pem"), []byte(ca.pem()+"\nand nonsense"), 0o600); err != nil {
			t.Fatal(err)
		}
		for what, c := range map[string]struct {
			files Files
			good  string
		}{
			"nobody is asked":     {Files{}, "none good below one below two of another self"},
			"asked for in vain":   {Files{ClientCA: caFile}, "none good below one below two of another self"},
			"a file":              {Files{Verify: true, ClientCA: caFile}, "good below one below two"},
			"another setting":     {Files{Verify: true, CAFile: caFile}, "good below one below two"},
			"a folder":            {Files{Verify: true, CAFolder: more}, "good below one below two"},
			"one between":         {Files{Verify: true, ClientCA: caFile, Depth: 1}, "good below one"},
			"two between":         {Files{Verify: true, ClientCA: caFile, Depth: 2}, "good below one below two"},
			"who sign themselves": {Files{Verify: true, SelfSigned: true}, "self"},
			"those, too":          {Files{Verify: true, SelfSigned: true, ClientCA: caFile}, "good below one below two self"},
		} {
			c.files.Pair = pair
			config, err := New(&c.files, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(what, err)
			}
			for name, s := range clients {
				client := &tls.Config{}
				if s != nil {
					own := s.tls()[0]
					client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil }
				}
				if _, err := shake(t, config, client); (err == nil) != strings.Contains(" "+c.good+" ", " "+name+" ") {
					t.Errorf("%s: %s: %v", what, name, err)
				}
			}
		}
	})
}

func TestFilesThatCannotBe(t *testing.T) {
	f := &folder{t: t, dir: t.TempDir()}
	pair, other := f.pair("a", sign(t, "a", nil, false)), f.pair("b", sign(t, "b", nil, false))
	empty := f.write("empty.pem", "nothing")
	for want, files := range map[string]Files{
		"TLS without a certificate":          {},
		"a.crt has no key":                   {Pair: Pair{Cert: pair.Cert}},
		"no such file":                       {Pair: Pair{"/nowhere/x.crt", pair.Key}},
		"private key does not match":         {Pair: Pair{pair.Cert, other.Key}},
		"failed to find any PEM data in key": {Pair: Pair{pair.Cert, empty}},
		"ssl_sni_certs chat: TLS: ":          {Pair: pair, Names: map[string]Pair{"chat": {pair.Cert, empty}}},
		"ssl_verify_peer without":            {Pair: pair, Verify: true},
		"empty.pem has none":                 {Pair: pair, Verify: true, ClientCA: empty},
		"the clients' certificates: open ":   {Pair: pair, CAFolder: "/nowhere"},
		"the clients' certificates: open /":  {Pair: pair, CAFile: "/nowhere/ca.pem"},
	} {
		if config, err := New(&files, slog.New(slog.DiscardHandler)); err == nil || config != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %s", err, want)
		}
	}
}

// Nothing below TLS 1.2 is spoken, whatever is asked for.
func TestVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &folder{t: t, dir: t.TempDir()}
		pair := f.pair("a", sign(t, "a", nil, false))
		for _, c := range []struct {
			least, most, client uint16
			good                bool
		}{
			{0, 0, tls.VersionTLS12, true},
			{0, 0, tls.VersionTLS13, true},
			{tls.VersionTLS10, 0, tls.VersionTLS11, false},
			{tls.VersionTLS13, 0, tls.VersionTLS12, false},
			{0, tls.VersionTLS12, tls.VersionTLS13, false},
			{0, tls.VersionTLS12, tls.VersionTLS12, true},
		} {
			config, err := New(&Files{Pair: pair, Min: c.least, Max: c.most}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := shake(t, config, &tls.Config{MinVersion: c.client, MaxVersion: c.client}); (err == nil) != c.good {
				t.Errorf("%+v: %v", c, err)
			}
		}
	})
}

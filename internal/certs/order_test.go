package certs

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"testing"
)

// ciphers of TLS 1.2 that the tests are about
const (
	aes128   = tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
	aes256   = tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
	chacha   = tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
	rsaAES   = tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
	plainRSA = tls.TLS_RSA_WITH_AES_128_GCM_SHA256
)

// The best cipher is the server's first one, or the client's, of those that fit to the certificate and that both have.
func TestOrderOfCiphers(t *testing.T) {
	f := &folder{t: t, dir: t.TempDir()}
	ec := f.pair("a", sign(t, "a", nil, false))
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	of := Pair{
		f.write("r.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		f.write("r.key", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))),
	}
	for name, c := range map[string]struct {
		files  Files
		client []uint16
		curves []tls.CurveID
		want   uint16 // 0: crypto/tls chooses
	}{
		"the server's":           {Files{Ciphers: []uint16{chacha, aes128}}, []uint16{aes128, chacha}, nil, chacha},
		"the other way round":    {Files{Ciphers: []uint16{aes128, chacha}}, []uint16{chacha, aes128}, nil, aes128},
		"of what the client has": {Files{Ciphers: []uint16{chacha, aes256, aes128}}, []uint16{aes128, aes256}, nil, aes256},
		"nothing":                {Files{Ciphers: []uint16{chacha, aes256}}, []uint16{aes128}, nil, 0},
		"no order is asked for":  {Files{}, []uint16{chacha, aes128}, nil, 0},
		"one has no order":       {Files{Ciphers: []uint16{chacha}}, []uint16{chacha, aes128}, nil, 0},
		"the client's":           {Files{ClientOrder: true}, []uint16{0x1301, chacha, aes128}, nil, chacha},
		"the client's, too":      {Files{ClientOrder: true}, []uint16{aes256, chacha, aes128}, nil, aes256},
		"of a list":              {Files{ClientOrder: true, Ciphers: []uint16{aes128, chacha}}, []uint16{aes256, chacha, aes128}, nil, chacha},
		"of another certificate": {Files{Ciphers: []uint16{rsaAES, plainRSA, aes128}}, []uint16{rsaAES, plainRSA, aes128}, nil, aes128},
		"of RSA":                 {Files{Pair: of, Ciphers: []uint16{aes128, rsaAES, plainRSA}}, []uint16{plainRSA, aes128, rsaAES}, nil, rsaAES},
		"without a common curve": {Files{Pair: of, Ciphers: []uint16{rsaAES, plainRSA}}, []uint16{rsaAES, plainRSA}, []tls.CurveID{99}, plainRSA},
		"with one":               {Files{Pair: of, Ciphers: []uint16{rsaAES, plainRSA}}, []uint16{rsaAES, plainRSA}, []tls.CurveID{99, tls.CurveP256}, rsaAES},
		"of other curves":        {Files{Pair: of, Curves: []tls.CurveID{tls.CurveP384}, Ciphers: []uint16{rsaAES, plainRSA}}, []uint16{rsaAES, plainRSA}, []tls.CurveID{tls.CurveP256}, plainRSA},
	} {
		if c.files.Pair.Cert == "" {
			c.files.Pair = ec
		}
		config, err := New(&c.files, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		hello := &tls.ClientHelloInfo{CipherSuites: c.client, SupportedCurves: c.curves, SupportedVersions: []uint16{tls.VersionTLS12}}
		got, err := config.GetConfigForClient(hello)
		if err != nil {
			t.Fatal(err)
		}
		if chosen := len(got.CipherSuites) == 1 && len(c.files.Ciphers) != 1; chosen != (c.want != 0) || chosen && got.CipherSuites[0] != c.want {
			t.Errorf("%s: %v, want %x", name, got.CipherSuites, c.want)
		}
		hello.SupportedVersions = []uint16{tls.VersionTLS13, tls.VersionTLS12}
		if got, _ := config.GetConfigForClient(hello); len(got.CipherSuites) == 1 && len(c.files.Ciphers) != 1 {
			t.Errorf("%s: a client of TLS 1.3 has its choice of TLS 1.2 made", name)
		}
	}
}

// A handshake comes to what was chosen, also when the session is taken up again.
func TestOrderOfCiphersInAHandshake(t *testing.T) {
	f := &folder{t: t, dir: t.TempDir()}
	files := &Files{Pair: f.pair("a", sign(t, "a", nil, false)), Ciphers: []uint16{chacha, aes256, aes128}}
	config, err := New(files, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	client := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, ServerName: "a", ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	for _, resumed := range []bool{false, true} {
		ours, theirs := net.Pipe()
		done := make(chan error, 1)
		go func() { done <- tls.Server(theirs, config).HandshakeContext(t.Context()) }()
		c := tls.Client(ours, client)
		if err := c.HandshakeContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if s := c.ConnectionState(); s.CipherSuite != chacha || s.DidResume != resumed {
			t.Errorf("%s, resumed %v", tls.CipherSuiteName(s.CipherSuite), s.DidResume)
		}
		_ = ours.Close()
		_ = theirs.Close()
	}
}

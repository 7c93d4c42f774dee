package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs certificates; the zero value is a root's parent.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	der  [][]byte // with those between it and the root
}

// issue makes a certificate that a has signed.
func (a *authority) issue(t *testing.T, name string, isCA bool) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: isCA, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	parent, by := a.cert, a.key
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key, append([][]byte{der}, a.der...)}
}

// Names, versions, ciphers, curves and clients' certificates, as ssl_* settings say.
func TestTLSSettings(t *testing.T) {
	script := write(t, "server.php", `<?php
$server = new Swoole\Server('127.0.0.1', 9501, SWOOLE_PROCESS, SWOOLE_SOCK_TCP | SWOOLE_SSL);
$files = ['ssl_cert_file' => __DIR__ . '/a.crt', 'ssl_key_file' => __DIR__ . '/a.key'];
$server->set($files + [
    'ssl_sni_certs' => ['b' => ['ssl_cert_file' => 'b.crt', 'ssl_key_file' => 'b.key']],
    'ssl_protocols' => SWOOLE_SSL_TLSv1_2 | SWOOLE_SSL_TLSv1_1, 'ssl_ciphers' => 'ECDHE-ECDSA-AES256-GCM-SHA384:DHE-RSA-AES128-SHA:!aNULL',
    'ssl_ecdh_curve' => 'secp384r1', 'ssl_dhparam' => 'dh.pem', 'ssl_compress' => true, 'ssl_prefer_server_ciphers' => false,
]);
$echo = function ($server, $fd, $reactor, $data) {
    $cert = openssl_x509_parse($server->getClientInfo($fd)['ssl_client_cert'] ?? '')['subject']['CN'] ?? 'nobody';
    $server->send($fd, "$cert: $data");
};
$server->on('receive', $echo);
$new = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP | SWOOLE_SSL);
$new->set($files + ['ssl_protocols' => SWOOLE_SSL_TLSv1_3]);
$known = $server->listen('127.0.0.1', 9503, SWOOLE_SOCK_TCP | SWOOLE_SSL);
$known->set($files + ['ssl_verify_peer' => true, 'ssl_cafile' => 'root.pem', 'ssl_verify_depth' => 1]);
$self = $server->listen('127.0.0.1', 9504, SWOOLE_SOCK_TCP | SWOOLE_SSL);
$self->set($files + ['ssl_verify_peer' => true, 'ssl_capath' => 'authorities', 'ssl_allow_self_signed' => true]);
$server->start();
`)
	dir := filepath.Dir(script)
	pool := x509.NewCertPool()
	pool.AddCert(certificate(t, dir, "a"))
	pool.AddCert(certificate(t, dir, "b"))
	root := new(authority).issue(t, "root", true)
	one := root.issue(t, "one", true)
	two := one.issue(t, "two", true)
	for _, name := range []string{"root.pem", "authorities/root.pem"} {
		_ = os.Mkdir(filepath.Join(dir, "authorities"), 0o700)
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.cert.Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "dh.pem"), []byte("-----BEGIN DH PARAMETERS-----\nMAYCARcCAQU=\n-----END DH PARAMETERS-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, at := servePorts(t, 4, script)
	for _, what := range []string{"ssl_protocols: versions below TLS 1.2", "ssl_ciphers: DHE-RSA-AES128-SHA is not spoken", "ssl_dhparam: keys are exchanged over elliptic curves here"} {
		if !strings.Contains(p.stdout.String(), "note: "+what) {
			t.Errorf("nobody is told of %s", what)
		}
	}
	for _, what := range []string{"note: ssl_compress", "note: ssl_prefer_server_ciphers"} {
		if strings.Contains(p.stdout.String(), what) {
			t.Errorf("%s, where nothing is to be told", what)
		}
	}
	talk := func(port int, config *tls.Config) (state tls.ConnectionState, heard string) {
		t.Helper()
		config.RootCAs = pool
		if config.ServerName == "" {
			config.ServerName = "a"
		}
		c := tls.Client(dialTCP(t, at[port]), config)
		defer c.Close()
		if _, err := io.WriteString(c, "hi"); err != nil {
			return state, err.Error()
		}
		b := make([]byte, 100)
		n, err := c.Read(b)
		if err != nil {
			return state, err.Error()
		}
		return c.ConnectionState(), string(b[:n])
	}
	state, heard := talk(0, &tls.Config{ServerName: "b"})
	if heard != "nobody: hi" || state.PeerCertificates[0].Subject.CommonName != "b" || state.Version != tls.VersionTLS12 || state.CipherSuite != tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 {
		t.Errorf("%q %+v", heard, state)
	}
	if state, heard = talk(0, &tls.Config{}); heard != "nobody: hi" || state.PeerCertificates[0].Subject.CommonName != "a" {
		t.Errorf("%q %v", heard, state.PeerCertificates)
	}
	for name, c := range map[string]struct {
		port   int
		config *tls.Config
		want   string
	}{
		"an older version":      {0, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, "protocol version"},
		"a newer version":       {0, &tls.Config{MinVersion: tls.VersionTLS13}, "protocol version"},
		"another cipher":        {0, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}, "handshake failure"},
		"another curve":         {0, &tls.Config{CurvePreferences: []tls.CurveID{tls.X25519}}, "handshake failure"},
		"1.2 for 1.3":           {1, &tls.Config{MaxVersion: tls.VersionTLS12}, "protocol version"},
		"1.3":                   {1, &tls.Config{}, "nobody: hi"},
		"no certificate":        {2, &tls.Config{}, "certificate"},
		"one between":           {2, &tls.Config{Certificates: []tls.Certificate{one.issue(t, "near", false).pair()}}, "near: hi"},
		"two between":           {2, &tls.Config{Certificates: []tls.Certificate{two.issue(t, "far", false).pair()}}, "certificate"},
		"signed by itself":      {2, &tls.Config{Certificates: []tls.Certificate{new(authority).issue(t, "self", false).pair()}}, "certificate"},
		"signed by itself, yes": {3, &tls.Config{Certificates: []tls.Certificate{new(authority).issue(t, "self", false).pair()}}, "self: hi"},
		"two between, yes":      {3, &tls.Config{Certificates: []tls.Certificate{two.issue(t, "far", false).pair()}}, "far: hi"},
		"a stranger's":          {3, &tls.Config{Certificates: []tls.Certificate{new(authority).issue(t, "other", true).issue(t, "mallory", false).pair()}}, "certificate"},
	} {
		if _, heard := talk(c.port, c.config); !strings.Contains(heard, c.want) {
			t.Errorf("%s: %q, want %q", name, heard, c.want)
		}
	}
}

func (a *authority) pair() tls.Certificate {
	return tls.Certificate{Certificate: a.der, PrivateKey: a.key}
}

// SWOOLE_SOCK_TCP6 listens at an IPv6 address.
func TestTCP6Port(t *testing.T) {
	needPHP(t)
	if l, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skip(err)
	} else {
		_ = l.Close()
	}
	p := launch(t, nil, "serve", write(t, "server.php", `<?php
$server = new Swoole\Server('::1', 0, SWOOLE_PROCESS, SWOOLE_SOCK_TCP6);
$server->on('receive', function ($server, $fd, $reactor, $data) {
    $info = $server->getClientInfo($fd);
    $server->send($fd, json_encode([$info['remote_ip'], $info['socket_type'] === SWOOLE_SOCK_TCP6, $server->host, $server->port === $info['server_port']]));
});
$server->start();
`))
	eventually(t, "the program serves", func() bool { return strings.Contains(p.stdout.String(), "Ctrl-C") })
	m := allAt.FindStringSubmatch(p.stdout.String())
	c := dialTCP(t, m[2])
	if _, err := io.WriteString(c, "x"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := c.Read(b)
	if got := string(b[:n]); err != nil || got != `["::1",true,"::1",true]` {
		t.Errorf("%q %v", got, err)
	}
}

// onBufferFull when more waits for a client than the high watermark, onBufferEmpty when it has read down to the low one.
func TestWatermarks(t *testing.T) {
	script := write(t, "server.php", `<?php
$server = new Swoole\Server('127.0.0.1', 9501);
$server->set(['socket_buffer_size' => '32M', 'buffer_high_watermark' => '1M', 'buffer_low_watermark' => '64K', 'kernel_socket_send_buffer_size' => '64K']);
$server->on('receive', function ($server, $fd) { for ($i = 0; $i < 16; $i++) { $server->send($fd, str_repeat('x', 1 << 20)); } });
$server->on('bufferFull', function ($server, $fd) { echo "full $fd " . ($server->getClientInfo($fd)['send_queued_bytes'] > 1 << 20 ? 'much' : 'little') . "\n"; });
$server->on('bufferEmpty', function ($server, $fd) { echo "empty $fd\n"; });
$server->start();
`)
	p, at := servePorts(t, 1, script)
	c := dialTCP(t, at[0])
	if _, err := io.WriteString(c, "go"); err != nil {
		t.Fatal(err)
	}
	p.wantLog("full 1 much")
	if strings.Contains(p.stderr.String(), "empty 1") {
		t.Error("empty before anybody read")
	}
	if _, err := io.ReadFull(c, make([]byte, 16<<20)); err != nil {
		t.Fatal(err)
	}
	p.wantLog("empty 1")
}

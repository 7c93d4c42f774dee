package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

var allAt = regexp.MustCompile(`  at +(\w+)://([^/\s]+)`)

// servePorts starts a script with several ports, each on a free one, and returns their addresses.
func servePorts(t *testing.T, n int, script string, more ...string) (*program, []string) {
	t.Helper()
	needPHP(t)
	args := []string{"serve"}
	for range n {
		args = append(args, "--listen", "127.0.0.1:0")
	}
	p := launch(t, nil, append(append(args, more...), script)...)
	eventually(t, "the program serves", func() bool {
		select {
		case <-p.exited:
			t.Fatal("the program ended")
		default:
		}
		return strings.Contains(p.stdout.String(), "Ctrl-C")
	})
	var addrs []string
	for _, m := range allAt.FindAllStringSubmatch(p.stdout.String(), -1) {
		addrs = append(addrs, m[2])
	}
	if len(addrs) != n {
		t.Fatalf("%d listeners: %s", len(addrs), p.stdout.String())
	}
	return p, addrs
}

const portsScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->set(['heartbeat_check_interval' => 1, 'heartbeat_idle_time' => 2]);
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'protect') { $server->protect($frame->fd); }
    if ($frame->data === 'info') {
        $info = $server->getClientInfo($frame->fd);
        $server->push($frame->fd, json_encode([$info['server_port'] > 0, $info['server_fd'] > 0, $info['socket_fd'] > 0, array_keys($info)]));
        return;
    }
    if ($frame->data === 'ports') {
        $server->push($frame->fd, json_encode(array_map(function ($port) { return count($port->connections); }, $server->ports)));
        return;
    }
    $server->push($frame->fd, 'main ' . $frame->data);
});
$server->on('request', function ($request, $response) { $response->end('main page'); });
$server->on('close', function ($server, $fd, $reactor) { echo "close $fd $reactor\n"; });
$two = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
$two->on('message', function ($server, $frame) { $server->push($frame->fd, 'two ' . $frame->data); });
$tcp = $server->listen('127.0.0.1', 9503, SWOOLE_SOCK_TCP);
$tcp->set(['open_length_check' => true, 'package_length_type' => 'n', 'package_length_offset' => 0, 'package_body_offset' => 2, 'socket_buffer_size' => '8M']);
$tcp->on('connect', function ($server, $fd, $reactor) { echo "connect $fd\n"; });
$tcp->on('receive', function ($server, $fd, $reactor, $data) {
    if ($data === "\0\3big") { for ($i = 0; $i < 3; $i++) { $server->send($fd, str_repeat('x', 1 << 20)); } $server->close($fd); return; }
    $server->send($fd, $data);
});
$web = $server->listen('127.0.0.1', 9504, SWOOLE_SOCK_TCP);
$web->set(['open_websocket_protocol' => false]);
$web->on('request', function ($request, $response) { $response->end('web page'); });
$server->start();
`

func dialAt(t *testing.T, url string, by *http.Client) *client {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPClient: by})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return &client{t: t, ws: ws}
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Status + " " + string(body)
}

func dialTCP(t *testing.T, addr string) net.Conn {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

func TestSeveralPorts(t *testing.T) {
	p, at := servePorts(t, 4, write(t, "server.php", portsScript))
	one, two := dialAt(t, "ws://"+at[0]+"/", nil), dialAt(t, "ws://"+at[1]+"/", nil)
	one.send("protect")
	one.want("main protect")
	two.send("hi")
	two.want("two hi")

	c := dialTCP(t, at[2])
	for _, piece := range []string{"\x00", "\x05he", "llo\x00\x00\x00\x01", "z"} {
		if _, err := io.WriteString(c, piece); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	got := make([]byte, 12)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "\x00\x05hello\x00\x00\x00\x01z" {
		t.Fatalf("%q %v", got, err)
	}
	p.wantLog(`text="connect 3"`)
	one.send("ports")
	one.want("[1,1,1,0]")
	one.send("info")
	one.want(`[true,true,true,["websocket_status","server_port","server_fd","socket_fd","socket_type","remote_port","remote_ip","reactor_id","connect_time","last_time","last_recv_time","last_send_time","last_dispatch_time","close_errno","recv_queued_bytes","send_queued_bytes"]]`)

	// A reader that is slow gets everything that was sent before the close.
	if _, err := io.WriteString(c, "\x00\x03big"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	if all, err := io.ReadAll(c); err != nil || len(all) != 3<<20 {
		t.Errorf("%d bytes, %v", len(all), err)
	}

	if got := get(t, "http://"+at[0]+"/"); got != "200 OK main page" {
		t.Error(got)
	}
	if got := get(t, "http://"+at[3]+"/"); got != "200 OK web page" {
		t.Error(got)
	}
	if ws, resp, err := websocket.Dial(t.Context(), "ws://"+at[3]+"/", nil); err == nil { //nolint:bodyclose // the library has read it
		_ = ws.CloseNow()
		t.Error("a WebSocket where there are none")
	} else if resp == nil || resp.StatusCode != http.StatusOK {
		t.Errorf("an upgrade where there are none: %v", err)
	}

	// The heartbeat: a silent TCP connection is closed, with a reactor; a protected WebSocket stays.
	silent := dialTCP(t, at[2])
	begin := time.Now()
	if _, err := silent.Read(make([]byte, 1)); !errors.Is(err, io.EOF) || time.Since(begin) < 1500*time.Millisecond {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
	p.wantLog(`text="close 2 0"`) // the second WebSocket was silent, too
	one.send("still")
	one.want("main still")
}

// certificate writes a self-signed certificate for localhost and returns its files.
func certificate(t *testing.T, dir, name string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name, "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{name + ".crt": {Type: "CERTIFICATE", Bytes: der}, name + ".key": {Type: "EC PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

const tlsScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501, SWOOLE_PROCESS, SWOOLE_SOCK_TCP | SWOOLE_SSL);
$server->set(['ssl_cert_file' => __DIR__ . '/a.crt', 'ssl_key_file' => 'a.key', 'ssl_client_cert_file' => __DIR__ . '/a.crt', 'ssl_verify_peer' => false]);
$server->on('open', function ($server, $request) { $server->push($request->fd, 'hello'); });
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'bye') { $server->disconnect($frame->fd, 4001); return; }
    if ($frame->data === 'close') { $server->close($frame->fd); return; }
    $server->push($frame->fd, $frame->data);
});
$tcp = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP | SWOOLE_SSL);
$tcp->set(['open_eof_split' => true, 'package_eof' => "\n", 'ssl_cert_file' => 'a.crt', 'ssl_key_file' => 'a.key', 'ssl_verify_peer' => true, 'ssl_client_cert_file' => 'a.crt']);
$tcp->on('receive', function ($server, $fd, $reactor, $data) {
    $server->send($fd, strlen($server->getClientInfo($fd)['ssl_client_cert']) > 100 ? $data : "no certificate\n");
});
$server->start();
`

func TestTLS(t *testing.T) {
	script := write(t, "server.php", tlsScript)
	dir := filepath.Dir(script)
	cert := certificate(t, dir, "a")
	p, at := servePorts(t, 2, script)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	trusting := func() *http.Client {
		return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	}
	c := dialAt(t, "wss://"+at[0]+"/", trusting())
	c.want("hello")
	c.ws.SetReadLimit(1 << 22)
	for _, what := range []string{"echo", strings.Repeat("x", 300<<10)} {
		c.send(what)
		c.want(what)
	}
	c.send("bye")
	c.wantClose(4001)
	d := dialAt(t, "wss://"+at[0]+"/", trusting())
	d.want("hello")
	d.send("close")
	d.wantClose(-1)

	// The second port wants to see a certificate.
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "a.crt"), filepath.Join(dir, "a.key"))
	if err != nil {
		t.Fatal(err)
	}
	known := tls.Client(dialTCP(t, at[1]), &tls.Config{RootCAs: pool, ServerName: "localhost", Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	if _, err := io.WriteString(known, "one\ntwo\n"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 8)
	if _, err := io.ReadFull(known, got); err != nil || string(got) != "one\ntwo\n" {
		t.Errorf("%q %v", got, err)
	}
	unknown := tls.Client(dialTCP(t, at[1]), &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS12})
	if _, err := io.ReadAll(unknown); err == nil {
		t.Error("a client without a certificate is let in")
	}
	plain := dialTCP(t, at[0])
	if _, err := io.WriteString(plain, "GET / HTTP/1.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAll(plain)
	p.wantLog("tls_handshake")

	// A new certificate is taken without a restart; a broken one is not.
	time.Sleep(1100 * time.Millisecond)
	if err := os.WriteFile(filepath.Join(dir, "a.crt"), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	dialAt(t, "wss://"+at[0]+"/", trusting()).want("hello")
	p.wantLog("the old one stays")
	pool.AddCert(certificate(t, dir, "a"))
	time.Sleep(1100 * time.Millisecond)
	dialAt(t, "wss://"+at[0]+"/", trusting()).want("hello")
	p.wantLog("read again")
}

func TestPortsThatCannotBeServed(t *testing.T) {
	needPHP(t)
	for _, c := range []struct{ line, want string }{
		{`$p = $server->listen('127.0.0.1', 0, SWOOLE_SOCK_UDP); $p->on('packet', 'strlen');`, "no UDP"},
		{`$p = $server->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP); $p->set(['open_length_check' => true, 'package_length_func' => function ($d) { return 1; }]); $p->on('receive', 'strlen');`, "package_length_func"},
		{`$p = $server->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP | SWOOLE_SSL); $p->set(['ssl_cert_file' => '/nonexistent.crt', 'ssl_key_file' => '/nonexistent.key']); $p->on('receive', 'strlen');`, "/nonexistent.crt"},
		{`$p = $server->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP | SWOOLE_SSL);`, "TLS without a certificate"},
		{`$p = $server->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP); $p->set(['open_eof_check' => true, 'package_eof' => '123456789']); $p->on('receive', 'strlen');`, "package_eof"},
	} {
		script := write(t, "server.php", "<?php\n$server = new Swoole\\WebSocket\\Server('127.0.0.1', 0);\n$server->on('message', 'strlen');\n"+c.line+"\n$server->start();\n")
		if code, out, errs := run(t, nil, "serve", script); code == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("%s: code %d\n%s%s", c.line, code, out, errs)
		}
	}
}

// printf hello | nc: who closes its half after its last word gets the answer, over a Unix socket here.
func TestUnixSocketPort(t *testing.T) {
	needPHP(t)
	sock := filepath.Join(t.TempDir(), "s.sock")
	script := write(t, "server.php", `<?php
$server = new Swoole\Server('`+sock+`', 0, SWOOLE_PROCESS, SWOOLE_SOCK_UNIX_STREAM);
$server->on('receive', function ($server, $fd, $reactor, $data) { usleep(50000); $server->send($fd, strtoupper($data)); });
$server->start();
`)
	p := launch(t, nil, "serve", script)
	eventually(t, "the program serves", func() bool { return strings.Contains(p.stdout.String(), "Ctrl-C") })
	c, err := (&net.Dialer{}).DialContext(t.Context(), "unix", sock)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "hello"); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.UnixConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); err != nil || string(got) != "HELLO" {
		t.Errorf("%q %v", got, err)
	}
}

package e2e_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

const http2Script = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->set(['open_http2_protocol' => true, 'worker_num' => 2, 'package_max_length' => 65536, 'upload_max_filesize' => '4M']);
$server->on('connect', function ($server, $fd) { echo "connect $fd\n"; });
$server->on('close', function ($server, $fd, $reactor) { echo "close $fd $reactor\n"; });
$server->on('message', function ($server, $frame) { $server->push($frame->fd, "echo $frame->data"); });
$server->on('request', function ($request, $response) use ($server) {
    switch ($request->server['path_info']) {
        case '/write':
            $response->write('one ');
            $response->write('two');
            $response->trailer('grpc-status', '0');
            $response->end();
            return;
        case '/file':
            $response->sendfile(__DIR__ . '/file.txt');
            return;
        case '/form':
            $response->end(json_encode([$request->post, $request->files['f']['size'], strlen($request->getContent()) > 1 << 20]));
            return;
        case '/detach':
            $response->detach();
            Swoole\Http\Response::create([$server, $request])->end('detached');
            return;
        case '/slow':
            for ($i = 0; $i < 5; $i++) {
                $response->write('x');
                usleep(100000);
            }
            $response->end();
            return;
        case '/fails':
            throw new Exception('on purpose');
        case '/status':
            $response->status(299);
            $response->redirect('/', 308);
            return;
        case '/goaway':
            $response->end(var_export([$response->ping('x'), $response->goaway(0, 'enough')], true));
            return;
    }
    $response->cookie('a', 'b');
    $response->header('Keep-Alive', 'x');
    $response->end(json_encode([$request->server['server_protocol'], $request->streamId, $request->fd, $request->header['host'],
        $request->cookie, $request->getContent(), $server->getClientInfo($request->fd)['server_port'] === $request->server['server_port']]));
});
$secure = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP | SWOOLE_SSL);
$secure->set(['open_http2_protocol' => true, 'package_max_length' => 65536, 'upload_max_filesize' => '4M', 'open_websocket_protocol' => true, 'ssl_cert_file' => 'a.crt', 'ssl_key_file' => 'a.key']);
$old = $server->listen('127.0.0.1', 9503, SWOOLE_SOCK_TCP | SWOOLE_SSL);
$old->set(['open_websocket_protocol' => true, 'ssl_cert_file' => 'a.crt', 'ssl_key_file' => 'a.key']);
$server->start();
`

// get2 asks for a page and reads all of it.
func get2(t *testing.T, c *http.Client, url string, body io.Reader, kind string) (*http.Response, string) {
	t.Helper()
	method := "GET"
	if body != nil {
		method = "POST"
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Add("Cookie", "c=d")
	req.Header.Add("Cookie", "e=f")
	resp, err := c.Do(req)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return resp, string(text)
}

// Requests over HTTP/2, with prior knowledge and agreed on in TLS, beside HTTP/1.1 and WebSockets on the same ports.
func TestHTTP2(t *testing.T) {
	for _, mode := range []string{"request", "resident"} {
		t.Run(mode, func(t *testing.T) {
			script := write(t, "server.php", http2Script)
			dir := filepath.Dir(script)
			if err := os.WriteFile(filepath.Join(dir, "file.txt"), bytes.Repeat([]byte("0123456789"), 100_000), 0o644); err != nil {
				t.Fatal(err)
			}
			pool := x509.NewCertPool()
			pool.AddCert(certificate(t, dir, "a"))
			p, at := servePorts(t, 3, script, "--mode", mode)
			fd := 0
			for i, scheme := range []string{"http", "https"} {
				tr := &http.Transport{Protocols: new(http.Protocols), MaxConnsPerHost: 1, TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "a"}}
				tr.Protocols.SetUnencryptedHTTP2(true)
				tr.Protocols.SetHTTP2(true)
				c := &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
				t.Cleanup(tr.CloseIdleConnections)
				fd++
				checkHTTP2(t, c, scheme+"://"+at[i], at[i], fd)

				// Behind it the same ports as ever, for clients of HTTP/1.1 and WebSockets.
				fd += 2 // goaway has ended the connection
				old := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "a", NextProtos: []string{"http/1.1"}}, Protocols: new(http.Protocols)}
				old.Protocols.SetHTTP1(true)
				t.Cleanup(old.CloseIdleConnections)
				if resp, text := get2(t, &http.Client{Transport: old}, scheme+"://"+at[i]+"/", nil, ""); resp.ProtoMajor != 1 || !strings.Contains(text, fmt.Sprintf(`["HTTP\/1.1",0,%d,`, fd)) {
					t.Errorf("%s %s", resp.Proto, text)
				}
				ws, _, err := websocket.Dial(t.Context(), scheme+"://"+at[i]+"/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: old}})
				if err != nil {
					t.Fatal(err)
				}
				_ = ws.Write(t.Context(), websocket.MessageText, []byte("hi"))
				if _, got, err := ws.Read(t.Context()); err != nil || string(got) != "echo hi" {
					t.Errorf("%q %v", got, err)
				}
				_ = ws.CloseNow()
				fd++
			}
			p.wantLog("close 1 -1") // goaway is the server's end

			// Where nobody asked for it, nobody agrees on it.
			conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: pool, ServerName: "a", NextProtos: []string{"h2", "http/1.1"}}}).DialContext(t.Context(), "tcp", at[2])
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if got := conn.(*tls.Conn).ConnectionState().NegotiatedProtocol; got != "http/1.1" {
				t.Errorf("agreed on %q", got)
			}
		})
	}
}

func checkHTTP2(t *testing.T, c *http.Client, url, host string, fd int) {
	t.Helper()
	stream := 1
	for _, body := range []string{"", "x=1"} {
		var in io.Reader
		if body != "" {
			in = strings.NewReader(body)
		}
		want := fmt.Sprintf(`["HTTP\/2",%d,%d,"%s",{"c":"d","e":"f"},"%s",true]`, stream, fd, host, body)
		resp, text := get2(t, c, url+"/", in, "application/x-www-form-urlencoded")
		if resp.ProtoMajor != 2 || text != want || resp.Header.Get("Set-Cookie") != "a=b" || resp.Header.Get("Server") != "swoole-http-server" {
			t.Errorf("%s %v %s, want %s", resp.Proto, resp.Header, text, want)
		}
		stream += 2
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("a", "b")
	part, _ := w.CreateFormFile("f", "f.txt")
	_, _ = part.Write(make([]byte, 1<<20))
	_ = w.Close()
	for _, tt := range []struct {
		path   string
		body   io.Reader
		kind   string
		status int
		want   string
	}{
		{"/write", nil, "", 200, "one two"},
		{"/file", nil, "", 200, strings.Repeat("0123456789", 100_000)},
		{"/form", &form, w.FormDataContentType(), 200, `[{"a":"b"},1048576,true]`},
		{"/", strings.NewReader(strings.Repeat("x", 70_000)), "", 413, "Request Entity Too Large\n"},
		{"/detach", nil, "", 200, "detached"},
		{"/fails", nil, "", 500, ""},
		{"/status", nil, "", 308, ""},
	} {
		resp, text := get2(t, c, url+tt.path, tt.body, tt.kind)
		if resp.StatusCode != tt.status || text != tt.want || resp.ProtoMajor != 2 {
			t.Errorf("%s: %s %s %.100q", tt.path, resp.Proto, resp.Status, text)
		}
		if tt.path == "/write" && resp.Trailer.Get("grpc-status") != "0" {
			t.Errorf("%v", resp.Trailer)
		}
	}
	// One that is cancelled, and many at once.
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "GET", url+"/slow", nil)
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = resp.Body.Read(make([]byte, 1))
	cancel()
	_ = resp.Body.Close()
	var all sync.WaitGroup
	for range 80 {
		all.Go(func() {
			if resp, text := get2(t, c, url+"/", nil, ""); resp.StatusCode != 200 || !strings.Contains(text, fmt.Sprintf(`,%d,"`, fd)) {
				t.Errorf("%s %s", resp.Status, text)
			}
		})
	}
	all.Wait()
	if _, text := get2(t, c, url+"/goaway", nil, ""); strings.Count(text, "true") != 2 {
		t.Errorf("%s", text)
	}
	if resp, text := get2(t, c, url+"/", nil, ""); resp.StatusCode != 200 || !strings.Contains(text, fmt.Sprintf(`,1,%d,"`, fd+1)) {
		t.Errorf("behind goaway: %s %s", resp.Status, text)
	}
}

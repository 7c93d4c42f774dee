package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const httpScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->set(['upload_max_filesize' => '16M']);
$server->on('open', function ($server, $request) { $server->push($request->fd, 'open'); });
$server->on('message', function ($server, $frame) {
    [$word, $rest] = explode(' ', $frame->data, 2) + [1 => ''];
    if ($word === 'answer') {
        $response = Swoole\Http\Response::create((int) $rest);
        $response->header('X-From', 'message');
        $server->push($frame->fd, json_encode([$response->end('late'), $response->end('later'), swoole_last_error()]));
    }
});
$server->on('request', function (Swoole\Http\Request $request, Swoole\Http\Response $response) use ($server) {
    switch ($request->server['path_info']) {
        case '/echo':
            $response->header('Content-Type', 'application/json');
            $response->end(json_encode([$request->get, $request->post, $request->cookie, $request->rawContent(), $request->getMethod()]));
            break;
        case '/superglobals':
            $_GET = $request->get ?? [];
            $_POST = $request->post ?? [];
            $response->end($_GET['a'] . $_POST['b']);
            break;
        case '/upload':
            $file = $request->files['file'];
            $ok = is_uploaded_file($file['tmp_name']) && move_uploaded_file($file['tmp_name'], __DIR__ . '/moved');
            $nested = $request->files['nested']['x'] ?? null;
            $response->end(json_encode([$ok, $file['name'], $file['error'], $file['size'], $request->post, $nested['name'] ?? null,
                md5($request->rawContent()), $_POST, $_FILES, count($request->tmpfiles)]));
            break;
        case '/chunks':
            for ($i = 0; $i < 3; $i++) {
                if (!$response->write("chunk $i;")) {
                    file_put_contents(__DIR__ . '/gone', (string) swoole_last_error());
                    return;
                }
                for ($n = 0; !is_file(__DIR__ . '/read') && $n < 300; $n++) { // the client has the first chunk, or never gets it
                    usleep(10000);
                    clearstatcache();
                }
                $vain = ($vain ?? 0) + intdiv($n, 300);
                usleep(50000);
            }
            $response->end(str_repeat('in vain ', $vain));
            break;
        case '/big':
            $response->end(str_repeat('0123456789', 5 << 20));
            break;
        case '/file':
            $response->sendfile(__DIR__ . '/data.txt', (int) ($request->get['offset'] ?? 0), (int) ($request->get['length'] ?? 0));
            break;
        case '/missing':
            $response->end(var_export(@$response->sendfile('/no/such/file'), true));
            break;
        case '/head':
            $response->status(299, 'Some Reason');
            $response->header('x-multi', ['1', null, '2 ']);
            $response->header('Keep_Case', 'k', false);
            $response->header('gone', 'x');
            $response->header('gone', null);
            $bad = @$response->header('x-bad', "a\r\nInjected: b");
            $response->cookie('a', 'b c', 0);
            $response->cookie('old', '');
            $response->rawcookie('raw', 'b/c', 1900000000, '/p', 'example.org', true, true, 'Lax');
            $response->end(var_export($bad, true));
            break;
        case '/push':
            foreach ($server->connections as $fd) {
                if ($server->isEstablished($fd)) {
                    $server->push($fd, 'from a request');
                }
            }
            $response->end(var_export([@$server->push($request->fd, 'x'), $server->exists($request->fd)], true));
            break;
        case '/detach':
            $response->detach();
            file_put_contents(__DIR__ . '/detached', (string) $request->fd);
            break;
        case '/twice':
            $response->end(json_encode([$response->isWritable()]));
            echo 'writable ' . var_export($response->isWritable(), true) . ' ' . var_export($response->end('x'), true) . ' ' . swoole_last_error();
            break;
        case '/redirect':
            $response->redirect('/echo', 301);
            break;
        case '/close':
            $response->end('bye');
            $response->close();
            break;
        case '/throw':
            throw new Exception('thrown');
        case '/silent':
            $response->status(503);
            break;
        default:
            $response->end('hello');
    }
});
$server->on('close', function ($server, $fd, $reactor) {});
$server->start();
`

func TestHTTP(t *testing.T) {
	script := write(t, "server.php", httpScript)
	dir := filepath.Dir(script)
	p := serve(t, nil, script)
	base := "http://" + p.addr
	get := func(t *testing.T, req *http.Request) (*http.Response, string) {
		t.Helper()
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(body)
	}
	request := func(t *testing.T, method, target, body string, header ...string) *http.Request {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, base+target, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		return req
	}
	want := func(t *testing.T, req *http.Request, status int, body string) *http.Response {
		t.Helper()
		resp, got := get(t, req)
		if resp.StatusCode != status || got != body {
			t.Errorf("%s: %d %q, want %d %q", req.URL, resp.StatusCode, got, status, body)
		}
		return resp
	}
	const form = "application/x-www-form-urlencoded"
	t.Run("requests", func(t *testing.T) {
		want(t, request(t, "GET", "/echo?a[]=1&b.c=2", "", "Cookie", "x=1; y=2"), 200, `[{"a":["1"],"b_c":"2"},null,{"x":"1","y":"2"},"","GET"]`)
		want(t, request(t, "POST", "/echo", "a[b]=1&c=d+e", "Content-Type", form), 200, `[null,{"a":{"b":"1"},"c":"d e"},null,"a[b]=1&c=d+e","POST"]`)
		want(t, request(t, "POST", "/echo", `{"a":1}`, "Content-Type", "application/json"), 200, `[null,null,null,"{\"a\":1}","POST"]`)
		want(t, request(t, "PUT", "/echo", "a=b", "Content-Type", form), 200, `[null,{"a":"b"},null,"a=b","PUT"]`)
		want(t, request(t, "POST", "/superglobals?a=1", "b=2", "Content-Type", form), 200, "12")
		want(t, request(t, "POST", "/echo", strings.Repeat("x", 3<<20)), 413, "Request Entity Too Large\n")
	})
	t.Run("an upload", func(t *testing.T) {
		content := bytes.Repeat([]byte("\x00upload\xff\r\n"), 400<<10)
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.WriteField("a[x]", "1")
		for field, name := range map[string]string{"file": "f.bin", "nested[x]": "n.txt"} {
			part, _ := w.CreateFormFile(field, name)
			_, _ = part.Write(content)
		}
		_ = w.Close()
		_, got := get(t, request(t, "POST", "/upload", b.String(), "Content-Type", w.FormDataContentType()))
		sum := fmt.Sprintf(`[true,"f.bin",0,%d,{"a":{"x":"1"}},"n.txt","`, len(content))
		if !strings.HasPrefix(got, sum) || !strings.HasSuffix(got, `",[],[],2]`) {
			t.Errorf("%s", got)
		}
		if moved, err := os.ReadFile(filepath.Join(dir, "moved")); err != nil || !bytes.Equal(moved, content) {
			t.Errorf("%d bytes were moved: %v", len(moved), err)
		}
	})
	t.Run("chunks leave at once", func(t *testing.T) {
		resp, err := http.DefaultTransport.RoundTrip(request(t, "GET", "/chunks", ""))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		chunk := make([]byte, 100)
		for i := range 3 {
			n, _ := io.ReadFull(resp.Body, chunk[:len("chunk 0;")])
			if got := string(chunk[:n]); got != fmt.Sprintf("chunk %d;", i) {
				t.Errorf("%q", got)
			}
			if err := os.WriteFile(filepath.Join(dir, "read"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil {
			t.Errorf("the first one did not leave at once: %q, %v", rest, err)
		}
		if len(resp.TransferEncoding) == 0 {
			t.Error("not chunked")
		}
	})
	t.Run("heads", func(t *testing.T) {
		c := p.tcp(t, "GET /head HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		got, _ := io.ReadAll(c)
		for _, line := range []string{
			"HTTP/1.1 299 Some Reason\r\nX-Multi: 1\r\nX-Multi: 2\r\nKeep_Case: k\r\nSet-Cookie: a=b+c\r\n",
			"Set-Cookie: old=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0\r\n",
			"Set-Cookie: raw=b/c; expires=Sun, 17-Mar-2030 17:46:40 GMT; Max-Age=",
			"; path=/p; domain=example.org; secure; HttpOnly; SameSite=Lax\r\nServer: swoole-http-server\r\nDate: ",
			"\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nfalse",
		} {
			if !strings.Contains(string(got), line) {
				t.Errorf("%q is not in\n%s", line, got)
			}
		}
		if strings.Contains(string(got), "Injected") {
			t.Error("a header was injected")
		}
	})
	t.Run("files and large bodies", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(dir, "data.txt"), []byte("0123456789"), 0o644); err != nil {
			t.Fatal(err)
		}
		if resp := want(t, request(t, "GET", "/file", ""), 200, "0123456789"); resp.Header.Get("Content-Type") != "text/plain" {
			t.Errorf("%v", resp.Header)
		}
		want(t, request(t, "GET", "/file?offset=2&length=3", ""), 200, "234")
		want(t, request(t, "GET", "/file", "", "Range", "bytes=3-4"), 206, "34")
		want(t, request(t, "GET", "/missing", ""), 200, "false")
		if _, body := get(t, request(t, "GET", "/big", "")); body != strings.Repeat("0123456789", 5<<20) {
			t.Errorf("%d bytes", len(body))
		}
	})
	t.Run("ends", func(t *testing.T) {
		want(t, request(t, "GET", "/twice", ""), 200, "[true]")
		p.wantLog("writable false false 7106")
		if resp := want(t, request(t, "GET", "/redirect", ""), 301, ""); resp.Header.Get("Location") != "/echo" {
			t.Errorf("%v", resp.Header)
		}
		want(t, request(t, "GET", "/throw", ""), 500, "")
		want(t, request(t, "GET", "/silent", ""), 503, "")
		if resp := want(t, request(t, "HEAD", "/", ""), 200, ""); resp.ContentLength != 5 {
			t.Errorf("%d", resp.ContentLength)
		}
		c := bufio.NewReader(p.tcp(t, "GET /close HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"))
		if got, _ := io.ReadAll(c); strings.Count(string(got), "HTTP/1.1") != 1 || !strings.HasSuffix(string(got), "bye") {
			t.Errorf("%s", got)
		}
	})
	t.Run("with WebSockets", func(t *testing.T) {
		ws := p.dial("/")
		ws.want("open")
		want(t, request(t, "GET", "/push", ""), 200, "array (\n  0 => false,\n  1 => true,\n)")
		ws.want("from a request")
		answer := make(chan string, 1)
		go func() {
			resp, err := http.Get(base + "/detach")
			if err != nil {
				answer <- err.Error()
				return
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			answer <- resp.Header.Get("X-From") + " " + string(body)
		}()
		var fd []byte
		eventually(t, "the script", func() bool { fd, _ = os.ReadFile(filepath.Join(dir, "detached")); return len(fd) > 0 })
		ws.send("answer " + string(fd))
		ws.want("[true,false,7106]")
		if got := <-answer; got != "message late" {
			t.Errorf("%q", got)
		}
		ws.leave()
	})
	t.Run("a client that leaves", func(t *testing.T) {
		c := p.tcp(t, "GET /chunks HTTP/1.1\r\nHost: x\r\n\r\n")
		_, _ = c.Read(make([]byte, 100))
		_ = c.Close()
		eventually(t, "the script", func() bool { b, _ := os.ReadFile(filepath.Join(dir, "gone")); return string(b) == "7106" })
	})
}

// tcp sends bytes and leaves the reading to the caller.
func (p *program) tcp(t *testing.T, request string) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	return c
}

const handshakeScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->on('handshake', function ($request, $response) use ($server) {
    if (($request->get['token'] ?? '') !== 'secret') {
        $response->status(401);
        $response->header('WWW-Authenticate', 'Bearer');
        $response->end('who are you?');
        return;
    }
    $response->status(101);
    $response->header('Upgrade', 'websocket');
    $response->header('Connection', 'Upgrade');
    $response->header('Sec-WebSocket-Accept', base64_encode(sha1($request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true)));
    $response->header('X-Fd', (string) $request->fd);
    $before = $server->isEstablished($request->fd);
    $response->end();
    $server->push($request->fd, json_encode([$before, $server->isEstablished($request->fd)]));
});
$server->on('open', function () { throw new Exception('there is no open event'); });
$server->on('message', function ($server, $frame) { $server->push($frame->fd, $frame->data); });
$server->on('connect', function ($server, $fd, $reactor) { echo "connect $fd $reactor"; });
$server->on('close', function ($server, $fd, $reactor) { echo "close $fd $reactor {$server->getClientInfo($fd)['websocket_status']}"; });
$server->on('disconnect', function ($server, $fd, $reactor) { echo "disconnect $fd $reactor {$server->getClientInfo($fd)['websocket_status']}"; });
$server->start();
`

func TestHandshakeOfTheScript(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", handshakeScript))
	c, err := p.tryDial("/?token=secret", nil)
	if err != nil {
		t.Fatal(err)
	}
	c.want("[false,true]")
	c.send("hi")
	c.want("hi")
	c.leave()
	p.wantLog("connect 1 0")
	p.wantLog("close 1 0 3")
	if _, err := p.tryDial("/?token=wrong", nil); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("%v", err)
	}
	p.wantLog("disconnect 2 -1 5")
}

func TestAdditionsToTheHandshake(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->set(['websocket_subprotocol' => 'chat', 'websocket_compression' => true]);
$server->on('beforeHandshakeResponse', function ($server, $request, $response) {
    if (isset($request->get['close'])) {
        $server->close($request->fd);
        return;
    }
    $response->header('X-Added', json_encode([$server->isEstablished($request->fd), $request->get]));
    $response->cookie('a', 'b');
});
$server->on('open', function ($server, $request) { $server->push($request->fd, 'open'); });
$server->on('message', function () {});
$server->start();
`))
	c := p.tcp(t, "GET /?x=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var added []any
	_ = json.Unmarshal([]byte(resp.Header.Get("X-Added")), &added)
	if resp.StatusCode != 101 || len(added) != 2 || added[0] != true || resp.Header.Get("Set-Cookie") != "a=b" || resp.Header.Get("Sec-WebSocket-Protocol") != "chat" ||
		!strings.HasPrefix(resp.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate") || resp.Header.Get("Server") != "swoole-http-server" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	if _, err := p.tryDial("/?close=1", nil); err == nil || !strings.Contains(err.Error(), "EOF") {
		t.Errorf("%v", err)
	}
}

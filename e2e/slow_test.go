package e2e_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const slowScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->on('message', function ($server, $frame) { $server->push($frame->fd, $frame->data); });
$server->on('request', function ($request, $response) {
    $ok = true;
    for ($i = 0; $i < (int) $request->get['n']; $i++) {
        $ok = $response->write(str_repeat(chr(97 + $i % 26), 100000)) && $ok;
    }
    $ok = $response->end() && $ok;
    echo 'done ' . var_export($ok, true) . "\n";
});
$server->start();
`

// Clients that read nothing of 20 MB each, more of them than there are slots: PHP is done with them at once, others do not wait, and
// who reads at last gets all of it.
func TestClientsThatDoNotReadTheirPages(t *testing.T) {
	p := serve(t, []string{"BRIDGE_WORKERS=2"}, write(t, "server.php", slowScript))
	var slow []net.Conn
	for range 12 {
		c := p.tcp(t, "GET /?n=200 HTTP/1.1\r\nHost: x\r\n\r\n")
		slow = append(slow, c)
	}
	eventually(t, "PHP is done with all of them", func() bool { return strings.Count(p.stderr.String(), "done true") == len(slow) })
	c := p.dial("/")
	for range 20 {
		start := time.Now()
		c.send("hi")
		c.want("hi")
		if d := time.Since(start); d > time.Second {
			t.Errorf("somebody else waited for %v", d)
		}
	}
	for _, c := range slow[:3] {
		_ = c.SetReadDeadline(time.Now().Add(patience))
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || len(body) != 20_000_000 {
			t.Fatalf("%d bytes, %v", len(body), err)
		}
		for i := range 200 {
			if body[i*100_000] != byte('a'+i%26) || body[i*100_000+99_999] != byte('a'+i%26) {
				t.Fatalf("piece %d is another one", i)
			}
		}
	}
	p.wantLog("the client does not read") // the others, after write_timeout
	c.send("still here")
	c.want("still here")
}

// Port 0 is a free port, and PHP is told which: of each listener. The description stays the same.
func TestPortsThatTheBridgeChooses(t *testing.T) {
	needPHP(t)
	script := write(t, "server.php", `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP);
$server->on('message', function () {});
$server->on('request', function ($request, $response) use ($server) {
    $response->end($server->port . ' ' . implode(' ', array_column($server->ports, 'port')));
});
$server->start();
`)
	p := launch(t, nil, "serve", script)
	eventually(t, "the program serves", func() bool { return strings.Contains(p.stdout.String(), "Ctrl-C") })
	var ports []string
	for _, m := range allAt.FindAllStringSubmatch(p.stdout.String(), -1) {
		_, port, _ := net.SplitHostPort(m[2])
		ports = append(ports, port)
	}
	if len(ports) != 2 {
		t.Fatal(p.stdout.String())
	}
	want := ports[0] + " " + ports[0] + " " + ports[1]
	for range 3 {
		for _, port := range ports {
			if got := get(t, "http://127.0.0.1:"+port+"/"); got != "200 OK "+want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
	if log := p.stderr.String(); strings.Contains(log, "described again") {
		t.Error(log)
	}
}

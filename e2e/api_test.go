package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

// unixClient is an HTTP client for a Unix socket, unix:/path.
func unixClient(address string) *http.Client {
	path := strings.TrimPrefix(address, "unix:")
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}}
}

// must is for what cannot fail in a test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// post sends JSON to the API of a program and returns the status, the answer and its Retry-After.
func (p *program) post(ctx context.Context, client *http.Client, base, path, key, body string) (code int, answer, retry string) {
	p.t.Helper()
	req := must(http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(body)))
	req.Header.Set("Authorization", "Bearer "+key)
	res, err := client.Do(req)
	if err != nil {
		return 0, err.Error(), ""
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, strings.TrimSpace(string(b)), res.Header.Get("Retry-After")
}

// numbers are the API's stats.
func (p *program) numbers() (n struct {
	Bridge struct{ Connections, Groups, Uids, Memberships, Goroutines, Heap int }
	API    struct {
		WrongKeys int `json:"wrong_keys"`
		TooMany   int `json:"too_many_requests"`
	}
},
) {
	p.t.Helper()
	res, err := unixClient(p.api()).Get("http://bridge/v1/stats")
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}

// What becomes of a push, in every case there is.
func TestWhatBecomesOfAPush(t *testing.T) {
	p := serve(t, []string{"BRIDGE_LIMITS_OUTBOX=64K", "BRIDGE_WRITE_TIMEOUT=60s"}, write(t, "server.php", attributesScript))
	address := p.api()
	reads, leaves := p.dial("/?user=a"), p.dial("/?user=b")
	reads.want("hello")
	leaves.want("hello")
	stuck := p.rawDial("/?user=c") // never reads
	eventually(t, "all are there", func() bool { return p.numbers().Bridge.Memberships == 3 })
	leaves.leave()
	eventually(t, "one has left", func() bool { return p.numbers().Bridge.Memberships == 2 })
	reads.want(`left "b"`)
	got := p.php(address, "", `
			$show = function ($r) { echo "$r->done,$r->late,$r->slow,$r->full,$r->gone,$r->unknown ", implode(",", $r->each), "\n"; };
			$show($bridge->push([1, 2, 99], "one"));
			$show($bridge->push(1, "two", Client::TEXT, 5.0));
			for ($i = 0; $i < 200 && ($r = $bridge->push(3, str_repeat("x", 60000)))->done === 1; $i++) {
				$late = $bridge->push([1, 3], "three", Client::TEXT, 0.05);
				if ($late->late === 1) { break; }
			}
			$show($late);
			for ($i = 0; $i < 200 && ($r = $bridge->push(3, str_repeat("x", 60000)))->done === 1; $i++);
			$show($r);
			$show($bridge->push(3, "x"));
			$show($bridge->pushToUid("nobody", "x"));
			$show($bridge->mergeAttributes([1, 99], ["x" => str_repeat("x", 4070)]));
		`)
	want := `1,0,0,0,1,1 done,gone,unknown
1,0,0,0,0,0 done
1,1,0,0,0,0 done,late
0,0,1,0,0,0 slow
0,0,0,0,1,0 gone
0,0,0,0,0,1 unknown
0,0,0,1,0,1 full,unknown`
	if got != want {
		t.Errorf("%s:\n%s\nwant\n%s", address, got, want)
	}
	_ = stuck.Close()
	reads.want("one")
	reads.want("two")
}

// Many memberships stay cheap, from outside too, and end with their connections.
func TestManyMemberships(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", `<?php
		$s = new Swoole\WebSocket\Server('127.0.0.1', 9501); $s->on('message', function () {}); $s->start();`))
	var conns []*client
	for range 100 {
		conns = append(conns, p.dial("/"))
	}
	before := p.numbers().Bridge
	if got := p.php(p.api(), "", `
		$groups = []; for ($i = 0; $i < 1000; $i++) { $groups[] = "group $i"; }
		echo $bridge->join(Target::all(), $groups)->done, " ", $bridge->countInGroup("group 999"), " ", $bridge->countGroups(), " ";
		echo $bridge->pushToGroup("group 500", "x")->done, " ", count($bridge->groups("", 500)), " ", $bridge->dissolve("group 7")->done;
	`); got != "100 100 1000 100 500 100" {
		t.Error(got)
	}
	after := p.numbers().Bridge
	if after.Memberships != 99900 || after.Heap-before.Heap > 99900*400 { // with garbage that is not collected yet
		t.Errorf("%+v, before %+v", after, before)
	}
	for _, c := range conns[:50] {
		_ = c.ws.CloseNow()
	}
	eventually(t, "half of them are gone", func() bool { return p.numbers().Bridge.Memberships == 49950 })
	for _, c := range conns[50:] {
		c.want("x")
		_ = c.ws.CloseNow()
	}
	eventually(t, "nothing is left", func() bool { n := p.numbers().Bridge; return n.Memberships == 0 && n.Groups == 0 })
}

// A thousand callers at a time: some are served, the others are told to come again, and nothing is left of any of them.
func TestManyCallersAtATime(t *testing.T) {
	p := serve(t, []string{"BRIDGE_API_CONCURRENCY=50", "BRIDGE_WRITE_TIMEOUT=60s"}, write(t, "server.php", attributesScript))
	stuck := p.rawDial("/?user=c")
	defer stuck.Close()
	eventually(t, "it is there", func() bool { return p.numbers().Bridge.Memberships == 1 })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client := unixClient(p.api())
	// Fill the way to the client, so that whoever waits for it stays.
	for late := false; !late; {
		code, answer, _ := p.post(ctx, client, "http://bridge", "/v1/push", "", fmt.Sprintf(`{"fd":1,"data":%q,"wait":"written","timeout_ms":50}`, strings.Repeat("x", 300<<10)))
		if late = strings.Contains(answer, `"queued":1`); code != 200 {
			t.Fatal(code, answer)
		}
	}
	goroutines := p.numbers().Bridge.Goroutines
	var mu sync.Mutex
	codes := map[int]int{}
	var callers sync.WaitGroup
	waiting, leave := context.WithCancel(ctx)
	for range 1000 {
		callers.Go(func() {
			code, answer, retry := p.post(waiting, client, "http://bridge", "/v1/push", "", `{"fd":1,"data":"x","wait":"written","timeout_ms":30000}`)
			if code == 429 && (retry != "1" || !strings.Contains(answer, `"field":"request"`)) {
				t.Error(retry, answer)
			}
			mu.Lock()
			codes[code]++
			mu.Unlock()
		})
	}
	defer func() { t.Log(codes) }()
	eventually(t, "950 are sent away", func() bool { mu.Lock(); defer mu.Unlock(); return codes[429] == 950 })
	leave() // the others vanish in mid-call, and make room
	callers.Wait()
	if codes[0] != 50 {
		t.Error(codes)
	}
	eventually(t, "there is room again", func() bool {
		code, _, _ := p.post(ctx, client, "http://bridge", "/v1/push", "", `{"fd":1,"data":"x"}`)
		return code == 200
	})
	if n := p.numbers(); n.API.TooMany < 950 {
		t.Errorf("%+v", n)
	}
	eventually(t, "nothing is left of them", func() bool { return p.numbers().Bridge.Goroutines < goroutines+20 })

	// The same with frames: who waits for 30 s and vanishes is not waited for.
	var framed []net.Conn
	for range 100 {
		conn := must(net.Dial("unix", strings.TrimPrefix(p.api(), "unix:")))
		framed = append(framed, conn)
		_, _ = conn.Write([]byte("\x00\x00\x00\x00\x80" + strings.Repeat("\x00", 27) +
			"\x00\x00\x00\x07\x96\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01" + "\x00\x00\x00\x00\x00\x00\x00\x01" + "\x00\x00\x00\x01\x00\x00\x00\x06" + "\x08\x04\x00\x00\x75\x30" + "x"))
	}
	eventually(t, "all of them wait", func() bool { return p.numbers().Bridge.Goroutines >= goroutines+150 }) // two each
	for _, conn := range framed {
		_ = conn.Close()
	}
	left := time.Now()
	eventually(t, "nothing is left of them, either", func() bool { return p.numbers().Bridge.Goroutines < goroutines+50 })
	if took := time.Since(left); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

// Callers that vanish in the middle of what they say leave nothing behind, and nothing is done by halves.
func TestCallersThatVanish(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", attributesScript))
	c := p.dial("/?user=ann")
	c.want("hello")
	path := strings.TrimPrefix(p.api(), "unix:")
	body := `{"all":true,"data":"never"}`
	hello := []byte("\x00\x00\x00\x00\x80" + strings.Repeat("\x00", 27))
	push := append([]byte("\x00\x00\x00\x05\x96\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01"+strings.Repeat("\x00", 8)+"\x00\x00\x00\x01\x00\x00\x00\x00"), "never"...)
	for _, said := range [][]byte{
		nil,
		[]byte("P"),
		[]byte("POST /v1/push HTTP/1.1\r\nHost: x\r\n"),
		[]byte("POST /v1/push HTTP/1.1\r\nHost: x\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n" + body[:20]),
		[]byte("POST /v1/push HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1b\r\n" + body + "\r\n"),
		{0},
		hello[:20],
		hello,
		append(bytes.Clone(hello), push[:30]...),
		append(bytes.Clone(hello), push[:len(push)-1]...),
	} {
		for range 20 {
			conn, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = conn.Write(said)
			_ = conn.Close()
		}
	}
	// The whole of it is done, also if nobody waits for the answer.
	conn := must(net.Dial("unix", path))
	whole := append(bytes.Clone(hello), push...)
	_, _ = conn.Write(bytes.Replace(whole, []byte("never"), []byte("whole"), 1))
	_ = conn.Close()
	c.want("whole")
	eventually(t, "nothing is left of them", func() bool { return p.numbers().Bridge.Goroutines < 60 })
	if got := p.php(p.api(), "", `echo $bridge->push(1, "works")->done;`); got != "1" {
		t.Error(got)
	}
	c.want("works")
}

// Keys over TCP: counted, limited, replaced while callers keep their connections; bodies over the limit; scopes.
func TestKeysOfTheAPI(t *testing.T) {
	folder := t.TempDir()
	file, config := filepath.Join(folder, "key"), filepath.Join(folder, "bridge.yaml")
	set := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set(file, "the-first-key-123\n")
	set(config, `api: {listen: "tcp:127.0.0.1:0", keys: [{name: shop, key_file: `+file+`, scopes: [push]}, {name: ops, key: opsopsopsopsopsops}]}`)
	p := serve(t, nil, write(t, "server.php", attributesScript), "--config", config)
	c := p.dial("/?user=ann")
	c.want("hello")
	base := "http://" + strings.TrimPrefix(p.api(), "tcp:")
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	try := func(key, path, body string) int {
		code, _, _ := p.post(ctx, http.DefaultClient, base, path, key, body)
		return code
	}
	push := `{"all":true,"data":"x"}`
	if a, b, c := try("the-first-key-123", "/v1/push", push), try("the-first-key-123", "/v1/close", `{"fd":1}`), try("the-first-key-123", "/v1/push", `{"fd":1,"data":"`+strings.Repeat("x", 17<<20)+`"}`); a != 200 || b != 403 || c != 413 {
		t.Error(a, b, c)
	}
	c.want("x")
	// A client that keeps its connection has to show the new key, too.
	kept := exec.CommandContext(ctx, "php", "-r", fmt.Sprintf(`require %q;
		$bridge = new FpmBridge\Client(%q, "the-first-key-123");
		echo $bridge->push(1, "y")->done, "\n"; fgets(STDIN);
		try { $bridge->push(1, "never"); echo "done\n"; } catch (FpmBridge\ClientException $e) { echo $e->getCode(), "\n"; }
		echo (new FpmBridge\Client(%q, "the-second-key-45"))->push(1, "z")->done, "\n";`, must(filepath.Abs("../php-sdk/client.php")), p.api(), p.api()))
	stdin := must(kept.StdinPipe())
	var out testlog.Buffer
	kept.Stdout, kept.Stderr = &out, &out
	if err := kept.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first push", func() bool { return strings.HasPrefix(out.String(), "1\n") })
	c.want("y")
	set(file, "the-second-key-45\n")
	eventually(t, "the new key is good", func() bool { return try("the-second-key-45", "/v1/push", push) == 200 })
	c.want("x")
	if code := try("the-first-key-123", "/v1/push", push); code != 401 {
		t.Error(code)
	}
	_, _ = stdin.Write([]byte("\n"))
	if err := kept.Wait(); err != nil || out.String() != "1\n401\n1\n" {
		t.Errorf("%v %s", err, out.String())
	}
	c.want("z")
	for try("wrong-wrong-wrong", "/v1/push", push) == 401 {
	}
	code, answer, retry := p.post(ctx, http.DefaultClient, base, "/v1/push", "the-second-key-45", push)
	if code != 429 || retry != "60" || !strings.Contains(answer, "wrong keys") {
		t.Error(code, answer, retry)
	}
	if log := p.stderr.String(); !strings.Contains(log, "wrong key") || strings.Contains(log, "wrong-wrong") {
		t.Error("wrong keys are not logged, or with the key")
	}
}

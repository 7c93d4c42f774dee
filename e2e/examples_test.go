package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

func example(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(filepath.Join("..", "examples", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

func TestEchoExample(t *testing.T) {
	p := serve(t, nil, example(t, "echo/server.php"))
	c := p.dial("/")
	for _, s := range []string{"hello", "", "ünïcödé 🙂", strings.Repeat("long ", 20_000)} {
		c.send(s)
		c.want(s)
	}
	c.leave()
}

func TestPlainExample(t *testing.T) {
	p := serve(t, nil, example(t, "plain/chat.php"))
	a := p.dial("/")
	a.want("You are number 1. Write `7 hello` to greet number 7.")
	b := p.dial("/")
	b.want("You are number 2. Write `7 hello` to greet number 7.")
	a.send("2 good morning")
	b.want("1 says: good morning")
	b.send("1 hi")
	a.want("2 says: hi")
	a.leave()
	b.leave()
}

// Every example can be served, as `make test` checks too.
func TestExamplesPassTheCheck(t *testing.T) {
	needPHP(t)
	scripts, err := filepath.Glob("../examples/*/*.php")
	if err != nil || len(scripts) < 3 {
		t.Fatalf("%v %v", scripts, err)
	}
	for _, script := range scripts {
		if code, out, stderr := run(t, nil, "check", example(t, strings.TrimPrefix(script, "../examples/")), "--listen", "127.0.0.1:0"); code != 0 {
			t.Errorf("%s: exit %d: %s%s", script, code, out, stderr)
		}
	}
}

// said is a message of the chat's own protocol.
type said struct {
	Type, Name, Text string
	ID, Online       int
}

func (c *client) hear() said {
	c.t.Helper()
	_, text, err := c.read()
	var m said
	if err != nil || json.Unmarshal([]byte(text), &m) != nil {
		c.t.Fatalf("got %q, %v", text, err)
	}
	return m
}

func TestChatExample(t *testing.T) {
	p := serve(t, nil, example(t, "chat/server.php"))
	ann := p.dial("/?name=Ann")
	if got := ann.hear(); got != (said{Type: "welcome", Name: "Ann", ID: 1, Online: 1}) {
		t.Errorf("got %+v", got)
	}
	bob := p.dial("/?name=Bob")
	if got := bob.hear(); got != (said{Type: "welcome", Name: "Bob", ID: 2, Online: 2}) {
		t.Errorf("got %+v", got)
	}
	if got := ann.hear(); got != (said{Type: "join", Name: "Bob", ID: 2, Online: 2}) {
		t.Errorf("got %+v", got)
	}
	bob.send(`{"name":"Bob","text":"<b>hello</b>"}`)
	for _, c := range []*client{ann, bob} {
		if got := c.hear(); got != (said{Type: "message", Name: "Bob", Text: "<b>hello</b>", ID: 2}) {
			t.Errorf("got %+v", got)
		}
	}
	bob.send("no JSON at all") // nothing happens
	bob.leave()
	if got := ann.hear(); got != (said{Type: "leave", ID: 2, Online: 1}) {
		t.Errorf("got %+v", got)
	}
	ann.leave()

	// The page is served beside the WebSocket, and nothing outside of its folder is.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for path, want := range map[string]int{"/": 200, "/index.html": 200, "/server.php": 404, "/../server.php": 404, "/%2e%2e/server.php": 404} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != want && (want != 404 || resp.StatusCode != 400) || strings.Contains(string(body), "<?php") {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}

// A page's question goes through a queue to a worker, which pushes the answer to that page alone.
func TestQueueJobExample(t *testing.T) {
	queue := t.TempDir()
	p := serve(t, []string{"QUEUE=" + queue}, example(t, "queue-job/server.php"))
	a, b := p.dial("/"), p.dial("/")
	a.want("ready")
	b.want("ready")
	worker := func() *exec.Cmd {
		t.Helper()
		cmd := exec.Command("php", example(t, "queue-job/cli/worker.php"), p.api())
		cmd.Env = append(os.Environ(), "QUEUE="+queue)
		var out testlog.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if t.Failed() {
				t.Log(out.String())
			}
		})
		return cmd
	}
	worker()
	worker()
	for _, nonsense := range []string{"no number", "1", "9000000000000000000", "", "2 3"} {
		a.send(nonsense)
		a.want("Send a whole number from 2 to 10,000,000,000,000.")
	}
	for _, c := range []struct {
		from       *client
		n, factors string
	}{{a, "360", "2 × 2 × 2 × 3 × 3 × 5"}, {b, "6", "2 × 3"}, {a, "1000003", "1000003"}} {
		c.from.send(c.n)
		// What the event pushes goes out when it is over: the worker may be faster.
		got := map[string]bool{}
		for range 2 {
			_, text, err := c.from.read()
			got[text] = err == nil
		}
		if !got[c.n+" is in the queue"] || !got[c.n+" = "+c.factors] {
			t.Errorf("%s: %v", c.n, got)
		}
	}
	left, err := os.ReadDir(queue)
	for len(left) > 0 && err == nil { // the file goes after the push
		left, err = os.ReadDir(queue)
	}
	if err != nil {
		t.Error(err)
	}
}

func TestRoomsExample(t *testing.T) {
	for _, mode := range []string{"request", "resident"} {
		t.Run(mode, func(t *testing.T) {
			p := serve(t, nil, example(t, "rooms/server.php"), "--mode", mode)
			ann, bob := p.dial("/?name=Ann"), p.dial("/")
			ann.want(`{"you":"Ann"}`)
			bob.want(`{"you":"Guest 2"}`)
			ann.send(`{"say":"nobody hears it"}`)
			ann.send(`{"join":"kitchen"}`)
			ann.want(`{"room":"kitchen","here":[]}`)
			bob.send(`{"join":"kitchen"}`)
			bob.want(`{"room":"kitchen","here":["Ann"]}`)
			ann.want(`{"came":"Guest 2"}`)
			bob.send(`{"join":"garden"}`)
			bob.want(`{"room":"garden","here":[]}`)
			ann.want(`{"left":"Guest 2"}`)
			bob.send(`{"say":"alone"}`)
			bob.want(`{"from":"Guest 2","said":"alone"}`)
			bob.send(`{"join":" kitchen "}`)
			bob.want(`{"room":"kitchen","here":["Ann"]}`)
			ann.want(`{"came":"Guest 2"}`)
			for _, nonsense := range []string{"", "no JSON", "[]", `{"join":["x"]}`, `{"say":{}}`, `{"join":"kitchen"}`} {
				bob.send(nonsense)
			}
			bob.leave()
			ann.want(`{"left":"Guest 2"}`)
			ann.leave()
		})
	}
}

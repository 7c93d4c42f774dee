package e2e_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

func TestPlainScript(t *testing.T) {
	script := write(t, "plain.php", plainScript)
	p := serve(t, nil, script)
	c := p.dial("/feed?room=1")
	c.talk("hi")
	c.send("binary x")
	if typ, got, err := c.read(); err != nil || typ != websocket.MessageBinary || got != "\x00\xffx" {
		t.Errorf("got %v %q %v", typ, got, err)
	}
	other := p.dial("/")
	other.talk("2")
	c.send("list 1,2,99")
	c.want("to a list")
	other.want("to a list")
	c.send("stderr hello")
	c.want("ok")
	p.wantLog("to the log: hello")
	c.send("env QUERY_STRING,REQUEST_METHOD,BRIDGE_EVENT,BRIDGE_FD,BRIDGE_OPCODE,BRIDGE_ATTEMPT,REMOTE_ADDR")
	_, got, err := c.read()
	want := map[string]string{
		"QUERY_STRING": "room=1", "REQUEST_METHOD": "GET", "BRIDGE_EVENT": "message", "BRIDGE_FD": "1", "BRIDGE_OPCODE": "1",
		"BRIDGE_ATTEMPT": "1", "REMOTE_ADDR": "127.0.0.1",
	}
	env := map[string]string{}
	if err != nil || json.Unmarshal([]byte(got), &env) != nil || fmt.Sprint(env) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v (%v)", env, want, err)
	}
	other.send("close")
	other.wantClose(4003)
	c.leave()
	storyOf(t, script).wantClosed()
}

// An answer that is not valid applies nothing, is logged with its place, and leaves the connection alone.
func TestPlainAnswersThatAreRefused(t *testing.T) {
	script := write(t, "plain.php", plainScript)
	p := serve(t, []string{"BRIDGE_WORKERS=2", "BRIDGE_FPM_MAX_ANSWER=8MiB"}, script)
	c := p.dial("/")
	for _, step := range []struct{ send, log string }{
		{"opcode", "opcode"},
		{"unknown", "dance"},
		{"reason", "reason"},
		{"json", "bad_answer"},
		{"text", "just text"},
		{"garbage", "event failed"},
		{"status", "status 500"},
		{"huge", "too large"},
	} {
		c.send(step.send)
		c.talk("after " + step.send)
		if step.log != "bad_answer" {
			p.wantLog(step.log)
		}
	}
	if n := strings.Count(p.stderr.String(), "event failed"); n != 7 {
		t.Errorf("%d events failed, want 7", n)
	}
	c.leave()
	storyOf(t, script).wantClosed()
}

func TestRoutesOfOneConfiguration(t *testing.T) {
	dir := filepath.Dir(write(t, "server.php", swooleScript))
	overwrite(t, filepath.Join(dir, "plain.php"), plainScript)
	overwrite(t, filepath.Join(dir, "text.php"), `<?php if ($_SERVER['BRIDGE_EVENT'] === 'message') { echo strtoupper(file_get_contents('php://input')); }`)
	overwrite(t, filepath.Join(dir, "bridge.yaml"), `
log: {level: debug}
routes:
  - {path: /, script: server.php}
  - {path: /plain, script: plain.php, protocol: plain}
  - {path: /text, script: text.php, protocol: plain, reply: text, origins: ["https://good.example"]}
`)
	p := serve(t, nil, "--config", filepath.Join(dir, "bridge.yaml"))
	root, plain, text := p.dial("/x"), p.dial("/plain/y"), p.dial("/text")
	root.talk("swoole")
	plain.talk("plain")
	text.send("shout")
	text.want("SHOUT")
	if _, err := p.tryDial("/text", map[string][]string{"Origin": {"https://evil.example"}}); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("a foreign origin: %v", err)
	}
	for _, c := range []*client{root, plain, text} {
		c.leave()
	}
	(&story{t, filepath.Join(dir, "events")}).wantClosed()
}

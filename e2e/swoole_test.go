package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/coder/websocket"
)

func TestSwooleScript(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, nil, script)
	a, err := p.tryDial("/room?hello=world", http.Header{"X-Test": {"header"}, "Cookie": {"c=cookie"}})
	if err != nil {
		t.Fatal(err)
	}
	a.want("world header cookie /room 127.0.0.1")
	a.talk("hi")
	b := p.dial("/")
	b.talk("I am 2")

	t.Run("binary stays binary", func(t *testing.T) {
		if err := a.ws.Write(t.Context(), websocket.MessageBinary, []byte("echo \x00\xff")); err != nil {
			t.Fatal(err)
		}
		if typ, got, err := a.read(); err != nil || typ != websocket.MessageBinary || got != "\x00\xff" {
			t.Errorf("got %v %q %v", typ, got, err)
		}
	})
	t.Run("broadcast", func(_ *testing.T) {
		a.send("all to everybody")
		a.want("to everybody")
		b.want("to everybody")
	})
	t.Run("a push to another connection", func(_ *testing.T) {
		a.send("to 2 psst")
		b.want("psst")
		a.want("true")
		a.send("to 77 nobody")
		a.want("false")
	})
	t.Run("questions", func(t *testing.T) {
		a.send("count")
		a.want("2")
		a.send("exists 2")
		a.want("[true,true]")
		a.send("exists 77")
		a.want("[false,false]")
		a.send("info")
		_, got, err := a.read()
		var info map[string]any
		if err != nil || json.Unmarshal([]byte(got), &info) != nil || info["remote_ip"] != "127.0.0.1" || info["websocket_status"] != 3.0 {
			t.Errorf("got %s %v", got, err)
		}
	})
	t.Run("forms of push", func(t *testing.T) {
		a.send("frame")
		if typ, got, err := a.read(); err != nil || typ != websocket.MessageBinary || got != "in a frame" {
			t.Errorf("got %v %q %v", typ, got, err)
		}
		a.send("parts")
		a.want("one two")
	})
	t.Run("ends", func(_ *testing.T) {
		b.send("disconnect")
		b.wantClose(4001)
		c := p.dial("/")
		c.send("close")
		c.wantClose(-1) // a bare FIN, as in Swoole
		d := p.dial("/")
		d.talk("I am here")
		a.send("kick 4")
		a.want("kicked")
		d.wantClose(4002)
		a.talk("still here")
		a.leave()
	})
	storyOf(t, script).wantClosed()
	if n := storyOf(t, script).count("open"); n != 4 {
		t.Errorf("%d opens", n)
	}
}

// What PHP prints, warns of or throws goes to the log with fd, event and script, never to a client; the connection stays.
func TestWhatAScriptSaysGoesToTheLog(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, nil, script)
	c := p.dial("/")
	for _, step := range []struct{ send, want, log string }{
		{"print something", "ok", "printed something"},
		{"warn x", "ok", "Undefined variable $undefined"},
		{"throw it", "", "RuntimeException: thrown it"},
		{"exit", "before exit", ""},
		{"fatal", "", "undefined function no_such_function"},
		{"memory", "", "Allowed memory size"},
		{"die", "", "event failed"},
		{"output", "ok", "raw garbage"},
	} {
		c.send(step.send)
		if step.want != "" {
			c.want(step.want)
		}
		if step.log != "" {
			p.wantLog(step.log)
		}
		c.talk("after " + step.send)
	}
	for line := range strings.Lines(p.stderr.String()) {
		if strings.Contains(line, "event failed") && strings.Count(line, script) != 1 {
			t.Errorf("the script is named %d times: %s", strings.Count(line, script), line)
		}
		if strings.Contains(line, "RuntimeException") && (!strings.Contains(line, "fd=1") || !strings.Contains(line, "event=message") || !strings.Contains(line, script)) {
			t.Errorf("the line does not say where it comes from: %s", line)
		}
	}
	bad, err := p.tryDial("/?fail=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	bad.wantClose(1011)
	c.leave()
	storyOf(t, script).wantClosed()
}

// Frames of a burst, over several connections at once: each gets its own back, in order.
func TestManyMessagesOfManyConnections(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, nil, script)
	const clients, messages = 30, 20
	var list []*client
	for range clients {
		list = append(list, p.dial("/"))
	}
	for m := range messages {
		for i, c := range list {
			c.send("echo " + strings.Repeat(string(rune('a'+i%26)), m+1))
		}
	}
	for m := range messages {
		for i, c := range list {
			c.want(strings.Repeat(string(rune('a'+i%26)), m+1))
		}
	}
	for _, c := range list {
		c.leave()
	}
	storyOf(t, script).wantClosed()
}

// A deploy: the new file is described again, and what it wants is served, without a restart.
// A deploy may bring a class that overrides methods with types: PHP 8 refuses it once, and then gets the SDK's classes that it goes with.
func TestDeployThatOverridesWithTypes(t *testing.T) {
	for _, args := range [][]string{nil, {"--mode", "resident", "--launcher", "cli"}} {
		script := write(t, "server.php", swooleScript)
		p := serve(t, []string{"BRIDGE_FPM_INI=opcache.enable=0"}, append([]string{script}, args...)...)
		c := p.dial("/")
		c.talk("old")
		const class = "class Mine extends Swoole\\WebSocket\\Server { public function push(int $fd, $data, int $opcode = 1, int $flags = 1): bool { return parent::push($fd, \"my $data\", $opcode, $flags); } }\n"
		typed := strings.Replace(swooleScript, "new Server(", "new Mine(", 1) + class
		if typed = strings.Replace(typed, "['worker_num' => 2]", "['worker_num' => 3]", 1); !strings.Contains(typed, "new Mine(") || !strings.Contains(typed, "=> 3]") {
			t.Fatal(typed)
		}
		overwrite(t, script, typed)
		if args != nil {
			if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "it is described again", func() bool {
			if args == nil {
				c.send("open hours") // no answer
			}
			return strings.Contains(p.stderr.String(), "described again")
		})
		eventually(t, "new code answers", func() bool {
			c.send("echo x")
			_, got, err := c.read()
			return err == nil && got == "my x"
		})
		c.leave()
	}
}

func TestScriptThatChanges(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, []string{"BRIDGE_FPM_INI=opcache.enable=0"}, script)
	c := p.dial("/")
	c.talk("old")
	overwrite(t, script, strings.Replace(strings.Replace(swooleScript, "case 'echo': $server->push($fd, $rest", "case 'echo': $server->push($fd, 'new ' . $rest", 1),
		"['worker_num' => 2]", "['worker_num' => 3]", 1))
	c.send("echo x")
	c.want("new x")
	p.wantLog("described again")
	c.leave()
	storyOf(t, script).wantClosed()
}

package e2e_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
)

func TestVersion(t *testing.T) {
	code, out, _ := run(t, nil, "version")
	if code != 0 || !strings.HasPrefix(out, "fpmbridge ") {
		t.Errorf("exit %d, %q", code, out)
	}
}

func TestCheckSaysWhatItFound(t *testing.T) {
	needPHP(t)
	script := write(t, "server.php", swooleScript)
	code, out, stderr := run(t, nil, "check", script, "--listen", "127.0.0.1:0")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, want := range []string{"websocket", "framed", "open, message, close", script, "ok: serve would work"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
}

func TestCheckOfAGivenFPM(t *testing.T) {
	srv := fpmtest.Start(t, fpm.Options{Listen: fpm.ListenTCP, MaxChildren: 3})
	script := write(t, "plain.php", plainScript)
	code, out, stderr := run(t, nil, "check", script, "--listen", "127.0.0.1:0", "--fpm", srv.Address())
	if code != 0 || !strings.Contains(out, srv.Address()) || !strings.Contains(out, "plain") {
		t.Errorf("exit %d: %s%s", code, out, stderr)
	}
}

// What check and serve say to somebody who has to act. Each is exit code 1, or 2 when the command line is wrong.
func TestErrorsAPersonReads(t *testing.T) {
	needPHP(t)
	good := write(t, "server.php", swooleScript)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"no script", []string{"check"}, 2, []string{"no script to serve"}},
		{"unknown command", []string{"chekc"}, 2, []string{"chekc"}},
		{"unknown flag", []string{"serve", "--wrkers", "3", good}, 2, []string{"wrkers"}},
		{"script that is not there", []string{"check", "/nowhere/server.php"}, 1, []string{"/nowhere/server.php"}},
		{"script with a parse error", []string{"check", write(t, "broken.php", "<?php\n\n$x = = 3;\n")}, 1, []string{"broken.php:3", "syntax error"}},
		{"script that never calls start", []string{"check", write(t, "nostart.php", "<?php $s = new Swoole\\WebSocket\\Server('127.0.0.1', 9501); $s->on('message', function () {});")}, 1, []string{"start()"}},
		{"script that throws", []string{"check", write(t, "throws.php", "<?php\nthrow new RuntimeException('no database');\n")}, 1, []string{"no database", "throws.php"}},
		{"no php-fpm at the address", []string{"check", good, "--fpm", "unix:/nowhere/fpm.sock"}, 1, []string{"/nowhere/fpm.sock"}},
		{"address that is no address", []string{"check", good, "--fpm", "localhost"}, 1, []string{"fpm.address", "localhost"}},
		{"port that another program has", []string{"check", good, "--listen", taken.Addr().String()}, 1, []string{taken.Addr().String(), "in use by process " + itoa(os.Getpid())}},
		{"port that is taken", []string{"serve", good, "--listen", taken.Addr().String()}, 1, []string{taken.Addr().String(), "in use by process " + itoa(os.Getpid())}},
		{"all that is wrong at once", []string{"check", "--config", write(t, "bridge.yaml", "script: server.php\nworkerz: 3\nqueue_timeout: 30\nlimits: {inbox: lots}\n")}, 1, []string{"workerz", "queue_timeout", "limits.inbox"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := c.args
			if len(args) > 1 && !strings.Contains(strings.Join(args, " "), "--listen") {
				args = append(args, "--listen", "127.0.0.1:0")
			}
			code, stdout, stderr := run(t, nil, args...)
			if code != c.code {
				t.Errorf("exit %d, want %d: %s%s", code, c.code, stdout, stderr)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is not in:\n%s", want, stderr)
				}
			}
		})
	}
}

// A check beside the bridge that it is about says what that one has, and looks at all the rest. The bridge does not notice.
func TestCheckBesideABridge(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	dir, err := os.MkdirTemp("/tmp", "e2e") // sockets need short paths
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	env := []string{"BRIDGE_CALLBACK_LISTEN=unix:" + dir + "/callback.sock", "BRIDGE_API_LISTEN=unix:" + dir + "/api.sock"}
	p := serve(t, env, script)
	p.dial("/").talk("hi")
	code, out, stderr := run(t, env, "check", script, "--listen", p.addr)
	if code != 0 || !strings.Contains(out, "ok: serve would work in its place") {
		t.Errorf("exit %d: %s%s", code, out, stderr)
	}
	for _, what := range []string{p.addr, dir + "/callback.sock", dir + "/api.sock"} {
		if want := what + " is in use by process " + itoa(p.cmd.Process.Pid) + " (fpmbridge), a bridge that runs"; !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	broken := write(t, "broken.php", "<?php syntax error")
	if code, _, stderr := run(t, env, "check", broken, "--listen", p.addr); code != 1 || !strings.Contains(stderr, "broken.php") {
		t.Errorf("a broken script: exit %d: %s", code, stderr)
	}
	if code, _, stderr := run(t, env, "serve", script, "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(stderr, "in use by process "+itoa(p.cmd.Process.Pid)) {
		t.Errorf("a second bridge: exit %d: %s", code, stderr)
	}
	p.dial("/").talk("still here")
}

// A variable with a name that no setting has is said, and the nearest one.
func TestVariablesThatSetNothing(t *testing.T) {
	needPHP(t)
	code, _, stderr := run(t, []string{"BRIDGE_FMP_ADDRESS=unix:/nowhere", "BRIDGE_EVENT=message", "BRIDGE_BATCH=1"}, "check", write(t, "server.php", swooleScript), "--listen", "127.0.0.1:0")
	if code != 0 || strings.Count(stderr, "sets nothing") != 1 || !strings.Contains(stderr, "name=BRIDGE_FMP_ADDRESS did_you_mean=BRIDGE_FPM_ADDRESS") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// Nothing that a command started or made is left, whether it went well or not.
func TestCommandsLeaveNothingBehind(t *testing.T) {
	needPHP(t)
	for _, script := range []string{write(t, "server.php", swooleScript), write(t, "broken.php", "<?php syntax error")} {
		p := launch(t, nil, "check", script, "--listen", "127.0.0.1:0")
		<-p.exited
		p.wantNothingLeft()
	}
}

func (p *program) wantNothingLeft() {
	p.t.Helper()
	left, err := filepath.Glob(filepath.Join(p.tmp, "*"))
	if err != nil || len(left) > 0 {
		p.t.Errorf("left in the temp folder: %v %v", left, err)
	}
	// php-fpm runs with its configuration's path, below our temp folder, as an argument.
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(data), p.tmp) {
			p.t.Errorf("still running: %s %q", file, data)
		}
	}
}

package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// launcherScript insists on the command line, keeps memory, and can end in every way.
const launcherScript = `#!/usr/bin/env php
<?php
if (PHP_SAPI !== 'cli') { exit("for the command line only\n"); }
function note($s) { file_put_contents(__DIR__ . '/notes', "$s\n", FILE_APPEND); }
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->set(['worker_num' => 1, 'task_worker_num' => 2, 'task_max_request' => MOST]);
$n = 0;
$server->on('start', function ($s) use (&$n) { $n = 40; note('start'); });
$server->on('shutdown', function ($s) use (&$n) { note('shutdown ' . ($n + 2)); });
$server->on('workerStart', function ($s, $id) { note("workerStart $id"); });
$server->on('workerStop', function ($s, $id) { note("workerStop $id"); });
$server->on('workerError', function ($s, $id, $pid, $code, $signal) { note("error $id " . ($pid > 0 ? 'pid' : 0) . " $code $signal"); });
$server->on('task', function ($s, $id, $source, $data) use (&$n) {
    $n++;
    switch ($data) {
        case 'exit': exit(7);
        case 'kill': posix_kill(getmypid(), SIGKILL);
        case 'throw': throw new RuntimeException('thrown in a task');
        case 'tick': Swoole\Timer::tick(30, function ($timer) use ($s) { $s->push(1, 'tick'); Swoole\Timer::clear($timer); });
    }
    return "$s->worker_id $n";
});
$server->on('finish', function ($s, $id, $data) {});
$server->on('message', function ($s, $f) use (&$n, $argv, $argc) {
    $n++;
    [$word, $rest] = explode(' ', $f->data . ' ', 2);
    $say = function ($x) use ($s, $f) { $s->push($f->fd, is_string($x) ? $x : json_encode($x)); };
    switch ($word) {
        case 'echo': $say(trim($rest)); break;
        case 'argv': $say([basename($argv[0]), array_slice($_SERVER['argv'], 1), $argc]); break;
        case 'n': $say("$n VERSION"); break;
        case 'stdio': $say([is_resource(STDIN), fread(STDIN, 1), fwrite(STDOUT, "to stdout\n"), fwrite(STDERR, "to stderr\n"), basename(getcwd()) === basename(__DIR__)]); break;
        case 'print': echo "printed\n"; print "half a line"; $say('done'); break;
        case 'secrets':
            $names = array_merge(array_keys(getenv()), array_keys($_SERVER), array_keys($_ENV));
            $links = array_filter(array_map(function ($fd) { return (string) @readlink("/proc/self/fd/$fd"); }, scandir('/proc/self/fd')));
            $say([array_values(preg_grep('/BRIDGE/', $names)), getenv('BRIDGE_TOKEN'), getenv('MINE'), count(preg_grep('/^socket/', $links)), array_values(preg_grep('/epoll|eventfd/', $links))]);
            break;
        case 'task': $say($s->taskwait(trim($rest), 5, 0)); break;
        case 'async': $s->task(trim($rest), 0); break;
        case 'ids': $say([getmypid(), posix_getppid(), $s->master_pid, posix_getpgid(0)]); break;
        case 'child': exec('sleep 300 >/dev/null 2>&1 & echo $!', $out); $say($out[0]); break;
        case 'exit': exit(3);
        case 'kill': posix_kill(getmypid(), SIGKILL); break;
        case 'term': posix_kill(getmypid(), SIGTERM); break;
        case 'fatal': no_such_function(); break;
        case 'reload': $s->reload(); break;
    }
});
$server->start();
`

func launcherFile(t *testing.T) string {
	t.Helper()
	return write(t, "server.php", strings.ReplaceAll(launcherScript, "MOST", "0"))
}

// onCommandLine serves a script without a php-fpm.
func onCommandLine(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	env = append(env, "BRIDGE_MODE=resident", "BRIDGE_LAUNCHER=cli", "BRIDGE_CLOSE_TIMEOUT=100ms")
	return serve(t, env, args...)
}

func TestCommandLineScript(t *testing.T) {
	path := launcherFile(t)
	p := onCommandLine(t, []string{"MINE=mine", "BRIDGE_CALLBACK_TOKEN=a secret that nobody may see"}, path, "--", "start", "-p", "a b", "--x=ü")
	c := p.dial("/")
	c.send("argv")
	c.want(`["server.php",["start","-p","a b","--x=\u00fc"],5]`)
	c.send("stdio")
	c.want(`[true,"",10,10,true]`)
	p.wantLog(`text="to stdout"`)
	p.wantLog(`text="to stderr"`)
	c.send("print")
	c.want("done")
	p.wantLog(`level=INFO msg=php text=printed script=` + path + ` process=worker worker=0`)
	c.send("secrets")
	c.want(`[[],false,"mine",1,[]]`)
	if strings.Contains(p.stderr.String(), "php-fpm") || strings.Contains(p.stdout.String(), "php-fpm") || !strings.Contains(p.stdout.String(), "on the command line") {
		t.Error("php-fpm is named:", p.stdout.String())
	}
	for i := range 3 { // task workers keep their memory
		c.send("task x")
		c.want("1 " + strconv.Itoa(i+1))
	}
	c.send("async tick")
	c.want("tick")
	if code := p.stop(); code != 0 {
		t.Error("exit", code)
	}
	notes := read(t, path)
	for _, s := range []string{"start\n", "workerStart 0\n", "workerStart 1\n", "workerStart 2\n", "workerStop 0\n", "workerStop 1\n", "workerStop 2\n", "shutdown 42\n"} {
		if strings.Count(notes, s) != 1 {
			t.Errorf("%q is not there once: %q", s, notes)
		}
	}
	if strings.Contains(notes, "error") {
		t.Error(notes)
	}
	p.wantNothingLeft()
}

func TestCommandLineEnds(t *testing.T) {
	path := launcherFile(t)
	p := onCommandLine(t, nil, path)
	c := p.dial("/")
	c.talk("x")
	for how, want := range map[string]string{"exit": "3 0", "kill": "0 9", "term": "0 15", "fatal": "255 0"} {
		c.send(how)
		eventually(t, how, func() bool { return strings.Contains(read(t, path), "error 0 pid "+want+"\n") })
		c.talk("still there")
	}
	for how, want := range map[string]string{"exit": "7 0", "kill": "0 9", "throw": "255 0"} {
		c.send("async " + how)
		eventually(t, "task "+how, func() bool {
			notes := read(t, path)
			return strings.Contains(notes, "error 1 pid "+want+"\n") || strings.Contains(notes, "error 1 0 "+want+"\n")
		})
		c.send("task x")
		c.want("1 1")
	}
	if n := strings.Count(read(t, path), "error"); n != 7 {
		t.Errorf("%d errors of 7: %q", n, read(t, path))
	}
}

func TestCommandLineTaskMaxRequest(t *testing.T) {
	path := write(t, "server.php", strings.ReplaceAll(launcherScript, "MOST", "4, 'task_max_request_grace' => 1"))
	p := onCommandLine(t, nil, path)
	c := p.dial("/")
	for range 40 {
		c.send("task x")
		_, got, err := c.read()
		if err != nil || !strings.HasPrefix(got, "1 ") {
			t.Fatal(got, err)
		}
	}
	if notes := read(t, path); strings.Count(notes, "workerStop 1") < 4 || strings.Count(notes, "workerStop 1") > 8 || strings.Contains(notes, "error") {
		t.Error(notes) // each of them had 4 tasks, and one of its grace
	}
}

func TestCommandLineReload(t *testing.T) {
	path := launcherFile(t)
	p := onCommandLine(t, nil, path)
	c := p.dial("/")
	c.send("n")
	c.want("1 VERSION")
	c.send("task x")
	c.want("1 1")
	overwrite(t, path, strings.ReplaceAll(strings.ReplaceAll(launcherScript, "MOST", "0"), "VERSION", "second"))
	if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	for range 100 { // nothing is lost meanwhile
		c.talk("x")
	}
	eventually(t, "all workers are replaced", func() bool {
		notes := read(t, path)
		return strings.Count(notes, "workerStart 0") == 2 && strings.Count(notes, "workerStart 1") == 2 && strings.Count(notes, "workerStart 2") == 2
	})
	eventually(t, "the new code runs", func() bool {
		c.send("n")
		_, got, err := c.read()
		return err == nil && strings.HasSuffix(got, " second")
	})
	c.send("task x")
	c.want("1 1")
	p.stop()
	if notes := read(t, path); !strings.Contains(notes, "shutdown 42") || strings.Contains(notes, "error") {
		t.Error(notes)
	}
}

// The bridge is killed: no PHP stays behind.
func TestCommandLineDiesWithTheBridge(t *testing.T) {
	path := launcherFile(t)
	p := onCommandLine(t, nil, path)
	c := p.dial("/")
	got := c.answer("ids")
	var ids []int
	if err := json.Unmarshal([]byte(got), &ids); err != nil || ids[1] != p.cmd.Process.Pid || ids[2] != ids[1] || ids[3] != ids[0] {
		t.Fatal("pid, parent, master, group:", got, err)
	}
	if n := len(phpOf(t, path)); n != 4 { // worker, two task workers, the server's own
		t.Errorf("%d processes", n)
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all have gone", func() bool { return len(phpOf(t, path)) == 0 })
}

// What a worker started ends with it.
func TestCommandLineChildren(t *testing.T) {
	path := launcherFile(t)
	p := onCommandLine(t, nil, path)
	c := p.dial("/")
	got := c.answer("child")
	child, err := strconv.Atoi(got)
	if err != nil || syscall.Kill(child, 0) != nil {
		t.Fatal(got, err)
	}
	p.stop()
	eventually(t, "the child has gone", func() bool { return gone(child) })
}

// gone reports whether a process has ended, be it that nobody has reaped it.
func gone(pid int) bool {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err != nil || strings.Contains(string(status), ") Z ")
}

// phpOf lists the processes that run a script.
func phpOf(t *testing.T, path string) (pids []string) {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lines {
		line, err := os.ReadFile(file)
		words := strings.Split(string(line), "\x00")
		if err == nil && strings.Contains(words[0], "php") && slices.Contains(words, path) {
			pids = append(pids, filepath.Base(filepath.Dir(file)))
		}
	}
	return pids
}

func TestCommandLineRefuses(t *testing.T) {
	path := launcherFile(t)
	never := write(t, "never.php", "<?php exit(\"only with arguments\\n\");")
	plain := write(t, "plain.php", `<?php header('Content-Type: application/json'); echo '{"instructions":[]}';`)
	broken := write(t, "broken.php", "<?php new Swoole\\WebSocket\\Server('127.0.0.1', 0); no_such_function();")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"mode: resident", []string{path, "--launcher", "cli"}},
		{"fpm.address", []string{path, "--launcher", "cli", "--mode", "resident", "--fpm", "unix:/none"}},
		{"allowed are fpm cli", []string{path, "--launcher", "cron"}},
		{"start a server", []string{plain, "--launcher", "cli", "--mode", "resident"}},
		{"start a server", []string{never, "--launcher", "cli", "--mode", "resident"}},
		{"no_such_function", []string{broken, "--launcher", "cli", "--mode", "resident"}},
	} {
		code, _, stderr := run(t, nil, append([]string{"serve", "--listen", "127.0.0.1:0"}, c.args...)...)
		if code != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit %d, %s", c.args, code, stderr)
		}
	}
	code, _, stderr := run(t, []string{"BRIDGE_PHP_BINARY=/bin/echo"}, "serve", path, "--launcher", "cli", "--mode", "resident")
	if code != 1 || !strings.Contains(stderr, "no PHP for the command line") {
		t.Error(code, stderr)
	}
}

// One bridge, one script in php-fpm and one on the command line; arguments reach both.
func TestBothLaunchers(t *testing.T) {
	path := launcherFile(t)
	other := write(t, "other.php", `<?php
$s = new Swoole\WebSocket\Server('127.0.0.1', 0);
$s->on('message', function ($s, $f) use ($argv) { $s->push($f->fd, PHP_SAPI . json_encode($argv)); });
$s->start();`)
	yaml := write(t, "bridge.yaml", "mode: resident\nroutes:\n  - {path: /cli, script: "+path+", launcher: cli, args: [one]}\n  - {path: /fpm, script: "+other+", args: [two, \"a b\"]}\n")
	p := serve(t, nil, "--config", yaml)
	c := p.dial("/cli")
	c.send("argv")
	c.want(`["server.php",["one"],2]`)
	d := p.dial("/fpm")
	d.send("x")
	d.want(`fpm-fcgi["other.php","two","a b"]`)
	p.stop()
	p.wantNothingLeft()
}

// What a script reads before start() is what it has written itself: the bridge is not asked, which does not serve yet.
func TestTablesAreReadBeforeStart(t *testing.T) {
	script := write(t, "server.php", `<?php
$t = new Swoole\Table(64);
$t->column('n', Swoole\Table::TYPE_INT);
$t->create();
$t->set('a', ['n' => 5]);
$a = new Swoole\Atomic(7);
$at = $t->get('a', 'n') + $a->get();
$s = new Swoole\WebSocket\Server('127.0.0.1', 0);
$s->on('message', function ($s, $f) use ($t, $a, $at) { $s->push($f->fd, $t->get('a', 'n') + $a->get() . " $at"); });
$s->start();`)
	for _, launcher := range []string{"fpm", "cli"} {
		p := serve(t, nil, script, "--mode", "resident", "--launcher", launcher)
		c := p.dial("/")
		c.send("x")
		c.want("12 12")
	}
}

// Scripts that have to be asked in their own way are: nobody has to know flags.
func TestScriptsThatRefuse(t *testing.T) {
	needPHP(t)
	const server = `$s = new Swoole\WebSocket\Server('127.0.0.1', 0);
$s->set(['pid_file' => __DIR__ . '/server.pid']);
$s->on('message', function ($s, $f) { $s->push($f->fd, PHP_SAPI . ' ' . implode(' ', array_slice($GLOBALS['argv'], 1))); });
$s->start();`
	for name, c := range map[string]struct{ script, says, answer string }{
		"command": {`if (($argv[1] ?? '') !== 'start') { exit("Usage: server.php start|stop\n"); }`, "server.php --listen 127.0.0.1:0 -- start\n", "fpm-fcgi start"},
		"both":    {`PHP_SAPI === 'cli' || exit(1); $argc > 1 || die("usage\n");`, "--launcher cli -- start\n", "cli start"},
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, []string{"BRIDGE_CLOSE_TIMEOUT=100ms"}, write(t, "server.php", "<?php\n"+c.script+"\n"+server))
			client := p.dial("/")
			client.send("x")
			client.want(c.answer)
			p.wantLog(c.says)
			if code := p.stop(); code != 0 {
				t.Error("exit", code)
			}
		})
	}
}

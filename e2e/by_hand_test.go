package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// byHandScript is started with php server.php, and has a command line of its own.
const byHandScript = `<?php
echo "=== a server ===\n";
if (($argv[1] ?? '') !== 'start') { fwrite(STDERR, "usage: $argv[0] start\n"); exit(2); }
$table = new Swoole\Table(64);
$table->column('n', Swoole\Table::TYPE_INT);
$table->create();
$table->set('row', ['n' => 5]);
echo "in the row: ", $table->get('row', 'n'), "\n";
$master = getmypid();
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->set(['daemonize' => (bool) getenv('DAEMONIZE')]);
$server->on('start', function ($s) { echo "started $s->master_pid\n"; });
$server->on('workerStart', function ($s, $id) use ($table, $argv) {
    echo "serving on $s->port with " . $table->get('row', 'n') . ' ' . ini_get('memory_limit') . ' ' . json_encode($argv) . "\n"; // one write
    fwrite(STDERR, "to stderr\n");
});
$server->on('shutdown', function () { echo "shut down\n"; });
$server->on('message', function ($s, $f) {
    if ($f->data === 'warn') { echo $undefined; }
    if ($f->data === 'exit') { exit(4); }
    echo "got $f->data\n";
    $s->push($f->fd, str_replace('echo ', '', $f->data));
});
echo "master $master\n";
$server->start();
echo "not here\n";
`

// byHand runs php with the SDK in front of a script, in a process group of its own.
func byHand(t *testing.T, script string, env []string, php []string, args ...string) *program {
	t.Helper()
	if _, err := exec.LookPath("php"); err != nil {
		needPHP(t)
	}
	entry, err := filepath.Abs("../php-sdk/entry-cli.php")
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, tmp: t.TempDir(), exited: make(chan struct{})}
	p.cmd = exec.Command("php", append(append(append(php, "-d", "auto_prepend_file="+entry), filepath.Base(script)), args...)...)
	p.cmd.Env = append(os.Environ(), append([]string{"FPMBRIDGE_BIN=" + binary, "TMPDIR=/tmp"}, env...)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.Dir = filepath.Dir(script)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = 5 * time.Second
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.exited
		if t.Failed() {
			t.Logf("stdout:\n%s\nstderr:\n%s", tail(p.stdout.String()), tail(p.stderr.String()))
		}
	})
	return p
}

var servingOn = regexp.MustCompile(`serving on (\d+) `)

func (p *program) waitByHand() { p.t.Helper(); p.addr = "127.0.0.1:" + p.waitFor(servingOn) }

// interrupt is Ctrl-C: the whole process group gets it.
func (p *program) interrupt() int {
	p.t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.t.Fatal("it does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

func TestByHand(t *testing.T) {
	script := write(t, "server.php", byHandScript)
	p := byHand(t, script, []string{"BRIDGE_CLOSE_TIMEOUT=100ms"}, []string{"-d", "memory_limit=99M"}, "start", "-x", "a b")
	p.waitByHand()
	c := p.dial("/")
	c.talk("hello")
	if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil { // as to Swoole's master
		t.Fatal(err)
	}
	eventually(t, "it is reloaded", func() bool { return strings.Count(p.stdout.String(), "serving on") == 2 })
	c.talk("hello")
	c.send("warn")
	c.want("warn")
	p.wantLog("Undefined variable $undefined")
	c.send("exit")
	p.wantLog("exit code 4")
	eventually(t, "there is a new worker", func() bool { return strings.Count(p.stdout.String(), "serving on") == 3 })
	if code := p.interrupt(); code != 0 {
		t.Errorf("exit %d", code)
	}
	out := p.stdout.String()
	master := ""
	if m := regexp.MustCompile(`master (\d+)\n`).FindStringSubmatch(out); m != nil {
		master = m[1]
	}
	for text, n := range map[string]int{
		"=== a server ===\n": 1, "in the row: 5\n": 1, "started " + master + "\n": 1, ` with 5 99M ["server.php","start","-x","a b"]` + "\n": 3,
		"got echo hello\n": 2, "shut down\n": 1, "not here": 0, "fpmbridge": 0, "level=": 0,
	} {
		if got := strings.Count(out, text); got != n {
			t.Errorf("%q is there %d times, not %d, in %q", text, got, n, out)
		}
	}
	if errs := p.stderr.String(); !strings.HasPrefix(errs, "to stderr\n") || strings.Contains(errs, "level=INFO") {
		t.Error(errs)
	}
	if n := len(phpOf(t, "server.php")); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

// Scripts that do not start a server are left alone.
func TestByHandWithoutStart(t *testing.T) {
	p := byHand(t, write(t, "server.php", byHandScript), nil, nil)
	<-p.exited
	if code := p.cmd.ProcessState.ExitCode(); code != 2 || p.stdout.String() != "=== a server ===\n" || p.stderr.String() != "usage: server.php start\n" {
		t.Error(code)
	}
	p = byHand(t, write(t, "tool.php", `<?php
use function Swoole\Coroutine\run;
run(function () { go(function () { Swoole\Coroutine::sleep(0.01); echo "slept "; }); echo "first "; });
$a = new Swoole\Atomic(1);
echo $a->add(), ' ', SWOOLE_VERSION > '4', ' ', count($argv), ' ', PHP_SAPI, ob_get_level(), "\n";
register_shutdown_function(function () { echo "over\n"; });
exit(5);`), nil, nil, "one")
	<-p.exited
	if code := p.cmd.ProcessState.ExitCode(); code != 5 || p.stdout.String() != "first slept 2 1 2 cli0\nover\n" || p.stderr.String() != "" {
		t.Error(code)
	}
}

// Without pcntl the bridge is a child, and ends with php however that ends.
func TestByHandWithoutPcntl(t *testing.T) {
	for name, end := range map[string]func(p *program){
		"Ctrl-C":  func(p *program) { p.interrupt() },
		"kill -9": func(p *program) { _ = p.cmd.Process.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			script := write(t, "server.php", byHandScript)
			p := byHand(t, script, []string{"DAEMONIZE=1", "BRIDGE_CLOSE_TIMEOUT=100ms"}, []string{"-d", "disable_functions=pcntl_exec"}, "start")
			p.waitByHand()
			p.dial("/").talk("hello")
			p.wantLog("daemonize: the bridge stays in the foreground")
			end(p)
			eventually(t, "it is shut down", func() bool { return strings.Contains(p.stdout.String(), "shut down\n") })
			eventually(t, "nobody is left", func() bool { return len(phpOf(t, "server.php")) == 0 })
		})
	}
}

func TestByHandSaysWhatIsMissing(t *testing.T) {
	script := write(t, "server.php", byHandScript)
	for _, c := range []struct{ env, want string }{
		{"FPMBRIDGE_BIN=/no/such/file", "FPMBRIDGE_BIN: /no/such/file is no program"},
		{"FPMBRIDGE_BIN=", "start() needs the program fpmbridge"},
	} {
		if _, err := os.Stat("../bin/fpmbridge"); err == nil && c.env == "FPMBRIDGE_BIN=" {
			continue // somebody has built the program: it is found beside the SDK, and serves
		}
		p := byHand(t, script, []string{c.env}, nil, "start")
		<-p.exited
		if code := p.cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(p.stderr.String(), c.want) {
			t.Error(code, p.stderr.String())
		}
	}
	broken := write(t, "server.php", strings.Replace(byHandScript, "$server->on('message'", "$server->on('messsage'", 1))
	p := byHand(t, broken, nil, nil, "start")
	<-p.exited
	if code := p.cmd.ProcessState.ExitCode(); code == 0 || !strings.Contains(p.stderr.String(), "onMessage") {
		t.Error(code)
	}
}

// The usual commands of a script, by its pid file: what runs anew in each worker does not find, or end, its own server.
func TestByHandCommands(t *testing.T) {
	script := write(t, "server.php", `<?php
$file = __DIR__ . '/server.pid';
$pid = (int) @file_get_contents($file);
$runs = $pid > 0 && Swoole\Process::kill($pid, 0);
switch ($argv[1]) {
    case 'stop':
        exit($runs && Swoole\Process::kill($pid, SIGTERM) ? 0 : 3);
    case 'restart':
        if ($runs) { Swoole\Process::kill($pid, SIGTERM); }
        for ($i = 0; $i < 500 && Swoole\Process::kill($pid, 0); $i++) { usleep(10000); }
        break;
    default:
        if ($runs) { exit("already running\n"); }
}
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->set(['pid_file' => $file, 'worker_num' => 2]);
$server->on('workerStart', function ($s, $id) { echo $id === 0 ? "serving on $s->port \n" : ''; });
$server->on('message', function ($s, $f) {
    $f->data === 'exit' ? exit(1) : $s->push($f->fd, str_replace('echo ', '', $f->data));
});
$server->start();
`)
	command := func(args ...string) (int, string) {
		p := byHand(t, script, nil, nil, args...)
		<-p.exited
		return p.cmd.ProcessState.ExitCode(), p.stdout.String()
	}
	p := byHand(t, script, nil, nil, "start")
	p.waitByHand()
	c, d := p.dial("/"), p.dial("/")
	c.talk("one")
	c.send("exit") // the next worker runs the code before start(), too
	c.talk("two")
	d.talk("three")
	c.leave()
	d.leave()
	if code, out := command("start"); code != 0 || out != "already running\n" {
		t.Error(code, out)
	}
	q := byHand(t, script, nil, nil, "restart")
	q.waitByHand()
	<-p.exited
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Error("the first one ends with", code)
	}
	e := q.dial("/")
	e.talk("four")
	e.leave()
	if code, _ := command("stop"); code != 0 {
		t.Error("stop", code)
	}
	<-q.exited
	if code := q.cmd.ProcessState.ExitCode(); code != 0 {
		t.Error("the second one ends with", code)
	}
	if code, _ := command("stop"); code != 3 {
		t.Error("stop of nothing", code)
	}
}

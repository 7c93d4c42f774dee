package e2e_test

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// processScript forks in its workers.
const processScript = `<?php
use Swoole\Process;
$atomic = new Swoole\Atomic(1);
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$kept = null;
$server->on('workerStart', function ($s) use (&$kept) {
    $kept = new Process(function (Process $p) { while (($word = $p->read()) !== '') { $p->write(strrev($word)); } });
    $kept->start();
});
$server->on('message', function ($s, $f) use (&$kept, $atomic) {
    [$word, $rest] = explode(' ', $f->data . ' ', 2);
    $say = function ($x) use ($s, $f) { $s->push($f->fd, is_string($x) ? $x : json_encode($x)); };
    switch ($word) {
        case 'echo': $say(trim($rest)); break;
        case 'kept': $kept->write(trim($rest)); $say($kept->read()); break;
        case 'pid': $say((string) $kept->pid); break;
        case 'once':
            $p = new Process(function (Process $p) use ($s, $f, $atomic, $rest) {
                echo "the child says $rest\n";
                $atomic->add(10);
                $p->write(json_encode([$s->push($f->fd, 'from a child'), getmypid() === $p->pid, $undefined ?? 1]));
                echo $undefined;
                $p->exit(6);
            });
            $pid = $p->start();
            $answer = $p->read();
            $end = Process::wait();
            $say([$answer, $end['pid'] === $pid, $end['code'], $end['signal'], $atomic->get()]);
            break;
        case 'out':
            $p = new Process(function (Process $p) { $p->exec('/bin/sh', ['-c', 'read line; echo "sh: $line"']); }, true);
            $p->start();
            $p->write("hello\n");
            $say(trim($p->read()));
            Process::wait();
            break;
        case 'exit': $p = new Process(function () { throw new RuntimeException('thrown in a child'); }); $p->start(); $say(Process::wait()); break;
    }
});
$server->start();
`

func TestProcessesOnTheCommandLine(t *testing.T) {
	p := onCommandLine(t, nil, write(t, "server.php", processScript))
	c := p.dial("/")
	c.send("kept abc")
	c.want("cba")
	for i := range 3 { // the worker goes on, and its channel is its own
		c.send("once more")
		c.want(`["[false,true,1]",true,6,0,` + strconv.Itoa(11+10*i) + `]`)
		c.talk("x")
	}
	p.wantLog(`text="the child says more`)
	p.wantLog("server is not running")
	p.wantLog("Undefined variable $undefined")
	c.send("out")
	c.want("sh: hello")
	c.send("exit")
	_, got, err := c.read()
	if err != nil || !strings.Contains(got, `"code":255`) {
		t.Error(got, err)
	}
	p.wantLog("thrown in a child")
	c.send("kept still")
	c.want("llits")
	pid := c.answer("pid")
	child, err := strconv.Atoi(pid)
	if err != nil || syscall.Kill(child, 0) != nil {
		t.Fatal(pid, err)
	}
	if strings.Contains(p.stderr.String(), "worker ended") || strings.Contains(p.stderr.String(), "event lost") {
		t.Error("a worker ended")
	}
	p.stop()
	eventually(t, "the child has gone", func() bool { return gone(child) })
}

// A process that the script adds to its server runs beside the workers, pushes at once, and is started anew when it ends.
func TestAddedProcess(t *testing.T) {
	path := write(t, "server.php", `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
function note($s) { file_put_contents(__DIR__ . '/notes', "$s\n", FILE_APPEND); }
$atomic = new Swoole\Atomic(0);
$first = new Swoole\Process(function ($p) use ($server, $atomic) {
    note("first $p->id " . (int) ($p->pid === getmypid()) . " $server->worker_id " . (int) $server->taskworker);
    while (true) {
        usleep(10000);
        foreach ($server->connections as $fd) {
            if ($server->isEstablished($fd)) { $server->push($fd, 'from the process'); }
        }
        if ($atomic->get() === 1) { $atomic->set(2); exit(9); }
        if ($atomic->get() === 3) { $atomic->set(4); echo $undefined; return; }
    }
});
$second = new Swoole\Process(function () { note('second'); while (true) { Swoole\Coroutine::sleep(0.05); } }, false, 0, true);
note('added ' . $server->addProcess($first) . $server->addProcess($second));
$server->on('workerStart', function ($s, $id) { note("worker $id"); });
$server->on('workerError', function ($s, $id, $pid, $code, $signal) { note("error $id $code $signal"); });
$server->on('message', function ($s, $f) use ($atomic) { $atomic->set((int) $f->data); });
$server->start();
`)
	p := onCommandLine(t, nil, path)
	c := p.dial("/")
	for range 5 {
		c.want("from the process")
	}
	c.send("1")
	eventually(t, "it is reported", func() bool { return strings.Contains(read(t, path), "error 1 9 0\n") })
	eventually(t, "it is started anew", func() bool { return strings.Count(read(t, path), "first 0 1 1 0\n") == 2 })
	c.want("from the process")
	c.send("3")
	p.wantLog("Undefined variable $undefined")
	eventually(t, "it is started anew", func() bool { return strings.Count(read(t, path), "first 0 1 1 0\n") == 3 })
	began := time.Now()
	if code := p.stop(); code != 0 || time.Since(began) > 8*time.Second { // shutdown.timeout is 10 s
		t.Error("exit", code, time.Since(began))
	}
	notes := read(t, path)
	if strings.Count(notes, "error") != 1 || strings.Count(notes, "second\n") != 1 || strings.Count(notes, "worker ") != 1 || !strings.Contains(notes, "added 01\n") {
		t.Error(notes)
	}
	if len(phpOf(t, path)) != 0 {
		t.Error("processes are left")
	}
}

// Its callback is over at once; what it has begun goes on.
func TestAddedProcessWithATimer(t *testing.T) {
	path := write(t, "server.php", `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->on('message', 'strlen');
foreach (['timer', 'coroutine'] as $what) {
    $server->addProcess(new Swoole\Process(function () use ($server, $what) {
        echo "begun $what\n";
        $push = function () use ($server, $what) { foreach ($server->connections as $fd) { $server->push($fd, $what); } };
        if ($what === 'timer') { swoole_timer_tick(20, $push); return; }
        go(function () use ($push) { while (true) { Co::sleep(0.02); $push(); } });
    }));
}
$server->start();
`)
	p := onCommandLine(t, nil, path)
	c := p.dial("/")
	seen := map[string]int{}
	for seen["timer"] < 3 || seen["coroutine"] < 3 {
		_, said, err := c.read()
		if err != nil {
			t.Fatal(err)
		}
		seen[said]++
	}
	if n := strings.Count(p.stderr.String(), "begun "); n != 2 {
		t.Error("begun", n)
	}
	if code := p.stop(); code != 0 {
		t.Error("exit", code)
	}
}

func TestProcessesThatCannotBe(t *testing.T) {
	before := write(t, "server.php", `<?php
$p = new Swoole\Process(function () { echo "forked\n"; });
$p->start();
$s = new Swoole\WebSocket\Server('127.0.0.1', 0);
$s->on('message', 'strlen');
$s->start();`)
	code, _, stderr := run(t, nil, "serve", before, "--mode", "resident", "--launcher", "cli")
	if code != 1 || !strings.Contains(stderr, "in onWorkerStart (of one worker)") || strings.Contains(stderr, "forked") {
		t.Error(code, stderr)
	}
}

// In php-fpm the script is served, and the log names file and line of what does not run.
func TestAddedProcessInPHPFPM(t *testing.T) {
	path := write(t, "server.php", `<?php
$s = new Swoole\WebSocket\Server('127.0.0.1', 0);
$s->on('message', function ($s, $f) { $s->push($f->fd, 'heard'); });
$s->addProcess(new Swoole\Process(function () {}));
$s->start();`)
	p := serve(t, nil, path)
	if got := p.dial("/").answer("x"); got != "heard" {
		t.Error(got)
	}
	if note := "addProcess(): the process is not run: it needs --mode resident"; !strings.Contains(p.stdout.String(), note) || !strings.Contains(p.stdout.String(), path+":4)") {
		t.Error(p.stdout.String())
	}
}

// Workers are php-fpm's children; the process is PHP on the command line.
func TestAddedProcessBesidePHPFPM(t *testing.T) {
	path := write(t, "server.php", `<?php
extension_loaded('swoole') or exit('no extension');
$s = new Swoole\WebSocket\Server('127.0.0.1', 0);
$s->set(['worker_num' => 2, 'task_worker_num' => 1]);
$atomic = new Swoole\Atomic();
$s->on('task', function ($s, $id, $source, $data) { return $data; });
$s->on('pipeMessage', function ($s, $from, $data) { $s->push($data, "from $from in $s->worker_id " . PHP_SAPI); });
$s->on('message', function ($s, $f) use ($atomic) { $atomic->set($f->fd); });
$s->addProcess(new Swoole\Process(function ($p) use ($s, $atomic) {
    while (($fd = $atomic->get()) === 0) { usleep(5000); }
    $atomic->set(0);
    $s->push($fd, "$p->id " . PHP_SAPI);
    $s->sendMessage($fd, 1);
}));
$s->start();`)
	p := serve(t, nil, path, "--mode", "resident", "--launcher", "fpm")
	c := p.dial("/")
	for range 2 { // it ends each time
		c.send("go")
		c.want("0 cli")
		c.want("from 3 in 1 fpm-fcgi")
	}
	if code := p.stop(); code != 0 {
		t.Error("exit", code)
	}
	if len(phpOf(t, path)) != 0 {
		t.Error("processes are left")
	}
}

// Without a php for the command line the workers are served, and it is said what is not run.
func TestAddedProcessWithoutACommandLine(t *testing.T) {
	path := write(t, "server.php", `<?php
$s = new Swoole\WebSocket\Server('127.0.0.1', 0);
$s->on('message', function ($s, $f) { $s->push($f->fd, 'heard'); });
$s->addProcess(new Swoole\Process(function () {}));
$s->start();`)
	p := serve(t, []string{"BRIDGE_PHP_BINARY=/no/such"}, path, "--mode", "resident", "--launcher", "fpm")
	if got := p.dial("/").answer("x"); got != "heard" {
		t.Error(got)
	}
	if note := "addProcess(): the script's processes are not run: cliphp: php.binary"; !strings.Contains(p.stdout.String(), note) {
		t.Error(p.stdout.String())
	}
}

package e2e_test

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// residentScript keeps what it knows in PHP's memory.
const residentScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$users = [];
$n = 0;
$server->on('workerStart', function ($server, $id) { echo "worker $id is up\n"; });
$server->on('open', function ($server, $request) use (&$users) { $users[$request->fd] = true; });
$server->on('message', function ($server, $frame) use (&$users, &$n) {
    $n++;
    [$word, $rest] = explode(' ', $frame->data . ' ', 2);
    switch ($word) {
        case 'echo': $server->push($frame->fd, trim($rest)); break;
        case 'state': $server->push($frame->fd, $n . ' ' . count($users)); break;
        case 'all': foreach ($users as $fd => $_) { $server->push($fd, 'to all'); } break;
        case 'pid': $server->push($frame->fd, (string) getmypid()); break;
        case 'exit': exit(3);
        case 'throw': throw new RuntimeException('thrown on purpose');
        case 'fatal': no_such_function(); break;
        case 'memory': ini_set('memory_limit', '32M'); str_repeat('x', 100 << 20); break;
        case 'sleep': usleep(300000); break;
    }
});
$server->on('close', function ($server, $fd) use (&$users) { unset($users[$fd]); });
$server->start();
`

func TestResidentWorkerKeepsItsMemory(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", residentScript), "--mode", "resident")
	a, b := p.dial("/"), p.dial("/")
	a.talk("hello")
	b.send("state")
	b.want("2 2")
	a.send("all")
	a.want("to all")
	b.want("to all")
	b.leave()
	eventually(t, "the worker has heard of the close", func() bool {
		a.send("state")
		_, got, err := a.read()
		return err == nil && strings.HasSuffix(got, " 1")
	})
}

// A worker that ends, in whatever way, is replaced; its connections stay, and events that it did not start are not lost.
func TestResidentWorkerIsReplaced(t *testing.T) {
	for _, how := range []string{"exit", "throw", "fatal", "memory"} {
		t.Run(how, func(t *testing.T) {
			p := serve(t, nil, write(t, "server.php", residentScript), "--mode", "resident")
			a, b := p.dial("/"), p.dial("/")
			a.talk("before")
			b.talk("before")
			a.send("sleep") // what follows is with the worker when it dies
			a.send(how)
			for i := range 20 {
				b.send("echo " + strconv.Itoa(i))
			}
			for i := range 20 {
				b.want(strconv.Itoa(i))
			}
			a.talk("after")
			p.wantLog(`level=ERROR msg="worker ended"`)
			if how == "exit" {
				p.wantLog("the script called exit")
			} else {
				p.wantLog("server.php")
			}
			if strings.Contains(p.stderr.String(), "event lost") {
				t.Error("an event was lost")
			}
		})
	}
	t.Run("kill -9", func(t *testing.T) {
		p := serve(t, nil, write(t, "server.php", residentScript), "--mode", "resident")
		a := p.dial("/")
		a.send("pid")
		_, got, err := a.read()
		pid, _ := strconv.Atoi(got)
		if err != nil || pid < 2 || pid == os.Getpid() {
			t.Fatalf("pid %q %v", got, err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.wantLog("worker ended")
		a.talk("after")
	})
}

func TestResidentWorkersShareTheConnections(t *testing.T) {
	script := strings.Replace(residentScript, "$users = [];", "$server->set(['worker_num' => 3]);\n$users = [];", 1)
	p := serve(t, nil, write(t, "server.php", script), "--mode", "resident")
	pids := make(map[string]int)
	for range 6 {
		c := p.dial("/")
		got := c.answer("pid")
		pids[got]++
		c.talk("hi")
	}
	if len(pids) != 3 {
		t.Errorf("served by %v, want three workers", pids)
	}
}

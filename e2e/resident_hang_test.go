package e2e_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
)

const hangScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0, SWOOLE_PROCESS);
$server->set(['worker_num' => 2]);
function note($s) { file_put_contents(__DIR__ . '/notes', "$s\n", FILE_APPEND); }
$kept = [];
$server->on('workerStart', function ($s, $id) { note("start $id"); });
$server->on('workerStop', function ($s, $id) { note("stop $id"); });
$server->on('workerError', function ($s, $id, $pid, $code, $signal) { note("error $id " . ($pid > 0) . " $code $signal"); });
$server->on('message', function ($s, $f) use (&$kept) {
    switch ($f->data) {
        case 'loop': while (true) {} break;
        case 'sleep': while (true) { sleep(1); } break;
        case 'push': while (true) { $s->push($f->fd, str_repeat('x', 65536)); usleep(10000); } break;
        case 'wait': Co::sleep(3); $s->push($f->fd, 'waited'); return;
        case 'keep': $kept[] = str_repeat(random_bytes(1024), 1024); break;
        case 'pid': $s->push($f->fd, (string) getmypid()); return;
    }
    $s->push($f->fd, $f->data);
});
$server->on('close', function ($s, $fd) { note("close $fd"); });
$server->start();
`

// A worker that hangs is killed and replaced, whatever it hangs in; the other one's connections do not notice.
func TestHangingWorkerIsReplaced(t *testing.T) {
	for _, how := range []string{"loop", "sleep", "push"} {
		for _, whose := range []string{"own", "given"} {
			if whose == "given" && how != "loop" {
				continue
			}
			t.Run(how+" "+whose, func(t *testing.T) {
				path := write(t, "server.php", hangScript)
				args := []string{path, "--mode", "resident"}
				if whose == "given" {
					args = append(args, "--fpm", fpmtest.Start(t, fpm.Options{MaxChildren: 5}).Address())
				}
				p := serve(t, []string{"BRIDGE_WORKER_TIMEOUT=1s"}, args...)
				stuck, fine, other := p.dial("/"), p.dial("/"), p.dial("/") // workers 1, 0, 1
				pid := stuck.answer("pid")
				number, _ := strconv.Atoi(pid)
				stuck.send(how)
				other.send("waits") // behind it, and the next worker's
				start := time.Now()
				for time.Since(start) < 1200*time.Millisecond {
					asked := time.Now()
					fine.send("fine")
					fine.want("fine")
					if took := time.Since(asked); took > 500*time.Millisecond {
						t.Errorf("the other worker took %v", took)
					}
				}
				p.wantLog("another one takes its place")
				eventually(t, "somebody else serves", func() bool {
					c := p.dial("/")
					c.send("pid")
					_, got, err := c.read()
					return err == nil && got != pid
				})
				other.want("waits")
				eventually(t, "the script hears of it", func() bool { return strings.Contains(read(t, path), "error 1 1 0 9") })
				log := p.stderr.String()
				if strings.Contains(log, "cannot be ended from here") || !strings.Contains(log, "worker does not answer\"") {
					t.Error("not as it should be: ", log)
				}
				eventually(t, "the process has gone", func() bool { return !alive(number) })
			})
		}
	}
}

// Callbacks that wait as coroutines do not hang.
func TestWaitingCallbackIsNoHang(t *testing.T) {
	p := serve(t, []string{"BRIDGE_WORKER_TIMEOUT=1s"}, write(t, "server.php", hangScript), "--mode", "resident")
	c := p.dial("/")
	c.send("wait")
	c.want("waited")
	if log := p.stderr.String(); strings.Contains(log, "does not answer") {
		t.Error(log)
	}
}

// Over its memory limit a worker ends in order: no event is lost, and the next one starts with nothing.
func TestWorkerMemoryLimit(t *testing.T) {
	path := write(t, "server.php", hangScript)
	p := serve(t, []string{"BRIDGE_WORKER_MEMORY_LIMIT=16M"}, path, "--mode", "resident", "--workers", "1")
	c := p.dial("/")
	for range 50 {
		c.send("keep")
	}
	for range 50 {
		c.want("keep")
	}
	p.wantLog("worker_memory_limit: ")
	notes := read(t, path)
	if n := strings.Count(notes, "stop 0"); n < 2 || strings.Contains(notes, "error") || strings.Contains(p.stderr.String(), "event lost") {
		t.Error(notes)
	}
	q := serve(t, []string{"BRIDGE_WORKER_MEMORY_LIMIT=1M"}, write(t, "server.php", strings.Replace(hangScript, "$kept = [];", "$kept = [str_repeat('x', 4000000)];", 1)), "--mode", "resident")
	d := q.dial("/")
	d.send("hello")
	d.want("hello")
	q.wantLog("worker_memory_limit: not heeded")
}

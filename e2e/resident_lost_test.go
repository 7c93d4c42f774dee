package e2e_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
)

const lostScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
function note($s) { file_put_contents(__DIR__ . '/notes', "$s\n", FILE_APPEND); }
$server->on('message', function ($s, $f) {
    [$word, $rest] = explode(' ', $f->data . ' ', 2);
    switch ($word) {
        case 'pid': $s->push($f->fd, (string) getmypid()); return;
        case 'die':
            touch(__DIR__ . '/dying');
            usleep(300000); // the others come
            switch (trim($rest)) {
                case 'kill': case 'terminate': sleep(20); break;
                case 'exit': exit(3);
                case 'throw': throw new RuntimeException('thrown on purpose');
                case 'fatal': no_such_function(); break;
                case 'memory': ini_set('memory_limit', '32M'); str_repeat('x', 100 << 20); break;
            }
            break;
        case 'wait': Co::sleep(20); break;
    }
    usleep(2000);
    $s->push($f->fd, $f->data);
});
$server->start();
`

// Whatever ends a worker in a callback, that event alone is lost: those behind it, on its connection and on others, are the next
// worker's, in order.
func TestOneEventIsLostWithAWorker(t *testing.T) {
	for _, how := range []string{"kill", "terminate", "exit", "throw", "fatal", "memory"} {
		t.Run(how, func(t *testing.T) {
			path := write(t, "server.php", lostScript)
			args := []string{path, "--mode", "resident"}
			if how == "terminate" {
				args = append(args, "--fpm", fpmtest.Start(t, fpm.Options{MaxChildren: 3, RequestTerminateTimeout: 3 * time.Second}).Address())
			}
			p := serve(t, nil, args...)
			var conns []*client
			for range 5 {
				conns = append(conns, p.dial("/"))
			}
			conns[0].send("pid")
			_, got, err := conns[0].read()
			pid, _ := strconv.Atoi(got)
			if err != nil || pid < 2 || pid == os.Getpid() {
				t.Fatalf("pid %q %v", got, err)
			}
			conns[1].send("die " + how)
			for i := range 20 {
				conns[i%5].send(fmt.Sprintf("echo %d", i))
			}
			if how == "kill" {
				runs := strings.TrimSuffix(path, "server.php") + "dying"
				eventually(t, "the callback runs", func() bool { _, err := os.Stat(runs); return err == nil })
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 20 {
				conns[i%5].want(fmt.Sprintf("echo %d", i))
			}
			p.wantLog(`level=ERROR msg="worker ended"`)
			log := p.stderr.String()
			lost := regexp.MustCompile(`event lost.* fd=(\d+) event=(\w+)`).FindAllStringSubmatch(log, -1)
			if how == "kill" || how == "terminate" {
				if len(lost) != 1 || lost[0][1] != "2" || lost[0][2] != "message" {
					t.Errorf("lost: %v", lost)
				}
			} else if n := strings.Count(log, "event failed") + strings.Count(log, "called exit"); len(lost) != 0 || n == 0 {
				t.Errorf("lost: %v", lost)
			}
		})
	}
}

// A callback that waits as a coroutine keeps nobody waiting, and when its worker is killed it is lost with the one that ran.
func TestWaitingEventsAreLostByName(t *testing.T) {
	path := write(t, "server.php", lostScript)
	p := serve(t, nil, path, "--mode", "resident")
	a, b := p.dial("/"), p.dial("/")
	a.send("pid")
	_, got, err := a.read()
	pid, _ := strconv.Atoi(got)
	if err != nil || pid < 2 || pid == os.Getpid() {
		t.Fatalf("pid %q %v", got, err)
	}
	a.send("wait")
	a.send("wait")
	a.send("meanwhile")
	a.want("meanwhile")
	b.send("meanwhile")
	b.want("meanwhile")
	b.send("die kill")
	a.send("echo")
	b.send("echo")
	runs := strings.TrimSuffix(path, "server.php") + "dying"
	eventually(t, "the callback runs", func() bool { _, err := os.Stat(runs); return err == nil })
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	a.want("echo")
	b.want("echo")
	p.wantLog("worker ended")
	if n := strings.Count(p.stderr.String(), "event lost"); n != 3 {
		t.Errorf("%d events are lost", n)
	}
}

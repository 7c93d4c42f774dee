package e2e_test

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const soakScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$n = 0;
$server->on('message', function ($s, $f) use (&$n) {
    $n++;
    if ($f->data === 'memory') { gc_collect_cycles(); $s->push($f->fd, memory_get_usage() . ' ' . $n . ' ' . getmypid()); }
});
$server->start();
`

// rss is a process's resident memory in bytes.
func rss(t *testing.T, pid int) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		t.Fatalf("the process is gone: %v", err)
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(value)[0])
			return kb << 10
		}
	}
	return 0
}

// 200,000 events through one worker: what PHP has and what the bridge has stays the same. bench -only soak sends ten million.
func TestResidentSoak(t *testing.T) {
	const conns, rounds, each = 10, 10, 2000
	p := serve(t, nil, write(t, "server.php", soakScript), "--mode", "resident")
	clients := make([]*client, conns)
	for i := range clients {
		clients[i] = p.dial("/")
	}
	text := strings.Repeat("x", 64)
	type state struct{ php, bridge int }
	var first, last state
	worker := ""
	for round := range rounds {
		var wg sync.WaitGroup
		for _, c := range clients {
			wg.Go(func() {
				for range each {
					c.send(text)
				}
				c.send("memory")
			})
		}
		wg.Wait()
		for _, c := range clients {
			_, got, err := c.read()
			f := strings.Fields(got)
			if err != nil || len(f) != 3 {
				t.Fatal(got, err)
			}
			if worker == "" {
				worker = f[2]
			}
			if f[2] != worker {
				t.Fatalf("worker %s became %s", worker, f[2])
			}
		}
		// Alone, so that what PHP has of the others' burst is not counted.
		clients[0].send("memory")
		_, got, err := clients[0].read()
		if err != nil {
			t.Fatal(err)
		}
		last.php, _ = strconv.Atoi(strings.Fields(got)[0])
		last.bridge = rss(t, p.cmd.Process.Pid)
		if round == 1 {
			first = last
		}
	}
	if last.php > first.php+64<<10 {
		t.Errorf("PHP had %d bytes, and has %d", first.php, last.php)
	}
	if last.bridge > first.bridge+first.bridge/4+8<<20 {
		t.Errorf("the bridge had %d bytes, and has %d", first.bridge, last.bridge)
	}
	t.Logf("PHP %d and %d, bridge %d and %d bytes", first.php, last.php, first.bridge, last.bridge)
}

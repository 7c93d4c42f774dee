package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const filesScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->set(['pid_file' => 'server.pid', 'stats_file' => __DIR__ . '/stats.json', 'stats_timer_interval' => 50]);
$server->on('beforeReload', function () { echo "before reload\n"; });
$server->on('afterReload', function () { echo "after reload\n"; });
$server->on('message', function ($server, $frame) { $server->push($frame->fd, 'one ' . $server->master_pid); });
$server->start();
`

// pid_file and stats_file are there while the server runs; signals to the pid reload it.
func TestFilesAndSignalsOfAServer(t *testing.T) {
	script := write(t, "server.php", filesScript)
	pid, stats := filepath.Join(filepath.Dir(script), "server.pid"), filepath.Join(filepath.Dir(script), "stats.json")
	p := serve(t, nil, script)
	own := strconv.Itoa(p.cmd.Process.Pid)
	eventually(t, "the pid_file is there", func() bool { b, _ := os.ReadFile(pid); return string(b) == own })
	c := p.dial("/")
	c.send("x")
	c.want("one " + own)
	eventually(t, "the stats_file counts", func() bool {
		var s map[string]int
		b, _ := os.ReadFile(stats)
		return json.Unmarshal(b, &s) == nil && s["connection_num"] == 1 && s["worker_num"] == 1 && s["start_time"] > 0
	})
	changed := strings.Replace(strings.Replace(filesScript, "'one '", "'two '", 1), "'stats_timer_interval' => 50", "'websocket_subprotocol' => 'new'", 1)
	if err := os.WriteFile(script, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, sig := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2} {
		if err := syscall.Kill(p.cmd.Process.Pid, sig); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it reloads", func() bool { return strings.Count(p.stderr.String(), "after reload") == i+1 })
		if log := p.stderr.String(); strings.LastIndex(log, "before reload") > strings.LastIndex(log, "after reload") {
			t.Error(log)
		}
		time.Sleep(1100 * time.Millisecond) // one description a second
	}
	p.wantLog("websocket_subprotocol")
	c.send("x")
	c.want("two " + own)
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(pid); err == nil {
		t.Error("the pid_file is still there")
	}
}

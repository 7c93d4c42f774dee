package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
)

// A pool with too few children: check says how many it takes, serve does, and once more when a worker does not come.
func TestPoolIsTooSmall(t *testing.T) {
	srv := fpmtest.Start(t, fpm.Options{MaxChildren: 2})
	script := write(t, "server.php", strings.Replace(hangScript, "'worker_num' => 2", "'worker_num' => 3", 1))
	code, out, stderr := run(t, nil, "check", script, "--mode", "resident", "--fpm", srv.Address(), "--listen", "127.0.0.1:0")
	if code != 0 || !strings.Contains(out, "5: 3 resident workers, 2 for tasks, start events and descriptions") || !strings.Contains(out, "is 2 (") || !strings.Contains(out, "set it to 5 or more") {
		t.Errorf("exit %d: %s%s", code, out, stderr)
	}
	code, out, _ = run(t, nil, "check", script, "--mode", "resident", "--listen", "127.0.0.1:0")
	if code != 0 || !strings.Contains(out, "as many: php-fpm is our own") || strings.Contains(out, "batches") {
		t.Errorf("exit %d: %s", code, out)
	}
	p := serve(t, nil, script, "--mode", "resident", "--fpm", srv.Address())
	if !strings.Contains(p.stdout.String(), "warning: pm.max_children of php-fpm's pool") {
		t.Error("serve does not say it")
	}
	eventually(t, "it is said that there is no child", func() bool {
		return strings.Contains(p.stderr.String(), "php-fpm has no free child for a resident worker") && strings.Contains(p.stderr.String(), "needed=5")
	})
}

// php-fpm's limit for a request is one for a worker's life: it is said.
func TestPoolThatEndsWorkers(t *testing.T) {
	srv := fpmtest.Start(t, fpm.Options{MaxChildren: 5, RequestTerminateTimeout: 2 * time.Second})
	p := serve(t, nil, write(t, "server.php", hangScript), "--mode", "resident", "--fpm", srv.Address(), "--workers", "1")
	if !strings.Contains(p.stdout.String(), "request_terminate_timeout of php-fpm's pool") {
		t.Error("it is not said at boot")
	}
	eventually(t, "it is said that workers are killed", func() bool {
		return strings.Contains(p.stderr.String(), "killed again and again at the same age")
	})
}

// A script that never comes to start() holds a child: with a php-fpm of our own that child is ended.
func TestWorkerThatNeverStarts(t *testing.T) {
	script := `<?php
if (getenv('BRIDGE_TICKET') && !is_file(__DIR__ . '/once')) { touch(__DIR__ . '/once'); while (true) {} }
` + strings.TrimPrefix(strings.Replace(hangScript, "'worker_num' => 2", "'worker_num' => 1", 1), "<?php")
	p := serve(t, []string{"BRIDGE_WORKER_TIMEOUT=1s"}, write(t, "server.php", script), "--mode", "resident")
	c := p.dial("/")
	c.send("hello")
	c.want("hello")
	p.wantLog("does not call back")
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

const children = 4

// plainScript echoes in the plain encoding; the same file serves nginx, which gets the same JSON.
const plainScript = `<?php
header('Content-Type: application/json');
if (($_SERVER['BRIDGE_EVENT'] ?? 'message') === 'message') {
    echo json_encode(['instructions' => [['do' => 'push', 'data' => file_get_contents('php://input')]]]);
}
`

const swooleScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->start();
`

// lab is a php-fpm, scripts and a folder.
type lab struct {
	dir, bin string
	fpm      *fpm.Server
	rounds   int
	load     time.Duration
}

func newLab(ctx context.Context) (*lab, error) {
	top, err := root()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"nginx", "wrk"} {
		if _, err := exec.LookPath(name); err != nil {
			return nil, fmt.Errorf("%s is needed: ci/deps.sh installs it (%w)", name, err)
		}
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, bin: filepath.Join(top, "bin")}
	l.fpm, err = fpm.Start(ctx, fpm.Options{MaxChildren: children, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return l, errors.Join(l.write("plain.php", plainScript), l.write("swoole.php", swooleScript))
}

func (l *lab) close() {
	_ = l.fpm.Stop()
	_ = os.RemoveAll(l.dir)
}

func (l *lab) path(name string) string { return filepath.Join(l.dir, name) }

func (l *lab) write(name, text string) error {
	return os.WriteFile(l.path(name), []byte(text), 0o600)
}

// child is a process that we started and end.
type child struct {
	cmd *exec.Cmd
	err bytes.Buffer
}

func start(cmd *exec.Cmd) (*child, error) {
	c := &child{cmd: cmd}
	cmd.Stderr = &c.err
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	_ = c.cmd.Wait()
}

// cpu returns the CPU time that the process has used, and its children.
func (c *child) cpu() time.Duration {
	pid := strconv.Itoa(c.cmd.Process.Pid)
	sum := cpuOf(pid)
	for child := range childrenOf(pid) {
		sum += cpuOf(child)
	}
	return sum
}

func cpuOf(pid string) time.Duration {
	data, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0
	}
	f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100
}

// phpTime returns the CPU time that php-fpm's children have used.
func (l *lab) phpTime() time.Duration {
	sum := 0
	for child := range l.children() {
		sum += schedTime(child)
	}
	return time.Duration(sum)
}

// children are the ids of php-fpm's children.
func (l *lab) children() iter.Seq[string] { return childrenOf(strconv.Itoa(l.fpm.PID())) }

// childrenOf are those of the process's first thread.
func childrenOf(pid string) iter.Seq[string] {
	list, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
	if err != nil {
		list = nil
	}
	return strings.FieldsSeq(string(list))
}

// schedTime is the nanoseconds that a process was on a CPU.
func schedTime(pid string) int {
	data, err := os.ReadFile("/proc/" + pid + "/schedstat") // its first number
	if err != nil {
		return 0
	}
	ns, _ := strconv.Atoi(strings.Fields(string(data))[0])
	return ns
}

// rss returns the resident memory in bytes.
func (c *child) rss() int { return rssOf(c.cmd.Process.Pid) }

func rssOf(pid int) int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(value)[0])
			return kb << 10
		}
	}
	return 0
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer ln.Close()
	addr, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("not TCP")
	}
	return addr.Port, nil
}

// reachable waits until something listens.
func reachable(ctx context.Context, port int) error {
	var d net.Dialer
	for range 200 {
		c, err := d.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return c.Close()
		}
		<-time.After(20 * time.Millisecond)
	}
	return fmt.Errorf("nothing listens on port %d", port)
}

// bridge starts the bridge on the lab's php-fpm.
func (l *lab) bridge(ctx context.Context, script string, args ...string) (*child, int, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, 0, err
	}
	args = append([]string{
		"serve", l.path(script), "--listen", fmt.Sprintf("127.0.0.1:%d", port), "--fpm", l.fpm.Address(),
		"--workers", strconv.Itoa(children), "--log-level", "error",
	}, args...)
	c, err := start(exec.CommandContext(ctx, filepath.Join(l.bin, "fpmbridge"), args...)) //nolint:gosec // our own binary
	if err != nil {
		return nil, 0, err
	}
	if err := reachable(ctx, port); err != nil {
		c.stop()
		return nil, 0, fmt.Errorf("%w: %s", err, c.err.String())
	}
	return c, port, nil
}

const nginxConf = `
daemon off; user root; worker_processes 1; pid %[1]s/nginx.pid; error_log %[1]s/nginx.log;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path %[1]s/body; fastcgi_temp_path %[1]s/fcgi; proxy_temp_path %[1]s/p; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
  upstream php { server %[2]s; keepalive %[4]d; }
  server {
    listen 127.0.0.1:%[3]d; keepalive_requests 1000000000;
    location / { include /etc/nginx/fastcgi_params; fastcgi_pass php; fastcgi_keep_conn on; fastcgi_param SCRIPT_FILENAME %[1]s/plain.php; }
  }
}
`

func (l *lab) nginx(ctx context.Context) (*child, int, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, 0, err
	}
	if err := l.write("nginx.conf", fmt.Sprintf(nginxConf, l.dir, l.fpm.Address(), port, children)); err != nil {
		return nil, 0, err
	}
	c, err := start(exec.CommandContext(ctx, "nginx", "-c", l.path("nginx.conf"))) //nolint:gosec // as configured above
	if err != nil {
		return nil, 0, err
	}
	if err := reachable(ctx, port); err != nil {
		c.stop()
		return nil, 0, fmt.Errorf("%w: %s", err, c.err.String())
	}
	return c, port, nil
}

const wrkScript = `wrk.method = "POST"
wrk.body = string.rep("a", 64)
function done(summary, latency)
  io.write(string.format("{\"PerSecond\":%f,\"P50\":%d,\"Errors\":%d}\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) * 1000, summary.errors.status + summary.errors.connect + summary.errors.read))
end
`

// figures is what both load programs report; P50 in nanoseconds.
type figures struct {
	PerSecond float64
	P50       time.Duration
	Errors    int
	CPU       float64 // microseconds of each, where the program says so
	Seconds   float64
}

func (l *lab) wrk(ctx context.Context, port, connections int) (figures, error) {
	if err := l.write("wrk.lua", wrkScript); err != nil {
		return figures{}, err
	}
	url := fmt.Sprintf("http://127.0.0.1:%d/", port)
	c, d := strconv.Itoa(connections), fmt.Sprintf("%ds", int(l.load.Seconds()))
	// wrk has no warm-up of its own.
	if err := exec.CommandContext(ctx, "wrk", "-t1", "-c"+c, "-d1s", "-s", l.path("wrk.lua"), url).Run(); err != nil { //nolint:gosec // as above
		return figures{}, err
	}
	f, err := lastLine(exec.CommandContext(ctx, "wrk", "-t1", "-c"+c, "-d"+d, "-s", l.path("wrk.lua"), url)) //nolint:gosec // as above
	if err == nil && f.Errors > 0 {
		err = fmt.Errorf("nginx answered %d requests with errors", f.Errors)
	}
	return f, err
}

func (l *lab) wsload(ctx context.Context, port int, args ...string) (figures, error) {
	args = append([]string{"-port", strconv.Itoa(port), "-d", l.load.String()}, args...)
	return lastLine(exec.CommandContext(ctx, filepath.Join(l.bin, "wsload"), args...)) //nolint:gosec // our own binary
}

// lastLine runs a load program and decodes the last line that it prints.
func lastLine(cmd *exec.Cmd) (figures, error) {
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return figures{}, fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, errs.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var f figures
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &f); err != nil {
		return figures{}, fmt.Errorf("%s: %w in %q", filepath.Base(cmd.Path), err, out)
	}
	return f, nil
}

// held is a wsload that has connections until its input ends.
type held struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Reader
}

func (l *lab) start(ctx context.Context, mode string, port, n int, args ...string) (*held, error) {
	args = append([]string{"-mode", mode, "-port", strconv.Itoa(port), "-c", strconv.Itoa(n)}, args...)
	cmd := exec.CommandContext(ctx, filepath.Join(l.bin, "wsload"), args...) //nolint:gosec // our own binary
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &held{cmd, stdin, bufio.NewReader(out)}, nil
}

// hold holds idle connections until release.
func (l *lab) hold(ctx context.Context, port, n int) (*held, error) {
	h, err := l.start(ctx, "idle", port, n)
	if err == nil {
		err = h.ready()
	}
	return h, err
}

// ready waits until it has its connections.
func (h *held) ready() error {
	if _, err := h.out.ReadBytes('\n'); err != nil {
		return errors.Join(errors.New("the connections could not be opened"), err, h.cmd.Wait())
	}
	return nil
}

func (h *held) release() {
	_ = h.stdin.Close()
	_ = h.cmd.Wait()
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

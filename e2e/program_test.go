package e2e_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

// patience is for what takes milliseconds on an idle machine.
const patience = 20 * time.Second

// program is a running fpmbridge.
type program struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr testlog.Buffer
	tmp            string // its temp folder
	addr           string // host:port
	exited         chan struct{}
}

// needPHP skips without php-fpm on a laptop, and fails under CI.
func needPHP(t *testing.T) {
	t.Helper()
	if _, err := fpm.Find(); err != nil {
		missing(t, err)
	}
}

// write makes a file in a folder that goes with the test, and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// launch starts the binary without waiting for anything. env is "NAME=value".
func launch(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	tmp, err := os.MkdirTemp("/tmp", "e2e") // sockets need short paths
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, tmp: tmp, exited: make(chan struct{})}
	p.cmd = exec.Command(binary, args...)
	p.cmd.Env = append(os.Environ(), append([]string{"TMPDIR=" + tmp}, env...)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.Dir = tmp
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.exited
		if t.Failed() {
			t.Logf("stdout:\n%s\nstderr:\n%s", tail(p.stdout.String()), tail(p.stderr.String()))
		}
		_ = os.RemoveAll(tmp)
	})
	return p
}

func tail(s string) string {
	const most = 6000
	if len(s) > most {
		return "…" + s[len(s)-most:]
	}
	return s
}

// serve starts `fpmbridge serve` on a free port and waits until it serves.
func serve(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	needPHP(t)
	p := launch(t, env, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	p.waitServing()
	return p
}

var servingAt = regexp.MustCompile(`(?s)at +ws://([^/\s]+).*Ctrl-C`)

func (p *program) waitServing() { p.t.Helper(); p.addr = p.waitFor(servingAt) }

// waitFor waits until the program has said something, and returns the part of it that is in parentheses.
func (p *program) waitFor(what *regexp.Regexp) (part string) {
	p.t.Helper()
	eventually(p.t, "the program says "+what.String(), func() bool {
		m := what.FindStringSubmatch(p.stdout.String())
		if m != nil {
			part = m[1]
			return true
		}
		select {
		case <-p.exited:
			p.t.Fatal("the program ended")
		default:
		}
		return false
	})
	return part
}

// run runs a command to its end.
func run(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	p := launch(t, env, args...)
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Fatalf("%v does not end", args)
	}
	return p.cmd.ProcessState.ExitCode(), p.stdout.String(), p.stderr.String()
}

// stop sends SIGTERM and returns the exit code.
func (p *program) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.t.Fatal("the program does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// wantLog waits for a text in the program's log.
func (p *program) wantLog(what string) {
	p.t.Helper()
	eventually(p.t, "the log has "+what, func() bool { return strings.Contains(p.stderr.String(), what) })
}

// fds counts the program's open descriptors.
func (p *program) fds() int {
	p.t.Helper()
	if runtime.GOOS != "linux" {
		p.t.Skip("needs /proc")
	}
	names, err := os.ReadDir("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/fd")
	if err != nil {
		p.t.Fatalf("the program is gone: %v", err) // not a reason to skip
	}
	return len(names)
}

// wantFDs waits until the program has no more descriptors than before, plus what kept FastCGI connections may take.
func (p *program) wantFDs(before int) {
	p.t.Helper()
	got := 0
	eventually(p.t, "descriptors are given back", func() bool {
		got = p.fds()
		return got <= before
	})
}

// children returns the living processes below pid, by name.
func children(t *testing.T, pid int, name string) []int {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Fatalf("/proc cannot be read: %v", err)
	}
	var list []int
	for _, file := range stats {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		// pid (comm) state ppid …
		open, end := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
		f := strings.Fields(string(data[end+1:]))
		if f[0] == "Z" || f[1] != strconv.Itoa(pid) || !strings.HasPrefix(string(data[open+1:end]), name) {
			continue
		}
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		list = append(list, id)
	}
	return list
}

// master is the php-fpm that the program started.
func (p *program) master() int {
	p.t.Helper()
	var list []int
	eventually(p.t, "php-fpm runs", func() bool {
		list = children(p.t, p.cmd.Process.Pid, "php-fpm")
		return len(list) == 1
	})
	return list[0]
}

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// eventually polls what other processes do, which cannot tell us.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in time: %s", what)
		}
	}
}

func overwrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func relink(t *testing.T, path, link string) {
	t.Helper()
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
}

func unlink(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// missing is for tests that need a program which is not there: they are left out on a laptop, and fail in CI.
func missing(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip(err)
}

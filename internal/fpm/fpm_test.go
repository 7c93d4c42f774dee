package fpm_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

func TestAcceptsWhenStartReturns(t *testing.T) {
	for _, listen := range []string{"", fpm.ListenTCP} {
		t.Run("listen="+listen, func(t *testing.T) {
			s := fpmtest.Start(t, fpm.Options{Listen: listen, MaxChildren: 1})
			if got := get(t, s, `<?php echo "pid ", posix_getppid();`); !strings.Contains(got, "pid ") {
				t.Fatalf("answer %q", got)
			}
		})
	}
}

func TestPHPSeesOptions(t *testing.T) {
	s := fpmtest.Start(t, fpm.Options{
		MaxChildren: 1, INI: []string{"memory_limit=77M", "user_agent = a;b ${HOME}", "error_log="}, Env: []string{"GREETING=hallo"},
	})
	got := get(t, s, `<?php echo ini_get('memory_limit'), '|', ini_get('user_agent'), '|', getenv('GREETING');`)
	if !strings.HasSuffix(got, "77M|a;b ${HOME}|hallo") {
		t.Fatalf("answer %q", got)
	}
}

func TestWorkersRunAsTheUserAskedFor(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	for user, uid := range map[string]string{"": "0", "nobody": "65534"} {
		t.Run("user="+user, func(t *testing.T) {
			s := fpmtest.Start(t, fpm.Options{MaxChildren: 1, User: user, Listen: fpm.ListenTCP})
			dir, err := os.MkdirTemp("/tmp", "pub")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			if err := os.Chmod(dir, 0o755); err != nil { // t.TempDir is closed to others
				t.Fatal(err)
			}
			got := getIn(t, s, dir, `<?php echo "uid=", posix_getuid();`)
			if !strings.HasSuffix(got, "uid="+uid) {
				t.Fatalf("answer %q", got)
			}
		})
	}
}

func TestAKilledMasterIsReplacedAndItsWorkersEnd(t *testing.T) {
	s := fpmtest.Start(t, fpm.Options{MaxChildren: 2})
	first := s.PID()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a new master", func() bool { pid := s.PID(); return pid != 0 && pid != first })
	if left := group(t, first); len(left) != 0 {
		t.Fatalf("workers %v of the killed master are alive", left)
	}
	get(t, s, `<?php echo 1;`)
}

func TestStopLeavesNothing(t *testing.T) {
	for name, o := range map[string]fpm.Options{
		"idle":     {MaxChildren: 2},
		"graceful": {MaxChildren: 2, ProcessControlTimeout: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := fpmtest.Start(t, o)
			pid, dir := s.PID(), s.Dir()
			if err := errors.Join(s.Stop(), s.Stop()); err != nil {
				t.Fatal(err)
			}
			if left := group(t, pid); len(left) != 0 {
				t.Errorf("processes %v are alive", left)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("folder %s: %v", dir, err)
			}
			if s.PID() != 0 || !errors.Is(s.Reload(), fpm.ErrNotRunning) {
				t.Error("a stopped server claims to run")
			}
		})
	}
}

func TestStopEndsBusyWorkers(t *testing.T) {
	for name, o := range map[string]fpm.Options{
		"at once":          {MaxChildren: 1},
		"after their time": {MaxChildren: 1, ProcessControlTimeout: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := fpmtest.Start(t, o)
			pid, dir := s.PID(), t.TempDir()
			mark := filepath.Join(dir, "running")
			c := send(t, s, dir, `<?php touch(__DIR__ . '/running'); while (true) { sleep(60); }`)
			eventually(t, "the script runs", func() bool { _, err := os.Stat(mark); return err == nil })
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			if left := group(t, pid); len(left) != 0 {
				t.Errorf("processes %v are alive", left)
			}
			if _, err := io.Copy(io.Discard, c); err != nil && !errors.Is(err, syscall.ECONNRESET) {
				t.Error(err)
			}
		})
	}
}

// Whoever has waited for its requests long enough does not wait for php-fpm once more: a shutdown took thrice its timeout.
func TestHurryEndsAStop(t *testing.T) {
	s := fpmtest.Start(t, fpm.Options{MaxChildren: 1, ProcessControlTimeout: time.Minute})
	dir := t.TempDir()
	mark := filepath.Join(dir, "running")
	send(t, s, dir, `<?php touch(__DIR__ . '/running'); while (true);`)
	eventually(t, "the script runs", func() bool { _, err := os.Stat(mark); return err == nil })
	s.Hurry()
	start := time.Now()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("stopped after %v", took)
	}
}

func TestGracefulStopLetsARequestFinish(t *testing.T) {
	s := fpmtest.Start(t, fpm.Options{MaxChildren: 1, ProcessControlTimeout: 10 * time.Second})
	dir := t.TempDir()
	mark := filepath.Join(dir, "running")
	c := send(t, s, dir, `<?php touch(__DIR__ . '/running'); usleep(200000); echo "finished";`)
	eventually(t, "the script runs", func() bool { _, err := os.Stat(mark); return err == nil })
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop() }()
	got, err := io.ReadAll(c)
	if err != nil || !strings.Contains(string(got), "finished") {
		t.Errorf("answer %q, %v", got, err)
	}
	// A worker that has answered waits for its client to close, and Stop waits for the worker.
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestRestartHasMoreSettings(t *testing.T) {
	s := fpmtest.Start(t, fpm.Options{MaxChildren: 1, INI: []string{"memory_limit=64M", "precision=7", "precision=9"}})
	const script = `<?php echo "ini=", ini_get("upload_tmp_dir"), " ", ini_get("memory_limit"), " ", ini_get("precision");`
	if got := get(t, s, script); !strings.Contains(got, "ini= 64M 9") {
		t.Fatal(got)
	}
	pid := s.PID()
	if err := s.Restart(t.Context(), "upload_tmp_dir=/a b", "memory_limit=32M"); err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, script); !strings.Contains(got, "ini=/a b 32M 9") || s.PID() == pid {
		t.Errorf("%s, pid %d was %d", got, s.PID(), pid)
	}
	if err := s.Restart(t.Context(), "upload_tmp_dir='"); err == nil {
		t.Error("a quote is taken")
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if err := s.Restart(t.Context()); err == nil {
		t.Error("one that is stopped starts again")
	}
}

func TestReloadKeepsTheMasterAndReplacesWorkers(t *testing.T) {
	s := fpmtest.Start(t, fpm.Options{MaxChildren: 1})
	const script = `<?php echo "pid=", getmypid();`
	pid, before := s.PID(), get(t, s, script)
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a new worker", func() bool {
		after, err := tryGet(t, s, t.TempDir(), script)
		return err == nil && strings.Contains(after, "pid=") && after != before
	})
	if s.PID() != pid {
		t.Fatalf("master %d became %d", pid, s.PID())
	}
}

func TestABridgeKilledBySIGKILLLeavesNoPHP(t *testing.T) {
	fpmtest.Start(t, fpm.Options{}) // skips or fails where there is none
	tmp := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), helperEnv+"=1", "TMPDIR="+tmp)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid, dir := readHelper(t, out)
	if n := len(group(t, pid)); n != 3 {
		t.Fatalf("%d processes, want a master and two workers", n)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // "signal: killed" is what we did
	eventually(t, "php-fpm ends with its bridge", func() bool { return len(group(t, pid)) == 0 })

	t.Setenv("TMPDIR", tmp)
	s := fpmtest.Start(t, fpm.Options{MaxChildren: 1})
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder %s of the killed bridge is still there: %v", dir, err)
	}
	if _, err := os.Stat(s.Dir()); err != nil {
		t.Error(err)
	}
}

func TestAFolderInUseIsNotStale(t *testing.T) {
	a := fpmtest.Start(t, fpm.Options{MaxChildren: 1})
	fpmtest.Start(t, fpm.Options{MaxChildren: 1})
	if _, err := os.Stat(a.Dir()); err != nil {
		t.Fatal(err)
	}
}

func TestAFailedStartQuotesPHPFPM(t *testing.T) {
	script := filepath.Join(t.TempDir(), "php-fpm")
	text := "#!/bin/sh\necho '[now] ERROR: unable to bind' >&2\nexit 78\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := fpm.Start(t.Context(), fpm.Options{Binary: script})
	var failed *fpm.StartError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "unable to bind") || !strings.Contains(err.Error(), "78") {
		t.Fatalf("error %v", err)
	}
}

func TestAnUnknownUserIsNamed(t *testing.T) {
	fpmtest.Start(t, fpm.Options{})
	_, err := fpm.Start(t.Context(), fpm.Options{User: "nosuchuser"})
	want := "cannot get uid for user 'nosuchuser'"
	if os.Geteuid() != 0 {
		want = "only root"
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("error %v", err)
	}
}

func TestStartObeysItsContext(t *testing.T) {
	script := filepath.Join(t.TempDir(), "php-fpm")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nexec sleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := fpm.Start(ctx, fpm.Options{Binary: script}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v", err)
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	for name, o := range map[string]fpm.Options{
		"no equals sign": {INI: []string{"memory_limit"}},
		"new section":    {INI: []string{"a=1\n[www]"}},
		"a quote":        {INI: []string{"a='"}},
		"odd name":       {INI: []string{"a]=1"}},
		"listen":         {Listen: "unix"},
		"negative":       {MaxChildren: -1},
	} {
		t.Run(name, func(t *testing.T) {
			o.Binary = "/bin/false"
			_, err := fpm.Start(t.Context(), o)
			var failed *fpm.StartError
			if err == nil || errors.As(err, &failed) {
				t.Fatalf("error %v, want a refusal before the start", err)
			}
		})
	}
}

func TestWorkerOutputReachesTheLog(t *testing.T) {
	lines := &testlog.Buffer{}
	s := fpmtest.Start(t, fpm.Options{MaxChildren: 1, Log: slog.New(slog.NewTextHandler(lines, nil))})
	get(t, s, `<?php file_put_contents('php://stderr', "a worker speaks\n");`)
	eventually(t, "the line", func() bool { return strings.Contains(lines.String(), "a worker speaks") })
}

// PHP writes its messages to its stderr and into the FastCGI answer, where they are logged with connection and script.
func TestMessagesOfTheAnswerAreNotLoggedAgain(t *testing.T) {
	lines := &testlog.Buffer{}
	s := fpmtest.Start(t, fpm.Options{MaxChildren: 3, Defaults: []string{"log_errors=1"}, INI: []string{"display_errors=0"}, Log: slog.New(slog.NewTextHandler(lines, nil))})
	get(t, s, `<?php
file_put_contents('php://stderr', "first\n");
error_log('again');
function f() { throw new Exception('again'); }
register_shutdown_function(function () { file_put_contents('php://stderr', "# last\n"); });
echo $again;
ini_set('html_errors', '0');
file_put_contents('php://stderr', "#0 mine\n");
try { f(); } catch (Exception $e) { echo 'caught'; }`)
	get(t, s, `<?php function f() { throw new Exception('again'); } f();`)
	get(t, s, `<?php file_put_contents('php://stderr', "last\n");`)
	eventually(t, "the lines", func() bool { return strings.Contains(lines.String(), "line=last") })
	for _, want := range []string{"first", "#0 mine", "# last"} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("no %q in\n%s", want, lines)
		}
	}
	for _, no := range []string{"again", "Stack trace", "#0 /", "thrown in"} {
		if strings.Contains(lines.String(), no) {
			t.Errorf("%q is in\n%s", no, lines)
		}
	}
}

func dial(t *testing.T, s *fpm.Server) (net.Conn, error) {
	t.Helper()
	network, address, _ := strings.Cut(s.Address(), ":")
	var d net.Dialer
	return d.DialContext(t.Context(), network, address)
}

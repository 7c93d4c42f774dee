package cliphp

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func launcher(t *testing.T, o Options) (*Launcher, *testlog.Buffer) {
	t.Helper()
	php, err := Find(t.Context(), "")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	log := &testlog.Buffer{}
	o.Binary, o.Log = php.Path, slog.New(slog.NewTextHandler(log, nil))
	l := New(o)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, log
}

func script(t *testing.T, code string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.php")
	if err := os.WriteFile(path, []byte("<?php "+code), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func ended(t *testing.T, p *Process) Exit {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	return p.Exit()
}

func TestExitStatusIsExact(t *testing.T) {
	l, _ := launcher(t, Options{})
	for code, want := range map[string]Exit{
		"":                                      {},
		"exit(3);":                              {Code: 3},
		"no();":                                 {Code: 255},
		"posix_kill(getmypid(), 9); sleep(9);":  {Signal: 9},
		"posix_kill(getmypid(), 15); sleep(9);": {Signal: 15},
	} {
		p, err := l.Start(Script{File: script(t, code)})
		if err != nil {
			t.Fatal(err)
		}
		if got := ended(t, p); got != want || (p.Err() == nil) != (want == Exit{}) {
			t.Errorf("%s: %+v, want %+v, error %v", code, got, want, p.Err())
		}
	}
}

func TestWhatAScriptSees(t *testing.T) {
	t.Setenv("BRIDGE_CALLBACK_TOKEN", "secret")
	t.Setenv("FPMBRIDGE_BIN", "x")
	// Descriptors that we inherited are not passed on: one without close-on-exec stands for them.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), w.Close() }()
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, w.Fd(), syscall.F_SETFD, 0); errno != 0 {
		t.Fatal(errno)
	}
	prepend := script(t, "if (!defined('P')) { define('P', 1); }")
	l, log := launcher(t, Options{Prepend: prepend, Options: []string{"memory_limit=77M"}})
	p, err := l.Start(Script{
		File: script(t, `fwrite(fopen('php://fd/3', 'w'), json_encode([array_slice($argv, 1), P, ini_get('memory_limit'), getenv('BRIDGE_ROLE'),
			getenv('BRIDGE_CALLBACK_TOKEN'), getenv('FPMBRIDGE_BIN'), count(array_filter(array_map(function ($fd) { return (string) @readlink("/proc/self/fd/$fd"); }, scandir('/proc/self/fd')), function ($l) { return strncmp($l, 'pipe', 4) === 0; })), getcwd()]));
			echo "one\n\ntwo"; fwrite(STDERR, "three\r\n" . str_repeat('x', 40000) . "\n");`),
		Args: []string{"-r", "--", "a b"}, Dir: "/", Env: []string{"BRIDGE_ROLE=test"}, Answer: true, Attrs: []slog.Attr{slog.Int("worker", 7)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := ended(t, p); got != (Exit{}) {
		t.Fatal(got, log)
	}
	// stdout, stderr, the answer, and the stream that writes it
	if got := string(p.Answer()); got != `[["-r","--","a b"],1,"77M","test",false,false,4,"\/"]` {
		t.Error(got)
	}
	for _, line := range []string{"level=INFO msg=php text=one worker=7\n", "text=two worker=7\n", "level=WARN msg=php text=three worker=7\n"} {
		if strings.Count(log.String(), line) != 1 {
			t.Errorf("no %q in %s", line, log)
		}
	}
	if n := strings.Count(log.String(), "text=xxx"); n != 3 {
		t.Errorf("a line of 40,000 bytes is %d lines", n)
	}
}

// What a script started ends with it, also what ignores signals; and a daemon that holds the pipes does not hold us.
func TestNothingIsLeft(t *testing.T) {
	l, _ := launcher(t, Options{})
	p, err := l.Start(Script{File: script(t, `echo exec('sleep 100 > /dev/null 2>&1 & echo $!'), "\n"; fwrite(fopen('php://fd/3', 'w'), exec('sleep 100 > /dev/null 2>&1 & echo $!')); exec('setsid sleep 3 &');`), Answer: true})
	if err != nil {
		t.Fatal(err)
	}
	ended(t, p)
	pid := 0
	for _, c := range string(p.Answer()) {
		pid = pid*10 + int(c-'0')
	}
	if pid < 2 {
		t.Fatal(p.Answer())
	}
	for range 200 {
		stat, err := os.ReadFile(filepath.Join("/proc", string(p.Answer()), "stat"))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the child is still there")
}

func TestCloseKillsAndStartsNothing(t *testing.T) {
	l, _ := launcher(t, Options{})
	p, err := l.Start(Script{File: script(t, "sleep(100);")})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ended(t, p); got != (Exit{Signal: 9}) {
		t.Error(got)
	}
	if _, err := l.Start(Script{File: "x"}); err == nil {
		t.Error("it starts after Close")
	}
}

func TestABinaryThatIsNotThere(t *testing.T) {
	l, _ := launcher(t, Options{})
	l.opts.Binary = "/no/such/php"
	if _, err := l.Start(Script{File: "x", Answer: true}); err == nil {
		t.Error("it starts")
	}
}

func TestFindSaysWhatIsWrong(t *testing.T) {
	for out, want := range map[string]string{
		"cli 8.2.1 80201 1 0 -exec": "", "\nWarning: x\ncli 7.4.33 70433 0 0 -": "", "cli 7.3.0 70300 1 0 -": "7.4", "cgi-fcgi 8.2.1 80201 1 0": "command line",
		"cli 8.2.1 80201 1 1 -": "swoole", "": "command line", "hello": "command line", "cli 8 x 1 0": "command line",
	} {
		p, err := parse(out)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || (p == nil) == (err == nil) {
			t.Errorf("%q: %+v, %v", out, p, err)
		}
	}
	if _, err := Find(t.Context(), "/no/such/php"); err == nil || !strings.Contains(err.Error(), "php.binary") {
		t.Error(err)
	}
}

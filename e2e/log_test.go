package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

const logScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->set(['log_file' => 'logs/server.log', 'log_level' => SWOOLE_LOG_WARNING, 'log_date_format' => '%Y', 'log_date_with_microseconds' => true]);
$server->set(['daemonize' => true, 'worker_num' => 1]);
$server->on('message', function ($server, $frame) {
    switch ($frame->data) {
        case 'echo': echo "printed\n"; break;
        case 'warn': $x = $frame->nothing; break;
        case 'fatal': $frame->push(); break;
        case 'info': swoole_error_log(SWOOLE_LOG_INFO, 'below'); swoole_error_log(SWOOLE_LOG_WARNING, 'above'); break;
    }
    $server->push($frame->fd, $frame->data);
});
$server->start();
`

// logFolder writes a script that logs to logs/server.log, and makes that folder.
func logFolder(t *testing.T, text string) (script, file string) {
	t.Helper()
	script = write(t, "server.php", text)
	if err := os.Mkdir(filepath.Join(filepath.Dir(script), "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	return script, filepath.Join(filepath.Dir(script), "logs", "server.log")
}

func wantIn(t *testing.T, file, pattern string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s has %s", filepath.Base(file), pattern), func() bool {
		b, _ := os.ReadFile(file)
		return regexp.MustCompile(pattern).Match(b)
	})
}

func TestLogSettings(t *testing.T) {
	for _, mode := range []string{"request", "resident"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			script, file := logFolder(t, logScript)
			p := serve(t, []string{"BRIDGE_CLOSE_TIMEOUT=100ms"}, script, "--mode", mode, "--workers", "2")
			p.wantLog("log_level=WARNING") // said before it is quiet
			c := p.dial("/")
			for _, word := range []string{"echo", "warn", "info"} {
				c.send(word)
				c.want(word)
			}
			c.send("fatal")
			head := `(?m)^\[20\d\d<\.\d{6}> \*` + fmt.Sprint(p.cmd.Process.Pid) + `\.0\]\t`
			wantIn(t, file, head+`INFO\tphp text=printed `)
			wantIn(t, file, head+`WARNING\tphp text="Undefined property.*server\.php line=8`)
			wantIn(t, file, head+`WARNING\tphp text=above`)
			wantIn(t, file, head+`(ERROR\tphp text=|WARNING\tevent failed ).*undefined method`)
			for _, said := range []string{"text=printed", "Undefined property", "undefined method", "text=above"} {
				p.wantLog(said) // what PHP says is shown in any case
			}

			// The file is moved away; a deploy has another level.
			pid := p.cmd.Process.Pid
			if err := os.Rename(file, file+".1"); err != nil {
				t.Fatal(err)
			}
			const sigRTMIN = syscall.Signal(34)
			for _, sig := range []syscall.Signal{sigRTMIN, syscall.SIGWINCH} {
				if err := syscall.Kill(pid, sig); err != nil {
					t.Fatal(err)
				}
			}
			wantIn(t, file, `^`)
			overwrite(t, script, strings.Replace(logScript, "SWOOLE_LOG_WARNING,", "SWOOLE_LOG_INFO,", 1))
			eventually(t, "the new level holds", func() bool {
				_ = syscall.Kill(pid, syscall.SIGUSR1)
				return strings.Contains(p.stderr.String(), "reload asked for")
			})
			if code := p.stop(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			wantIn(t, file, `INFO\tserved `)
			all, _ := os.ReadFile(file + ".1")
			both, _ := os.ReadFile(file)
			for _, bad := range []string{"below", "reload asked for\n", "process started"} {
				if strings.Contains(string(all), bad) {
					t.Errorf("%q is in the file", bad)
				}
			}
			if strings.Contains(string(all)+string(both), "text=below") || strings.Contains(p.stderr.String(), "text=below") {
				t.Error("swoole_error_log() ignores log_level")
			}
		})
	}
}

// The command line wins over log_level, rotation makes the name, and a file that cannot be written stops nothing.
func TestLogFileNames(t *testing.T) {
	script, file := logFolder(t, strings.Replace(logScript, "SWOOLE_LOG_WARNING,", "SWOOLE_LOG_NONE, 'log_rotation' => SWOOLE_LOG_ROTATION_MONTHLY,", 1))
	p := serve(t, nil, script, "--log-level", "info")
	p.wantLog("setting=log_level key=log.level")
	p.stop()
	names, err := filepath.Glob(file + ".2*")
	if err != nil || len(names) != 1 || !regexp.MustCompile(`\.20\d\d[01]\d$`).MatchString(names[0]) {
		t.Fatal(names, err)
	}
	wantIn(t, names[0], `INFO\tserved `)

	script = write(t, "server.php", logScript)
	p = serve(t, []string{"BRIDGE_CLOSE_TIMEOUT=100ms"}, script)
	p.wantLog("log_file cannot be written")
	p.wantLog("server.php:3")
	c := p.dial("/")
	c.send("hello")
	c.want("hello")
	p.stop()
	if code, out, _ := run(t, nil, "check", "--listen", "127.0.0.1:0", script); code != 0 || !strings.Contains(out, "log_file cannot be written: ") || !strings.Contains(out, "to standard error, and to ") {
		t.Errorf("%d: %s", code, out)
	}
}

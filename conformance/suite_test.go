// Package conformance_test plays the cases in cases/, one a rule of Swoole, against a server. README.md says how.
package conformance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

const (
	atOnce      = 4  // cases
	maxChildren = 48 // of php-fpm: each case may take its workers and one more
)

// cases are the scripts by name: "6.2-handshake/nothing-sent".
func cases(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("cases/*/*.php")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	m := make(map[string]string)
	for _, file := range files {
		m[strings.TrimSuffix(strings.TrimPrefix(file, "cases/"), ".php")] = file
	}
	return m
}

// failing reads failing.txt: what is known to fail in a mode, and why.
func failing(t *testing.T, mode string) map[string]string {
	t.Helper()
	data, err := os.ReadFile("failing.txt")
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string]string)
	all := cases(t)
	for n, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.SplitN(line, " ", 3)
		if len(f) < 3 || all[f[1]] == "" || f[0] != "both" && f[0] != "request" && f[0] != "resident" {
			t.Fatalf("failing.txt:%d: %q: write MODE CASE REASON", n+1, line)
		}
		if f[0] == "both" || f[0] == mode {
			m[f[1]] = f[2]
		}
	}
	return m
}

func TestPlaysAreWellFormed(t *testing.T) {
	for name, file := range cases(t) {
		if _, err := readPlay(file); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	failing(t, "request")
}

func TestConformance(t *testing.T) {
	mode := os.Getenv("SWOOLE_CONFORMANCE_MODE")
	var open func(t *testing.T, p *play, script string) theatre
	switch url, php := os.Getenv("SWOOLE_CONFORMANCE_URL"), os.Getenv("SWOOLE_CONFORMANCE_PHP"); {
	case url != "":
		open, mode = remote(t, url), "swoole"
	case php != "":
		open, mode = extension(php), "swoole"
	case mode == "" || mode == "request" || mode == "resident":
		if mode == "" {
			mode = "request"
		}
		if launcher := os.Getenv("SWOOLE_CONFORMANCE_LAUNCHER"); launcher == "" || launcher == "fpm" {
			php := fpmtest.Start(t, fpm.Options{MaxChildren: maxChildren, Log: slog.New(slog.DiscardHandler)})
			open = bridges(t, mode, "--fpm", php.Address())
		} else {
			open = bridges(t, mode, "--launcher", launcher)
		}
	default:
		t.Fatalf("SWOOLE_CONFORMANCE_MODE=%s: request or resident", mode)
	}
	known := failing(t, mode)
	places := make(chan struct{}, atOnce)
	for name, file := range cases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := readPlay(file)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case mode == "swoole" && p.differs != "":
				t.Skip("differs: " + p.differs)
			case p.mode != "" && p.mode != mode:
				t.Skip("only in mode " + p.mode)
			}
			places <- struct{}{}
			defer func() { <-places }()
			at := open(t, p, file)
			err = p.run(at)
			switch why := known[name]; {
			case err == nil && why != "":
				t.Errorf("passes: take it out of failing.txt (%s)", why)
			case err != nil && why != "":
				t.Skipf("known to fail: %s", why)
			case err != nil:
				t.Errorf("%s\n%s: %v\nlog:\n%s", p.title, file, err, at.log())
			}
		})
	}
}

// over tells whether the server has ended.
func (at *theatre) over() bool {
	select {
	case <-at.ended:
		return true
	default:
		return false
	}
}

// start runs a server until the case is over.
func start(t *testing.T, dir string, cmd *exec.Cmd) theatre {
	t.Helper()
	var out testlog.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Dir = &out, &out, dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-exited
	})
	return theatre{
		log: out.String,
		notes: func() string {
			data, _ := os.ReadFile(filepath.Join(dir, "notes"))
			return string(data)
		},
		stop:  func() error { return terminate(cmd.Process, exited) },
		ended: exited,
	}
}

var listens = regexp.MustCompile(`  at +\w+://([^/\s]+)`)

// bridges starts a bridge for each case, over one php-fpm or with PHP on the command line: php says so.
func bridges(t *testing.T, mode string, php ...string) func(*testing.T, *play, string) theatre {
	t.Helper()
	tmp, err := os.MkdirTemp("/tmp", "conform") // sockets need short paths
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(tmp) })
	binary := filepath.Join(tmp, "fpmbridge")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return func(t *testing.T, p *play, script string) theatre {
		t.Helper()
		dir, err := os.MkdirTemp(tmp, "")
		if err != nil {
			t.Fatal(err)
		}
		path, err := stage(script, dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		args := append([]string{"serve", "--mode", mode}, php...)
		if mode == "request" {
			args = append(args, "--workers", "4") // resident: as many as the script wants
		}
		for range p.ports {
			args = append(args, "--listen", "127.0.0.1:0")
		}
		cmd := exec.Command(binary, append(append(args, p.args...), path)...)
		cmd.Env = append(os.Environ(), "TMPDIR="+dir)
		at := start(t, dir, cmd)
		if p.refuses != "" {
			return at
		}
		if !soon(func() bool { return strings.Contains(at.log(), "Ctrl-C") || at.over() }) || at.over() {
			t.Fatalf("does not serve:\n%s", at.log())
		}
		for _, m := range listens.FindAllStringSubmatch(at.log(), -1) {
			at.addrs = append(at.addrs, m[1])
		}
		return at
	}
}

// extension starts each case with the PHP that has the extension.
func extension(php string) func(*testing.T, *play, string) theatre {
	var mu sync.Mutex
	next := 20000
	return func(t *testing.T, p *play, script string) theatre {
		t.Helper()
		var ports []string
		mu.Lock()
		for range p.ports {
			ports = append(ports, strconv.Itoa(next))
			next++
		}
		mu.Unlock()
		dir := t.TempDir()
		path, err := stage(script, dir, ports)
		if err != nil {
			t.Fatal(err)
		}
		at := start(t, dir, exec.Command(php, path))
		if p.refuses != "" {
			return at
		}
		for _, port := range ports {
			at.addrs = append(at.addrs, "127.0.0.1:"+port)
		}
		n, _ := strconv.Atoi(ports[0])
		// A connection made to see whether it listens would take an fd.
		if !soon(func() bool {
			data, _ := os.ReadFile("/proc/net/tcp")
			return bytes.Contains(data, fmt.Appendf(nil, ":%04X 00000000:0000 0A", n))
		}) {
			t.Fatalf("does not listen:\n%s", at.log())
		}
		return at
	}
}

// remote plays with what `php all.php` serves elsewhere: an index of ports, and each case's notes and log.
func remote(t *testing.T, url string) func(*testing.T, *play, string) theatre {
	t.Helper()
	get := func(path string) string {
		resp, err := http.Get(url + "/" + path)
		if err != nil {
			return ""
		}
		defer func() { _ = resp.Body.Close() }()
		data, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK {
			return ""
		}
		return string(data)
	}
	var index map[string][]string
	if err := json.Unmarshal([]byte(get("index.json")), &index); err != nil {
		t.Fatalf("%s/index.json: %v", url, err)
	}
	return func(t *testing.T, _ *play, script string) theatre {
		t.Helper()
		name := strings.TrimSuffix(strings.TrimPrefix(script, "cases/"), ".php")
		return theatre{
			addrs: index[name],
			log:   func() string { return get(name + "/log") },
			notes: func() string { return get(name + "/notes") },
			stop: func() error {
				if get("stop.php?case="+name) == "" {
					return fmt.Errorf("%s is not stopped", name)
				}
				return nil
			},
		}
	}
}

package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
)

// Under load a reload may cost each worker the event that it had not read yet: php-fpm closes the connection, and nothing
// proves that it had not started. Those have failed, in the log, and are not sent twice; everybody else notices nothing.
func TestReloadUnderLoad(t *testing.T) {
	const clients, reloads, messages = 4, 2, 60
	script := write(t, "server.php", swooleScript)
	p := serve(t, []string{"BRIDGE_FPM_IDLE=500ms"}, script)
	var wg sync.WaitGroup
	var lost atomic.Int64
	half := make(chan struct{}, clients)
	for range clients {
		c := p.dial("/")
		c.talk("hi")
		wg.Go(func() {
			for n := range messages {
				if n == messages/4 || n == messages/2 {
					half <- struct{}{}
				}
				c.send(fmt.Sprint("echo ", n))
			}
			next := 0
			for next < messages {
				_, got, err := c.read()
				n, _ := strconv.Atoi(got)
				if err != nil || n < next {
					t.Errorf("after %d: got %q, %v", next, got, err)
					return
				}
				lost.Add(int64(n - next))
				next = n + 1
			}
			c.talk("after")
			c.leave()
		})
	}
	for range reloads {
		for range clients {
			<-half
		}
		if err := syscall.Kill(p.master(), syscall.SIGUSR2); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	storyOf(t, script).wantClosed()
	if n := int64(strings.Count(p.stderr.String(), "event failed")); n != lost.Load() || n > clients*reloads {
		t.Errorf("%d answers are missing, %d events failed in the log, at most %d expected", lost.Load(), n, clients*reloads)
	}
}

// SIGUSR2 kills what runs unless process_control_timeout is set: our own php-fpm has it, so a running event is finished.
func TestReloadLetsRunningEventsFinish(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, []string{"BRIDGE_FPM_IDLE=200ms"}, script)
	a, b := p.dial("/"), p.dial("/")
	a.talk("hi")
	a.send("sleep 0.5")
	eventually(t, "the event runs", func() bool { return storyOf(t, script).count("message") == 2 })
	workers := children(t, p.master(), "php-fpm")
	if err := syscall.Kill(p.master(), syscall.SIGUSR2); err != nil {
		t.Fatal(err)
	}
	a.want("slept")
	for _, pid := range workers {
		eventually(t, "the old workers are gone", func() bool { return !alive(pid) || zombie(pid) })
	}
	b.talk("after")
	a.talk("after")
	a.leave()
	b.leave()
	storyOf(t, script).wantClosed()
	if strings.Contains(p.stderr.String(), "event failed") {
		t.Error("an event failed")
	}
}

// php-fpm is killed with all its workers: the bridge starts it again, connections stay, waiting events are delivered.
func TestKilledPHPComesBack(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, nil, script)
	a, gone := p.dial("/"), p.dial("/")
	a.talk("before")
	gone.talk("before")
	before := p.fds()
	for range 2 {
		master := p.master()
		_ = syscall.Kill(-master, syscall.SIGKILL)
		// All of them: who dies last still has the socket, and what waits there is reset with it.
		eventually(t, "php-fpm is dead", func() bool { return !groupAlive(t, master) })
		a.send("echo waits")
		a.want("waits")
		eventually(t, "another php-fpm", func() bool { return p.master() != master })
	}
	gone.leave()
	a.talk("after")
	a.leave()
	storyOf(t, script).wantClosed()
	p.wantFDs(before)
}

// groupAlive reports whether anything of a process group runs. A zombie has closed its descriptors.
func groupAlive(t *testing.T, group int) bool {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Fatalf("/proc cannot be read: %v", err)
	}
	for _, file := range stats {
		data, _ := os.ReadFile(file)
		// State, parent, group.
		f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		if len(f) > 2 && f[2] == itoa(group) && f[0] != "Z" && f[0] != "X" {
			return true
		}
	}
	return false
}

// A worker dies in the middle of an event: that event has failed, everybody else goes on.
func TestKilledWorker(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, nil, script)
	a, b := p.dial("/"), p.dial("/")
	a.talk("hi")
	b.talk("hi")
	for range 5 {
		a.send("die")
		b.talk("meanwhile")
		a.talk("after")
	}
	if n := strings.Count(p.stderr.String(), "event failed"); n != 5 {
		t.Errorf("%d events failed, want 5", n)
	}
	a.leave()
	b.leave()
	storyOf(t, script).wantClosed()
}

// A php-fpm of somebody else: it goes away for longer than retry_window, and comes back.
func TestGivenPHPThatGoesAway(t *testing.T) {
	srv := fpmtest.Start(t, fpm.Options{MaxChildren: 6})
	script := write(t, "server.php", swooleScript)
	// A given address that we can take away: a link to the socket.
	link := filepath.Join(t.TempDir(), "fpm.sock")
	path := strings.TrimPrefix(srv.Address(), "unix:")
	relink(t, path, link)
	p := serve(t, []string{"BRIDGE_RETRY_WINDOW=500ms", "BRIDGE_FPM_IDLE=0"}, script, "--fpm", "unix:"+link)
	silent, talking := p.dial("/"), p.dial("/")
	silent.talk("hi")
	talking.talk("hi")

	unlink(t, link)
	talking.send("echo lost")
	fresh := p.dial("/")
	talking.wantClose(1013)
	fresh.wantClose(1013)
	p.wantLog("php-fpm takes no requests")

	relink(t, path, link)
	silent.talk("still here")
	p.wantLog("php-fpm takes requests again")
	silent.leave()
	s := storyOf(t, script)
	s.wantClosed()
	if s.count("open") != 2 {
		t.Errorf("%d opens: a connection that PHP never heard of has no events", s.count("open"))
	}
}

// Absent at the start: serve waits for it, check does not.
func TestPHPThatIsAbsentAtTheStart(t *testing.T) {
	srv := fpmtest.Start(t, fpm.Options{MaxChildren: 6})
	script := write(t, "server.php", swooleScript)
	link := filepath.Join(t.TempDir(), "fpm.sock")
	if code, _, stderr := run(t, nil, "check", script, "--fpm", "unix:"+link); code != 1 || !strings.Contains(stderr, link) {
		t.Errorf("check: exit %d: %s", code, stderr)
	}
	p := launch(t, nil, "serve", script, "--listen", "127.0.0.1:0", "--fpm", "unix:"+link)
	p.wantLog("cannot be reached yet")
	relink(t, strings.TrimPrefix(srv.Address(), "unix:"), link)
	p.waitServing()
	c := p.dial("/")
	c.talk("hi")
	c.leave()
	storyOf(t, script).wantClosed()
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

// Workers that are replaced after a few requests, on connections that are kept: no event gets lost.
func TestRecycledWorkers(t *testing.T) {
	srv := fpmtest.Start(t, fpm.Options{MaxChildren: 6, MaxRequests: 10})
	script := write(t, "server.php", swooleScript)
	p := serve(t, nil, script, "--fpm", srv.Address())
	c := p.dial("/")
	for i := range 200 {
		c.talk(fmt.Sprint(i))
	}
	c.leave()
	storyOf(t, script).wantClosed()
}

// The pool is smaller than what the bridge asks for at once: that is busy, not down. Everybody is served in the end.
func TestPoolThatIsTooSmall(t *testing.T) {
	srv := fpmtest.Start(t, fpm.Options{MaxChildren: 1})
	script := write(t, "server.php", swooleScript)
	p := serve(t, []string{"BRIDGE_FPM_IDLE=0"}, script, "--fpm", srv.Address(), "--workers", "4")
	var list []*client
	for range 10 {
		list = append(list, p.dial("/"))
	}
	for _, c := range list {
		c.send("sleep 0.02")
		c.send("echo x")
	}
	for _, c := range list {
		c.want("slept")
		c.want("x")
		c.leave()
	}
	storyOf(t, script).wantClosed()
}

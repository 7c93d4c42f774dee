package e2e_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSigtermSendsEverybodyHome(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, []string{"BRIDGE_SHUTDOWN_SPREAD=300ms"}, script)
	var list []*client
	for range 10 {
		c := p.dial("/")
		c.talk("hi")
		list = append(list, c)
	}
	done := make(chan int, 1)
	go func() { done <- p.stop() }()
	for _, c := range list {
		c.wantClose(1001)
	}
	if code := <-done; code != 0 {
		t.Errorf("exit %d", code)
	}
	s := storyOf(t, script)
	s.check()
	if s.count("close") != 10 {
		t.Errorf("%d close events of 10", s.count("close"))
	}
	p.wantNothingLeft()
	if d := (net.Dialer{Timeout: time.Second}); true {
		if conn, err := d.DialContext(t.Context(), "tcp", p.addr); err == nil {
			_ = conn.Close()
			t.Error("somebody still listens")
		}
	}
	if !strings.Contains(p.stderr.String(), "msg=served") {
		t.Error("no last word in the log")
	}
}

// PHP is in a call that takes long: the shutdown waits for it.
func TestSigtermWaitsForRunningEvents(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, []string{"BRIDGE_SHUTDOWN_SPREAD=0"}, script)
	c := p.dial("/")
	c.talk("hi")
	c.send("sleep 1")
	eventually(t, "the event runs", func() bool { return storyOf(t, script).count("message") == 2 })
	done := make(chan int, 1)
	go func() { done <- p.stop() }()
	c.wantClose(1001)
	if code := <-done; code != 0 {
		t.Errorf("exit %d", code)
	}
	storyOf(t, script).wantClosed()
	p.wantNothingLeft()
}

// PHP hangs for longer than shutdown.timeout: the program ends all the same, and takes php-fpm with it.
func TestSigtermWithAStuckPHP(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, []string{"BRIDGE_SHUTDOWN_SPREAD=0", "BRIDGE_SHUTDOWN_TIMEOUT=1s"}, script)
	c := p.dial("/")
	c.talk("hi")
	c.send("sleep 60")
	eventually(t, "the event runs", func() bool { return storyOf(t, script).count("message") == 2 })
	start := time.Now()
	done := make(chan int, 1)
	go func() { done <- p.stop() }()
	c.wantClose(1001)
	if code := <-done; code != 0 {
		t.Errorf("exit %d", code)
	}
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("it took %v", took)
	}
	p.wantNothingLeft()
}

// A deploy has the script described anew, and the stop comes in the middle of that: our own end is no error of the script's.
func TestSigtermWhileDescribing(t *testing.T) {
	slow := filepath.Join(t.TempDir(), "slow")
	script := write(t, "server.php", strings.Replace(swooleScript, "<?php", `<?php if (file_exists('`+slow+`')) { touch('`+slow+`.began'); sleep(60); }`, 1))
	p := serve(t, []string{"BRIDGE_SHUTDOWN_SPREAD=0", "BRIDGE_SHUTDOWN_TIMEOUT=1s"}, script)
	overwrite(t, slow, "")
	if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is described", func() bool { _, err := os.Stat(slow + ".began"); return err == nil })
	if code := p.stop(); code != 0 || strings.Contains(p.stderr.String(), "level=ERROR") {
		t.Errorf("exit %d: %s", code, p.stderr.String())
	}
	p.wantNothingLeft()
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, nil, script)
	c := p.dial("/")
	c.talk("hi")
	c.send("sleep 60")
	eventually(t, "the event runs", func() bool { return storyOf(t, script).count("message") == 2 })
	start := time.Now()
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	p.wantLog("closing connections")
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	<-p.exited
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// Killed without a word, the bridge leaves no php-fpm behind, and the next one clears its folder away.
func TestKilledBridgeLeavesNoPHP(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, nil, script)
	p.dial("/").talk("hi")
	master := p.master()
	workers := children(t, master, "php-fpm")
	if len(workers) == 0 {
		t.Fatal("no workers")
	}
	_ = p.cmd.Process.Kill()
	<-p.exited
	for _, pid := range append(workers, master) {
		eventually(t, "php-fpm ends", func() bool { return !alive(pid) || zombie(pid) })
	}
	old, _ := filepath.Glob(filepath.Join(p.tmp, "*"))
	if len(old) == 0 {
		t.Fatal("where was its folder?")
	}
	next := serve(t, []string{"TMPDIR=" + p.tmp}, script)
	c := next.dial("/")
	c.talk("hi")
	c.leave()
	for _, folder := range old {
		if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there", folder)
		}
	}
	next.stop()
	p.wantNothingLeft()
}

func zombie(pid int) bool {
	data, err := os.ReadFile("/proc/" + itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(data), ") Z ")
}

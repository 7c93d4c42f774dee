package proc_test

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/proc"
)

func TestListenerIsFound(t *testing.T) {
	if runtime.GOOS != "linux" {
		if _, err := proc.Listener(t.Context(), "tcp", "127.0.0.1:1"); !errors.Is(err, proc.ErrSystem) {
			t.Error(err)
		}
		return
	}
	for _, c := range [][2]string{{"unix", filepath.Join(t.TempDir(), "s")}, {"tcp", "127.0.0.1:0"}, {"tcp", "[::1]:0"}, {"tcp", ":0"}} {
		ln, err := net.Listen(c[0], c[1])
		if err != nil {
			t.Logf("%v: %v", c, err) // no IPv6 here
			continue
		}
		at := ln.Addr().String()
		owner, err := proc.Listener(t.Context(), c[0], at)
		if err != nil || owner.PID != os.Getpid() || !owner.Same || owner.Name == "" {
			t.Errorf("%s: %+v, %v", at, owner, err)
		}
		if _, port, _ := net.SplitHostPort(at); c[0] == "tcp" && !strings.HasPrefix(at, "[::1]") {
			if owner, err := proc.Listener(t.Context(), "tcp", "0.0.0.0:"+port); err != nil || owner.PID != os.Getpid() {
				t.Errorf("all addresses, where %s is taken: %+v, %v", at, owner, err)
			}
		}
		_ = ln.Close()
		if owner, err := proc.Listener(t.Context(), c[0], at); !errors.Is(err, proc.ErrElsewhere) {
			t.Errorf("nobody listens at %s any more: %+v, %v", at, owner, err)
		}
	}
	for _, address := range []string{"", "127.0.0.1", "127.0.0.1:x", "[::1:5"} {
		if owner, err := proc.Listener(t.Context(), "tcp", address); !errors.Is(err, proc.ErrElsewhere) {
			t.Errorf("%q: %+v, %v", address, owner, err)
		}
	}
}

// Another program that listens is another program.
func TestListenerOfAnotherProgram(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	at := filepath.Join(t.TempDir(), "s")
	cmd := exec.CommandContext(t.Context(), "php", "-r", `$s = stream_socket_server("unix://$argv[1]"); echo "there"; sleep(60);`, at)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		noPHP(t, err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	owner, err := proc.Listener(t.Context(), "unix", at)
	if err != nil || owner.PID != cmd.Process.Pid || owner.Same || !strings.Contains(owner.String(), "(php") {
		t.Errorf("%+v, %v", owner, err)
	}
}

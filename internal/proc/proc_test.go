package proc_test

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/proc"
)

// noPHP ends a test that needs php: in CI it fails.
func noPHP(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip("there is no php here: ", err)
}

// caller starts a process of another program that connects to a listener and stays.
func caller(t *testing.T, network, address, script string) (net.Conn, *exec.Cmd) {
	t.Helper()
	ln, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	cmd := exec.CommandContext(t.Context(), "php", "-r", script, ln.Addr().String())
	if err := cmd.Start(); err != nil {
		noPHP(t, err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, cmd
}

func TestPeerIsKilled(t *testing.T) {
	for _, test := range []struct{ network, address, script string }{
		{"unix", filepath.Join(t.TempDir(), "s"), `$s = stream_socket_client("unix://$argv[1]"); while (true) sleep(1);`},
		{"tcp", "127.0.0.1:0", `$s = stream_socket_client("tcp://$argv[1]"); while (true) sleep(1);`},
		{"tcp", "[::1]:0", `$s = stream_socket_client("tcp://$argv[1]"); while (true) sleep(1);`},
	} {
		if test.address == "[::1]:0" {
			ln, err := net.Listen("tcp", test.address)
			if err != nil {
				continue
			}
			_ = ln.Close()
		}
		conn, cmd := caller(t, test.network, test.address, test.script)
		p, err := proc.Peer(conn, cmd.Process.Pid)
		if err != nil || p.PID() != cmd.Process.Pid {
			t.Fatalf("%s %s: %v", test.network, test.address, err)
		}
		if test.network == "tcp" { // a lie
			if _, err := proc.Peer(conn, 1<<22-1); !errors.Is(err, proc.ErrElsewhere) {
				t.Errorf("a process that is not there: %v", err)
			}
			other := exec.CommandContext(t.Context(), "sleep", "60")
			if err := other.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := proc.Peer(conn, other.Process.Pid); !errors.Is(err, proc.ErrElsewhere) {
				t.Errorf("a process that has another connection: %v", err)
			}
			_ = other.Process.Kill()
			_ = other.Wait()
		}
		if err := p.Kill(); err != nil {
			t.Error(err)
		}
		done := make(chan struct{})
		go func() {
			_ = cmd.Wait()
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			t.Error("it still runs")
		}
		if err := p.Kill(); err != nil {
			t.Error("of one that has ended: ", err)
		}
		p.Release()
	}
}

func TestPeerOfAnotherKind(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if _, err := proc.Peer(a, 4711); !errors.Is(err, proc.ErrElsewhere) && !errors.Is(err, proc.ErrSystem) {
		t.Error(err)
	}
}

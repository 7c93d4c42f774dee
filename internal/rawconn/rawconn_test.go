package rawconn_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/rawconn"
)

// ends returns both ends of a connection of each kind: with a descriptor and without.
func ends(t *testing.T) map[string][2]net.Conn {
	t.Helper()
	a, b := net.Pipe()
	all := map[string][2]net.Conn{"pipe": {a, b}}
	for network, address := range map[string]string{"unix": filepath.Join(t.TempDir(), "s"), "tcp": "127.0.0.1:0"} {
		ln, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := net.Dial(network, ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_ = ln.Close()
		all[network] = [2]net.Conn{ours, theirs}
	}
	t.Cleanup(func() {
		for _, pair := range all {
			_, _ = pair[0].Close(), pair[1].Close()
		}
	})
	return all
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for name, pair := range ends(t) {
		t.Run(name, func(t *testing.T) {
			c, peer := rawconn.New(pair[0], []byte("early ")), pair[1]
			large := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // more than any socket takes
			go func() {
				_, _ = peer.Write([]byte("late"))
				got := make([]byte, len(large))
				_, _ = io.ReadFull(peer, got)
				_, _ = peer.Write(got[len(got)-16:])
				_ = peer.Close()
			}()
			buf := make([]byte, 4)
			var got []byte
			for len(got) < len("early late") {
				n, err := c.Read(buf)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, buf[:n]...)
			}
			if string(got) != "early late" {
				t.Errorf("read %q", got)
			}
			if n, err := c.WriteWithin(large[:100], time.Minute); n != 100 || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
			if n, err := c.WriteWithin(large[100:], time.Minute); n != len(large)-100 || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
			if rest, err := io.ReadAll(c); err != nil || string(rest) != "0123456789abcdef" {
				t.Errorf("read %q, %v", rest, err)
			}
		})
	}
}

func TestDeadlinesHold(t *testing.T) {
	for name, pair := range ends(t) {
		t.Run(name, func(t *testing.T) {
			c := rawconn.New(pair[0], nil)
			if err := c.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
				t.Fatal(err)
			}
			if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("read %d, %v", n, err)
			}
			n, err := c.WriteWithin(make([]byte, 16<<20), 10*time.Millisecond)
			if n == 16<<20 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("wrote %d, %v", n, err)
			}
			if n, err := c.Write(make([]byte, 16<<20)); n == 16<<20 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("wrote %d, %v", n, err)
			}
		})
	}
}

func TestTheEndIsAnError(t *testing.T) {
	for name, pair := range ends(t) {
		t.Run(name, func(t *testing.T) {
			c := rawconn.New(pair[0], nil)
			_ = pair[1].Close()
			if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("read %d, %v", n, err)
			}
			var err error
			for range 100 { // TCP learns of it with the second write
				if _, err = c.WriteWithin(make([]byte, 1000), time.Second); err != nil {
					break
				}
				time.Sleep(time.Millisecond)
			}
			if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("wrote: %v", err)
			}
			_ = c.Close()
			if name == "pipe" {
				return
			}
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("read of a closed connection: %v", err)
			}
			if _, err := c.Write(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("write to a closed connection: %v", err)
			}
		})
	}
}

// A Close ends a read that waits.
func TestCloseWakes(t *testing.T) {
	for name, pair := range ends(t) {
		t.Run(name, func(t *testing.T) {
			c := rawconn.New(pair[0], nil)
			time.AfterFunc(5*time.Millisecond, func() { _ = c.Close() })
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("read: %v", err)
			}
		})
	}
}

func TestItsDescriptor(t *testing.T) {
	for name, pair := range ends(t) {
		c := rawconn.New(pair[0], nil)
		if _, err := c.SyscallConn(); (err == nil) != (name != "pipe") {
			t.Errorf("%s: %v", name, err)
		}
		if rawconn.New(c, nil) != c {
			t.Error("wrapped twice")
		}
		if again := rawconn.New(c, []byte("x")); again == c {
			t.Error("what was read early is lost")
		}
	}
}

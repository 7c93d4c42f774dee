package sock

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestListenMakesAPrivateSocket(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	path := filepath.Join(folder, "cb.sock")
	group := strconv.Itoa(os.Getegid())
	for _, test := range []struct {
		group string
		mode  os.FileMode
	}{{"", 0o700}, {group, 0o750}} {
		ln, err := Listen(t.Context(), "unix:"+path, test.group)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]os.FileMode{folder: os.ModeDir | test.mode, path: os.ModeSocket | 0o660} {
			info, err := os.Stat(name)
			if err != nil || info.Mode() != want {
				t.Errorf("%s has %v, want %v (%v)", name, info.Mode(), want, err)
			}
		}
		if _, err := Listen(t.Context(), "unix:"+path, ""); !errors.Is(err, ErrInUse) {
			t.Errorf("a second one: %v", err)
		}
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
		if err := os.Remove(folder); err != nil {
			t.Error(err) // the socket file is gone with its listener
		}
	}
}

// A bridge that was killed leaves its socket file.
func TestListenRemovesAStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cb.sock")
	old, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: path})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	_ = old.Close()
	ln, err := Listen(t.Context(), "unix:"+path, "")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
}

func TestListenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open")
	old := syscall.Umask(0)
	err := os.Mkdir(open, 0o777)
	syscall.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	long := "/" + strings.Repeat("x", maxSocketPath)
	for address, want := range map[string]string{
		"":                                   "want unix:/path or tcp:host:port",
		"/run/cb.sock":                       "want unix:/path or tcp:host:port",
		"unix:cb.sock":                       "absolute path",
		"unix:" + long:                       "has 108 bytes and a Unix socket's has at most 107",
		"unix:" + file:                       "no socket",
		"unix:" + file + "/cb.sock":          "no folder",
		"unix:" + open + "/cb.sock":          "everybody may write",
		"unix:" + dir + "/a/b/cb.sock":       "no such file",
		"tcp:127.0.0.1:99999":                "invalid port",
		"unix:" + dir + "/g/cb.sock|nobody0": "group",
	} {
		address, group, _ := strings.Cut(address, "|")
		if ln, err := Listen(t.Context(), address, group); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
			if ln != nil {
				_ = ln.Close()
			}
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "precious" {
		t.Error("the file that was in the way is gone")
	}
}

func TestAddressIsWhatPHPNeeds(t *testing.T) {
	ln, err := Listen(t.Context(), "tcp:127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if a := Address(ln); !strings.HasPrefix(a, "tcp:127.0.0.1:") || strings.HasSuffix(a, ":0") {
		t.Error(a)
	}
	path := filepath.Join(t.TempDir(), "x.sock")
	ln2, err := Listen(t.Context(), "unix:"+path, "")
	if err != nil {
		t.Fatal(err)
	}
	defer ln2.Close()
	if a := Address(ln2); a != "unix:"+path {
		t.Error(a)
	}
}

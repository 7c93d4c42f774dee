package exchange

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Only regular files are opened for a response, and nothing waits for the other end of a pipe.
func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	file, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{file: true, pipe: false, dir: false, filepath.Join(dir, "none"): false, "/dev/null": false} {
		f, ok := OpenFile(path)
		if ok != want {
			t.Errorf("%s: %v", path, ok)
		}
		if ok {
			_ = f.Close()
		}
	}
}

package sdk_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fpmbridge/fpmbridge/internal/sdk"
)

var files = fstest.MapFS{"entry.php": {Data: []byte("<?php // entry")}, "src/Core.php": {Data: []byte("<?php // core")}}

func TestLayoutWritesAndRepairs(t *testing.T) {
	base := filepath.Join(t.TempDir(), "base")
	dir, err := sdk.Layout(files, base)
	if err != nil {
		t.Fatal(err)
	}
	core := filepath.Join(dir, "src", "Core.php")
	info, err := os.Stat(core)
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Fatalf("Core.php: %v, mode %v; want it readable by all", err, info.Mode())
	}
	if err := os.WriteFile(core, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := sdk.Layout(files, base)
	if err != nil || again != dir {
		t.Fatalf("second layout: %q, %v; want %q", again, err, dir)
	}
	got, err := os.ReadFile(core)
	if err != nil || string(got) != "<?php // core" {
		t.Fatalf("Core.php was not repaired: %q, %v", got, err)
	}
}

func TestLayoutOfOtherFilesIsAnotherFolder(t *testing.T) {
	base := t.TempDir()
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	a, err := sdk.Layout(files, base)
	if err != nil {
		t.Fatal(err)
	}
	b, err := sdk.Layout(fstest.MapFS{"entry.php": {Data: []byte("<?php // newer")}}, base)
	if err != nil || a == b {
		t.Fatalf("got %q and %q, %v; want two folders", a, b, err)
	}
}

// A folder in /tmp that others may write to would let them choose what PHP runs.
func TestLayoutRefusesAFolderThatOthersMayWriteTo(t *testing.T) {
	base := filepath.Join(t.TempDir(), "base")
	dir, err := sdk.Layout(files, base)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := sdk.Layout(files, base); err == nil || !strings.Contains(err.Error(), "sdk.path") {
		t.Fatalf("got %v; want a refusal that says what to do", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := sdk.Layout(files, base); err == nil {
		t.Fatal("a symlink was taken for a folder of our own")
	}
}

func TestLayoutOfNothing(t *testing.T) {
	if _, err := sdk.Layout(fstest.MapFS{}, t.TempDir()); err == nil {
		t.Fatal("want an error")
	}
}

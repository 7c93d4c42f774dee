package outfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPID(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.pid")
	read := func() string {
		b, err := os.ReadFile(path)
		if err != nil {
			return err.Error()
		}
		return string(b)
	}
	for range 2 { // the second time there is one of a server that was killed
		if _, err := PID(path, 41); err != nil || read() != "41" {
			t.Fatal(read(), err)
		}
	}
	remove, err := PID(path, 42)
	if err != nil || read() != "42" {
		t.Fatal(read(), err)
	}
	other, err := PID(path, 43)
	if err != nil {
		t.Fatal(err)
	}
	if remove(); read() != "43" {
		t.Error("another server's was taken away")
	}
	other()
	if _, err := os.Stat(path); err == nil {
		t.Error("it is still there")
	}
}

// A script cannot have other files overwritten.
func TestOtherFilesStay(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "passwd")
	if err := os.WriteFile(precious, []byte("root:x:0:0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(precious, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{precious, link, dir, filepath.Join(dir, "no", "folder")} {
		if _, err := PID(path, 1); err == nil {
			t.Errorf("%s was written", path)
		}
	}
	if err := Stats(link, nil); err == nil {
		t.Error("stats follow a link")
	}
	if b, _ := os.ReadFile(precious); string(b) != "root:x:0:0\n" {
		t.Errorf("%q", b)
	}
}

func TestStats(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		"s.json": `{"start_time":7,"connection_num":2}`, "s.php": "<?php\nreturn array (\n  'start_time' => 7,\n  'connection_num' => 2,\n);\n", "s.log": "start_time: 7\nconnection_num: 2",
	} {
		path := filepath.Join(dir, name)
		for range 2 {
			if err := Stats(path, []Line{{"start_time", 7}, {"connection_num", 2}}); err != nil {
				t.Fatal(err)
			}
		}
		if b, _ := os.ReadFile(path); string(b) != want {
			t.Errorf("%s: %q", name, b)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 3 {
		t.Errorf("%d files", len(left))
	}
}

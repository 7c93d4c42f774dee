// Package outfile writes the files that a Swoole script wants written about its server: its pid_file ([PID]) and its stats_file ([Stats]). It never takes
// the place of a file that looks like something else. It stands on the standard library alone.
package outfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxPID is how long a file may be that is taken for a pid_file, in bytes.
const maxPID = 32

// PID writes a process id. remove takes the file away, if it still has that id.
func PID(path string, pid int) (remove func(), err error) {
	holds := func() (id string, err error) {
		info, err := os.Lstat(path)
		if err != nil {
			return "", err //nolint:wrapcheck // PID does
		}
		b, err := os.ReadFile(path)
		id = strings.TrimSpace(string(b))
		if _, bad := strconv.Atoi(id); err == nil && (!info.Mode().IsRegular() || len(b) > maxPID || id != "" && bad != nil) {
			err = errors.New("it is another file: it has no process id in it")
		}
		return id, err //nolint:wrapcheck // PID does
	}
	if _, err := holds(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	own := strconv.Itoa(pid)
	if err := replace(path, []byte(own)); err != nil {
		return nil, err
	}
	return func() {
		if id, err := holds(); err == nil && id == own {
			_ = os.Remove(path)
		}
	}, nil
}

// Line is one of Stats.
type Line struct {
	Key   string
	Value int64
}

// Stats writes what the server counts, in the form that the name's end asks for, as Swoole: .json, .php, or lines of "key: value".
func Stats(path string, lines []Line) error {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: it is no regular file", path)
	}
	var b strings.Builder
	switch filepath.Ext(path) {
	case ".json":
		b.WriteString("{")
		for i, l := range lines {
			key, err := json.Marshal(l.Key)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if i > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, "%s:%d", key, l.Value)
		}
		b.WriteString("}")
	case ".php":
		b.WriteString("<?php\nreturn array (\n")
		for _, l := range lines {
			fmt.Fprintf(&b, "  '%s' => %d,\n", l.Key, l.Value)
		}
		b.WriteString(");\n")
	default:
		for i, l := range lines {
			if i > 0 {
				b.WriteString("\n") // none behind the last one, as implode() has it
			}
			fmt.Fprintf(&b, "%s: %d", l.Key, l.Value)
		}
	}
	return replace(path, []byte(b.String()))
}

// replace writes a file as a whole: who reads it finds the old one or the new one.
func replace(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	_, err = f.Write(content)
	const mode = 0o644
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

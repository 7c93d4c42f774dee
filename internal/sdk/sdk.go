package sdk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// EntryFile is the script that php-fpm is asked to run, relative to the SDK's folder.
const EntryFile = "entry.php"

// Layout writes files below base, in a folder named by their hash, and returns that folder. Everything is readable by
// all, since php-fpm often runs as another user, and writable by us alone. Files that are there already and right are
// left alone; a folder that somebody else owns is refused: PHP would run what they put there.
func Layout(files fs.FS, base string) (dir string, err error) {
	names, hash, err := list(files)
	if err != nil {
		return "", err
	}
	if err := ownFolder(base); err != nil {
		return "", err
	}
	dir = filepath.Join(base, "sdk-"+hash)
	if err := ownFolder(dir); err != nil {
		return "", err
	}
	for _, name := range names {
		if err := put(files, name, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// list returns the names of all files in order, and a hash over names and contents.
func list(files fs.FS) (names []string, hash string, err error) {
	sum := sha256.New()
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("sdk: %w", err)
		}
		names = append(names, name)
		_, _ = fmt.Fprintf(sum, "%s %d\n", name, len(data))
		_, _ = sum.Write(data)
		return nil
	})
	if err == nil && len(names) == 0 {
		err = errors.New("sdk: this binary carries no SDK")
	}
	return names, hex.EncodeToString(sum.Sum(nil))[:12], err
}

// put writes one file, by rename, so that PHP never reads half of it.
func put(files fs.FS, name, path string) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("sdk: %w", err)
	}
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, data) {
		return nil
	}
	if err := mkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("sdk: %w", err)
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("sdk: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}

// mkdirAll makes folders that all may enter, whatever the umask.
func mkdirAll(dir string) error {
	if _, err := os.Lstat(dir); err == nil {
		return nil
	}
	if err := mkdirAll(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) { //nolint:gosec // php-fpm's user reads it
		return fmt.Errorf("sdk: %w", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // as above
		return fmt.Errorf("sdk: %w", err)
	}
	return nil
}

// ownFolder makes dir, or checks that it is a real folder of ours that nobody else may write to.
func ownFolder(dir string) error {
	if err := mkdirAll(dir); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("sdk: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || info.Mode().Perm()&0o022 != 0 || (ok && int(st.Uid) != os.Geteuid()) {
		return fmt.Errorf("sdk: %s is not a folder of our own that only we may write to; remove it, or set sdk.path to a copy of the SDK", dir)
	}
	return nil
}

package fpm

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
)

// maxSocketPath is sizeof(sun_path)-1 of the stricter system: Linux has 107 bytes, macOS 103.
const maxSocketPath = 103

const (
	folderPrefix = "fpmbridge-"
	lockName     = "lock"
)

// folder is private to one Server. Its lock file is locked as long as the process lives, which tells a folder in use
// from one that a killed process left behind.
type folder struct {
	path string
	lock *os.File
}

func newFolder(log *slog.Logger) (*folder, error) {
	parent := os.TempDir()
	// macOS has deep temp folders, CI too; the socket must fit.
	if len(filepath.Join(parent, folderPrefix+"0123456789", "fpm.sock")) > maxSocketPath {
		parent = "/tmp"
	}
	removeStale(parent, log)
	path, err := os.MkdirTemp(parent, folderPrefix)
	if err != nil {
		return nil, fmt.Errorf("fpm: private folder: %w", err)
	}
	f := &folder{path: path}
	if err := f.takeLock(); err != nil {
		return nil, errors.Join(fmt.Errorf("fpm: private folder: %w", err), os.RemoveAll(path))
	}
	return f, nil
}

// takeLock renames the file into place when it is locked already: a file called lock that is free is always stale.
func (f *folder) takeLock() error {
	file, err := os.OpenFile(f.join(lockName+".new"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(err, file.Close())
	}
	f.lock = file
	return os.Rename(file.Name(), f.join(lockName))
}

func (f *folder) join(name string) string { return filepath.Join(f.path, name) }

func (f *folder) write(path string, data []byte) error {
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("fpm: private folder: %w", err)
	}
	return nil
}

func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	return errors.Join(err, f.lock.Close())
}

// removeStale removes what killed processes of the same user left. It is housekeeping: failures are no reason to stop.
func removeStale(parent string, log *slog.Logger) {
	locks, err := filepath.Glob(filepath.Join(parent, folderPrefix+"*", lockName))
	if err != nil {
		return
	}
	for _, name := range locks {
		info, err := os.Lstat(name)
		if err != nil || !ownRegular(info) {
			continue
		}
		file, err := os.OpenFile(name, os.O_WRONLY|syscall.O_NOFOLLOW, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			err := os.RemoveAll(filepath.Dir(name))
			log.Debug("stale folder removed", "path", filepath.Dir(name), "err", err)
		}
		_ = file.Close() // opened only to lock it
	}
}

// ownRegular keeps us away from what other users put into a shared temp folder.
func ownRegular(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().IsRegular() && int64(stat.Uid) == int64(os.Geteuid())
}

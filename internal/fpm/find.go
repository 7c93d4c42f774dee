package fpm

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// NotFoundError says that there is no php-fpm, and what to install.
type NotFoundError struct {
	Dirs []string // where we looked
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf(`fpm: no php-fpm found in %s. Install it:
  Debian, Ubuntu:  apt-get install php-fpm
  Alpine:          apk add php-fpm
  Fedora, RHEL:    dnf install php-fpm
  macOS:           brew install php
or name a running one (--fpm unix:/run/php/php-fpm.sock), or a binary (fpm.binary)`, strings.Join(e.Dirs, ", "))
}

// Find returns the php-fpm to use: the one called php-fpm, else the newest php-fpm8.x. Debian keeps it in /usr/sbin,
// which is often not in the PATH of a normal user.
func Find() (string, error) {
	dirs := filepath.SplitList(os.Getenv("PATH")) //nolint:forbidigo // as exec.LookPath does
	return findIn(append(dirs, "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"))
}

func findIn(dirs []string) (string, error) {
	// php-fpm8.2 (Debian), php-fpm83 (Alpine), php-fpm (everybody else).
	pattern := regexp.MustCompile(`^php-fpm(?:(\d)\.?(\d*))?$`)
	best, bestRank := "", -1
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "php-fpm*"))
		if err != nil {
			continue
		}
		for _, name := range names {
			m := pattern.FindStringSubmatch(filepath.Base(name))
			if m == nil || !executable(name) {
				continue
			}
			if rank := rank(m[1], m[2]); rank > bestRank {
				best, bestRank = name, rank
			}
		}
	}
	if best == "" {
		return "", &NotFoundError{Dirs: dirs}
	}
	return best, nil
}

// rank orders versions; the plain name stands above all, as the one its administrator chose.
func rank(major, minor string) int {
	if major == "" {
		return 1 << 20
	}
	a, _ := strconv.Atoi(major)
	b, _ := strconv.Atoi(minor)
	return a*1000 + b
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

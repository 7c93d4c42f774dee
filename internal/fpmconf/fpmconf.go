// Package fpmconf looks up how a running php-fpm that is not ours is configured: its master's title in /proc names its configuration,
// which says what the pool behind an address is. It only reads. Standard library only.
package fpmconf

import (
	"bufio"
	"errors"
	"io/fs"
	"net"
	"path"
	"strconv"
	"strings"
	"time"
)

// ErrUnknown says that no php-fpm that can be seen from here listens at the address: it is on another host or in another container.
var ErrUnknown = errors.New("fpmconf: no php-fpm to be seen here has this address")

// Pool is what is of interest of a pool's configuration.
type Pool struct {
	Name             string
	File             string // where it stands
	MaxChildren      int
	TerminateTimeout time.Duration // request_terminate_timeout; 0: none
}

// maxFiles bounds what one configuration may include.
const maxFiles = 1000

// Find returns the pool that listens at unix:PATH or tcp:HOST:PORT. root is the file system, "/" as os.DirFS gives it.
func Find(root fs.FS, address string) (Pool, error) {
	titles, err := fs.Glob(root, "proc/[0-9]*/cmdline")
	if err != nil {
		return Pool{}, ErrUnknown
	}
	for _, name := range titles {
		title, err := fs.ReadFile(root, name)
		if err != nil {
			continue
		}
		_, rest, ok := strings.Cut(string(title), "php-fpm: master process (")
		file, _, ok2 := strings.Cut(rest, ")")
		if !ok || !ok2 {
			continue
		}
		r := reader{root: root, address: address, left: maxFiles}
		r.read(file)
		r.end()
		if r.found != nil {
			return *r.found, nil
		}
	}
	return Pool{}, ErrUnknown
}

// reader goes through a configuration and what it includes.
type reader struct {
	root    fs.FS
	address string
	left    int
	pool    Pool   // the section at hand
	listen  string // of it
	found   *Pool
}

func (r *reader) read(file string) {
	if r.left--; r.left < 0 {
		return
	}
	f, err := r.root.Open(strings.TrimPrefix(file, "/"))
	if err != nil {
		return
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == ';' || line[0] == '#' {
			continue
		}
		if name, ok := strings.CutPrefix(line, "["); ok {
			r.end()
			r.pool = Pool{Name: strings.TrimSuffix(name, "]"), File: file}
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		value, _, _ = strings.Cut(value, ";")
		value = strings.ReplaceAll(strings.Trim(strings.TrimSpace(value), `"'`), "$pool", r.pool.Name)
		switch strings.TrimSpace(key) {
		case "include":
			r.include(file, value)
		case "listen":
			r.listen = value
		case "pm.max_children":
			r.pool.MaxChildren, _ = strconv.Atoi(value)
		case "request_terminate_timeout":
			r.pool.TerminateTimeout = duration(value)
		}
	}
}

func (r *reader) include(from, pattern string) {
	if !path.IsAbs(pattern) {
		pattern = path.Join(path.Dir(from), pattern)
	}
	names, err := fs.Glob(r.root, strings.TrimPrefix(pattern, "/"))
	if err != nil {
		return
	}
	for _, name := range names {
		r.read("/" + name)
	}
}

// end is called when a section is over.
func (r *reader) end() {
	if r.listen != "" && r.found == nil && listensAt(r.listen, r.address) {
		pool := r.pool
		r.found = &pool
	}
	r.listen = ""
}

// listensAt reports whether the value of listen is an address.
func listensAt(listen, address string) bool {
	if file, ok := strings.CutPrefix(address, "unix:"); ok {
		return path.Clean(listen) == path.Clean(file)
	}
	host, port, err := net.SplitHostPort(strings.TrimPrefix(address, "tcp:"))
	if err != nil {
		return false
	}
	at, atPort, err := net.SplitHostPort(listen)
	if err != nil {
		at, atPort = "", listen // a port alone
	}
	wild := at == "" || at == "*" || at == "0.0.0.0" || at == "::"
	return atPort == port && (wild || at == host || isLocal(at) && isLocal(host))
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// duration is php-fpm's: a number, with s, m, h or d.
func duration(s string) time.Duration {
	unit := time.Second
	for suffix, of := range map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = rest, of
			break
		}
	}
	n, _ := strconv.Atoi(strings.TrimSpace(s))
	return time.Duration(max(n, 0)) * unit
}

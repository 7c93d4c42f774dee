package fpm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrNotRunning says that there is no php-fpm to act on just now: stopped, or between death and restart.
var ErrNotRunning = errors.New("fpm: php-fpm is not running")

// ListenTCP as Options.Listen asks for a free port on 127.0.0.1 instead of a Unix socket.
const ListenTCP = "tcp"

const (
	defaultMaxChildren = 5
	confFile           = "fpm.conf"
)

// Options of a php-fpm. The zero value is a pool of five workers of the first php-fpm found, on a Unix socket.
type Options struct {
	Binary      string // "" = Find()
	MaxChildren int    // pm = static; 0 = 5
	MaxRequests int    // requests until a worker is replaced; 0 = never
	Listen      string // "" = a Unix socket in the private folder, or ListenTCP

	// ProcessControlTimeout is how long workers may finish their request at a reload or Stop. 0 = they are ended at once.
	ProcessControlTimeout time.Duration
	// RequestTerminateTimeout ends the worker of a request that takes longer. 0 = never.
	RequestTerminateTimeout time.Duration

	INI      []string // "name=value", set as php_admin_value: scripts cannot change them; of two with a name the last counts
	Defaults []string // the same as php_value: scripts can; INI wins
	Env      []string // "NAME=value", added to our own environment, which PHP sees

	// StandIns are functions of PHP that StandInCode defines in its place: they are disabled, and the code runs in front of each script
	// (before an auto_prepend_file of php.ini or INI). PHP 7 cannot do that: there they are left as they are.
	StandIns    []string
	StandInCode string // begins with <?php

	// User and Group of the workers; only root may set them. Empty means our own user, root included, so that PHP may
	// read what `php server.php` of the caller could.
	User, Group string

	Log *slog.Logger // nil = discard
}

// Server is a running php-fpm and whoever restarts it.
type Server struct {
	// Set at construction.
	opts    Options
	folder  *folder
	network string
	address string
	args    []string

	again  chan chan error // from Restart to supervise; who waits on the inner one is told how it went
	hurry  chan struct{}   // closed by Hurry
	once   sync.Once       // of Hurry
	run    context.Context // ended by Stop: nothing starts any more
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing that we started is left

	current atomic.Pointer[process] // nil while none runs

	// Owned by supervise until done is closed.
	err error

	remove sync.Once
}

// StartError is a php-fpm that ended or stayed silent instead of accepting connections.
type StartError struct {
	Err error
	Log []string // php-fpm's last words, oldest first
}

func (e *StartError) Error() string {
	if len(e.Log) == 0 {
		return fmt.Sprintf("fpm: php-fpm did not start: %v", e.Err)
	}
	return fmt.Sprintf("fpm: php-fpm did not start: %v; it said:\n  %s", e.Err, strings.Join(e.Log, "\n  "))
}

func (e *StartError) Unwrap() error { return e.Err }

// Start returns when php-fpm accepts connections. The context bounds only the start; Stop ends what Start returned.
func Start(ctx context.Context, o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	dir, err := newFolder(o.Log)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o, folder: dir, done: make(chan struct{}), hurry: make(chan struct{}), again: make(chan chan error)}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, dir.remove())
	}
	s.run, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	started := make(chan error, 1)
	go s.supervise(ctx, started)
	if err := <-started; err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// Address is "unix:/path" or "tcp:127.0.0.1:port"; it stays the same over restarts.
func (s *Server) Address() string { return s.network + ":" + s.address }

// Dir is the private folder: ours alone (0700), removed by Stop.
func (s *Server) Dir() string { return s.folder.path }

// PID is the master's, or 0 between death and restart.
func (s *Server) PID() int {
	if p := s.current.Load(); p != nil {
		return p.pid
	}
	return 0
}

// Reload makes php-fpm read its configuration and php.ini again. Without ProcessControlTimeout it kills what runs.
func (s *Server) Reload() error {
	p := s.current.Load()
	if p == nil {
		return ErrNotRunning
	}
	if err := p.signal(syscall.SIGUSR2); err != nil {
		return fmt.Errorf("fpm: reload: %w", err)
	}
	return nil
}

// Restart ends php-fpm, whatever it does, and starts it with more settings, which are as Options.INI and win over those. The context bounds the
// wait. It is for a time when there are no requests: they would be refused, or cut short.
func (s *Server) Restart(ctx context.Context, ini ...string) error {
	for _, line := range ini {
		if err := checkINI(line); err != nil {
			return err
		}
	}
	o := s.opts
	o.INI = slices.Concat(o.INI, ini)
	if err := s.folder.write(s.folder.join(confFile), o.render(s.address)); err != nil {
		return err
	}
	told := make(chan error, 1)
	select {
	case s.again <- told:
	case <-s.done:
		return ErrNotRunning
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-told:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Hurry takes ProcessControlTimeout away from Stop: whatever runs is killed. It does not wait, and may be called at any time.
func (s *Server) Hurry() { s.once.Do(func() { close(s.hurry) }) }

// Stop lets workers finish within ProcessControlTimeout, then kills what is left, waits for it and removes the folder.
// It may be called more than once and from any goroutine.
func (s *Server) Stop() error {
	s.cancel()
	<-s.done
	var err error
	s.remove.Do(func() { err = s.folder.remove() })
	return errors.Join(s.err, err)
}

// prepare chooses the address and writes php-fpm's configuration.
func (s *Server) prepare(ctx context.Context) error {
	s.network, s.address = "unix", s.folder.join("fpm.sock")
	if s.opts.Listen == ListenTCP {
		var err error
		if s.network, s.address, err = freePort(ctx); err != nil {
			return err
		}
	} else if len(s.address) > maxSocketPath {
		return fmt.Errorf("fpm: the socket path %q has %d bytes, the system allows %d: set TMPDIR to a shorter folder",
			s.address, len(s.address), maxSocketPath)
	}
	if err := s.standIn(ctx); err != nil {
		return err
	}
	conf := s.folder.join(confFile)
	if err := s.folder.write(conf, s.opts.render(s.address)); err != nil {
		return err
	}
	s.args = []string{"--nodaemonize", "--fpm-config", conf}
	if s.opts.asRoot() {
		s.args = append(s.args, "--allow-to-run-as-root")
	}
	return nil
}

// freePort asks the kernel for a port. Somebody else may take it before php-fpm does; the start then fails and says so.
func freePort(ctx context.Context) (network, address string, err error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", fmt.Errorf("fpm: find a free port: %w", err)
	}
	if err := l.Close(); err != nil {
		return "", "", fmt.Errorf("fpm: find a free port: %w", err)
	}
	return "tcp", l.Addr().String(), nil
}

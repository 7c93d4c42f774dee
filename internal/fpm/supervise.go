package fpm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"
)

const (
	minBackoff = 50 * time.Millisecond
	maxBackoff = 5 * time.Second
	// A php-fpm that lived this long was healthy: its death starts the back-off anew.
	healthyAfter = 10 * time.Second
	// What Stop allows beyond ProcessControlTimeout before it kills.
	stopGrace = 2 * time.Second
)

// supervise starts php-fpm, reports that first start, and starts it again whenever it dies, until Stop.
//
// The kernel sends Pdeathsig when the thread that forked ends, not the process. So this one goroutine keeps one thread
// for as long as there is a child.
func (s *Server) supervise(ctx context.Context, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.done)

	p, err := s.launch(ctx)
	started <- err
	if err != nil {
		return
	}
	s.opts.Log.Info("php-fpm started", "pid", p.pid, "binary", s.opts.Binary, "address", s.Address())
	backoff := minBackoff
	for {
		born := time.Now()
		select {
		case <-s.run.Done():
			s.err = s.shutDown(p)
			return
		case told := <-s.again:
			_ = p.signal(syscall.SIGTERM) // gone already is as good
			select {
			case <-p.exited:
			case <-time.After(stopGrace):
			}
			s.warnLeftovers(s.bury(p))
			var err error
			p, err = s.launch(s.run)
			if told <- err; err == nil {
				continue
			}
		case <-p.exited:
			s.opts.Log.Error("php-fpm died", "pid", p.pid, "err", p.exit)
			s.warnLeftovers(s.bury(p))
			if time.Since(born) > healthyAfter {
				backoff = minBackoff
			}
		}
		if p, backoff = s.relaunch(backoff); p == nil {
			return
		}
		s.opts.Log.Info("php-fpm restarted", "pid", p.pid)
	}
}

// relaunch tries until php-fpm runs; nil means that Stop came first.
func (s *Server) relaunch(backoff time.Duration) (*process, time.Duration) {
	for {
		timer := time.NewTimer(backoff)
		select {
		case <-s.run.Done():
			timer.Stop()
			return nil, backoff
		case <-timer.C:
		}
		backoff = min(2*backoff, maxBackoff)
		p, err := s.launch(s.run)
		if err == nil {
			return p, backoff
		}
		if s.run.Err() == nil {
			s.opts.Log.Error("php-fpm restart failed", "err", err, "next_ms", backoff.Milliseconds())
		}
	}
}

// launch returns a php-fpm that accepts connections, or none that is still alive.
func (s *Server) launch(ctx context.Context) (*process, error) {
	if s.network == "unix" {
		// A predecessor that was killed leaves its socket; php-fpm would ask it whether somebody listens.
		if err := os.Remove(s.address); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("fpm: old socket: %w", err)
		}
	}
	p, err := startProcess(s.opts.Binary, s.args, s.opts.Env, s.opts.Log)
	if err != nil {
		return nil, &StartError{Err: err}
	}
	if err := s.awaitReady(ctx, p); err != nil {
		_ = p.signalGroup(syscall.SIGKILL) // gone already is as good
		s.warnLeftovers(p.wait())
		return nil, &StartError{Err: err, Log: p.tail.lines()}
	}
	s.current.Store(p)
	return p, nil
}

// awaitReady trusts php-fpm's own word first: on a TCP port the one who answers could be somebody else.
func (s *Server) awaitReady(ctx context.Context, p *process) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-p.exited:
		return errors.Join(errSilent, p.exit)
	case <-p.ready:
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, s.network, s.address)
	if err != nil {
		return err
	}
	return c.Close()
}

// shutDown ends a php-fpm that runs: gracefully if workers may finish, and surely.
func (s *Server) shutDown(p *process) error {
	s.current.Store(nil)
	sig := syscall.SIGTERM
	if s.opts.ProcessControlTimeout > 0 {
		sig = syscall.SIGQUIT
	}
	if err := p.signal(sig); err == nil {
		timer := time.NewTimer(s.opts.ProcessControlTimeout + stopGrace)
		defer timer.Stop()
		select {
		case <-p.exited:
		case <-s.hurry:
		case <-timer.C:
			s.opts.Log.Warn("php-fpm killed", "pid", p.pid, "reason", "it did not stop in time")
		}
	}
	err := s.bury(p)
	s.opts.Log.Info("php-fpm stopped", "pid", p.pid)
	return err
}

// bury kills what is left of a php-fpm and waits until nothing is.
func (s *Server) bury(p *process) error {
	s.current.Store(nil)
	select {
	case <-p.gone:
	default:
		_ = p.signalGroup(syscall.SIGKILL) // gone meanwhile is as good
	}
	return p.wait()
}

func (s *Server) warnLeftovers(err error) {
	if err != nil {
		s.opts.Log.Warn("php-fpm left processes", "err", err)
	}
}

var errSilent = errors.New("it ended before it accepted connections")

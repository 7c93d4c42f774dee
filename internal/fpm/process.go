package fpm

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// How long killed processes may take to vanish. Longer means one in an uninterruptible wait, or a daemon that a script
// started and that left the process group.
const vanishTimeout = 5 * time.Second

var errLeftovers = errors.New("fpm: processes that php-fpm started are still there")

// process is one php-fpm: its master and everything below it.
type process struct {
	pid    int
	cmd    *exec.Cmd
	stderr *os.File // our end of the log
	alive  *os.File // our end of the pipe that all of its processes hold as descriptor 3

	ready  chan struct{} // closed when it said that it accepts connections
	exited chan struct{} // closed when the master is reaped
	exit   error         // how it ended; read after exited
	gone   chan struct{} // closed when nobody holds the other end of alive
	logged chan struct{} // closed when the log is read to its end

	tail *tail
}

func startProcess(binary string, args, env []string, log *slog.Logger) (*process, error) {
	stderr, stderrW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	alive, aliveW, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, stderr.Close(), stderrW.Close())
	}
	// No CommandContext: the supervisor decides how it ends, a context would kill the master and forget the workers.
	cmd := exec.Command(binary, args...) //nolint:noctx,gosec // see above; the binary is the operator's choice
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = stderrW
	cmd.ExtraFiles = []*os.File{aliveW}
	cmd.SysProcAttr = processAttributes()
	err = cmd.Start()
	if err := errors.Join(err, stderrW.Close(), aliveW.Close()); err != nil {
		return nil, errors.Join(err, stderr.Close(), alive.Close())
	}
	p := &process{
		pid: cmd.Process.Pid, cmd: cmd, stderr: stderr, alive: alive,
		ready: make(chan struct{}), exited: make(chan struct{}), gone: make(chan struct{}), logged: make(chan struct{}),
		tail: &tail{},
	}
	go func() {
		defer close(p.exited)
		p.exit = cmd.Wait()
	}()
	go func() {
		defer close(p.gone)
		_, _ = io.Copy(io.Discard, alive) // nobody writes: it returns at the end of the last holder
	}()
	go func() {
		defer close(p.logged)
		p.forward(stderr, log)
	}()
	return p, nil
}

func (p *process) signal(sig os.Signal) error {
	err := p.cmd.Process.Signal(sig)
	if errors.Is(err, os.ErrProcessDone) {
		return ErrNotRunning
	}
	return err
}

// signalGroup reaches the workers too, also those whose master is dead.
func (p *process) signalGroup(sig syscall.Signal) error { return syscall.Kill(-p.pid, sig) }

// wait returns when everything of this php-fpm is gone and its goroutines have ended.
func (p *process) wait() error {
	timer := time.NewTimer(vanishTimeout)
	defer timer.Stop()
	var err error
	select {
	case <-p.gone:
	case <-timer.C:
		err = fmt.Errorf("%w: process group %d", errLeftovers, p.pid)
	}
	<-p.exited
	if err != nil {
		_ = p.stderr.Close() // wakes the reader
		_ = p.alive.Close()
	}
	<-p.logged
	<-p.gone
	return errors.Join(err, ignoreClosed(p.stderr.Close()), ignoreClosed(p.alive.Close()))
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

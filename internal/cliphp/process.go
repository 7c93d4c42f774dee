package cliphp

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// Process is a php that was started.
type Process struct {
	pid    int // set by Start
	done   chan struct{}
	exit   Exit   // after done
	answer []byte // after done

	mu     sync.Mutex
	killed bool
	over   bool // reaped: the group is nobody's any more
}

// Exit says how a process ended. As an error it is one that did not end with code 0.
type Exit struct {
	Code   int // 0 if it was a signal
	Signal int // 0: it ended by itself
}

// Error is the end in words.
func (e *Exit) Error() string {
	if e.Signal != 0 {
		return fmt.Sprintf("php was ended by signal %d (%s)", e.Signal, syscall.Signal(e.Signal))
	}
	return fmt.Sprintf("php ended with exit code %d", e.Code)
}

// ExitStatus is what a script's workerError hears. Code 0 of a process that was not told to end is 255, as which Swoole reports exit().
func (e *Exit) ExitStatus() (code, signal int) {
	if *e == (Exit{}) {
		return 255, 0
	}
	return e.Code, e.Signal
}

// PID is its process id, and that of its group.
func (p *Process) PID() int { return p.pid }

// Done is closed when it has ended and all that it printed is in the log.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit says how it ended. Only after Done.
func (p *Process) Exit() Exit { return p.exit }

// Err is nil if it ended by itself with code 0, else an *Exit. Only after Done.
func (p *Process) Err() error {
	if p.exit == (Exit{}) {
		return nil
	}
	return &p.exit
}

// Answer is what it wrote to descriptor 3, if Script.Answer asked for it. Only after Done.
func (p *Process) Answer() []byte { return p.answer }

// Kill ends it and what it started, at once.
func (p *Process) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killLocked()
}

// Terminate asks it to end, by SIGTERM.
func (p *Process) Terminate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pid != 0 && !p.over {
		_ = syscall.Kill(p.pid, syscall.SIGTERM) // gone already is as good
	}
}

func (p *Process) killLocked() {
	p.killed = true
	if p.pid != 0 && !p.over {
		_ = syscall.Kill(-p.pid, syscall.SIGKILL) // gone already is as good
	}
}

// exitOf takes the status from what Wait said.
func exitOf(state *os.ProcessState, err error) Exit {
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
	case !ok && errors.As(err, new(*exec.ExitError)):
		return Exit{Code: state.ExitCode()}
	case !ok:
		return Exit{}
	case status.Signaled():
		return Exit{Signal: int(status.Signal())}
	}
	return Exit{Code: status.ExitStatus()}
}

// Package proc finds the process at the other end of a connection, to end it when it hangs. It only finds what is provably that process:
// the kernel names the peer of a Unix socket; whoever comes over TCP says its id, and must hold the other end of the connection.
// [Listener] finds who listens somewhere, to say it. Standard library only.
package proc

import (
	"errors"
	"fmt"
	"net"
	"os"
)

// Why a process cannot be found.
var (
	ErrElsewhere = errors.New("proc: the process is on another host, or not to be seen from here")
	ErrSystem    = errors.New("proc: not on this operating system")
)

// Process is a process that cannot be taken for another one that gets its number later.
type Process struct {
	handle *os.Process
}

// Peer returns the process at the other end of conn. claimed is what it says its id is, which only counts where the kernel does not say.
func Peer(conn net.Conn, claimed int) (*Process, error) {
	pid, err := peer(conn, claimed)
	if err != nil {
		return nil, err
	}
	if pid <= 1 || pid == os.Getpid() {
		return nil, fmt.Errorf("%w: id %d", ErrElsewhere, pid)
	}
	handle, err := os.FindProcess(pid) // on Linux a pidfd
	if err != nil {
		return nil, fmt.Errorf("proc: process %d: %w", pid, err)
	}
	return &Process{handle}, nil
}

// PID is the process's id, as we see it.
func (p *Process) PID() int { return p.handle.Pid }

// Kill ends the process at once. One that has ended already is no error.
func (p *Process) Kill() error {
	if err := p.handle.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("proc: kill process %d: %w", p.handle.Pid, err)
	}
	return nil
}

// Release gives the handle back; Kill must not follow.
func (p *Process) Release() { _ = p.handle.Release() }

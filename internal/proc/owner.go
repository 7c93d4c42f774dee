package proc

import (
	"context"
	"fmt"
	"os"
)

// Owner is the process that listens somewhere.
type Owner struct {
	PID  int
	Name string // the kernel's: the first 15 bytes of its program's name
	Same bool   // it runs the program that we run
}

func (o Owner) String() string { return fmt.Sprintf("process %d (%s)", o.PID, o.Name) }

// Listener finds who listens at an address of this host: network is "tcp" or "unix", address as for net.Listen. ErrElsewhere: nobody, or a
// process of another user, whose sockets only root sees.
func Listener(ctx context.Context, network, address string) (Owner, error) {
	pid, err := listener(ctx, network, address)
	if err != nil {
		return Owner{}, err
	}
	name, file := program(pid)
	if name == "" {
		return Owner{}, fmt.Errorf("%w: process %d", ErrElsewhere, pid)
	}
	ourName, ours := program(os.Getpid())
	return Owner{PID: pid, Name: name, Same: name == ourName || file != "" && file == ours}, nil
}

package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/fpmbridge/fpmbridge/internal/proc"
	"github.com/fpmbridge/fpmbridge/internal/sock"
)

// taken says who has an address that we cannot have. For a check beside a bridge that runs, or somebody whom we cannot see, it is a note
// and no error: serve takes that one's place.
func (p *plant) taken(ctx context.Context, network, address string, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) && !errors.Is(err, sock.ErrInUse) {
		return err
	}
	owner, unseen := proc.Listener(ctx, network, address)
	switch {
	case unseen == nil && (!p.checks || !owner.Same):
		return fmt.Errorf("%w by %s", err, owner)
	case !p.checks:
		return err
	case unseen == nil:
		p.busy = append(p.busy, fmt.Sprintf("%s is in use by %s, a bridge that runs", address, owner))
	default:
		p.busy = append(p.busy, address+" is in use; by whom cannot be seen from here")
	}
	return nil
}

// openSocket opens a socket for PHP or the API until close. A check beside a bridge that has it opens another one.
func (p *plant) openSocket(ctx context.Context, address, name, group string) (net.Listener, error) {
	ln, err := sock.Listen(ctx, address, group)
	if err != nil {
		network, where, _ := strings.Cut(address, ":")
		if err = p.taken(ctx, network, where, err); err != nil {
			return nil, err
		}
		another := p.privateSocket(name)
		if host, _, err := net.SplitHostPort(where); network == "tcp" && err == nil {
			another = "tcp:" + net.JoinHostPort(host, "0")
		}
		if ln, err = sock.Listen(ctx, another, group); err != nil {
			return nil, err //nolint:wrapcheck // it says what is wrong
		}
	}
	p.onClose(func() error { _ = ln.Close(); return nil }) // closed before, if it was served
	return ln, nil
}

// privateSocket is the address of a socket in a folder of its own, which goes with us.
func (p *plant) privateSocket(name string) string {
	folder := filepath.Join(os.TempDir(), "fpmb-"+strings.ToLower(rand.Text()[:10]))
	p.onClose(func() error { return os.RemoveAll(folder) })
	return "unix:" + filepath.Join(folder, name)
}

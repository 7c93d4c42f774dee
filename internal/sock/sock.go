// Package sock opens the sockets for PHP and for the API, where PHP can get to them and strangers cannot.
//
// [Listen], [Address], [GroupOf] and [ErrInUse] are all of it.
package sock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// maxSocketPath is what fits sun_path with its final zero.
	maxSocketPath = 107
	socketMode    = 0o660
	ownFolder     = 0o700
	groupFolder   = 0o750
	probeTimeout  = time.Second
)

// ErrInUse is about a Unix socket that somebody listens to.
var ErrInUse = errors.New("it is in use")

// Listen opens a socket at address: "unix:/path" or "tcp:host:port", where port may be 0. [Address] has what
// PHP needs to find it.
//
// The folder of a Unix socket is made if it is not there, for this user only, or for group too. The socket has mode 0660
// and belongs to group, which is a name or a number and may be empty. A socket file that a bridge left behind when it was
// killed is removed; one that somebody listens to is an error.
func Listen(ctx context.Context, address, group string) (net.Listener, error) {
	var config net.ListenConfig
	network, where, _ := strings.Cut(address, ":")
	switch network {
	case "tcp":
		ln, err := config.Listen(ctx, "tcp", where)
		if err != nil {
			return nil, fmt.Errorf("socket: %w", err)
		}
		return ln, nil
	case "unix":
		ln, err := listenUnix(ctx, &config, where, group)
		if err != nil {
			return nil, fmt.Errorf("socket %s: %w", where, err)
		}
		return ln, nil
	}
	return nil, fmt.Errorf("socket %q: want unix:/path or tcp:host:port", address)
}

// Address returns ln's address as BRIDGE_CALLBACK spells it.
func Address(ln net.Listener) string {
	return ln.Addr().Network() + ":" + ln.Addr().String()
}

func listenUnix(ctx context.Context, config *net.ListenConfig, path, group string) (net.Listener, error) {
	if !filepath.IsAbs(path) {
		return nil, errors.New("want an absolute path, since PHP runs in another folder")
	}
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("its path has %d bytes and a Unix socket's has at most %d: choose a shorter one", len(path), maxSocketPath)
	}
	gid := -1
	if group != "" {
		var err error
		if gid, err = groupID(group); err != nil {
			return nil, err
		}
	}
	if err := privateFolder(filepath.Dir(path), gid); err != nil {
		return nil, err
	}
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	ln, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	// Until now its mode was a matter of the umask; the folder let nobody in.
	err = os.Chmod(path, socketMode)
	if err == nil && gid >= 0 {
		err = os.Chown(path, -1, gid)
	}
	if err != nil {
		_ = ln.Close()
		return nil, err
	}
	return ln, nil
}

func groupID(group string) (int, error) {
	if id, err := strconv.Atoi(group); err == nil && id >= 0 {
		return id, nil
	}
	g, err := user.LookupGroup(group)
	if err != nil {
		return 0, fmt.Errorf("group %q: %w", group, err)
	}
	return strconv.Atoi(g.Gid)
}

// privateFolder makes folder if it is not there, and refuses one in which others could put a socket of their own.
func privateFolder(folder string, gid int) error {
	err := os.Mkdir(folder, ownFolder)
	if err == nil && gid >= 0 {
		if err = os.Chown(folder, -1, gid); err == nil {
			err = os.Chmod(folder, groupFolder)
		}
		return err
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder", folder)
	case info.Mode().Perm()&0o002 != 0:
		return fmt.Errorf("everybody may write to its folder %s: choose a private one", folder)
	}
	return nil
}

// removeStale removes a socket file that nobody listens to any more.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("there is a file that is no socket")
	}
	dialer := net.Dialer{Timeout: probeTimeout}
	if conn, err := dialer.DialContext(ctx, "unix", path); err == nil {
		_ = conn.Close()
		return ErrInUse
	}
	return os.Remove(path)
}

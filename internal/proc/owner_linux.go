package proc

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const probeTimeout = time.Second

func listener(ctx context.Context, network, address string) (int, error) {
	if network == "unix" {
		dialer := net.Dialer{Timeout: probeTimeout}
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrElsewhere, err)
		}
		defer conn.Close()
		unix, ok := conn.(*net.UnixConn)
		if !ok {
			return 0, ErrElsewhere
		}
		pid, err := credentials(unix) // of who called listen()
		if err == nil && pid == 0 {
			err = ErrElsewhere
		}
		return pid, err
	}
	at, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrElsewhere, err)
	}
	var inodes []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		inodes = append(inodes, listening(bufio.NewScanner(f), at.AddrPort())...)
		_ = f.Close()
	}
	for _, inode := range inodes {
		links, _ := filepath.Glob("/proc/[0-9]*/fd/*") // what cannot be read is somebody else's
		for _, link := range links {
			if to, err := os.Readlink(link); err == nil && to == "socket:["+inode+"]" {
				pid, _, _ := strings.Cut(strings.TrimPrefix(link, "/proc/"), "/")
				return strconv.Atoi(pid)
			}
		}
	}
	return 0, fmt.Errorf("%w: who listens on %s", ErrElsewhere, address)
}

// listening finds the sockets that stand in the way of a listener at an address: those of the same port at the same address, or where one of
// the two is all addresses.
func listening(table *bufio.Scanner, at netip.AddrPort) (inodes []string) {
	const localAt, stateAt, inodeAt, listens = 1, 3, 9, "0A"
	for table.Scan() {
		f := strings.Fields(table.Text())
		if len(f) <= inodeAt || f[stateAt] != listens {
			continue
		}
		l, ok := parse(f[localAt])
		all := l.Addr().IsUnspecified() || !at.Addr().IsValid() || at.Addr().Unmap().IsUnspecified()
		if ok && (same(l, at) || all && l.Port() == at.Port()) {
			inodes = append(inodes, f[inodeAt])
		}
	}
	return inodes
}

// program is a process's name, and the file that it runs if we may know it.
func program(pid int) (name, file string) {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	comm, err := os.ReadFile(filepath.Join(folder, "comm"))
	if err != nil {
		return "", ""
	}
	file, _ = os.Readlink(filepath.Join(folder, "exe")) // empty: it is another user's
	return strings.TrimSpace(string(comm)), strings.TrimSuffix(file, " (deleted)")
}

package proc

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

func peer(conn net.Conn, claimed int) (int, error) {
	pid, err := 0, fmt.Errorf("%w: a connection of type %T", ErrElsewhere, conn)
	switch c := conn.(type) {
	case *net.UnixConn:
		pid, err = credentials(c)
	case *net.TCPConn:
		pid, err = holder(c, claimed)
	}
	if err != nil || pid == 0 {
		return 0, err
	}
	name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	if err != nil || !strings.Contains(string(name), "php") { // something that passes the connection on
		return 0, fmt.Errorf("%w: process %d is %q", ErrElsewhere, pid, strings.TrimSpace(string(name)))
	}
	return pid, nil
}

func credentials(c *net.UnixConn) (int, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("proc: %w", err)
	}
	var cred *syscall.Ucred
	var fail error
	if err := raw.Control(func(fd uintptr) {
		cred, fail = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return 0, fmt.Errorf("proc: %w", err)
	}
	if fail != nil {
		return 0, fmt.Errorf("proc: the peer of a Unix socket: %w", fail)
	}
	return int(cred.Pid), nil // 0: of another namespace
}

// holder checks that the process claimed holds the other end of a TCP connection of this host.
func holder(c *net.TCPConn, claimed int) (int, error) {
	here, err1 := netip.ParseAddrPort(c.LocalAddr().String())
	there, err2 := netip.ParseAddrPort(c.RemoteAddr().String())
	if err1 != nil || err2 != nil || claimed <= 1 {
		return 0, ErrElsewhere
	}
	inode := ""
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		if inode == "" {
			inode = find(bufio.NewScanner(f), there, here)
		}
		_ = f.Close()
	}
	if inode == "" {
		return 0, fmt.Errorf("%w: nobody here has the connection to %s", ErrElsewhere, there)
	}
	folder := filepath.Join("/proc", strconv.Itoa(claimed), "fd")
	links, err := os.ReadDir(folder)
	if err != nil {
		return 0, fmt.Errorf("%w: process %d: %w", ErrElsewhere, claimed, err)
	}
	if slices.ContainsFunc(links, func(l os.DirEntry) bool {
		to, err := os.Readlink(filepath.Join(folder, l.Name()))
		return err == nil && to == "socket:["+inode+"]"
	}) {
		return claimed, nil
	}
	return 0, fmt.Errorf("%w: process %d does not have the connection", ErrElsewhere, claimed)
}

// find looks for a socket in a table of /proc/net.
func find(table *bufio.Scanner, local, remote netip.AddrPort) (inode string) {
	const localAt, remoteAt, inodeAt = 1, 2, 9
	for table.Scan() {
		f := strings.Fields(table.Text())
		if len(f) <= inodeAt {
			continue
		}
		l, ok1 := parse(f[localAt])
		r, ok2 := parse(f[remoteAt])
		if ok1 && ok2 && same(l, local) && same(r, remote) {
			return f[inodeAt]
		}
	}
	return ""
}

func same(a, b netip.AddrPort) bool {
	return a.Port() == b.Port() && a.Addr().Unmap() == b.Addr().Unmap()
}

// parse reads an address of /proc/net/tcp: 32-bit words in the machine's order, in hex, a colon and the port.
func parse(s string) (a netip.AddrPort, ok bool) {
	address, port, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(address)
	n, portErr := strconv.ParseUint(port, 16, 16)
	if err != nil || portErr != nil || len(b)%4 != 0 {
		return a, false
	}
	for i := 0; i < len(b); i += 4 {
		binary.BigEndian.PutUint32(b[i:], binary.NativeEndian.Uint32(b[i:]))
	}
	ip, ok := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(ip, uint16(n)), ok
}

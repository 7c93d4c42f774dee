// Package socket is what a bridge needs of sockets themselves: TLS handshakes beside each other, reads that take memory
// only when there is something, and names and numbers. It stands on the standard library and internal/rawio.
package socket

import (
	"net"
	"net/netip"
	"syscall"
)

// Raw is what is below TLS, or the socket itself.
func Raw(c net.Conn) net.Conn {
	if s, ok := c.(*TLS); ok {
		return s.under
	}
	return c
}

// Descriptor is the number of a socket or listener in the operating system; 0: it has none.
func Descriptor(sock any) (n int) {
	sc, ok := sock.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := sc.SyscallConn()
	if err != nil || raw.Control(func(fd uintptr) { n = int(fd) }) != nil {
		return 0
	}
	return n
}

// AddrPort is the address of a TCP socket; it is not valid for others. An IPv4 address is one, whatever the socket is.
func AddrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// Remote is the address of the other end; "": a Unix socket.
func Remote(c net.Conn) string {
	if at := AddrPort(c.RemoteAddr()); at.IsValid() {
		return at.Addr().String()
	}
	return ""
}

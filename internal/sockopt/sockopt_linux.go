package sockopt

import "golang.org/x/sys/unix"

func deferAccept(fd, seconds int) {
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, seconds)
}

func userTimeout(fd, milliseconds int) {
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, milliseconds)
}

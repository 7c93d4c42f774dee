//go:build !linux

package proc

import "net"

func peer(net.Conn, int) (int, error) { return 0, ErrSystem }

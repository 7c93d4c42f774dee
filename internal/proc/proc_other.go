//go:build !linux

package proc

import (
	"context"
	"net"
)

func peer(net.Conn, int) (int, error) { return 0, ErrSystem }

func listener(context.Context, string, string) (int, error) { return 0, ErrSystem }

func program(int) (name, file string) { return "", "" }

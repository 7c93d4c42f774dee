//go:build !linux

package bridge

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func rawRead(fd uintptr, p []byte) (int, syscall.Errno) { return result(unix.Read(int(fd), p)) }

func rawWrite(fd uintptr, p []byte) (int, syscall.Errno) { return result(unix.Write(int(fd), p)) }

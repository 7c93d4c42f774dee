//go:build !linux

package bridge

import "golang.org/x/sys/unix"

func rawRead(fd uintptr, p []byte) (int, error) { return unix.Read(int(fd), p) }

func rawWrite(fd uintptr, p []byte) (int, error) { return unix.Write(int(fd), p) }

//go:build unix && !linux

package fcgi

import (
	"syscall"

	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

const maxUnread = 0

// peek leaves reading as it is: what it saves was seen on Linux.
func (s *socket) peek(uintptr) {}

func (s *socket) probeOne(fd uintptr) (int, syscall.Errno) { return rawio.Read(fd, s.probe[:]) }

func (s *socket) readOrPeek(fd uintptr) (int, syscall.Errno) { return rawio.Read(fd, s.in) }

func (s *socket) drop(uintptr) syscall.Errno { return 0 }

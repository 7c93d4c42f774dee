//go:build !linux

package cliphp

import "syscall"

// attributes: a group of its own. Where the kernel does not end it with us, it ends when its channel does.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

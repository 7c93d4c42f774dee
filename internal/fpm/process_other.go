//go:build unix && !linux

package fpm

import "syscall"

// processAttributes: see process_linux.go. Without Pdeathsig a bridge that dies by SIGKILL leaves its php-fpm running.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

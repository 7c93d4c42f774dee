package fpm

import "syscall"

// processAttributes: a group of its own, so that Ctrl-C reaches only the bridge and a kill reaches every worker; and
// SIGTERM from the kernel when the bridge dies without a word. Not SIGKILL: a killed master leaves its workers alive.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

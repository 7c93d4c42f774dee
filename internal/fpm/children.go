package fpm

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// KillBut kills the children of php-fpm that are not known, whatever they do; php-fpm starts others. It does nothing where the system does
// not say which children a process has.
func (s *Server) KillBut(known []int) {
	master := s.PID()
	if master == 0 {
		return
	}
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", master, master))
	if err != nil {
		return
	}
	for field := range strings.FieldsSeq(string(list)) {
		if pid, err := strconv.Atoi(field); err == nil && !slices.Contains(known, pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

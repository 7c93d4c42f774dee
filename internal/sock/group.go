package sock

import (
	"os"
	"slices"
	"strconv"
	"syscall"
)

// GroupOf is the group that a file belongs to, as a number, if we may give files to it; "" if not.
func GroupOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	if gid := int(st.Gid); os.Geteuid() == 0 || inGroup(gid) {
		return strconv.Itoa(gid)
	}
	return ""
}

func inGroup(gid int) bool {
	groups, err := os.Getgroups()
	return err == nil && (gid == os.Getegid() || slices.Contains(groups, gid))
}

package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version prefers what the release was built with, then what Go recorded: a module version, or the commit.
func version(given string) string {
	if given == "" {
		given = "unknown"
		if info, ok := debug.ReadBuildInfo(); ok {
			given = fromBuild(info)
		}
	}
	return fmt.Sprintf("%s (%s %s/%s)", given, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func fromBuild(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if revision == "" {
		return "devel"
	}
	return "devel-" + revision[:min(12, len(revision))] + dirty
}

package cli

import (
	"runtime/debug"
	"testing"
)

func TestVersionFromTheBuild(t *testing.T) {
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}
	for want, info := range map[string]debug.BuildInfo{
		"v0.1.0":                     {Main: debug.Module{Version: "v0.1.0"}, Settings: commit},
		"devel-0123456789ab+changes": {Main: debug.Module{Version: "(devel)"}, Settings: commit},
		"devel":                      {},
	} {
		if got := fromBuild(&info); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

package config

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

func TestVariablesThatSetNothing(t *testing.T) {
	got := UnsetEnv([]string{
		"PATH=/bin", "BRIDGE=1", "BRIDGE_LISTEN=:1", "BRIDGE_FMP_ADDRESS=unix:/x", "BRIDGE_WORKER=3", "BRIDGE_ADDRESS=x", "BRIDGE_LIMIT_MESSAGE=1",
		"BRIDGE_MESSAGE=1M", "BRIDGE_EMPTY=", "BRIDGE_SOMETHING_OF_MINE=1", "BRIDGE_SOMETHING_OF_MINE=1", "bridge_listen=1", "BRIDGE_=1", "BRIDGE_ROUTES=[]",
	})
	want := []Unset{
		{"BRIDGE_", ""},
		{"BRIDGE_ADDRESS", "BRIDGE_FPM_ADDRESS"},
		{"BRIDGE_FMP_ADDRESS", "BRIDGE_FPM_ADDRESS"},
		{"BRIDGE_LIMIT_MESSAGE", "BRIDGE_LIMITS_MESSAGE"},
		{"BRIDGE_MESSAGE", "BRIDGE_LIMITS_MESSAGE"},
		{"BRIDGE_SOMETHING_OF_MINE", ""},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// A variable that docs/protocol.md names never looks like a mistake.
func TestEventVariablesAreKnown(t *testing.T) {
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{"BRIDGE_BY_HAND": true} // of our own processes only
	for _, name := range regexp.MustCompile(`BRIDGE_[A-Z_]+`).FindAllString(string(text), -1) {
		seen[name] = true
		if list := UnsetEnv([]string{name + "=1"}); list != nil {
			t.Errorf("%v is said to set nothing", list)
		}
	}
	for _, name := range eventVariables() {
		if !seen[name] {
			t.Errorf("docs/protocol.md has no %s", name)
		}
	}
}

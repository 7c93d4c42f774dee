package config

import (
	"slices"
	"strings"
)

const envPrefix = "BRIDGE_"

// Unset is a variable of the environment that looks like a setting and is none.
type Unset struct {
	Name  string
	Meant string // the variable that was probably meant; "" = none is like it
}

// UnsetEnv finds the variables that set nothing, in the order of their names. environ is "NAME=value". Empty ones are left out, and those
// that events and our own processes have: a bridge may be started by a script of another one.
func UnsetEnv(environ []string) (list []Unset) {
	var known []string
	for _, f := range (&Config{}).fields() {
		known = append(known, EnvName(f.key))
	}
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		if value == "" || !strings.HasPrefix(name, envPrefix) || slices.Contains(known, name) || slices.Contains(eventVariables(), name) {
			continue
		}
		list = append(list, Unset{name, nearestEnv(name, known)})
	}
	slices.SortFunc(list, func(a, b Unset) int { return strings.Compare(a.Name, b.Name) })
	return slices.Compact(list)
}

// nearestEnv also finds the setting whose group was left out: BRIDGE_FPM_ADDRESS for BRIDGE_ADDRESS.
func nearestEnv(name string, known []string) string {
	if guess := nearest(name, known); guess != "" {
		return guess
	}
	for _, k := range known {
		if strings.HasSuffix(k, name[len(envPrefix)-1:]) {
			return k
		}
	}
	return ""
}

// eventVariables are those of docs/protocol.md that are no settings.
func eventVariables() []string {
	return []string{
		"BRIDGE_ARGV", "BRIDGE_ATTEMPT", "BRIDGE_ATTRIBUTES", "BRIDGE_BY_HAND", "BRIDGE_CALLBACK", "BRIDGE_CLOSE_CAUSE", "BRIDGE_CLOSE_CODE", "BRIDGE_CLOSE_REASON",
		"BRIDGE_CONNECT_TIME", "BRIDGE_ENCODING", "BRIDGE_EVENT", "BRIDGE_EVENT_ID", "BRIDGE_FD", "BRIDGE_FRAME", "BRIDGE_KEY", "BRIDGE_LAST_TIME", "BRIDGE_MEMORY",
		"BRIDGE_OPCODE", "BRIDGE_PID", "BRIDGE_PROTOCOL", "BRIDGE_RESIDENT", "BRIDGE_ROLE", "BRIDGE_SHARED", "BRIDGE_TICKET", "BRIDGE_TOKEN", "BRIDGE_TYPED", "BRIDGE_WORKER",
	}
}

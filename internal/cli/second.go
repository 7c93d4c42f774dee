package cli

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fpmbridge/fpmbridge/internal/config"
)

// What the SDK says of a script that ended before it started a server (php-sdk/src/Unserved.php, compat/Swoole/Process.php).
const (
	saysRefused   = " cannot be served: "
	saysArguments = " reads arguments: those behind -- "
	saysCLI       = "--launcher cli"
)

// command is what scripts want to be told that have start, stop, reload and status.
const command = "start"

// change is what one more try does otherwise than the command line says.
type change struct {
	start bool // $argv has a command
	cli   bool // PHP runs on the command line
}

// flags are the change as settings.
func (c change) flags() map[string]any {
	m := make(map[string]any)
	if c.start {
		m["args"] = []string{command}
	}
	if c.cli {
		m["mode"], m["launcher"] = string(config.ModeResident), string(config.LauncherCLI)
	}
	return m
}

// again does what a command does. A script that refuses to run as it was named may want a command in its arguments, or PHP on the
// command line: it is tried with them, if nobody said otherwise, and a line says so. Several tries end with the first one's error.
func (f *flags) again(cmd *cobra.Command, args []string, env Env, do func(context.Context, *config.Config) error) error {
	c, err := f.load(cmd, args, env, nil)
	if err != nil {
		return err
	}
	refused := do(cmd.Context(), c)
	tried, next := []change{{}}, f.changes(cmd, args, env, c, change{}, refused)
	for ; len(next) > 0 && cmd.Context().Err() == nil; next = next[1:] {
		now := next[0]
		if slices.Contains(tried, now) {
			continue
		}
		tried = append(tried, now)
		c, err := f.load(cmd, args, env, now.flags())
		if err != nil {
			continue
		}
		say(env, cmd, args[0], c, now)
		err = do(cmd.Context(), c)
		if err == nil || !strings.Contains(err.Error(), saysRefused) {
			return err
		}
		next = append(next, f.changes(cmd, args, env, c, now, err)...)
	}
	return refused
}

// changes are those that could help after a refusal, the smallest first.
func (f *flags) changes(cmd *cobra.Command, args []string, env Env, c *config.Config, now change, err error) []change {
	named := len(args)
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		named = at
	}
	if err == nil || named != 1 || f.byHand != "" || !strings.Contains(err.Error(), saysRefused) {
		return nil
	}
	var list []change
	if strings.Contains(err.Error(), saysArguments) && len(c.Args) == 0 {
		list = append(list, change{start: true, cli: now.cli})
	}
	if strings.Contains(err.Error(), saysCLI) && !now.cli && f.mayLaunch(cmd, env) {
		list = append(list, change{start: now.start, cli: true})
	}
	return list
}

// mayLaunch: nobody said whose PHP is to run the script.
func (f *flags) mayLaunch(cmd *cobra.Command, env Env) bool {
	if f.file() != "" || cmd.Flags().Changed("mode") && cmd.Flags().Lookup("mode").Value.String() != string(config.ModeResident) {
		return false
	}
	for _, flag := range []string{"launcher", "fpm", "sdk-path"} {
		if cmd.Flags().Changed(flag) {
			return false
		}
	}
	for _, name := range []string{"BRIDGE_MODE", "BRIDGE_LAUNCHER", "BRIDGE_FPM_ADDRESS", "BRIDGE_SDK_PATH"} {
		if env.Getenv != nil && env.Getenv(name) != "" {
			return false
		}
	}
	return true
}

// say tells what is tried, and how to say it oneself.
func say(env Env, cmd *cobra.Command, script string, c *config.Config, now change) {
	words := []string{cmd.CommandPath(), script}
	for _, flag := range append(slices.Sorted(maps.Keys(keysByFlag())), "config") {
		if !cmd.Flags().Changed(flag) || now.cli && flag == "mode" {
			continue
		}
		values, err := cmd.Flags().GetStringArray(flag)
		if err != nil {
			values = []string{cmd.Flags().Lookup(flag).Value.String()}
		}
		for _, value := range values {
			words = append(words, "--"+flag, value)
		}
	}
	if now.cli {
		words = append(words, "--mode resident --launcher cli")
	}
	if len(c.Args) > 0 {
		words = append(append(words, "--"), c.Args...)
	}
	_, _ = fmt.Fprintf(env.Stderr, "fpmbridge: %s refuses to run like this, trying: %s\n", filepath.Base(script), strings.Join(words, " "))
}

package cli_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fpmbridge/fpmbridge/internal/cli"
	"github.com/fpmbridge/fpmbridge/internal/config"
)

const (
	wantsCommand = "server.php cannot be served: the script called exit; server.php:3 reads arguments: those behind -- are the script's"
	wantsCLI     = "server.php cannot be served: asks for PHP_SAPI: `--mode resident --launcher cli` runs the script with PHP on the command line"
	wantsBoth    = wantsCLI + "; server.php:4 reads arguments: those behind -- are"
)

// attempts is what a script that says wants[i] at its i-th run is run with: mode, launcher and arguments of each.
func attempts(t *testing.T, wants []string, env map[string]string, args ...string) (list []string, code int, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	h := cli.Handlers{Serve: func(_ context.Context, c *config.Config) error {
		list = append(list, strings.TrimSpace(string(c.Mode)+" "+string(c.Launcher)+" "+strings.Join(c.Args, " ")))
		if n := len(list); n <= len(wants) && wants[n-1] != "" {
			return errors.New(wants[n-1]) //nolint:err113 // it is PHP's
		}
		return nil
	}}
	code = cli.Run(t.Context(), h, args, cli.Env{Getenv: func(name string) string { return env[name] }, Stdout: &out, Stderr: &errs})
	return list, code, errs.String()
}

func TestAScriptThatRefusesIsTriedAsItWants(t *testing.T) {
	for _, c := range []struct {
		name  string
		wants []string
		env   map[string]string
		args  []string
		tried []string
		code  int
	}{
		{"nothing is wrong", nil, nil, []string{"server.php"}, []string{"request fpm"}, 0},
		{"a command", []string{wantsCommand}, nil, []string{"server.php"}, []string{"request fpm", "request fpm start"}, 0},
		{"a command, and it does not help", []string{wantsCommand, wantsCommand}, nil, []string{"server.php"}, []string{"request fpm", "request fpm start"}, 1},
		{"it has one", []string{wantsCommand}, nil, []string{"server.php", "--", "stop"}, []string{"request fpm stop"}, 1},
		{"the command line", []string{wantsCLI}, nil, []string{"server.php"}, []string{"request fpm", "resident cli"}, 0},
		{"the command line, with its arguments", []string{wantsCLI}, nil, []string{"server.php", "--", "go"}, []string{"request fpm go", "resident cli go"}, 0},
		{"and then a command", []string{wantsCLI, wantsCommand}, nil, []string{"server.php"}, []string{"request fpm", "resident cli", "resident cli start"}, 0},
		{
			"both",
			[]string{wantsBoth, wantsBoth, wantsCommand},
			nil,
			[]string{"server.php"},
			[]string{"request fpm", "request fpm start", "resident cli", "resident cli start"},
			0,
		},
		{"resident was asked for", []string{wantsCLI}, nil, []string{"server.php", "--mode", "resident"}, []string{"resident fpm", "resident cli"}, 0},
		{"request was asked for", []string{wantsCLI}, nil, []string{"server.php", "--mode", "request"}, []string{"request fpm"}, 1},
		{"php-fpm was asked for", []string{wantsCLI}, nil, []string{"server.php", "--launcher", "fpm"}, []string{"request fpm"}, 1},
		{"a php-fpm was named", []string{wantsCLI}, nil, []string{"server.php", "--fpm", "unix:/x"}, []string{"request fpm"}, 1},
		{"by the environment", []string{wantsCLI}, map[string]string{"BRIDGE_MODE": "request"}, []string{"server.php"}, []string{"request fpm"}, 1},
		{"another error", []string{"no php-fpm; see --launcher cli"}, nil, []string{"server.php"}, []string{"request fpm"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			project(t, "")
			tried, code, stderr := attempts(t, c.wants, c.env, append([]string{"serve"}, c.args...)...)
			if diff := cmp.Diff(c.tried, tried); diff != "" || code != c.code {
				t.Errorf("code %d, -want +got:\n%s\n%s", code, diff, stderr)
			}
			if n := strings.Count(stderr, "trying: fpmbridge serve server.php"); n != len(tried)-1 {
				t.Error(stderr)
			}
			if code != 0 && !strings.Contains(stderr, "fpmbridge: "+c.wants[0]+"\n") {
				t.Error("not the first error:", stderr)
			}
		})
	}
}

func TestAConfigurationIsNotGuessedAt(t *testing.T) {
	project(t, "mode: request")
	if tried, code, _ := attempts(t, []string{wantsCLI}, nil, "serve", "server.php"); code != 1 || len(tried) != 1 {
		t.Error(code, tried)
	}
}

// What is tried can be typed: with what was given, and with what was added.
func TestATryIsSaidAsACommand(t *testing.T) {
	for _, c := range []struct {
		wants []string
		args  string
		said  string
	}{
		{[]string{wantsCommand}, "serve server.php --mode resident --workers 2", "fpmbridge serve server.php --mode resident --workers 2 -- start"},
		{[]string{wantsCLI}, "serve server.php --mode resident --listen :1 --listen :2", "fpmbridge serve server.php --listen :1 --listen :2 --mode resident --launcher cli"},
		{[]string{wantsCLI}, "serve server.php -- go", "fpmbridge serve server.php --mode resident --launcher cli -- go"},
	} {
		project(t, "")
		_, _, stderr := attempts(t, c.wants, nil, strings.Fields(c.args)...)
		if want := "trying: " + c.said + "\n"; !strings.HasSuffix(stderr, want) {
			t.Errorf("%s: %q", c.args, stderr)
		}
	}
}

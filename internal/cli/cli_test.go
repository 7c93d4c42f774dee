package cli_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fpmbridge/fpmbridge/internal/cli"
	"github.com/fpmbridge/fpmbridge/internal/config"
)

// outcome of one command line.
type outcome struct {
	code        int
	out, err    string
	served      *config.Config
	checked     *config.Config
	handlerFail error
}

func (o *outcome) run(t *testing.T, args ...string) {
	t.Helper()
	var out, errs strings.Builder
	h := cli.Handlers{
		Version: "v1.2.3",
		Serve:   func(_ context.Context, c *config.Config) error { o.served = c; return o.handlerFail },
		Check: func(_ context.Context, c *config.Config, w io.Writer) error {
			o.checked = c
			_, err := fmt.Fprintln(w, "found")
			return errors.Join(err, o.handlerFail)
		},
	}
	o.code = cli.Run(t.Context(), h, args, cli.Env{
		Getenv: func(name string) string { return map[string]string{"BRIDGE_BATCH": "7"}[name] },
		Stdout: &out, Stderr: &errs,
	})
	o.out, o.err = out.String(), errs.String()
}

// project makes a folder with two scripts and the given bridge.yaml, and goes there.
func project(t *testing.T, yaml string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"server.php": "<?php", "other.php": "<?php", "bridge.yaml": yaml, "my.yaml": "workers: 3"} {
		if text == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

func TestServeTakesScriptFlagsAndEnvironment(t *testing.T) {
	dir := project(t, "workers: 9")
	var o outcome
	o.run(t, "serve", "server.php", "--listen", ":1", "--listen", "h:2", "--mode", "resident", "--workers", "5",
		"--fpm", "tcp:h:9000", "--log-level", "debug")
	want := config.Defaults()
	want.Routes = []config.Route{} // the file's do not count
	want.Script, want.Listen, want.Mode = filepath.Join(dir, "server.php"), []string{":1", "h:2"}, config.ModeResident
	want.Workers, want.FPM.Address, want.Log.Level, want.Batch = 5, "tcp:h:9000", slog.LevelDebug, 7
	want.Log.Asked = true
	if d := cmp.Diff(want, o.served); d != "" || o.code != cli.ExitOK || o.out+o.err != "" {
		t.Error(d, o.code, o.out, o.err)
	}
}

func TestWhichFileIsRead(t *testing.T) {
	dir := project(t, "workers: 9\nscript: other.php")
	for args, want := range map[string]string{
		"serve":                             "9 other.php",
		"serve server.php":                  "9 server.php",
		"serve server.php --config my.yaml": "3 server.php",
		"serve --config bridge.yaml":        "9 other.php",
	} {
		var o outcome
		o.run(t, strings.Fields(args)...)
		if o.served == nil {
			t.Errorf("%s: %s", args, o.err)
			continue
		}
		rel, err := filepath.Rel(dir, o.served.Script)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(o.served.Workers, " ", rel); got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
}

// A script on the command line with a bridge.yaml that has routes: both would serve "/".
func TestAScriptOnTheCommandLineReplacesTheRoutes(t *testing.T) {
	dir := project(t, "workers: 9\nroutes: [{path: /chat, script: other.php}]")
	var o outcome
	o.run(t, "serve", "server.php")
	if o.served == nil {
		t.Fatal(o.err)
	}
	got := o.served.RouteList()
	if len(got) != 1 || got[0].Path != "/" || got[0].Script != filepath.Join(dir, "server.php") || o.served.Workers != 9 {
		t.Errorf("%+v", got)
	}
}

func TestCheckPrintsAndFails(t *testing.T) {
	project(t, "")
	var o outcome
	o.run(t, "check", "server.php")
	if o.code != cli.ExitOK || o.out != "found\n" || o.checked == nil {
		t.Errorf("%+v", o)
	}
	o.handlerFail = errors.New("no php-fpm")
	o.run(t, "check", "server.php")
	if o.code != cli.ExitFailed || o.err != "fpmbridge: no php-fpm\n" {
		t.Errorf("%+v", o)
	}
}

func TestErrorsAreSaidOnceAndHelp(t *testing.T) {
	project(t, "")
	for args, want := range map[string]struct {
		code int
		text string
	}{
		"serve":                         {cli.ExitUsage, "fpmbridge serve server.php"},
		"check":                         {cli.ExitUsage, "fpmbridge check server.php"},
		"serve a.php b.php":             {cli.ExitUsage, "one script at a time"},
		"serve --nope":                  {cli.ExitUsage, "unknown flag: --nope"},
		"serve --workers":               {cli.ExitUsage, "needs an argument"},
		"serve --workers x":             {cli.ExitUsage, `"--workers" flag: want a whole number`},
		"push --json=maybe hi":          {cli.ExitUsage, "want true or false\nTry: fpmbridge push --help"},
		"serv":                          {cli.ExitUsage, `unknown command "serv"`},
		"version x":                     {cli.ExitUsage, `"x"`},
		"serve missing.php":             {cli.ExitFailed, "missing.php"},
		"serve server.php --mode fast":  {cli.ExitFailed, "request resident"},
		"serve --config none.yaml":      {cli.ExitFailed, "none.yaml"},
		"serve server.php --fpm /x":     {cli.ExitFailed, "unix:/absolute/path"},
		"check server.php --listen 900": {cli.ExitFailed, "HOST:PORT"},
	} {
		var o outcome
		o.run(t, strings.Fields(args)...)
		if o.code != want.code || !strings.Contains(o.err, want.text) || o.served != nil || o.checked != nil {
			t.Errorf("%s: code %d, served %v, error %q", args, o.code, o.served, o.err)
		}
		if o.out != "" || strings.Count(o.err, "fpmbridge: ") != 1 || strings.Contains(o.err, "Usage:") {
			t.Errorf("%s: printed %q and %q", args, o.out, o.err)
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	for args, want := range map[string]string{
		"version": "fpmbridge v1.2.3 (go", "--help": "serve", "serve --help": "bridge.yaml in this folder", "": "Available Commands",
	} {
		var o outcome
		o.run(t, strings.Fields(args)...)
		if o.code != cli.ExitOK || !strings.Contains(o.out, want) || o.err != "" {
			t.Errorf("%q: %+v", args, o)
		}
	}
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fpmbridge/fpmbridge/internal/config"
)

// Exit codes of Run.
const (
	ExitOK     = 0
	ExitFailed = 1 // it was understood and did not work
	ExitUsage  = 2 // it was not understood
)

// Handlers do what the commands say. They are called from the goroutine of Run.
type Handlers struct {
	// Serve blocks until the context ends or it cannot go on. It is called again, with other settings, for a script that refuses to run.
	Serve func(ctx context.Context, c *config.Config) error
	// Check writes what it found to the writer; an error means that serve would not work.
	Check func(ctx context.Context, c *config.Config, w io.Writer) error
	// Version is what `version` prints; "" = from the build.
	Version string
}

// Env is what a command sees of its surroundings.
type Env struct {
	Getenv         func(string) string // nil = no environment
	Stdin          io.Reader           // nil = empty
	Stdout, Stderr io.Writer
}

// usageError is a command line that was not understood.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// Run carries out the arguments (without the program's name), writes an error once to Stderr, and returns the exit code.
func Run(ctx context.Context, h Handlers, args []string, env Env) int {
	cmd := New(h, env)
	cmd.SetArgs(args)
	cmd, err := cmd.ExecuteContextC(ctx)
	if err == nil {
		return ExitOK
	}
	fmt.Fprintf(env.Stderr, "fpmbridge: %v\n", err)
	var usage *usageError
	// cobra words an unknown command by itself and has no type for it.
	if errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command") {
		fmt.Fprintf(env.Stderr, "Try: %s --help\n", cmd.CommandPath())
		return ExitUsage
	}
	return ExitFailed
}

// plainWords says of a flag's value what is wanted, where pflag says which function of Go did not take it.
func plainWords(err error) error {
	what, function, ok := strings.Cut(err.Error(), ": strconv.")
	switch {
	case !ok:
		return err
	case strings.HasPrefix(function, "ParseBool"):
		return errors.New(what + ": want true or false")
	case strings.HasSuffix(function, "out of range"):
		return errors.New(what + ": that is too large")
	}
	return errors.New(what + ": want a whole number")
}

// New returns the root command. It prints no error and no usage by itself: Run does.
func New(h Handlers, env Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "fpmbridge",
		Short: "WebSocket connections for PHP that lives in PHP-FPM",
		Long: `fpmbridge holds WebSocket connections for PHP code which lives in PHP-FPM. Every open, message and close becomes
work for a PHP script; scripts written for Swoole's WebSocket server run unchanged.

  fpmbridge serve server.php      serve a script, with a php-fpm of our own
  fpmbridge check server.php      see whether that would work, and how
  fpmbridge push --all hello      push to the connections of a bridge that runs
  fpmbridge connections --watch   look at them`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{plainWords(err)} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serveCommand(h, env), checkCommand(h, env), versionCommand(h, env))
	root.AddCommand(remoteCommands(env)...)
	return root
}

const configHelp = `
SCRIPT is what PHP runs; with it, the file's routes do not count. Settings come from flags, then BRIDGE_* environment
variables, then the file: --config FILE, or bridge.yaml in this folder if there is one. docs/configuration.md explains
every key.`

func serveCommand(h Handlers, env Env) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "serve [SCRIPT.php] [-- ARGUMENTS]",
		Short: "Serve WebSocket connections with a PHP script",
		Long: `Serves WebSocket connections with a PHP script, until SIGINT or SIGTERM. Without --fpm it starts a php-fpm of its own.
With --launcher cli there is none: PHP runs on the command line. What follows -- is the script's $argv. A script that
refuses to run without a command, or in PHP-FPM, is tried with "start" and on the command line, if no flag says otherwise.
` + configHelp,
		Example: `  fpmbridge serve server.php
  fpmbridge serve server.php --listen 0.0.0.0:9501 --fpm unix:/run/php/php8.2-fpm.sock
  fpmbridge serve server.php --mode resident --launcher cli -- start --port 9501
  fpmbridge serve --config /etc/fpmbridge/bridge.yaml`,
		Args: oneScript,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.again(cmd, args, env, h.Serve)
		},
	}
	f.register(cmd)
	return cmd
}

func checkCommand(h Handlers, env Env) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "check [SCRIPT.php] [-- ARGUMENTS]",
		Short: "Check the configuration, php-fpm and the script, and say what serve would do",
		Long: `Checks everything that serve needs: the configuration, php-fpm, the script. It prints what it found, and exits with 1
if serve would not work.
` + configHelp,
		Args: oneScript,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.again(cmd, args, env, func(ctx context.Context, c *config.Config) error { return h.Check(ctx, c, env.Stdout) })
		},
	}
	f.register(cmd)
	return cmd
}

func versionCommand(h Handlers, env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(env.Stdout, "fpmbridge", version(h.Version))
			return err
		},
	}
}

func oneScript(cmd *cobra.Command, args []string) error {
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		args = args[:at] // what follows is the script's
	}
	if len(args) > 1 {
		return &usageError{fmt.Errorf("one script at a time, not %d: several scripts are routes, in bridge.yaml", len(args))}
	}
	return nil
}

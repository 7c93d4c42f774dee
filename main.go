// Command fpmbridge holds WebSocket connections for PHP code that lives in PHP-FPM.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/fpmbridge/fpmbridge/internal/app"
	"github.com/fpmbridge/fpmbridge/internal/cli"
	"github.com/fpmbridge/fpmbridge/internal/logfile"
	phpsdk "github.com/fpmbridge/fpmbridge/php-sdk"
)

// version is set by the linker in releases.
var version string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	// A second signal ends the program at once: the first one's handler is gone by then.
	context.AfterFunc(ctx, stop)
	ctx = whileParent(ctx, os.Getenv("FPMBRIDGE_PARENT"))
	const burst = 16 // a terminal's window changes its size often
	reload := make(chan os.Signal, burst)
	signal.Notify(reload, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH) // as to the master of a Swoole server
	logfile.IgnoreSignal()
	os.Exit(run(ctx, reload, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// whileParent ends with ctx, or when the process that started us and holds the other end of a descriptor has gone: a
// `php server.php` that could not become us (php-sdk/src/ByHand.php).
func whileParent(ctx context.Context, descriptor string) context.Context {
	fd, err := strconv.Atoi(descriptor)
	if err != nil || fd <= int(os.Stderr.Fd()) {
		return ctx
	}
	syscall.CloseOnExec(fd)
	parent := os.NewFile(uintptr(fd), "parent")
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, parent) // nobody writes
		cancel()
	}()
	return ctx
}

// run is the program without its process: it returns the exit code.
func run(ctx context.Context, reload <-chan os.Signal, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	a := &app.App{Version: version, SDK: phpsdk.Files, Stdout: stdout, Stderr: stderr, Environ: os.Environ(), Reload: reload}
	return cli.Run(ctx, cli.Handlers{Serve: a.Serve, Check: a.Check, Version: version}, args, cli.Env{
		Getenv: getenv, Stdin: os.Stdin, Stdout: stdout, Stderr: stderr,
	})
}

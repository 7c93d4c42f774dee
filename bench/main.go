// Command bench measures what the issue asks for, side by side with nginx on the same php-fpm, and prints a table.
//
// Everything listens on 127.0.0.1 or Unix sockets in a private folder, runs for a bounded time and ends by itself. Absolute
// numbers wobble on a shared machine, so compared runs alternate and medians of their ratios are shown.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == bareFlag {
		fmt.Fprintln(os.Stderr, "bench:", bare(os.Args[2:]))
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// row is one line of the table.
type row struct {
	what, measured, goal string
	ok                   bool
}

func run(ctx context.Context) error {
	rounds := flag.Int("rounds", 5, "rounds of each comparison")
	seconds := flag.Int("seconds", 3, "seconds of load in each round")
	out := flag.String("out", "", "write the table to this Markdown file, too")
	only := flag.String("only", "", "measure only what has this in its name: echo, floor, latency, resident, broadcast, around, soak (only if asked for), sdk, idle, rush, push, fcgi")
	flag.Parse()
	l, err := newLab(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	l.rounds, l.load = *rounds, time.Duration(*seconds)*time.Second
	var rows []row
	for _, m := range []struct {
		name string
		f    func(context.Context) ([]row, error)
	}{{"echo", l.echo}, {"floor", l.floor}, {"latency", l.latency}, {"resident", l.resident}, {"broadcast", l.broadcast}, {"around", l.around}, {"soak", l.soak}, {"sdk", l.sdkCost}, {"idle", l.idle}, {"rush", l.rush}, {"push", l.push}, {"fcgi", l.fcgiClients}} {
		if !strings.Contains(m.name, *only) || m.name == "soak" && *only == "" {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring %s ...\n", m.name)
		got, err := m.f(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		rows = append(rows, got...)
	}
	text := table(rows)
	fmt.Print(text)
	if *out == "" {
		return nil
	}
	return os.WriteFile(*out, []byte(page(text, *rounds, *seconds)), 0o644) //nolint:gosec // documentation
}

func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| what | measured | goal | |\n|---|---|---|---|\n")
	for _, r := range rows {
		mark := "met"
		if !r.ok {
			mark = "**not met**"
		}
		if r.goal == "" {
			mark = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.what, r.measured, r.goal, mark)
	}
	return b.String()
}

func page(table string, rounds, seconds int) string {
	return fmt.Sprintf(`# Performance

Written by `+"`make bench`"+` on %s, %s/%s, %d cores (%s), %s.

%s
## Method

`+"`bench/`"+` is a program, not a test. One php-fpm with 4 static children on a Unix socket serves everything; a resident worker takes one of them. Compared runs alternate, %d rounds
of %d s each after 1 s of warm-up; the table shows medians of the rounds and the median of the ratios. nginx passes to the same pool with
`+"`fastcgi_keep_conn on`"+` and upstream keepalive, and is stopped while the bridge runs, so that kept connections of one do not pin children that
the other needs. nginx's load is `+"`wrk`"+` posting 64 bytes; ours is `+"`bench/wsload`"+`, an epoll loop in one thread, which costs about what wrk does. Both
scripts do the same work: read php://input, answer the same JSON. CPU time is read from /proc for the process, PHP's not included. A plain script takes one FastCGI request per event, so at least a read and a write
of each of two sockets, which wake somebody: what a bare loop pays for that on the machine of the day stands beside our figure. A Swoole script takes several events per request when PHP is busy.
Load, server and PHP share the cores, as the ratios do.
`, time.Now().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), cpuModel(), runtime.Version(), table, rounds, seconds)
}

func cpuModel() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// root finds the module's folder, where bin/ is.
func root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir != "/" {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		dir = filepath.Dir(dir)
	}
	return "", errors.New("run it inside the module")
}

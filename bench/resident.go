package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/fpmbridge/fpmbridge/bench/internal/load"
)

// crowdScript broadcasts what it gets as scripts do, and swallows what it is flooded with.
const crowdScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$users = [];
$server->on('open', function ($server, $request) use (&$users) { $users[$request->fd] = true; });
$server->on('message', function ($server, $frame) use (&$users) {
    foreach ($users as $fd => $_) {
        $server->push($fd, $frame->data);
    }
});
$server->on('close', function ($server, $fd) use (&$users) { unset($users[$fd]); });
$server->start();
`

const floodScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'a') { $server->push($frame->fd, 'done'); }
});
$server->start();
`

const bareFlag = "-bare"

// bare serves load.Loop on a free port and says which; with a php-fpm and a script, load.Gateway.
func bare(args []string) error {
	if len(args) == 2 {
		runtime.GOMAXPROCS(1)
		return load.Gateway(args[0], args[1], children, func(port int) { fmt.Fprintln(os.Stdout, port) })
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the process
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, ln.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // as asked for above
	return load.Loop(ln, broadcastSize)
}

// startBare starts ourselves as bare.
func startBare(ctx context.Context, args ...string) (*child, int, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{bareFlag}, args...)...) //nolint:gosec // ourselves
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	c, err := start(cmd)
	if err != nil {
		return nil, 0, err
	}
	var port int
	if _, err := fmt.Fscan(out, &port); err != nil {
		c.stop()
		return nil, 0, errors.Join(err, errors.New(c.err.String()))
	}
	return c, port, nil
}

const (
	broadcastSize  = 64
	broadcastConns = 1000
)

// broadcast compares a script's foreach and push with a loop in Go that writes one prepared frame to each.
func (l *lab) broadcast(ctx context.Context) ([]row, error) {
	if err := l.write("crowd.php", crowdScript); err != nil {
		return nil, err
	}
	var rows []row
	// Eight, as people in a room write; and one at a time, where nothing can be written together.
	for _, ahead := range []int{8, 1} {
		ratio, ours, theirs, php, err := l.crowd(ctx, ahead)
		if err != nil {
			return nil, err
		}
		r := row{
			what:     fmt.Sprintf("resident worker: broadcast of 64 bytes to 1,000 connections by foreach and push, %d under way", ahead),
			measured: fmt.Sprintf("%.0f %% of a bare Go loop (%.0f/s against %.0f/s)", 100*ratio, ours, theirs), goal: "≥ 90 %", ok: ratio >= 0.9,
		}
		cost := row{what: "CPU time of PHP per broadcast in it", measured: fmt.Sprintf("%.2f ms", php)}
		if ahead > 1 { // alone PHP finds its caches cold each time
			cost.goal, cost.ok = "≤ 1 ms", php <= 1
		}
		rows = append(rows, r, cost)
	}
	return rows, nil
}

// crowd compares broadcasts, so many of them under way: our deliveries against the bare loop's, both per second, and milliseconds of PHP for one.
func (l *lab) crowd(ctx context.Context, ahead int) (ratio, ours, theirs, php float64, err error) {
	rounds := max(100, 100*int(l.load.Seconds()))
	var ratios, us, them, ms []float64
	for range l.rounds {
		c, port, err := startBare(ctx)
		if err != nil {
			return 0, 0, 0, 0, err
		}
		took, err := load.Broadcast(port, "/", broadcastConns, ahead, rounds, broadcastSize, func() {})
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		if err != nil {
			return 0, 0, 0, 0, fmt.Errorf("the bare loop: %w", err)
		}
		b, port, err := l.bridge(ctx, "crowd.php", "--mode", "resident", "--workers", "1")
		if err != nil {
			return 0, 0, 0, 0, err
		}
		var before time.Duration
		mine, err := load.Broadcast(port, "/", broadcastConns, ahead, rounds, broadcastSize, func() {
			<-time.After(time.Second / 4) // until PHP has heard of all
			before = l.phpTime()
		})
		used := l.phpTime() - before
		b.stop()
		if err != nil {
			return 0, 0, 0, 0, err
		}
		per := float64(rounds * broadcastConns)
		them, us = append(them, per/took.Seconds()), append(us, per/mine.Seconds())
		ratios = append(ratios, took.Seconds()/mine.Seconds())
		ms = append(ms, used.Seconds()*1e3/float64(rounds))
	}
	return median(ratios), median(us), median(them), median(ms), nil
}

// around measures what PHP does around a callback that does nothing.
func (l *lab) around(ctx context.Context) ([]row, error) {
	if err := l.write("flood.php", floodScript); err != nil {
		return nil, err
	}
	b, port, err := l.bridge(ctx, "flood.php", "--mode", "resident", "--workers", "1")
	if err != nil {
		return nil, err
	}
	defer b.stop()
	const conns, each = 32, 4096
	var us []float64
	for i := range l.rounds + 1 {
		before := l.phpTime()
		if err := load.Flood(port, "/", conns, each, 64); err != nil {
			return nil, err
		}
		if i > 0 { // the first one is a warm-up
			us = append(us, float64((l.phpTime()-before).Nanoseconds())/1e3/(conns*each))
		}
	}
	m := median(us)
	return []row{{what: "resident worker: CPU time of PHP per event around the callback", measured: fmt.Sprintf("%.2f µs", m), goal: "≤ 3 µs", ok: m <= 3}}, nil
}

// soakEvents is how many events soak sends through one worker.
const soakEvents = 10_000_000

// soak is a day in small: the memory of PHP and of Go after ten million events through one worker. It prints its progress.
func (l *lab) soak(ctx context.Context) ([]row, error) {
	b, port, err := l.bridge(ctx, "swoole.php", "--mode", "resident", "--workers", "1")
	if err != nil {
		return nil, err
	}
	defer b.stop()
	saved := l.load
	l.load = 10 * time.Second
	defer func() { l.load = saved }()
	sum, lives := 0.0, ""
	var goFirst, phpFirst, goLast, phpLast int
	began := time.Now()
	for sum < soakEvents {
		f, err := l.wsload(ctx, port, "-c", "50", "-o", "16")
		if err != nil {
			return nil, err
		}
		sum += f.PerSecond * (f.Seconds + 1) // the warm-up counts
		pid, php := l.worker()
		goLast, phpLast = b.rss(), php
		if goFirst == 0 {
			goFirst, phpFirst, lives = goLast, phpLast, pid
		}
		fmt.Fprintf(os.Stderr, "  %.1f million events in %v: Go %d KB, PHP %d KB\n", sum/1e6, time.Since(began).Round(time.Second), goLast>>10, phpLast>>10)
		if pid != lives {
			return nil, fmt.Errorf("the worker %s was replaced by %s", lives, pid)
		}
	}
	flat := goLast <= goFirst+goFirst/4 && phpLast <= phpFirst+phpFirst/20
	return []row{{
		what:     "resident worker: memory after 0.5 and after 10 million events",
		measured: fmt.Sprintf("Go %.1f and %.1f MB, PHP %.1f and %.1f MB", mb(goFirst), mb(goLast), mb(phpFirst), mb(phpLast)), goal: "flat", ok: flat,
	}}, nil
}

func mb(n int) float64 { return float64(n) / 1e6 }

// worker is the child of php-fpm that has worked most, and its resident memory.
func (l *lab) worker() (pid string, rss int) {
	most := 0
	for child := range l.children() {
		if ns := schedTime(child); ns > most {
			most, pid = ns, child
		}
	}
	n, _ := strconv.Atoi(pid)
	return pid, rssOf(n)
}

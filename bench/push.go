package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/fpmbridge/fpmbridge/bench/internal/load"
)

// pushScript pushes 64 bytes with the client, again and again, and says how long one push took.
const pushScript = `<?php
[, $client, $api, $what, $seconds] = $argv;
require $client;
$bridge = new FpmBridge\Client($api);
$data = str_repeat('a', 64);
$target = $what === 'room' ? FpmBridge\Target::groups('room') : (int) $what;
if ($what === 'room') {
    $bridge->join(FpmBridge\Target::all(), 'room');
}
$n = 0;
$times = [];
$start = $last = hrtime(true);
$end = $start + (int) ($seconds * 1e9);
while ($last < $end) {
    $result = $bridge->push($target, $data);
    if ($result->done === 0 || $result->slow + $result->gone + $result->unknown > 0) {
        fwrite(STDERR, json_encode($result));
        exit(1);
    }
    $now = hrtime(true);
    $times[] = $now - $last;
    $last = $now;
    $n++;
}
sort($times);
$used = getrusage();
$us = 1e6 * ($used['ru_utime.tv_sec'] + $used['ru_stime.tv_sec']) + $used['ru_utime.tv_usec'] + $used['ru_stime.tv_usec'];
echo json_encode(['PerSecond' => $n / (($last - $start) / 1e9), 'P50' => $times[intdiv($n, 2)], 'CPU' => $us / $n]), "\n";
`

// room is how many connections are in the group that is pushed to.
const room = 1000

// sink is a wsload that counts what comes.
func (l *lab) sink(ctx context.Context, port, n int, rest time.Duration) (*held, error) {
	return l.start(ctx, "sink", port, n, "-rest", rest.String())
}

// count ends a sink and returns messages per second.
func (h *held) count() (float64, error) {
	_ = h.stdin.Close()
	line, err := h.out.ReadBytes('\n')
	if err != nil {
		return 0, errors.Join(err, h.cmd.Wait())
	}
	var f figures
	if err := json.Unmarshal(line, &f); err != nil {
		return 0, err
	}
	return f.PerSecond, h.cmd.Wait()
}

// pushers runs the script for each target at the same time.
func (l *lab) pushers(ctx context.Context, api string, targets ...string) ([]figures, error) {
	top, err := root()
	if err != nil {
		return nil, err
	}
	list, errs := make([]figures, len(targets)), make([]error, len(targets))
	var all sync.WaitGroup
	for i, target := range targets {
		all.Go(func() {
			list[i], errs[i] = lastLine(exec.CommandContext(ctx, "php", "-d", "opcache.enable_cli=1", l.path("push.php"), //nolint:gosec // our own script
				filepath.Join(top, "php-sdk", "client.php"), api, target, fmt.Sprint(l.load.Seconds())))
		})
	}
	all.Wait()
	return list, errors.Join(errs...)
}

// push measures pushes from outside over the API socket.
func (l *lab) push(ctx context.Context) ([]row, error) {
	api := "unix:" + l.path("api.sock")
	if err := errors.Join(l.write("push.php", pushScript), l.write("api.yaml", "api: {listen: "+api+"}\n")); err != nil {
		return nil, err
	}
	var p50, single, ours, theirs, ratio, cpu, bare, php, serving []float64
	for range l.rounds {
		s, err := l.pushSingle(ctx, api)
		if err != nil {
			return nil, err
		}
		p50, single = append(p50, s.p50), append(single, s.perSecond)
		php, serving = append(php, s.php), append(serving, s.bridge)
		b, err := l.pushBare(ctx)
		if err != nil {
			return nil, err
		}
		g, err := l.pushGroup(ctx, api)
		if err != nil {
			return nil, err
		}
		theirs, ours, ratio = append(theirs, b.perSecond), append(ours, g.perSecond), append(ratio, g.perSecond/b.perSecond)
		cpu, bare = append(cpu, g.cpu*1e6), append(bare, b.cpu*1e6)
	}
	best, most, r := time.Duration(median(p50)), median(single), median(ratio)
	return []row{
		{
			what: "push from PHP over the API's Unix socket, kept connection, p50", measured: best.Round(100 * time.Nanosecond).String(),
			goal: "≤ 60 µs", ok: best <= 60*time.Microsecond,
		},
		{
			what: "single pushes from 4 PHP processes", measured: fmt.Sprintf("%.0f/s; CPU time of each %.1f µs in PHP, %.1f µs in the bridge", most, median(php), median(serving)),
			goal: "≥ 20,000/s", ok: most >= 20000,
		},
		{
			what:     "deliveries of pushes to a group of 1,000",
			measured: fmt.Sprintf("%.2f × a bare Go loop that writes one prepared frame to each (%.0f/s against %.0f/s; CPU time of each %.1f against %.1f µs)", r, median(ours), median(theirs), median(cpu), median(bare)),
			goal:     "≥ 0.9 ×", ok: r >= 0.9,
		},
	}, nil
}

// singles are pushes to one connection each: the p50 of one PHP process in nanoseconds; how many a second four of them make, and
// microseconds of CPU time of each.
type singles struct{ p50, perSecond, php, bridge float64 }

func (l *lab) pushSingle(ctx context.Context, api string) (singles, error) {
	b, port, err := l.bridge(ctx, "swoole.php", "--config", l.path("api.yaml"))
	if err != nil {
		return singles{}, err
	}
	defer b.stop()
	// fd 1 was the lab's own look at the port.
	one, err := l.pushedTo(ctx, port, api, 0, "2")
	if err != nil {
		return singles{}, err
	}
	before := b.cpu()
	// Clients that woke up for each of them would be half of the work on two cores.
	four, err := l.pushedTo(ctx, port, api, 2*time.Millisecond, "3", "4", "5", "6")
	if err != nil {
		return singles{}, err
	}
	res := singles{p50: float64(one[0].P50)}
	for _, f := range four {
		res.perSecond += f.PerSecond
		res.php += f.CPU / float64(len(four))
	}
	res.bridge = float64((b.cpu() - before).Microseconds()) / (res.perSecond * l.load.Seconds())
	return res, nil
}

// pushedTo runs the script for each target, which are as many new connections, whose client rests between two looks at them.
func (l *lab) pushedTo(ctx context.Context, port int, api string, rest time.Duration, targets ...string) ([]figures, error) {
	s, err := l.sink(ctx, port, len(targets), rest)
	if err == nil {
		err = s.ready()
	}
	if err != nil {
		return nil, err
	}
	list, err := l.pushers(ctx, api, targets...)
	if err != nil {
		return nil, err
	}
	_, err = s.count()
	return list, err
}

// spent is what a broadcast does: messages a second, and seconds of CPU time of whoever writes, for each.
type spent struct{ perSecond, cpu float64 }

// ownTime is the CPU time of this process.
func ownTime() time.Duration {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return 0
	}
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

// pushGroup measures pushes to a group.
func (l *lab) pushGroup(ctx context.Context, api string) (spent, error) {
	b, port, err := l.bridge(ctx, "swoole.php", "--config", l.path("api.yaml"))
	if err != nil {
		return spent{}, err
	}
	defer b.stop()
	s, err := l.sink(ctx, port, room, 0)
	if err == nil {
		err = s.ready()
	}
	if err != nil {
		return spent{}, err
	}
	before := b.cpu()
	if _, err := l.pushers(ctx, api, "room"); err != nil {
		return spent{}, err
	}
	used := b.cpu() - before
	n, err := s.count()
	return spent{n, used.Seconds() / (n * l.load.Seconds())}, err
}

// pushBare is the same without a bridge.
func (l *lab) pushBare(ctx context.Context) (spent, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return spent{}, err
	}
	defer ln.Close()
	addr, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		return spent{}, errors.New("not TCP")
	}
	s, err := l.sink(ctx, addr.Port, room, 0)
	if err != nil {
		return spent{}, err
	}
	bare, cancel := context.WithCancel(ctx)
	defer cancel()
	hold, release := context.WithCancel(ctx)
	defer release()
	ended := make(chan error, 1)
	before := ownTime()
	go func() { ended <- load.Bare(bare, hold, ln, room, 64, func() { time.AfterFunc(l.load, cancel) }) }()
	if err := s.ready(); err != nil {
		return spent{}, err
	}
	<-bare.Done()
	used := ownTime() - before
	n, err := s.count()
	release()
	return spent{n, used.Seconds() / (n * l.load.Seconds())}, errors.Join(err, <-ended)
}

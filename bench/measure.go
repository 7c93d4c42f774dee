package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/sdk"
	phpsdk "github.com/fpmbridge/fpmbridge/php-sdk"
)

// compare runs nginx and the bridge in turn and returns each round's figures, and the bridge's CPU time per event.
func (l *lab) compare(ctx context.Context, connections, outstanding int, script string, args ...string) (theirs, ours []figures, cpu []float64, err error) {
	for range l.rounds {
		n, port, err := l.nginx(ctx)
		if err != nil {
			return nil, nil, nil, err
		}
		f, err := l.wrk(ctx, port, connections)
		n.stop()
		if err != nil {
			return nil, nil, nil, err
		}
		theirs = append(theirs, f)

		b, port, err := l.bridge(ctx, script, args...)
		if err != nil {
			return nil, nil, nil, err
		}
		used, err := l.perEvent(b, func() (figures, error) {
			f, err = l.wsload(ctx, port, "-c", fmt.Sprint(connections), "-o", fmt.Sprint(outstanding))
			return f, err
		})
		if err != nil {
			return nil, nil, nil, err
		}
		ours, cpu = append(ours, f), append(cpu, used)
	}
	return theirs, ours, cpu, nil
}

func (l *lab) echo(ctx context.Context) ([]row, error) {
	var rows []row
	for _, script := range []string{"plain.php", "swoole.php"} {
		theirs, ours, cpu, err := l.compare(ctx, 50, 1, script)
		if err != nil {
			return nil, err
		}
		var a, b, ratio []float64
		for i := range ours {
			a, b = append(a, theirs[i].PerSecond), append(b, ours[i].PerSecond)
			ratio = append(ratio, ours[i].PerSecond/theirs[i].PerSecond)
		}
		r, c := median(ratio), median(cpu)
		r1 := row{what: "echo, " + script + ", 64 bytes, 50 connections, 1 outstanding", measured: fmt.Sprintf("%.2f × nginx (%.0f/s against %.0f/s)", r, median(b), median(a))}
		r2 := row{what: "Go CPU per event in it", measured: fmt.Sprintf("%.1f µs", c), goal: "≤ 35 µs", ok: c <= 35}
		if script == "plain.php" {
			r1.goal, r1.ok = "≥ 1.0 × (try 1.3)", r >= 1
		}
		rows = append(rows, r1, r2)
	}
	return rows, nil
}

// floor is what plain.php's events cost a loop that only makes the system calls, and nginx.
func (l *lab) floor(ctx context.Context) ([]row, error) {
	var bare, nginx []float64
	for range l.rounds {
		c, port, err := startBare(ctx, strings.TrimPrefix(l.fpm.Address(), "unix:"), l.path("plain.php"))
		if err != nil {
			return nil, err
		}
		used, err := l.perEvent(c, func() (figures, error) { return l.wsload(ctx, port, "-c", "50") })
		if err != nil {
			return nil, err
		}
		bare = append(bare, used)
		if c, port, err = l.nginx(ctx); err != nil {
			return nil, err
		}
		if used, err = l.perEvent(c, func() (figures, error) { return l.wrk(ctx, port, 50) }); err != nil {
			return nil, err
		}
		nginx = append(nginx, used)
	}
	return []row{
		{what: "CPU per event of plain.php of a bare epoll loop that makes the same system calls, and does nothing else", measured: fmt.Sprintf("%.1f µs", median(bare))},
		{what: "CPU per event of plain.php of nginx", measured: fmt.Sprintf("%.1f µs", median(nginx))},
	}, nil
}

// perEvent is the CPU time of c in microseconds per event of a load; c is ended. The events of its warm-up, a second, count too: their number is
// not known, their share of the time is.
func (l *lab) perEvent(c *child, load func() (figures, error)) (float64, error) {
	defer c.stop()
	before := c.cpu()
	f, err := load()
	return float64((c.cpu() - before).Microseconds()) / (f.PerSecond * (l.load.Seconds() + 1)), err
}

func (l *lab) latency(ctx context.Context) ([]row, error) {
	theirs, ours, _, err := l.compare(ctx, 1, 1, "plain.php")
	if err != nil {
		return nil, err
	}
	var a, b, ratio []float64
	for i := range ours {
		a, b = append(a, float64(theirs[i].P50)), append(b, float64(ours[i].P50))
		ratio = append(ratio, float64(ours[i].P50)/float64(theirs[i].P50))
	}
	r := median(ratio)
	return []row{{
		what:     "echo latency p50, plain.php, one connection",
		measured: fmt.Sprintf("%.2f × nginx (%v against %v)", r, time.Duration(median(b)).Round(time.Microsecond), time.Duration(median(a)).Round(time.Microsecond)),
		goal:     "≤ 1.2 ×", ok: r <= 1.2,
	}}, nil
}

// resident measures a Swoole script with one resident worker.
func (l *lab) resident(ctx context.Context) ([]row, error) {
	var rows []row
	for _, c := range []struct {
		outstanding int
		goal        float64
	}{{1, 3.0}, {16, 5.5}} {
		theirs, ours, cpu, err := l.compare(ctx, 50, c.outstanding, "swoole.php", "--mode", "resident", "--workers", "1")
		if err != nil {
			return nil, err
		}
		var a, b, ratio []float64
		for i := range ours {
			a, b = append(a, theirs[i].PerSecond), append(b, ours[i].PerSecond)
			ratio = append(ratio, ours[i].PerSecond/theirs[i].PerSecond)
		}
		r := median(ratio)
		rows = append(rows, row{
			what:     fmt.Sprintf("resident worker: echo, swoole.php, 64 bytes, 50 connections, %d outstanding", c.outstanding),
			measured: fmt.Sprintf("%.2f × nginx (%.0f/s against %.0f/s), %.1f µs Go CPU per event", r, median(b), median(a), median(cpu)),
			goal:     fmt.Sprintf("≥ %.1f ×", c.goal), ok: r >= c.goal,
		})
	}
	theirs, ours, _, err := l.compare(ctx, 1, 1, "swoole.php", "--mode", "resident", "--workers", "1")
	if err != nil {
		return nil, err
	}
	var ratio, p50 []float64
	for i := range ours {
		ratio, p50 = append(ratio, float64(ours[i].P50)/float64(theirs[i].P50)), append(p50, float64(ours[i].P50))
	}
	r := median(ratio)
	return append(rows, row{
		what: "resident worker: echo latency p50, one connection", measured: fmt.Sprintf("%.2f × nginx (%v)", r, time.Duration(median(p50)).Round(time.Microsecond)),
		goal: "≤ 0.8 ×", ok: r <= 0.8,
	}), nil
}

// sdkCost compares one plain and one framed request for the same echo, one after the other on one child.
func (l *lab) sdkCost(ctx context.Context) ([]row, error) {
	network, address, _ := strings.Cut(l.fpm.Address(), ":")
	client, err := fcgi.New(fcgi.Options{Network: network, Address: address, EOFMeansUnread: true})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	dir, err := sdk.Layout(phpsdk.Files, l.path("sdk"))
	if err != nil {
		return nil, err
	}
	scripts := make([]*callback.Script, 2)
	for i, name := range []string{"plain.php", "swoole.php"} {
		scripts[i], err = callback.NewScript(callback.ScriptOptions{
			Client: client, File: l.path(name), Entry: dir + "/" + sdk.EntryFile, Encoding: callback.Encoding(i + 1), Local: true,
			Callback: "unix:" + l.path("none.sock"), Token: "none", Listen: "127.0.0.1:9501",
		})
		if err != nil {
			return nil, err
		}
	}
	<-time.After(3 * time.Second) // opcache takes no file of the last 2 seconds
	for _, s := range scripts {
		if _, err := s.Describe(ctx); err != nil {
			return nil, err
		}
		if err := calls(ctx, s, 500); err != nil {
			return nil, err
		}
	}
	var diffs, framed, plain []float64
	for range l.rounds * 10 { // short rounds, many of them: what disturbs one half of a round disturbs the other
		var each [2]float64
		for i, s := range scripts {
			before := l.phpTime()
			if err := calls(ctx, s, callsPerRound); err != nil {
				return nil, err
			}
			each[i] = float64((l.phpTime() - before).Nanoseconds()) / 1e3 / callsPerRound
		}
		plain, framed = append(plain, each[0]), append(framed, each[1])
		diffs = append(diffs, each[1]-each[0])
	}
	d := median(diffs)
	return []row{{
		what:     "what the SDK's drop-in adds to a plain script, CPU time of PHP per request",
		measured: fmt.Sprintf("%.0f µs (%.0f against %.0f µs)", d, median(framed), median(plain)),
		goal:     "≤ 60 µs", ok: d <= 60,
	}}, nil
}

const callsPerRound = 300

// calls sends n messages, one after the other.
func calls(ctx context.Context, s *callback.Script, n int) error {
	ev := &callback.Event{
		Type: callback.Message, Attempt: 1, Opcode: 1, Flags: 33, ID: 1, FD: 1, Payload: []byte(strings.Repeat("a", 64)),
		Conn: &callback.Conn{RemoteAddr: "127.0.0.1", ServerAddr: "127.0.0.1", ServerPort: 9501, RemotePort: 50000, Connected: time.Now()},
	}
	var reply callback.Reply
	defer reply.Release()
	for range n {
		s.Call(ctx, 0, []*callback.Event{ev}, &reply)
		if res := reply.Results[0]; res.Outcome != callback.Done || len(res.Instructions) != 1 {
			return errors.Join(errors.New("the script did not echo"), res.Err)
		}
	}
	return nil
}

func (l *lab) idle(ctx context.Context) ([]row, error) {
	const n = 10000
	b, port, err := l.bridge(ctx, "swoole.php")
	if err != nil {
		return nil, err
	}
	defer b.stop()
	h, err := l.hold(ctx, port, n)
	if err != nil {
		return nil, err
	}
	defer h.release()
	<-time.After(3 * time.Second) // until the handshakes' garbage is collected
	per := float64(b.rss()) / n / 1000
	return []row{{
		what: "10,000 idle connections: resident memory of the whole process, each", measured: fmt.Sprintf("%.1f KB", per),
		goal: "≤ 10 KB", ok: per <= 10,
	}}, nil
}

func (l *lab) rush(ctx context.Context) ([]row, error) {
	b, port, err := l.bridge(ctx, "plain.php")
	if err != nil {
		return nil, err
	}
	defer b.stop()
	f, err := l.wsload(ctx, port, "-mode", "rush", "-c", "2000")
	if err != nil {
		return nil, err
	}
	return []row{{
		what: "2,000 connections opened at once, all in", measured: fmt.Sprintf("%.2f s", f.Seconds), goal: "< 3 s", ok: f.Seconds < 3,
	}}, nil
}

// fcgiClients runs bench/fcgi: our FastCGI client and gofast on one php-fpm.
func (l *lab) fcgiClients(ctx context.Context) ([]row, error) {
	out, err := exec.CommandContext(ctx, "go", "run", "./bench/fcgi").Output()
	if err != nil {
		return nil, fmt.Errorf("bench/fcgi: %w", err)
	}
	var ours, theirs, cpu, allocs string
	var ratio float64
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		switch {
		case len(f) > 8 && f[0] == "fcgi":
			ours, cpu, allocs = f[1], f[3], f[len(f)-2]
		case len(f) > 2 && f[0] == "gofast":
			theirs = f[1]
		case len(f) == 2 && f[0] == "ratio":
			if ratio, err = strconv.ParseFloat(f[1], 64); err != nil {
				return nil, fmt.Errorf("bench/fcgi: %w", err)
			}
		}
	}
	if ratio == 0 {
		return nil, fmt.Errorf("bench/fcgi: no ratio in %q", out)
	}
	return []row{
		{what: "FastCGI client, 4 connections", measured: fmt.Sprintf("%.1f × gofast (%s/s against %s/s), %s µs Go CPU per request", ratio, ours, theirs, cpu), goal: "≥ 2.5 ×", ok: ratio >= 2.5},
		{what: "allocations per request in it", measured: allocs, goal: "0", ok: allocs == "0.0"},
	}, nil
}

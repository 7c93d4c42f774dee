// Command fcgi measures this repository's FastCGI client against gofast v0.8.0 on the same php-fpm, with the same request
// over the same number of kept connections. Rounds alternate; the table shows medians.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/yookoala/gofast"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// result is one round, or the median of several.
type result struct {
	perSecond float64
	cpu       float64 // µs of this process for one request
	bytes     float64 // allocated for one request
	allocs    float64
}

// A sender does requests over one connection of its own until stop; it returns how many.
type sender func(stop *atomic.Bool) (int, error)

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("fcgi", flag.ContinueOnError)
	conns := flags.Int("conns", 4, "kept connections, and requests at a time")
	rounds := flags.Int("rounds", 5, "rounds of each client")
	window := flags.Duration("time", 2*time.Second, "length of a round")
	size := flags.Int("body", 64, "bytes of the request's body")
	if err := flags.Parse(args); err != nil {
		return err
	}
	server, err := fpm.Start(ctx, fpm.Options{MaxChildren: *conns + 1})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }()
	dir, err := os.MkdirTemp("", "fcgi")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	script := filepath.Join(dir, "ok.php")
	if err := os.WriteFile(script, []byte("<?php echo 'ok';"), 0o600); err != nil {
		return err
	}
	network, address, _ := strings.Cut(server.Address(), ":")
	params := environment(script, *size)
	body := strings.Repeat("x", *size)

	client, err := fcgi.New(fcgi.Options{Network: network, Address: address, MaxConns: *conns, EOFMeansUnread: true})
	if err != nil {
		return err
	}
	ours, err := oursSender(client, params, body)
	if err != nil {
		return err
	}
	names := [...]string{"fcgi", "gofast"}
	var results [len(names)][]result
	for range *rounds {
		for i, s := range [...]sender{ours, gofastSender(network, address, params, body)} {
			r, err := round(s, *conns, *window)
			if err != nil {
				return fmt.Errorf("%s: %w", names[i], err)
			}
			results[i] = append(results[i], r)
		}
		// Idle connections pin children, so they must not stay for the other client's turn.
		if err := client.Close(); err != nil {
			return err
		}
		if client, err = fcgi.New(fcgi.Options{Network: network, Address: address, MaxConns: *conns, EOFMeansUnread: true}); err != nil {
			return err
		}
		if ours, err = oursSender(client, params, body); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "%d connections, body of %d bytes, median of %d rounds of %v\n", *conns, *size, *rounds, *window)
	for i, name := range names {
		m := medians(results[i])
		_, e := fmt.Fprintf(out, "%-7s %8.0f requests/s  %6.1f µs Go CPU/request  %8.0f B  %6.1f allocs\n", name, m.perSecond, m.cpu, m.bytes, m.allocs)
		err = errors.Join(err, e)
	}
	_, e := fmt.Fprintf(out, "ratio   %8.2f\n", medians(results[0]).perSecond/medians(results[1]).perSecond)
	return errors.Join(err, e, client.Close())
}

// environment is what a web server sends with a small request.
func environment(script string, length int) [][2]string {
	return [][2]string{
		{"SCRIPT_FILENAME", script},
		{"SCRIPT_NAME", "/ok.php"},
		{"REQUEST_METHOD", "POST"},
		{"REQUEST_URI", "/ok.php"},
		{"DOCUMENT_URI", "/ok.php"},
		{"DOCUMENT_ROOT", filepath.Dir(script)},
		{"QUERY_STRING", ""},
		{"CONTENT_LENGTH", fmt.Sprint(length)},
		{"CONTENT_TYPE", "application/octet-stream"},
		{"GATEWAY_INTERFACE", "CGI/1.1"},
		{"SERVER_PROTOCOL", "HTTP/1.1"},
		{"SERVER_SOFTWARE", "bench"},
		{"SERVER_NAME", "localhost"},
		{"SERVER_PORT", "8080"},
		{"REMOTE_ADDR", "127.0.0.1"},
		{"REMOTE_PORT", "40000"},
		{"HTTP_HOST", "localhost:8080"},
		{"HTTP_USER_AGENT", "bench"},
	}
}

func oursSender(client *fcgi.Client, params [][2]string, body string) (sender, error) {
	r := &fcgi.Request{Body: []byte(body), Timeout: 30 * time.Second}
	for _, p := range params {
		var err error
		if r.Params, err = fcgi.AppendParam(r.Params, p[0], p[1]); err != nil {
			return nil, err
		}
	}
	return func(stop *atomic.Bool) (int, error) {
		n := 0
		for ; !stop.Load(); n++ {
			res, err := client.Do(context.Background(), r)
			if err != nil {
				return n, err
			}
			if res.Status != http.StatusOK || string(res.Body) != "ok" {
				return n, fmt.Errorf("status %d, body %q", res.Status, res.Body)
			}
			res.Release()
		}
		return n, nil
	}, nil
}

func gofastSender(network, address string, params [][2]string, body string) sender {
	env := make(map[string]string)
	for _, p := range params {
		env[p[0]] = p[1]
	}
	factory := gofast.SimpleClientFactory(gofast.SimpleConnFactory(network, address))
	return func(stop *atomic.Bool) (n int, err error) {
		client, err := factory()
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, client.Close()) }()
		for ; !stop.Load(); n++ {
			r := gofast.NewRequest(nil)
			r.Params, r.KeepConn = env, true
			r.Stdin = io.NopCloser(strings.NewReader(body))
			pipe, err := client.Do(r)
			if err != nil {
				return n, err
			}
			w := &sink{header: make(http.Header)}
			if err := pipe.WriteTo(w, io.Discard); err != nil {
				return n, err
			}
			if w.status != http.StatusOK || w.bytes != len("ok") {
				return n, fmt.Errorf("status %d, %d bytes", w.status, w.bytes)
			}
		}
		return n, nil
	}
}

// sink is the cheapest http.ResponseWriter.
type sink struct {
	header        http.Header
	status, bytes int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { s.bytes += len(b); return len(b), nil }

func round(send sender, conns int, window time.Duration) (result, error) {
	var (
		stop  atomic.Bool
		total atomic.Int64
		all   sync.WaitGroup
		errs  = make([]error, conns)
		m0    runtime.MemStats
		m1    runtime.MemStats
	)
	runtime.GC()
	runtime.ReadMemStats(&m0)
	start, cpu := time.Now(), cpuTime()
	for i := range conns {
		all.Go(func() {
			n, err := send(&stop)
			total.Add(int64(n))
			errs[i] = err
		})
	}
	time.AfterFunc(window, func() { stop.Store(true) })
	all.Wait()
	took, cpu := time.Since(start), cpuTime()-cpu
	runtime.ReadMemStats(&m1)
	n := float64(total.Load())
	return result{
		perSecond: n / took.Seconds(),
		cpu:       float64(cpu.Microseconds()) / n,
		bytes:     float64(m1.TotalAlloc-m0.TotalAlloc) / n,
		allocs:    float64(m1.Mallocs-m0.Mallocs) / n,
	}, errors.Join(errs...)
}

// cpuTime is what this process used so far; php-fpm is another one.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func medians(rs []result) result {
	median := func(of func(result) float64) float64 {
		values := make([]float64, len(rs))
		for i, r := range rs {
			values[i] = of(r)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return result{
		perSecond: median(func(r result) float64 { return r.perSecond }),
		cpu:       median(func(r result) float64 { return r.cpu }),
		bytes:     median(func(r result) float64 { return r.bytes }),
		allocs:    median(func(r result) float64 { return r.allocs }),
	}
}

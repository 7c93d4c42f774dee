// Command wsload puts load on a WebSocket server on 127.0.0.1. It is a process of its own, so that its descriptors and its
// CPU time are not the server's. Each mode prints one line of JSON.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/fpmbridge/fpmbridge/bench/internal/load"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "wsload:", err)
		os.Exit(1)
	}
}

func run() error {
	var o load.Options
	mode := flag.String("mode", "echo", "echo: messages that come back; idle: hold connections until stdin ends; rush: open all at once; sink: count what comes until stdin ends")
	flag.IntVar(&o.Port, "port", 9501, "port on 127.0.0.1")
	flag.StringVar(&o.Path, "path", "/", "path")
	flag.IntVar(&o.Connections, "c", 50, "connections")
	flag.IntVar(&o.Outstanding, "o", 1, "outstanding messages per connection")
	flag.IntVar(&o.Payload, "n", 64, "bytes per message")
	rest := flag.Duration("rest", 0, "sink: look at the connections so seldom, so that who writes wakes nobody")
	flag.DurationVar(&o.Warmup, "w", time.Second, "warm-up")
	flag.DurationVar(&o.Duration, "d", 3*time.Second, "duration")
	flag.Parse()
	out := json.NewEncoder(os.Stdout)
	switch *mode {
	case "echo":
		runtime.GOMAXPROCS(1) // one thread works; others would only take the server's cores
		r, err := load.Run(o)
		if err != nil {
			return err
		}
		return out.Encode(r)
	case "idle":
		done := make(chan struct{})
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(done) }()
		return load.Idle(o.Port, o.Path, o.Connections, func() { _ = out.Encode(map[string]int{"Open": o.Connections}) }, done)
	case "sink":
		runtime.GOMAXPROCS(1)
		done := make(chan struct{})
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(done) }()
		r, err := load.Sink(o.Port, o.Path, o.Connections, *rest, func() { _ = out.Encode(map[string]int{"Open": o.Connections}) }, done)
		if err != nil {
			return err
		}
		return out.Encode(r)
	case "rush":
		took, err := load.Rush(o.Port, o.Path, o.Connections)
		if err != nil {
			return err
		}
		return out.Encode(map[string]float64{"Seconds": took.Seconds()})
	}
	return errors.New("unknown mode " + *mode)
}

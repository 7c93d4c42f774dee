package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/fpmconf"
	"github.com/fpmbridge/fpmbridge/internal/sock"
)

// announce says what is served where, for a person who just typed the command.
func (a *App) announce(p *plant) {
	if p.cfg.ByHand != "" {
		a.announceByHand(p)
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "fpmbridge %s\n", a.Version)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range p.routes {
		fmt.Fprintf(w, "  serves\t%s: %s\n", r.Script, describe(r.script.Description()))
		for _, at := range p.places {
			fmt.Fprintf(w, "  at\t%s\n", at.url(r.Path))
			if r.files != nil && at.protocol != callback.KindTCP {
				fmt.Fprintf(w, "  page\t%s\n", strings.Replace(at.url(r.Path), "ws", "http", 1))
			}
		}
	}
	fmt.Fprintf(w, "  with\t%s\n", p.describePHP())
	fmt.Fprintf(w, "  push\t%s\n", sock.Address(p.apiSocket))
	_ = w.Flush() // into memory
	for _, r := range p.routes {
		for _, warning := range r.script.Description().Warnings {
			fmt.Fprintf(&b, "  note: %s\n", warning)
		}
		if n := len(p.findings(r.script.Description())); n > 0 {
			fmt.Fprintf(&b, "  note: what %s does is not all for request mode, see the log (%d warnings): %s\n", r.Script, n, remedy)
		}
		for _, note := range p.notes(r) {
			fmt.Fprintf(&b, "  note: %s\n", note)
		}
	}
	for _, note := range p.poolNotes() {
		fmt.Fprintf(&b, "  warning: %s\n", note)
		p.log.Warn("php-fpm's pool does not fit", "what", note)
	}
	fmt.Fprintln(&b, "Ctrl-C stops it.")
	_, _ = io.WriteString(a.Stdout, b.String())
}

// url is an address that can be pasted into a client: 0.0.0.0 is no address to connect to.
func (at *place) url(path string) string {
	if at.network == "unix" {
		return at.scheme() + "+unix:" + at.address
	}
	address := at.address
	if at.ln != nil {
		address = at.ln.Addr().String()
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if at.protocol == callback.KindTCP {
		path = ""
	}
	all := ""
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host, all = "127.0.0.1", " (and all other addresses of this machine)"
	}
	return at.scheme() + "://" + net.JoinHostPort(host, port) + path + all
}

// describe is a script in half a sentence.
func describe(d *callback.Description) string {
	events := strings.Join(d.Events, ", ")
	switch {
	case d.Kind == callback.KindPlain:
		return "a plain script, for " + events
	case d.API == callback.APISwoole:
		return "a Swoole " + d.Kind + " server, for " + events
	case d.API == callback.APIGatewayWorker:
		return "a class Events of GatewayWorker, for " + events
	}
	return "a " + d.Kind + " server, for " + events
}

// describePHP says which PHP runs the scripts.
func (p *plant) describePHP() string {
	s := fmt.Sprintf("php-fpm at %s", p.fpmAddr)
	switch {
	case p.own != nil:
		s = "a php-fpm of our own"
	case p.fpmAddr == "":
		return fmt.Sprintf("PHP %s on the command line, %s", p.php.Version, p.php.Path)
	}
	for _, r := range p.routes {
		if v := r.script.Description().PHP; v != "" {
			s = "PHP " + v + " in " + s
			break
		}
	}
	if n := p.children(); n.Workers > 0 {
		s = fmt.Sprintf("%s, %s and %d other requests at once", s, fpmconf.Workers(n.Workers), n.Requests)
	} else {
		s = fmt.Sprintf("%s, %d requests at once", s, p.slots)
	}
	if p.php != nil {
		s += fmt.Sprintf("; PHP %s on the command line, %s", p.php.Version, p.php.Path)
	}
	return s
}

// Check puts everything up as Serve does, but for the listeners, and prints what it found. An error means that Serve would fail.
func (a *App) Check(ctx context.Context, cfg *config.Config, out io.Writer) (err error) {
	p, err := a.build(ctx, cfg, false)
	defer func() { err = errors.Join(err, p.close()) }()
	if err != nil {
		return err
	}
	o := p.bridgeOptions()
	if err := p.plan(&o); err != nil {
		return err
	}
	if _, err := p.listen(ctx); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if p.fpmAddr == "" {
		fmt.Fprintf(w, "php\t%s\n", p.describePHP())
	} else {
		fmt.Fprintf(w, "php-fpm\t%s\n", p.describePHP())
		fmt.Fprintf(w, "address\t%s\n", p.fpmAddr)
	}
	if p.client != nil {
		pool, err := fpmconf.Find(os.DirFS("/"), p.fpmAddr)
		p.children().Write(w, cfg.FPM.Address == "", pool, err)
	}
	fmt.Fprintf(w, "callback socket\t%s\n", sock.Address(p.socket))
	fmt.Fprintf(w, "mode\t%s\n", cfg.Mode)
	for _, r := range p.routes {
		d := r.script.Description()
		fmt.Fprintf(w, "route\t%s\n", r.Path)
		fmt.Fprintf(w, "  script\t%s\n", r.Script)
		fmt.Fprintf(w, "  kind\t%s\n", d.Kind)
		fmt.Fprintf(w, "  encoding\t%s\n", d.Encoding)
		fmt.Fprintf(w, "  events\t%s\n", strings.Join(d.Events, ", "))
		for _, at := range p.places {
			fmt.Fprintf(w, "  listens at\t%s\n", at.url(r.Path))
		}
		if d.SDK != "" {
			fmt.Fprintf(w, "  SDK\t%s\n", d.SDK)
		}
		if d.Encoding == callback.Framed && p.workers(r) == 0 { // workers that stay get one by one
			fmt.Fprintf(w, "  batches\t%s\n", batches(d, cfg))
		}
		writeCost(ctx, w, r.script)
		if d.TaskWorkers > 0 {
			fmt.Fprintf(w, "  task workers\t%d\n", d.TaskWorkers)
		}
		for _, warning := range d.Warnings {
			fmt.Fprintf(w, "  note\t%s\n", warning)
		}
		for _, note := range p.notes(r) {
			fmt.Fprintf(w, "  note\t%s\n", note)
		}
		writeFindings(w, p.findings(d))
	}
	if s := &p.places[0].tuning.log; s.File != "" {
		fmt.Fprintf(w, "log\tto standard error, and to %s\n", s.Name(time.Now()))
		if err := s.Check(time.Now()); err != nil {
			fmt.Fprintf(w, "note\tlog_file cannot be written: %v\n", err)
		}
	}
	if m := p.shared.Stats(); m.Tables+m.Atomics+m.Locks > 0 {
		fmt.Fprintf(w, "shared memory\ttables %d, atomics %d, locks %d: %d bytes of %d\n", m.Tables, m.Atomics, m.Locks, m.Bytes, m.Limit)
	}
	result := "ok: serve would work"
	for _, note := range p.busy {
		fmt.Fprintf(w, "note\t%s\n", note)
		result = "ok: serve would work in its place"
	}
	fmt.Fprintf(w, "result\t%s\n", result)
	return w.Flush() //nolint:wrapcheck // the writer is the caller's
}

// writeCost says how long workerStart takes, which runs in front of each request: the shorter of two times, since the first one
// may open what PHP keeps.
func writeCost(ctx context.Context, w io.Writer, s *callback.Script) {
	took := time.Duration(math.MaxInt64)
	for range 2 {
		d, err := s.Measure(ctx)
		if err != nil {
			fmt.Fprintf(w, "  note\tworkerStart fails: %v\n", err)
			return
		}
		took = min(took, d)
	}
	if took > 0 {
		fmt.Fprintf(w, "  workerStart\tcosts %.1f ms of each PHP run\n", float64(took.Microseconds())/1000)
	}
}

func batches(d *callback.Description, cfg *config.Config) string {
	if !d.Batch || cfg.Batch == 1 {
		return "off"
	}
	return fmt.Sprintf("up to %d events in a request", cfg.Batch)
}

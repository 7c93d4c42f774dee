package app

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/cliphp"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/sock"
	"github.com/fpmbridge/fpmbridge/internal/standin"
)

// entryCLI is the SDK's file in front of scripts on the command line.
const entryCLI = "entry-cli.php"

var errPlain = errors.New("launcher: cli serves scripts that start a server, and this one does not: use php-fpm for it")

// launched is a route's script whose PHP processes are on the command line. Workers are booted as those in php-fpm are, and speak the
// same channel. What would be a request there (tasks, start, shutdown, ...) goes to processes beside them, which stay, too: see aside.
// Only the description is a process of its own, each time.
type launched struct {
	plant  *plant
	route  config.Route
	common []string // of every process's environment

	listen string         // BRIDGE_LISTEN
	bridge *bridge.Bridge // set before anything is served

	mu      sync.Mutex
	asides  map[int]*aside
	stopped bool
	wg      sync.WaitGroup // of asides' keepers
}

// findPHP looks for the php of routes with launcher: cli.
func (a *App) findPHP(ctx context.Context, p *plant) error {
	if !p.cfg.Launches(config.LauncherCLI) {
		return nil
	}
	php, err := cliphp.Find(ctx, p.cfg.PHP.Binary)
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong, with its package's name
	}
	p.php = php
	return nil
}

// layOutCLI makes what starts their processes. entry is the SDK's file for php-fpm.
func (a *App) layOutCLI(p *plant, entry string) {
	if p.php == nil {
		return
	}
	o := p.cliOptions(p.php, entry, config.LauncherCLI)
	if p.cfg.ByHand != "" {
		o.CloseInherited = true
		o.Stdout, _ = a.Stdout.(*os.File)
		o.Stderr, _ = a.Stderr.(*os.File)
	}
	p.launcher = cliphp.New(o)
	p.onClose(p.launcher.Close)
}

// cliOptions start a launcher's scripts on the command line.
func (p *plant) cliOptions(php *cliphp.PHP, entry string, of config.Launcher) cliphp.Options {
	disable := php.Disable(standin.Wanted(p.cfg.Scripts(of), p.cfg.PHP.INI))
	return cliphp.Options{Binary: php.Path, Options: p.cfg.PHP.INI, Disable: disable, Prepend: filepath.Join(filepath.Dir(entry), entryCLI), Log: p.log}
}

// launch makes what runs a route's script.
func (p *plant) launch(r config.Route) *launched {
	l := &launched{plant: p, route: r, listen: p.cfg.FirstListen(), asides: make(map[int]*aside)}
	l.common = append([]string{
		"BRIDGE_PROTOCOL=1", "BRIDGE_SCRIPT=" + r.Script, "BRIDGE_CALLBACK=" + sock.Address(p.socket), "BRIDGE_TOKEN=" + p.token,
		"BRIDGE_PID=" + strconv.Itoa(os.Getpid()), "BRIDGE_WORKERS=" + strconv.Itoa(p.slots),
		"BRIDGE_RESIDENT=" + strconv.Itoa(min(p.cfg.Workers, maxWorkers)),
	}, p.cfg.FPM.Params...)
	if p.cfg.ByHand != "" {
		l.common = append(l.common, "BRIDGE_BY_HAND=1")
	}
	p.launched = append(p.launched, l)
	return l
}

// growSlots lets all task workers run at once: without php-fpm there is no pool to be sized.
func (p *plant) growSlots() {
	tasks := 0
	for _, r := range p.routes {
		tasks += r.script.Description().TaskWorkers
	}
	if p.fpmAddr == "" && tasks > 0 {
		p.slots = max(p.slots, tasks+2) // one is left to events
	}
}

// process starts one. more is added to its environment.
func (l *launched) process(role string, worker int, answer bool, more ...string) (*cliphp.Process, error) {
	r := &l.route
	s := cliphp.Script{File: r.Script, Args: r.Args, Dir: filepath.Dir(r.Script), Answer: answer}
	if typed := l.plant.cfg.ByHand; typed != "" {
		s.File, s.Dir = typed, ""
	}
	s.Env = append(append([]string{"BRIDGE_ROLE=" + role, "BRIDGE_LISTEN=" + l.listen, "BRIDGE_WORKER=" + strconv.Itoa(worker), "BRIDGE_TYPED=" + standin.TypedFlag(r.Script)}, l.common...), more...)
	s.Attrs = []slog.Attr{slog.String("script", r.Script), slog.String("process", role), slog.Int("worker", worker)}
	return l.plant.launcher.Start(s) //nolint:wrapcheck // it says what is wrong, with its package's name
}

// Boot implements bridge.Booter.
func (l *launched) Boot(ctx context.Context, worker int, ticket uint64, _ *callback.Reply) error {
	p, err := l.process("worker", worker, false, "BRIDGE_TICKET="+strconv.FormatUint(ticket, 10))
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		<-p.Done()
	}
	return p.Err() //nolint:wrapcheck // it says what happened
}

// Do implements callback.Doer for what is no worker's: one event, and its answer as php-fpm would give it.
func (l *launched) Do(ctx context.Context, r *fcgi.Request) (*fcgi.Response, error) {
	frame := r.Body
	if frame == nil {
		frame, _ = base64.StdEncoding.AppendDecode(nil, fcgi.Param(r.Extra, "BRIDGE_FRAME")) // it is our own
	}
	if len(frame) < frameHeader {
		return nil, &fcgi.Error{Kind: fcgi.ErrUnknownRole, Cause: errPlain}
	}
	slot, err := strconv.Atoi(string(fcgi.Param(r.Extra, "BRIDGE_WORKER")))
	if err != nil {
		return nil, &fcgi.Error{Kind: fcgi.ErrBadParams, Cause: err}
	}
	id, role := serverProcess, roleServer
	switch callback.EventType(frame[4]) {
	case callback.Describe:
		return l.describe(ctx, frame)
	case callback.Task, callback.PipeMessage:
		meta := binary.BigEndian.Uint32(frame[28:])
		id, role = job.Parse(frame[frameHeader:frameHeader+meta]).Worker, roleTask
	default:
	}
	a := l.aside(id, role)
	if a == nil {
		return nil, &fcgi.Error{Kind: fcgi.ErrClosed}
	}
	return a.do(ctx, frame, slot)
}

// describe runs the script to its start().
func (l *launched) describe(ctx context.Context, frame []byte) (*fcgi.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, l.plant.cfg.FPM.Timeout)
	defer cancel()
	p, err := l.process("describe", 0, true, "BRIDGE_FRAME="+base64.StdEncoding.EncodeToString(frame))
	if err != nil {
		return nil, err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		<-p.Done()
		return nil, &fcgi.Error{Kind: fcgi.ErrDeadline, Cause: errors.New("the script does not come to start()"), Started: true}
	}
	if len(p.Answer()) == 0 {
		exit := p.Exit()
		return nil, &fcgi.Error{Kind: fcgi.ErrReset, Cause: &exit, Started: true}
	}
	return response(p.Answer())
}

// response is an answer of frames.
func response(frames []byte) (*fcgi.Response, error) {
	return fcgi.NewResponse(append([]byte("Content-Type: application/vnd.fpmbridge.frames\r\n\r\n"), frames...)) //nolint:wrapcheck // as Doer wants it
}

// residents tells workers of the bridge from processes beside them.
type residents struct {
	bridge *bridge.Bridge
	plant  *plant
}

// ServeWorker implements callback.Residents.
func (r residents) ServeWorker(ctx context.Context, hello callback.WorkerHello, ch *callback.Channel) error {
	for _, l := range r.plant.launched {
		if a := l.expects(hello.Ticket); a != nil {
			return a.serve(ch, hello.PID)
		}
	}
	return r.bridge.ServeWorker(ctx, hello, ch) //nolint:wrapcheck // for the log
}

// newTicket is what a process is known by; the token is the secret.
func newTicket() uint64 { return uint64(rand.Int64()) | 1 } //nolint:gosec // see above

// startAside starts task workers, as Swoole does, and lets the others start when they are needed.
func (p *plant) startAside(b *bridge.Bridge) {
	for _, r := range p.routes {
		l := r.onCLI()
		if l == nil {
			continue
		}
		l.bridge = b
		d := r.script.Description()
		for i := range d.TaskWorkers {
			if r.cli != nil {
				l.aside(d.Workers+i, roleTask)
			}
		}
		for i := range d.Processes {
			l.aside(d.Workers+d.TaskWorkers+i, roleProcess)
		}
	}
}

// stopAside ends them, in order as far as they let it.
func (p *plant) stopAside() {
	var wg sync.WaitGroup
	for _, l := range p.launched {
		wg.Go(l.stop)
	}
	wg.Wait()
}

// announceByHand says what a person has to know who typed `php server.php`: nothing, if all is well.
func (a *App) announceByHand(p *plant) {
	for _, r := range p.routes {
		for _, warning := range r.script.Description().Warnings {
			_, _ = fmt.Fprintf(a.Stderr, "fpmbridge: note: %s\n", warning)
		}
		for _, note := range p.notes(r) {
			_, _ = fmt.Fprintf(a.Stderr, "fpmbridge: note: %s\n", note)
		}
	}
}

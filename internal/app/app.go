package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/api"
	"github.com/fpmbridge/fpmbridge/internal/cliphp"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/logfile"
	"github.com/fpmbridge/fpmbridge/internal/sdk"
	"github.com/fpmbridge/fpmbridge/internal/shm"
	"github.com/fpmbridge/fpmbridge/internal/sock"
	"github.com/fpmbridge/fpmbridge/internal/standin"
	"github.com/fpmbridge/fpmbridge/internal/static"
)

// App is the program without its command line.
type App struct {
	Version string
	SDK     fs.FS     // the PHP SDK that the binary carries
	Stdout  io.Writer // what a person reads
	Stderr  io.Writer // the log
	Environ []string  // "NAME=value"; only to say which of them look like settings and are none
	// Reload says that all scripts are to be loaded anew, as by their reload() (with SIGUSR2 reload(true)), and a log_file to be opened anew;
	// only the latter with SIGWINCH. nil: nobody does.
	Reload <-chan os.Signal
}

// plant is everything that has to stand before the first connection, and be taken down after the last.
type plant struct {
	cfg     *config.Config
	log     *slog.Logger
	lines   *logfile.Log // where log writes to
	own     *fpm.Server  // nil: php-fpm was given
	ownStay *fpm.Server  // that of resident workers; nil: there is none of our own
	options fpm.Options  // of own
	fpmAddr string       // unix:PATH or tcp:HOST:PORT
	client  *fcgi.Client
	stay    *fcgi.Client // of resident workers; nil in request mode
	// stayAddr is as fpmAddr, for stay
	stayAddr string
	socket   net.Listener // the callback socket
	token    string
	keys     *api.Keys
	// apiSocket is for those who push from anywhere
	apiSocket net.Listener
	shared    *shm.Memory
	routes    []routed
	slots     int
	places    []*place         // where it listens, after plan
	php       *cliphp.PHP      // of routes with launcher: cli; nil: there are none
	launcher  *cliphp.Launcher // nil as php is
	launched  []*launched
	said      []string // by sayOnce
	checks    bool     // it will not serve
	busy      []string // notes on addresses that others have, when it checks
	undo      []func() error
	serving   context.Context    // ends when serving is to end
	stop      context.CancelFunc // ends serving, as a signal does
}

// routed is a route and its described script.
type routed struct {
	config.Route

	script *callback.Script
	cli    *launched    // nil: php-fpm runs it
	beside *launched    // runs the processes that it adds to its server, if they are all that is on the command line
	files  http.Handler // nil: the script serves no files
	reload chan bool    // the script asks to be described again; true: for its task workers. Holds one
	// besideNote says why there is no beside, though there are such processes
	besideNote string
	// tickets let clients in; nil: everybody comes in without one
	tickets bridge.Tickets
}

// build puts everything up, in the order in which the parts need each other. The caller calls close in any case.
func (a *App) build(ctx context.Context, cfg *config.Config, wait bool) (*plant, error) {
	p := &plant{cfg: cfg, checks: !wait, slots: cfg.Slots(runtime.NumCPU())}
	a.startLog(p)
	for _, v := range config.UnsetEnv(a.Environ) {
		p.log.Warn("a variable of the environment sets nothing", "name", v.Name, "did_you_mean", v.Meant)
	}
	if err := p.startFPM(ctx, a.SDK); err != nil {
		return p, err
	}
	if err := a.findPHP(ctx, p); err != nil {
		return p, err
	}
	if err := p.openCallback(ctx); err != nil {
		return p, err
	}
	if err := p.openAPI(ctx); err != nil {
		return p, err
	}
	var err error
	if p.shared, err = shm.New(shm.Options{Limit: int64(cfg.Shared.Limit), MaxWait: cfg.FPM.Timeout, Log: p.log}); err != nil {
		return p, err //nolint:wrapcheck // it says what is wrong, with its package's name
	}
	entry, err := a.layOut(p)
	if err != nil {
		return p, err
	}
	a.layOutCLI(p, entry)
	if err := p.dialFPM(); err != nil {
		return p, err
	}
	for _, r := range cfg.RouteList() {
		if err := p.addRoute(ctx, r, entry, wait); err != nil {
			return p, err
		}
	}
	p.growSlots()
	return p, p.startResident(ctx)
}

func (p *plant) onClose(f func() error) { p.undo = append(p.undo, f) }

// close takes everything down, last things first.
func (p *plant) close() error {
	var errs []error
	for _, undo := range slices.Backward(p.undo) {
		errs = append(errs, undo())
	}
	p.undo = nil
	return errors.Join(errs...)
}

// layOut returns the path of entry.php as php-fpm sees it.
func (a *App) layOut(p *plant) (string, error) {
	if p.cfg.SDK.Path != "" {
		return filepath.Join(p.cfg.SDK.Path, sdk.EntryFile), nil
	}
	dir, err := sdk.Layout(a.SDK, p.sdkFolder())
	if err != nil {
		return "", err //nolint:wrapcheck // as above
	}
	return filepath.Join(dir, sdk.EntryFile), nil
}

// addRoute makes a route's script and asks PHP what it is. With wait it waits for a php-fpm that is not there yet.
func (p *plant) addRoute(ctx context.Context, r config.Route, entry string, wait bool) error {
	o := callback.ScriptOptions{
		Client: p.client, File: r.Script, Entry: entry, Typed: standin.Typed, Params: p.cfg.FPM.Params, Encoding: encoding(r.Protocol),
		Argv: r.Argv(), Timeout: p.cfg.FPM.Timeout, ReplyText: r.Reply == config.ReplyText,
		Local: strings.HasPrefix(p.fpmAddr, "unix:"), Callback: sock.Address(p.socket), Token: p.token, Workers: p.slots, Listen: p.cfg.FirstListen(),
		Shared: sharedMemory{p.shared}, SharedDriver: p.cfg.Shared.Driver.Name(), Resident: p.cfg.Mode == config.ModeResident, MemoryLimit: int64(p.cfg.WorkerMemoryLimit), Stay: min(p.cfg.Workers, maxWorkers),
		Said: func(in *callback.Instruction) { p.logSaid(r.Script, in) },
	}
	var cli *launched
	if r.Launcher == config.LauncherCLI {
		cli = p.launch(r)
		// A process of the command line may take its time, as a task worker of Swoole's.
		o.Client, o.Local, o.Timeout = cli, false, 0
	}
	s, err := callback.NewScript(o)
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	for said, pause := false, 50*time.Millisecond; ; {
		_, err := s.Describe(ctx)
		if err == nil {
			break
		}
		if errors.Is(err, errPlain) {
			return fmt.Errorf("%s: %w", r.Script, errPlain)
		}
		if !wait || !errors.Is(err, callback.ErrDown) || ctx.Err() != nil {
			return about(r.Script, err)
		}
		if !said {
			p.log.Warn("php-fpm cannot be reached yet, waiting for it", "fpm", p.fpmAddr, "err", err)
			said = true
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, time.Second)
	}
	files, err := static.OfSettings(s.Description().Settings)
	switch {
	case err != nil && files == nil: // as Swoole does it: the script is served without them
		p.log.Warn("there are no static files", "script", r.Script, "err", err)
	case err != nil:
		p.log.Warn("rules for static files are left out", "script", r.Script, "err", err)
	}
	route := routed{Route: r, script: s, cli: cli, files: files, reload: make(chan bool, 1)}
	if err := p.authOf(&route); err != nil {
		return err
	}
	p.layOutBeside(ctx, &route, entry)
	p.routes = append(p.routes, route)
	return nil
}

// about makes an error say which script it is about.
func about(script string, err error) error {
	if strings.Contains(err.Error(), script) {
		return err
	}
	return fmt.Errorf("%s: %w", script, err)
}

func encoding(p config.Protocol) callback.Encoding {
	switch p {
	case config.ProtocolPlain:
		return callback.Plain
	case config.ProtocolFramed:
		return callback.Framed
	case config.ProtocolAuto:
	}
	return callback.Auto
}

// Serve runs until ctx ends, then shuts down in order.
func (a *App) Serve(ctx context.Context, cfg *config.Config) (err error) {
	p, err := a.build(ctx, cfg, true)
	defer func() { err = errors.Join(err, p.close()) }()
	if err != nil {
		return stopped(ctx, err)
	}
	ctx, p.stop = context.WithCancel(ctx)
	p.serving = ctx
	defer p.stop()
	o := p.bridgeOptions()
	if err := p.plan(&o); err != nil {
		return err
	}
	script := &p.places[0].tuning.log
	p.openLogFile(script)
	p.keepUploads(ctx, p.places[0].tuning.uploads)
	b, err := bridge.New(o)
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	listeners, err := p.listen(ctx)
	if err != nil {
		return err
	}
	g := gateway{b, time.Now()}
	server, err := callback.NewServer(callback.ServerOptions{
		Token: p.token, Connections: b, Workers: b, Responses: b, Residents: residents{b, p}, Gateway: g, Shared: sharedMemory{p.shared}, OnError: func(err error) { p.log.Warn("callback socket", "err", err) },
	})
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	// PHP may ask until the last close event is over, so these end after the bridge.
	side, stopSide := context.WithCancel(context.WithoutCancel(ctx))
	var sides sync.WaitGroup
	defer sides.Wait()
	defer stopSide()
	sides.Go(func() {
		if err := server.Serve(side, p.socket); err != nil {
			p.log.Error("callback socket", "err", err)
		}
	})
	sides.Go(func() {
		if err := p.serveAPI(side, g); err != nil {
			p.log.Error("api socket", "err", err)
		}
	})
	for _, r := range p.routes {
		p.logFindings(r.Script, nil, r.script.Description())
		sides.Go(func() { p.redescribe(side, r, b) })
	}
	sides.Go(func() { p.writeFiles(side, b) })
	sides.Go(func() {
		for {
			select {
			case sig := <-a.Reload:
				p.lines.Reopen()
				if sig == syscall.SIGWINCH {
					continue
				}
				p.log.Info("reload asked for", "signal", sig.String())
				for _, r := range p.routes {
					p.reload(r.Script, sig == syscall.SIGUSR2)
				}
			case <-side.Done():
				return
			}
		}
	})
	a.announce(p)
	p.quieten(script)
	p.startAside(b)
	err = b.Run(ctx, listeners)
	p.stopAside()
	p.logStats(b.Stats())
	return err //nolint:wrapcheck // as above
}

// stopped hides the errors of a start that a signal cut short.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func (p *plant) bridgeOptions() bridge.Options {
	c := p.cfg
	o := bridge.Options{
		Compression: c.Compression, Workers: p.slots, Batch: c.Batch, QueueTimeout: c.QueueTimeout, RetryWindow: c.RetryWindow,
		MaxConnections: c.Limits.Connections, MaxPerAddress: c.Limits.ConnectionsPerAddress, MaxConcurrency: c.Limits.Requests, MaxHeader: int(c.Limits.Header),
		HeaderTimeout: c.Limits.HeaderTimeout, KeepAlive: c.Limits.KeepAlive, DetachTimeout: c.Limits.Detached, MaxMessage: int(c.Limits.Message), InboxMessages: c.Limits.InboxMessages,
		InboxBytes: int(c.Limits.Inbox), OutboxBytes: int(c.Limits.Outbox), MaxResponse: int64(c.FPM.MaxAnswer), SpoolBytes: int64(c.Limits.Spool), PingInterval: negativeIfZero(c.Ping.Interval),
		PingTimeout: c.Ping.Timeout, CloseTimeout: c.CloseTimeout, CleanClose: c.CleanClose, WriteTimeout: c.WriteTimeout, ShutdownTimeout: c.Shutdown.Timeout,
		ShutdownSpread: negativeIfZero(c.Shutdown.Spread), Abort: p.abort, Log: p.log,
		MaxTasks: c.Limits.Tasks, MaxTaskData: int(c.Limits.TaskData), Reload: p.reload, Stop: func() { p.stop() },
	}
	master, _ := p.master()
	for _, r := range p.routes {
		route := bridge.Route{
			Path: r.Path, Script: r.script, Name: r.Script, Origins: r.Origins, Subprotocols: r.Subprotocols, Files: r.files,
			Speech: speech(r.script.Description().Settings), Master: r.script.Description() == master,
		}
		if n := p.workers(r); n > 0 {
			route.Resident = p.resident(r, n)
		}
		r.guard(&route)
		o.Routes = append(o.Routes, route)
	}
	return o
}

// negativeIfZero translates a setting where 0 means off to one where it means the default.
func negativeIfZero(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

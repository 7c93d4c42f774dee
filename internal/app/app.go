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
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/api"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/sdk"
	"github.com/fpmbridge/fpmbridge/internal/shm"
	"github.com/fpmbridge/fpmbridge/internal/sock"
	"github.com/fpmbridge/fpmbridge/internal/static"
)

// App is the program without its command line.
type App struct {
	Version string
	SDK     fs.FS     // the PHP SDK that the binary carries
	Stdout  io.Writer // what a person reads
	Stderr  io.Writer // the log
	// Reload says that all scripts are to be loaded anew, as by their reload(). nil: nobody does.
	Reload <-chan os.Signal
}

// plant is everything that has to stand before the first connection, and be taken down after the last.
type plant struct {
	cfg     *config.Config
	log     *slog.Logger
	own     *fpm.Server // nil: php-fpm was given
	ownStay *fpm.Server // that of resident workers; nil: there is none of our own
	fpmAddr string      // unix:PATH or tcp:HOST:PORT
	client  *fcgi.Client
	stay    *fcgi.Client // of resident workers; nil in request mode
	socket  net.Listener // the callback socket
	token   string
	keys    *api.Keys
	// apiSocket is for those who push from anywhere
	apiSocket net.Listener
	shared    *shm.Memory
	routes    []routed
	slots     int
	places    []*place // where it listens, after plan
	said      []string // by sayOnce
	undo      []func() error
	stop      context.CancelFunc // ends serving, as a signal does
}

// routed is a route and its described script.
type routed struct {
	config.Route

	script *callback.Script
	files  http.Handler  // nil: the script serves no files
	reload chan struct{} // the script asks to be described again; holds one
}

// build puts everything up, in the order in which the parts need each other. The caller calls close in any case.
func (a *App) build(ctx context.Context, cfg *config.Config, wait bool) (*plant, error) {
	p := &plant{cfg: cfg, log: a.logger(cfg), slots: cfg.Slots(runtime.NumCPU())}
	if err := p.startFPM(ctx); err != nil {
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
	network, address, _ := strings.Cut(p.fpmAddr, ":")
	p.client, err = fcgi.New(fcgi.Options{
		Network: network, Address: address,
		MaxConns:    p.slots + 1, // one for describe
		IdleTimeout: idleTimeout(p.idle()), DialTimeout: cfg.FPM.DialTimeout, MaxAnswer: int(cfg.FPM.MaxAnswer),
		EOFMeansUnread: true,
	})
	if err != nil {
		return p, err //nolint:wrapcheck // it says what is wrong, with its package's name
	}
	p.onClose(p.client.Close)
	for _, r := range cfg.RouteList() {
		if err := p.addRoute(ctx, r, entry, wait); err != nil {
			return p, err
		}
	}
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

// idleTimeout translates fpm.idle, where 0 means to give connections back at once.
func idleTimeout(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// idle is how long a connection to php-fpm is kept. Our own php-fpm counts the wait on a kept connection to the next request's time:
// with request_terminate_timeout over, it kills a child that waits, and the event that has just come to it.
func (p *plant) idle() time.Duration {
	if p.cfg.FPM.Address != "" {
		return p.cfg.FPM.Idle
	}
	return min(p.cfg.FPM.Idle, p.cfg.FPM.Timeout/2)
}

// startFPM starts a php-fpm of our own unless one was given.
func (p *plant) startFPM(ctx context.Context) error {
	f := &p.cfg.FPM
	if f.Address != "" {
		p.fpmAddr = string(f.Address)
		return nil
	}
	srv, err := fpm.Start(ctx, fpm.Options{
		Binary: f.Binary, User: f.User, Group: f.Group, INI: append(ini(), f.INI...), Defaults: iniDefaults(), Log: p.log,
		MaxChildren:           p.slots + 1,
		ProcessControlTimeout: p.cfg.Shutdown.Timeout,
		// A script that we no longer wait for would keep its child for good, and a few of them the whole pool. php-fpm
		// looks three times in this time, so it acts after us, but before what waits behind the script has waited too long.
		RequestTerminateTimeout: f.Timeout,
	})
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	p.own, p.fpmAddr = srv, srv.Address()
	p.onClose(srv.Stop)
	return nil
}

// iniDefaults are settings that scripts may change: the SDK logs errors itself, once.
func iniDefaults() []string { return []string{"log_errors=1"} }

// ini are php.ini settings for our own php-fpm; fpm.ini wins over them. With display_errors a fatal error would be part
// of the answer, which a route with reply: text sends to the client.
func ini() []string {
	return []string{
		"display_errors=0", "display_startup_errors=0", "html_errors=0",
		// The bridge refuses what is too large before PHP hears of it.
		"post_max_size=0", "upload_max_filesize=0", "max_file_uploads=1000",
	}
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
	s, err := callback.NewScript(callback.ScriptOptions{
		Client: p.client, File: r.Script, Entry: entry, Params: p.cfg.FPM.Params, Encoding: encoding(r.Protocol),
		Timeout: p.cfg.FPM.Timeout, ReplyText: r.Reply == config.ReplyText,
		Local: strings.HasPrefix(p.fpmAddr, "unix:"), Callback: sock.Address(p.socket), Token: p.token, Workers: p.slots, Listen: first(p.cfg.Listen),
		Shared: sharedMemory{p.shared}, SharedDriver: sharedDriver(p.cfg.Shared.Driver), Resident: p.cfg.Mode == config.ModeResident, Stay: min(p.cfg.Workers, maxWorkers),
		Said: func(in *callback.Instruction) { p.logSaid(r.Script, in) },
	})
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	pause := 50 * time.Millisecond
	for said := false; ; {
		_, err := s.Describe(ctx)
		if err == nil {
			break
		}
		if !wait || !errors.Is(err, callback.ErrDown) || ctx.Err() != nil {
			return fmt.Errorf("%s: %w", r.Script, err)
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
	files, err := staticFiles(s.Description().Settings)
	if err != nil { // as Swoole does it: the script is served without them
		p.log.Warn("there are no static files", "script", r.Script, "err", err)
		files = nil
	}
	p.routes = append(p.routes, routed{r, s, files, make(chan struct{}, 1)})
	return nil
}

// staticFiles is what the script's settings enable_static_handler, document_root, http_index_files and static_handler_locations
// ask for.
func staticFiles(settings map[string]any) (http.Handler, error) {
	root, _ := settings["document_root"].(string)
	if on, _ := settings["enable_static_handler"].(bool); !on || root == "" {
		return nil, nil //nolint:nilnil // no handler is what was asked for
	}
	return static.New(root, stringsOf(settings["http_index_files"]), stringsOf(settings["static_handler_locations"]))
}

// stringsOf is the strings of a list in a script's settings.
func stringsOf(list any) (all []string) {
	values, _ := list.([]any)
	for _, value := range values {
		if s, ok := value.(string); ok {
			all = append(all, s)
		}
	}
	return all
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

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// Serve runs until ctx ends, then shuts down in order.
func (a *App) Serve(ctx context.Context, cfg *config.Config) (err error) {
	p, err := a.build(ctx, cfg, true)
	defer func() { err = errors.Join(err, p.close()) }()
	if err != nil {
		return stopped(ctx, err)
	}
	ctx, p.stop = context.WithCancel(ctx)
	defer p.stop()
	o := p.bridgeOptions()
	if err := p.plan(&o); err != nil {
		return err
	}
	b, err := bridge.New(o)
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	listeners, err := p.listen(ctx)
	if err != nil {
		return err
	}
	server, err := callback.NewServer(callback.ServerOptions{
		Token: p.token, Connections: b, Workers: b, Responses: b, Residents: b, Gateway: gateway{b}, Shared: sharedMemory{p.shared}, OnError: func(err error) { p.log.Warn("callback socket", "err", err) },
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
		if err := p.serveAPI(side, b); err != nil {
			p.log.Error("api socket", "err", err)
		}
	})
	for _, r := range p.routes {
		p.logFindings(r.Script, nil, r.script.Description())
		sides.Go(func() { p.redescribe(side, r, b) })
	}
	sides.Go(func() {
		for {
			select {
			case <-a.Reload:
				for _, r := range p.routes {
					p.reload(r.Script)
				}
			case <-side.Done():
				return
			}
		}
	})
	a.announce(p)
	err = b.Run(ctx, listeners)
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
		MaxConnections: c.Limits.Connections, MaxPerAddress: c.Limits.ConnectionsPerAddress, MaxHeader: int(c.Limits.Header),
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
			route.Resident = &bridge.Resident{Boot: booter{r.script, p.stay}, Workers: n, Dispatch: dispatchMode(r.script.Description().Settings)}
		}
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

package bridge

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/gate"
	"github.com/fpmbridge/fpmbridge/bridge/hub"
	"github.com/fpmbridge/fpmbridge/bridge/jobs"
	"github.com/fpmbridge/fpmbridge/bridge/registry"
	"github.com/fpmbridge/fpmbridge/bridge/socket"
	"github.com/fpmbridge/fpmbridge/bridge/tally"
	"github.com/fpmbridge/fpmbridge/callback"
)

// maxHandshakes is how many sockets may be before or in their handshake. More of them wait in the listener's queue, in the
// kernel, so that a crowd that comes at once gets in, one after the other.
const maxHandshakes = 4096

// Bridge holds WebSocket connections for PHP scripts. Make one with New, run it once with Run.
type Bridge struct {
	// set at construction
	opts        Options
	log         *slog.Logger
	httpLog     *log.Logger
	routes      []*route
	jobs        *jobs.Set
	dispatcher  *dispatcher
	started     time.Time
	pingAfter   time.Duration              // silence after which the sweeper, on its round, pings
	listeners   []atomic.Pointer[Listener] // Options.Listeners, complete; Retune changes them
	tuning      atomic.Pointer[Tuning]
	spool       *exchange.Spool
	anyListener Listener // of listeners without an entry in Options

	// any goroutine
	fds      atomic.Uint64
	eventID  atomic.Uint64
	draining atomic.Bool
	late     atomic.Bool // the time for shutting down is over
	stats    tally.Counters

	registry   registry.Registry[session]
	hub        *hub.Hub
	strangers  sync.Pool // *stranger
	gate       gate.Gate
	turnedAway socket.Refuser
	wg         sync.WaitGroup // readers and flushers
	empty      chan struct{}  // gets a token when the last session left while draining
	over       chan struct{}  // closed when PHP gets no more events
	// handshakes has a token for each socket that nobody knows yet.
	handshakes chan struct{}
	sockets    sync.WaitGroup // that the HTTP server has
	exchanging atomic.Int64   // requests that are being answered
	underway   gate.Underway  // those that PHP has still to answer
	asking     atomic.Int64   // handshakes that a plain script decides about
	nextExpiry atomic.Int64   // when the sweeper looks for tickets that are over; unix nanoseconds, 0: there are none
}

// New checks the options. Each route's script must have been described.
func New(o Options) (*Bridge, error) {
	o.setDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	b := &Bridge{
		opts: o, log: o.Log, routes: newRoutes(&o), started: time.Now(), empty: make(chan struct{}, 1), over: make(chan struct{}),
		handshakes: make(chan struct{}, maxHandshakes),
		httpLog:    slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
		gate:       gate.Gate{MostPerAddress: o.MaxPerAddress},
		spool:      exchange.NewSpool(o.MaxResponse, o.SpoolBytes),
	}
	b.anyListener = Listener{}.withDefaults(&o)
	b.listeners = make([]atomic.Pointer[Listener], len(o.Listeners))
	for i, l := range o.Listeners {
		l = l.withDefaults(&o)
		if err := l.complete(); err != nil {
			return nil, err
		}
		b.listeners[i].Store(&l)
	}
	b.tuning.Store(&Tuning{HeartbeatInterval: o.HeartbeatInterval, HeartbeatIdle: o.HeartbeatIdle, MaxConnections: o.MaxConnections, MaxConcurrency: o.MaxConcurrency})
	// Half an interval, but early enough that nobody is over the timeout at the next round without having been asked.
	b.pingAfter = min(o.PingInterval/2, o.PingTimeout-o.PingInterval-2*sweepEvery)
	b.fds.Store(max(o.FirstFD, 1) - 1)
	b.registry.Init()
	b.hub = hub.New()
	b.dispatcher = newDispatcher(b, o.Workers, o.Batch)
	b.jobs = jobs.NewSet(b.log)
	b.newPools()
	b.newResidents()
	b.dispatcher.reserveForTasks(b.jobs.HasTaskWorkers())
	return b, nil
}

// now is the bridge's monotonic clock in nanoseconds.
func (b *Bridge) now() int64 { return int64(time.Since(b.started)) }

// Run serves the listeners, whose order gives their index, until ctx ends; then it shuts down: no new connections, close
// events to PHP, 1001 to the clients, spread over ShutdownSpread. It returns when all of that is over or ShutdownTimeout
// has passed. An error means that a listener failed.
func (b *Bridge) Run(ctx context.Context, listeners []net.Listener) error {
	for i, l := range listeners {
		b.listener(i).fd = socket.Descriptor(l) // before anybody looks at listeners
	}
	work := context.WithoutCancel(ctx) // calls into PHP end by themselves, or by Options.Abort
	b.dispatcher.start(work)
	b.startResidents(work)
	b.jobs.Tell("", callback.StartServer)
	sweepCtx, stopSweep := context.WithCancel(work)
	defer stopSweep()
	var sweeping sync.WaitGroup
	sweeping.Go(func() { b.sweep(sweepCtx) })

	var stops []func() error
	failed := make(chan error, len(listeners))
	var serving sync.WaitGroup
	for i, l := range listeners {
		serve, stop := b.serve(ctx, l, i)
		stops = append(stops, stop)
		serving.Go(func() {
			if err := serve(); err != nil {
				failed <- fmt.Errorf("bridge: %s: %w", l.Addr(), err)
			}
		})
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	b.draining.Store(true)
	end, cancel := context.WithTimeout(work, b.opts.ShutdownTimeout)
	defer cancel()
	b.announceEnd(end)
	b.finishRequests()
	for _, stop := range stops {
		_ = stop() // listeners, and sockets that are in their HTTP phase
	}
	serving.Wait()
	b.gate.Close()
	b.drain(end)
	late := end.Err() != nil
	b.jobs.Finish(end)
	b.stopResidents(end) // as in Swoole: workers are gone when its manager and its master end
	b.jobs.Shutdown(end, late, b.opts.Abort)
	b.dispatcher.stop()
	close(b.over)
	stopSweep()
	sweeping.Wait()
	b.wg.Wait()
	b.sockets.Wait()
	b.turnedAway.Wait()
	return err
}

// announceEnd tells scripts that the server is about to end, which has a part of the time for shutting down.
func (b *Bridge) announceEnd(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, b.opts.ShutdownTimeout/2)
	defer cancel()
	b.Tell(ctx, "", callback.StartBeforeShutdown)
}

// finishRequests gives requests that are being answered a part of the time for shutting down.
func (b *Bridge) finishRequests() {
	late := time.After(b.opts.ShutdownTimeout / 2)
	step := time.NewTicker(finishStep)
	defer step.Stop()
	for b.exchanging.Load() > 0 {
		select {
		case <-step.C:
		case <-late:
			return
		}
	}
}

// finishStep is how often that is looked at: it is over in milliseconds, or somebody waits for PHP anyway.
const finishStep = 5 * time.Millisecond

// drain sends the clients away and waits until PHP has heard of each, or ctx ends.
func (b *Bridge) drain(ctx context.Context) {
	sessions := b.registry.After(0, 0, func(*session) bool { return true })
	if len(sessions) > 0 {
		b.log.Info("closing connections", "connections", len(sessions))
	}
	// In random order and evenly over the spread, so that clients do not come back all at once.
	rand.Shuffle(len(sessions), func(i, j int) { sessions[i], sessions[j] = sessions[j], sessions[i] }) //nolint:gosec // no secret
	start := time.Now()
	for i, s := range sessions {
		due := time.Duration(int64(b.opts.ShutdownSpread) * int64(i) / int64(len(sessions)))
		if wait := due - time.Since(start); wait > time.Millisecond {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
		s.end(ending{cause: callback.CauseShutdown, code: closeGoingAway, reason: "server shutdown"})
	}
	for b.registry.Count() > 0 {
		select {
		case <-b.empty:
			continue
		case <-ctx.Done():
		}
		left := b.registry.After(0, 0, func(*session) bool { return true })
		b.log.Error("shutdown took too long", "connections", len(left), "events_not_delivered", b.dispatcher.queued())
		b.late.Store(true)
		b.opts.Abort()
		for _, s := range left {
			s.leave()
		}
		return
	}
}

// gone is called when a session left the registry.
func (b *Bridge) gone(s *session) {
	b.leave(s)
	if b.draining.Load() && b.registry.Count() == 0 {
		select {
		case b.empty <- struct{}{}:
		default:
		}
	}
}

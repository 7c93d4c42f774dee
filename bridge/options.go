package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/edge"
	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/callback"
)

// Script hands events to PHP; *callback.Script is one.
type Script interface {
	// CallEach hands events of different connections to PHP, and calls done whenever results are in reply: those of the events from the
	// first-th on. All have theirs when it returns. A dispatcher's workers call it, so calls overlap, one per slot; it may block
	// until PHP answers. It keeps neither events nor their bytes.
	CallEach(ctx context.Context, slot int, events []*callback.Event, reply *callback.Reply, done func(first int))
	// Pipelines reports whether CallEach may get several events though the description allows no batches. It never blocks.
	Pipelines() bool
	// Description says what the script wants to hear. It is called for each event, from any goroutine, and never blocks.
	Description() *callback.Description
}

// HTTP says how a route answers requests that are no upgrades. The zero value is Swoole's default.
type HTTP = exchange.Settings

// Route binds a path prefix to a script.
type Route struct {
	Path         string // "/" or "/chat": it matches /chat and /chat/…, the longest prefix wins
	Script       Script
	Name         string    // the script's name in logs; default: Path
	Origins      []string  // nil: Options.Origins
	Subprotocols []string  // in order of preference; nil: Options.Subprotocols
	Resident     *Resident // nil: request mode
	// Files answers requests that are no upgrades; nil: there are none. If it has Has(path) bool too, a script that wants request
	// events gets what it does not have. It may be called from many goroutines.
	Files http.Handler
	Speech
	// Master says that Options.Listeners are this script's: the Speech of a listener counts then, if it has one.
	Master bool

	// Tickets lets clients in before PHP hears of them; nil: everybody. With Authorize the script, a plain one, is asked next.
	Tickets    Tickets
	ExpiryCode uint16 // closes a connection when its ticket is over; 0: it stays
	Authorize  bool
	Heartbeats []Heartbeat // messages that PHP does not hear of
}

// Speech is what a script's settings say of the protocols that are spoken with its clients.
type Speech struct {
	// FixedProtocol is answered whatever the client offers, if there are no Subprotocols: Swoole's websocket_subprotocol.
	FixedProtocol string
	Compression   bool // permessage-deflate, also if Options.Compression says no
	HTTP          HTTP // answers to requests that are no upgrades

	// Which of a client's control frames the script gets, as messages of opcode 9, 10 and 8: Swoole's open_websocket_ping_frame,
	// open_websocket_pong_frame and open_websocket_close_frame. With PingFrames the script answers pings itself. A close frame comes with its
	// code in the event's Code, and the close event follows it.
	PingFrames  bool
	PongFrames  bool
	CloseFrames bool
}

// Heartbeat is a message that the bridge answers, or swallows, by itself.
type Heartbeat = edge.Beat

// Options configure a Bridge. Zero values are the defaults; New says what is not allowed.
type Options struct {
	Routes []Route
	// Listeners say how Run's listeners are served, by their index; those without an entry speak WebSocket with what stands here.
	Listeners    []Listener
	Origins      []string // "*" (default), "https://example.org", "example.org", "*.example.org"
	Subprotocols []string
	Compression  bool // permessage-deflate

	Workers      int           // PHP requests at once; default 4
	Batch        int           // events in one request; default 32, 1 turns batches off
	QueueTimeout time.Duration // for a free worker; default 30 s
	RetryWindow  time.Duration // for a php-fpm that is down; default 5 s

	MaxConnections int // 0: no limit
	MaxConcurrency int // requests that PHP has to answer; 0: no limit
	MaxPerAddress  int // 0: no limit
	MaxHeader      int // bytes of a handshake's head; default 64 KiB, as Swoole has
	HeaderTimeout  time.Duration
	KeepAlive      time.Duration // until the next request; default 60 s
	DetachTimeout  time.Duration // for a response that outlives its event, since it last grew; default 5 min
	MaxMessage     int           // bytes; default 2 MiB, Swoole's package_max_length
	MaxInflated    int           // bytes after inflation; default MaxMessage
	InboxMessages  int           // default 64
	InboxBytes     int           // default 64 KiB
	OutboxBytes    int           // default 1 MiB
	MaxResponse    int64         // bytes of an HTTP response that wait on disk for a client that is behind; default 128 MiB
	SpoolBytes     int64         // of all of them; default 1 GiB

	// FirstFD is the first connection's fd; 0: 1.
	FirstFD uint64
	// With HeartbeatInterval, those who sent nothing for HeartbeatIdle are sent away: Swoole's heartbeat_check_interval and
	// heartbeat_idle_time. 0: off.
	HeartbeatInterval, HeartbeatIdle time.Duration
	// DiscardClosed drops what a client said before it left and PHP has not heard yet.
	DiscardClosed bool

	PingInterval    time.Duration // 0: default 30 s; negative: no pings and no dead peers
	PingTimeout     time.Duration // default 60 s
	CloseTimeout    time.Duration // default 5 s
	CleanClose      bool          // callback.CloseBare sends 1000 to WebSockets
	WriteTimeout    time.Duration // for 64 KiB; default 10 s
	ShutdownTimeout time.Duration // default 10 s
	ShutdownSpread  time.Duration // over which clients are sent away; default 2 s, negative: all at once

	MaxTasks    int // Swoole's tasks of one script that wait or run; default 10,000
	MaxTaskData int // bytes of their data; default 64 MiB

	// Reload is called when a script asks to be described again (tasks: only its task workers are to be replaced), and Stop when it asks
	// for the end. They must not block. Optional.
	Reload func(script string, tasks bool)
	Stop   func()
	// Abort ends the PHP calls that still run when ShutdownTimeout is over. Optional.
	Abort func()
	Log   *slog.Logger // default: slog.DiscardHandler
}

func (o *Options) setDefaults() {
	def(&o.Workers, 4)
	def(&o.Batch, 32)
	def(&o.QueueTimeout, 30*time.Second)
	def(&o.RetryWindow, 5*time.Second)
	def(&o.MaxHeader, 64<<10)
	def(&o.HeaderTimeout, 10*time.Second)
	def(&o.KeepAlive, 60*time.Second)
	def(&o.DetachTimeout, 5*time.Minute)
	def(&o.MaxMessage, 2<<20)
	def(&o.MaxInflated, o.MaxMessage)
	def(&o.InboxMessages, 64)
	def(&o.InboxBytes, 64<<10)
	def(&o.OutboxBytes, 1<<20)
	def(&o.MaxResponse, 128<<20)
	def(&o.SpoolBytes, 1<<30)
	def(&o.MaxTasks, 10_000)
	def(&o.MaxTaskData, 64<<20)
	def(&o.PingInterval, 30*time.Second)
	def(&o.PingTimeout, 60*time.Second)
	def(&o.CloseTimeout, 5*time.Second)
	def(&o.WriteTimeout, 10*time.Second)
	def(&o.ShutdownTimeout, 10*time.Second)
	def(&o.ShutdownSpread, 2*time.Second)
	if o.Origins == nil {
		o.Origins = []string{"*"}
	}
	if o.Reload == nil {
		o.Reload = func(string, bool) {}
	}
	if o.Stop == nil {
		o.Stop = func() {}
	}
	if o.Abort == nil {
		o.Abort = func() {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

func def[T int | int64 | time.Duration](v *T, value T) {
	if *v == 0 {
		*v = value
	}
}

// check returns all that is wrong with options that have their defaults.
func (o *Options) check() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf("bridge: "+format, args...)) }
	if len(o.Routes) == 0 {
		bad("no route: nothing to serve")
	}
	seen := map[string]bool{}
	for _, r := range o.Routes {
		switch {
		case !strings.HasPrefix(r.Path, "/"):
			bad("route %q: a path starts with /", r.Path)
		case seen[cleanPath(r.Path)]:
			bad("route %q: there are two of it", r.Path)
		case r.Script == nil:
			bad("route %q: no script", r.Path)
		case r.Script.Description() == nil:
			bad("route %q: its script is not described yet", r.Path)
		}
		if l := r.HTTP.Level; l < 0 || l > exchange.MaxLevel {
			bad("route %q: compression level %d: want 1 to %d", r.Path, l, exchange.MaxLevel)
		}
		if _, err := edge.New(r.Heartbeats); err != nil {
			bad("route %q: %w", r.Path, err)
		}
		if r.Authorize && r.Script != nil && r.Script.Description() != nil && r.Script.Description().Encoding != callback.Plain {
			bad("route %q: authorize is for plain scripts: one with the SDK answers handshakes in its own events", r.Path)
		}
		seen[cleanPath(r.Path)] = true
	}
	for _, v := range []struct {
		name string
		n    int
	}{
		{"Workers", o.Workers},
		{"Batch", o.Batch},
		{"MaxHeader", o.MaxHeader},
		{"MaxMessage", o.MaxMessage},
		{"MaxInflated", o.MaxInflated},
		{"InboxMessages", o.InboxMessages},
		{"InboxBytes", o.InboxBytes},
		{"OutboxBytes", o.OutboxBytes},
		{"MaxResponse", int(o.MaxResponse)},
		{"SpoolBytes", int(o.SpoolBytes)},
		{"MaxTasks", o.MaxTasks},
		{"MaxTaskData", o.MaxTaskData},
		{"QueueTimeout", int(o.QueueTimeout)},
		{"RetryWindow", int(o.RetryWindow)},
		{"HeaderTimeout", int(o.HeaderTimeout)},
		{"KeepAlive", int(o.KeepAlive)},
		{"DetachTimeout", int(o.DetachTimeout)},
		{"CloseTimeout", int(o.CloseTimeout)},
		{"WriteTimeout", int(o.WriteTimeout)},
		{"ShutdownTimeout", int(o.ShutdownTimeout)},
		{"MaxConnections + 1", o.MaxConnections + 1},
		{"MaxPerAddress + 1", o.MaxPerAddress + 1},
	} {
		if v.n < 1 {
			bad("%s %d: want 1 or more", v.name, v.n)
		}
	}
	if o.PingInterval > 0 && o.PingTimeout <= o.PingInterval {
		bad("PingTimeout %v: want more than PingInterval %v", o.PingTimeout, o.PingInterval)
	}
	return errors.Join(problems...)
}

package config

import (
	"encoding/base64"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Mode is how scripts run.
type Mode string

// The modes.
const (
	ModeRequest  Mode = "request"
	ModeResident Mode = "resident"
)

// Launcher says whose PHP processes run a script.
type Launcher string

// The launchers: php-fpm, or php on the command line, started by us.
const (
	LauncherFPM Launcher = "fpm"
	LauncherCLI Launcher = "cli"
)

// Protocol is the encoding of events for a route.
type Protocol string

// The protocols. Auto asks the script.
const (
	ProtocolAuto   Protocol = "auto"
	ProtocolPlain  Protocol = "plain"
	ProtocolFramed Protocol = "framed"
)

// Reply is what a plain script's output means.
type Reply string

// The replies: instructions as JSON, or text for the sender.
const (
	ReplyJSON Reply = "json"
	ReplyText Reply = "text"
)

// LogFormat is how log lines look.
type LogFormat string

// The formats.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// Config is everything that can be set. Defaults has the values that nobody set.
type Config struct {
	Listen   []string // HOST:PORT; empty = what the script asks for
	Script   string   // absolute; serves the routes that name no script
	Args     []string // what follows the script's name in its $argv
	Mode     Mode
	Launcher Launcher
	// ByHand is the script as somebody typed it after php, if that started us: it prints to our own output, in this folder.
	ByHand       string
	Workers      int // PHP requests at once; 0 = automatic, see Slots
	Batch        int // most events in one request; 1 = never merge
	QueueTimeout time.Duration
	// Of resident workers.
	WorkerTimeout     time.Duration // without an answer; 0 = for ever
	WorkerMemoryLimit Size          // 0 = none
	RetryWindow       time.Duration

	Routes       []Route // empty = one route "/" for Script, see RouteList
	Origins      []string
	Subprotocols []string
	Compression  bool
	HTTP2        bool // beside HTTP/1, on all listeners

	TLS      TLS
	Log      Log
	FPM      FPM
	PHP      PHP
	Callback Callback
	JWT      JWT // auth.jwt
	API      API
	SDK      SDK
	Shared   Shared
	Limits   Limits
	Ping     Ping

	CloseTimeout time.Duration
	CleanClose   bool // swoole.clean_close
	WriteTimeout time.Duration
	Shutdown     Shutdown
}

// Route serves the paths below Path with Script.
type Route struct {
	Path         string
	Script       string   // absolute; never empty in what RouteList returns
	Launcher     Launcher // "" = Config.Launcher
	Args         []string // nil = Config.Args
	Protocol     Protocol
	Reply        Reply
	Origins      []string // nil = Config.Origins
	Subprotocols []string // nil = Config.Subprotocols

	Authorize  bool // the script, a plain one, is asked about handshakes
	Heartbeats []Heartbeat
	JWT        *JWT // auth.jwt; nil = Config.JWT. Not Enabled = none
}

// TLS is about all listeners. A script may have its own for each of them; these win.
type TLS struct {
	Cert, Key string // files; "" = what the script says
	ClientCA  string // file with the authorities of clients' certificates, which are asked for then; "" = none are
}

// Log is about our own log.
type Log struct {
	Level  slog.Level
	Asked  bool // the command line or the environment says Level, be it the default
	Format LogFormat
}

// FPM is about the php-fpm that runs the scripts: a given one, or our own.
type FPM struct {
	Address     Address // "" = start our own
	Binary      string  // own only; "" = find it
	User, Group string  // own only; "" = ours
	INI         []string

	Idle        time.Duration // how long a kept connection waits for work; 0 = none is kept
	Timeout     time.Duration // one PHP request
	DialTimeout time.Duration
	MaxAnswer   Size
	Params      []string // NAME=value, sent with every request
}

// PHP is about the php of routes with launcher: cli.
type PHP struct {
	Binary string // "" = php of PATH
	INI    []string
}

// Callback is about the socket that PHP calls back on.
type Callback struct {
	Listen Address // "" = a Unix socket in a private folder
	Token  Secret  // "" = a random one for each run
	Group  string
	Mode   fs.FileMode
}

// API is about the socket for those who push from anywhere.
type API struct {
	Listen      Address // "" = a Unix socket in the callback socket's folder
	Keys        []APIKey
	Concurrency int // HTTP requests at a time
}

// APIKey is a key and what it is for.
type APIKey struct {
	Name    string
	Key     Secret // one of the two
	KeyFile string // read again when it changes
	Scopes  []string
}

// SDK says where PHP finds the SDK. A path set means that PHP sees another file system than we do.
type SDK struct {
	Path string // "" = laid out by us
}

// SharedDriver says where Swoole's tables and atomics live.
type SharedDriver string

// The drivers.
const (
	SharedBridge SharedDriver = "bridge" // in the bridge: for any number of hosts with PHP
	SharedAPCu   SharedDriver = "apcu"   // in APCu: one php-fpm on one host
)

// Name is what BRIDGE_SHARED says: nothing for the bridge.
func (d SharedDriver) Name() string {
	if d == SharedBridge {
		return ""
	}
	return string(d)
}

// Shared is about the memory that PHP runs share: Swoole's Table, Atomic and Lock.
type Shared struct {
	Driver SharedDriver
	Limit  Size // of all objects in the bridge
}

// Limits bound what clients can make us hold. Zero connections or requests means no limit.
type Limits struct {
	Connections           int
	ConnectionsPerAddress int
	Requests              int // of HTTP, that PHP has to answer
	Header                Size
	HeaderTimeout         time.Duration
	KeepAlive             time.Duration // of an HTTP connection without a request
	Detached              time.Duration // of a response that outlives its event
	Message               Size          // on the wire, and again after inflation
	Inbox                 Size          // of one connection
	InboxMessages         int
	Outbox                Size // of one connection
	Spool                 Size // on disk, of HTTP responses whose clients are behind
	Tasks                 int  // Swoole's tasks of one script that wait or run
	TaskData              Size // of all of them
}

// Ping finds dead peers.
type Ping struct {
	Interval time.Duration // 0 = off
	Timeout  time.Duration // without a byte received
}

// Shutdown is how we leave.
type Shutdown struct {
	Timeout time.Duration
	Spread  time.Duration // closes are spread over this time, so that clients do not return all at once
}

// Defaults returns what applies when nothing is set.
func Defaults() *Config {
	return &Config{
		Mode: ModeRequest, Launcher: LauncherFPM, Batch: 32, QueueTimeout: 30 * time.Second, WorkerTimeout: 2 * time.Minute, RetryWindow: 5 * time.Second,
		Origins:  []string{"*"},
		Log:      Log{Level: slog.LevelInfo, Format: LogText},
		FPM:      FPM{Idle: 5 * time.Second, Timeout: 30 * time.Second, DialTimeout: time.Second, MaxAnswer: 128 * MiB},
		Callback: Callback{Mode: 0o660}, JWT: defaultJWT(), API: API{Concurrency: 256},
		Shared: Shared{Driver: SharedBridge, Limit: 256 * MiB},
		Limits: Limits{
			Connections: 10000, Header: 64 * KiB, HeaderTimeout: 10 * time.Second, KeepAlive: time.Minute, Detached: 5 * time.Minute, Message: 2 * MiB,
			Inbox: 64 * KiB, InboxMessages: 64, Outbox: MiB, Spool: 1024 * MiB, Tasks: 10000, TaskData: 64 * MiB,
		},
		Ping:         Ping{Interval: 30 * time.Second, Timeout: time.Minute},
		CloseTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		Shutdown: Shutdown{Timeout: 10 * time.Second, Spread: 2 * time.Second},
	}
}

// minAutoSlots is what Slots gives on somebody else's php-fpm, and at least on our own.
const minAutoSlots = 4

// Slots is how many PHP requests run at once. Automatic is modest on a given php-fpm, where a kept connection pins a
// worker that the site may need.
func (c *Config) Slots(cpus int) int {
	switch {
	case c.Workers > 0:
		return c.Workers
	case c.FPM.Address != "":
		return minAutoSlots
	default:
		return max(minAutoSlots, 2*cpus)
	}
}

// Launches reports whether some route has that launcher.
func (c *Config) Launches(l Launcher) bool {
	return slices.ContainsFunc(c.RouteList(), func(r Route) bool { return r.Launcher == l })
}

// FirstListen is the first address; "" if there is none.
func (c *Config) FirstListen() string {
	if len(c.Listen) == 0 {
		return ""
	}
	return c.Listen[0]
}

// Argv are a script's arguments for php-fpm, as BRIDGE_ARGV.
func (r *Route) Argv() string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Join(r.Args, "\x00")))
}

// FPMIdle is how long a connection to php-fpm is kept; negative: not at all. A php-fpm of our own counts the wait on a kept connection to the
// next request's time, so it is a small part of that: see FPMTerminate.
func (c *Config) FPMIdle() time.Duration {
	idle := c.FPM.Idle
	if c.FPM.Address == "" {
		idle = min(idle, c.FPM.Timeout/8)
	}
	if idle == 0 {
		return -1
	}
	return idle
}

// FPMTerminate is when a php-fpm of our own ends a child: a script that we no longer wait for would keep it for good, and a few of them the whole pool.
// php-fpm counts from when the child began to wait for the request, and looks three times in this time: it acts after us, but before what waits
// behind the script has waited for fpm.timeout, too. It counts in whole seconds, which leaves no room for both under three: there it may be the first.
func (c *Config) FPMTerminate() time.Duration {
	if c.FPM.Timeout < 3*time.Second {
		return c.FPM.Timeout
	}
	return c.FPM.Timeout + max(0, c.FPMIdle())
}

// Scripts are those of the routes that a launcher runs.
func (c *Config) Scripts(l Launcher) []string {
	var scripts []string
	for _, r := range c.RouteList() {
		if r.Launcher == l {
			scripts = append(scripts, r.Script)
		}
	}
	return scripts
}

// RouteList is the routes with everything filled in: their script, and the lists that they share.
func (c *Config) RouteList() []Route {
	routes := c.Routes
	if len(routes) == 0 && c.Script != "" {
		routes = []Route{{Path: "/", Protocol: ProtocolAuto, Reply: ReplyJSON}}
	}
	list := make([]Route, 0, len(routes))
	for _, r := range routes {
		if r.Script == "" {
			r.Script = c.Script
		}
		if r.Launcher == "" {
			r.Launcher = c.Launcher
		}
		if r.Args == nil {
			r.Args = c.Args
		}
		if r.Origins == nil {
			r.Origins = c.Origins
		}
		if r.Subprotocols == nil {
			r.Subprotocols = c.Subprotocols
		}
		if r.JWT == nil && c.JWT.Enabled() {
			r.JWT = &c.JWT
		}
		list = append(list, r)
	}
	return list
}

package callback

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The kinds of scripts, by the class of the server that they start.
const (
	KindWebSocket = "websocket"
	KindHTTP      = "http"
	KindTCP       = "tcp"
	KindPlain     = "plain" // it starts none
)

// What a script's server is written for: Swoole if the description says nothing.
const (
	APISwoole        = ""
	APIGatewayWorker = "gatewayworker"
	APIApp           = "app" // the SDK's own
)

// Description is what a script says it is; docs/protocol.md section 6. Nobody changes it after Describe returned it.
type Description struct {
	Kind      string // one of the constants above
	API       string // how it is written: APISwoole or another; later versions may have more
	Encoding  Encoding
	Batch     bool   // one request may carry events of several connections
	Hash      uint64 // the SDK's mark of the description; 0 without the SDK
	Key       string // goes back to the SDK with each request; "" for none
	SDK, PHP  string // versions; "" without the SDK
	Mode      int    // Swoole's mode as the script asked for it
	Settings  map[string]any
	Listeners []Listener // what the script listens to, in order; none for a plain script
	Events    []string   // what the script wants to be told, of all listeners
	Warnings  []string

	Workers     int // worker_num: what the script sees as its workers, 0 when it does not say
	TaskWorkers int // task_worker_num
	Processes   int // that run beside them: addProcess

	Before time.Duration // what Measure found

	Findings []Finding // what the code does that request mode cannot carry, by file and line
}

// Finding is one thing that a script's code does and that needs a PHP process which stays.
type Finding struct {
	Kind   string `json:"kind"` // memory, timer, watcher, process, endless, task; others of later versions
	File   string `json:"file"` // an absolute path
	Line   int    `json:"line"`
	What   string `json:"what"`   // for people: `$users, a global variable`
	Places int    `json:"places"` // how many lines do it; Line is the first of them
}

// maxKey bounds a key: it travels with each request.
const maxKey = 4 << 10

// maxWorkers bounds what a script may call its workers.
const maxWorkers = 100_000

// Listener is one address that the script asked for.
type Listener struct {
	Host string
	Port int
	Type int // Swoole's socket type: 1 TCP, 3 TCP6, 5 Unix stream, others UDP; or-ed with 512 for TLS
	// Protocol is one of KindWebSocket (which is HTTP, too), KindHTTP and KindTCP.
	Protocol string
	Events   []string
	// Settings are the listener's own; nil: it uses the description's.
	Settings map[string]any
	// Places are where the script said so, as file:line: by the names of its settings, and "listen".
	Places map[string]string
}

// At is where the script asked for something, to be put behind a sentence about it: " (FILE:LINE)", or "" if that is not known.
func (l *Listener) At(name string) string {
	if at := l.Places[name]; at != "" {
		return " (" + at + ")"
	}
	return ""
}

// Host returns the first listener's host, or "".
func (d *Description) Host() string {
	if len(d.Listeners) == 0 {
		return ""
	}
	return d.Listeners[0].Host
}

// Port returns the first listener's port, or 0.
func (d *Description) Port() int {
	if len(d.Listeners) == 0 {
		return 0
	}
	return d.Listeners[0].Port
}

// Wants reports whether the script is to be told of such events at all.
func (d *Description) Wants(t EventType) bool { return slices.Contains(d.Events, t.String()) }

// On returns the listener with that index; one that the script does not know is served as its first. nil: the script asks for none.
func (d *Description) On(listener int) *Listener {
	switch {
	case listener < len(d.Listeners):
		return &d.Listeners[listener]
	case len(d.Listeners) > 0:
		return &d.Listeners[0]
	}
	return nil
}

// WantsOn reports whether the script is to be told of such events on that listener.
func (d *Description) WantsOn(listener int, t EventType) bool {
	if l := d.On(listener); l != nil {
		return l.Wants(t)
	}
	return d.Wants(t)
}

// Wants reports whether the script is to be told of such events on this listener.
func (l *Listener) Wants(t EventType) bool { return slices.Contains(l.Events, t.String()) }

// allEvents is what a plain script gets that does not say what it wants.
func allEvents() []string { return []string{Open.String(), Message.String(), Close.String()} }

// settings is a JSON object, or the [] that PHP makes of an empty array.
type settings map[string]any

func (s *settings) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("[]")) {
		return nil
	}
	return json.Unmarshal(b, (*map[string]any)(s))
}

// parseDescription decodes the SDK's description. Keys it does not know are of a later version and left alone.
func parseDescription(meta []byte, hash uint64) (*Description, error) {
	var raw struct {
		fault

		SDK       string   `json:"sdk"`
		Key       string   `json:"key"`
		PHP       string   `json:"php"`
		Kind      string   `json:"kind"`
		API       string   `json:"api"`
		Batch     bool     `json:"batch"`
		Mode      int      `json:"mode"`
		Settings  settings `json:"settings"`
		Listeners []struct {
			Host     string    `json:"host"`
			Port     int       `json:"port"`
			Type     int       `json:"type"`
			Protocol string    `json:"protocol"`
			Events   []string  `json:"events"`
			Settings *settings `json:"settings"`

			Places map[string]string `json:"places"`
		} `json:"listeners"`
		Events      []string  `json:"events"`
		Workers     int       `json:"workers"`
		TaskWorkers int       `json:"task_workers"`
		Processes   int       `json:"processes"`
		Before      int64     `json:"before_us"`
		Warnings    []string  `json:"warnings"`
		Findings    []Finding `json:"findings"`
	}
	if err := json.Unmarshal(meta, &raw); err != nil {
		return nil, fmt.Errorf("%w: the description: %w", ErrBadAnswer, err)
	}
	if raw.Error != "" {
		return nil, fmt.Errorf("%w: %s", ErrScript, raw.fault)
	}
	d := &Description{
		Kind: raw.Kind, API: raw.API, Encoding: Framed, Batch: raw.Batch, Hash: hash, SDK: raw.SDK, PHP: raw.PHP, Mode: raw.Mode,
		Settings: raw.Settings, Warnings: raw.Warnings, Workers: raw.Workers, TaskWorkers: raw.TaskWorkers, Processes: raw.Processes,
		Before:   time.Duration(max(raw.Before, 0)) * time.Microsecond,
		Findings: raw.Findings,
	}
	if min(raw.Workers, raw.TaskWorkers, raw.Processes) < 0 || max(raw.Workers, raw.TaskWorkers, raw.Processes) > maxWorkers {
		return nil, fmt.Errorf("%w: the description: %d workers and %d task workers: want 0 to %d", ErrBadAnswer, raw.Workers, raw.TaskWorkers, maxWorkers)
	}
	if len(raw.Key) <= maxKey { // without one the SDK is slower, that is all
		d.Key = raw.Key
	}
	seen := make(map[string]bool)
	for _, l := range raw.Listeners {
		if l.Port < 0 || l.Port > 65535 {
			return nil, fmt.Errorf("callback: the server is to listen on port %d: want 0 to 65535", l.Port)
		}
		if l.Protocol == "" {
			l.Protocol = d.Kind // an SDK that knows one listener
		}
		switch l.Protocol {
		case KindWebSocket, KindHTTP, KindTCP, KindPlain:
		default:
			return nil, fmt.Errorf("%w: the description: protocol %q", ErrBadAnswer, l.Protocol)
		}
		listener := Listener{Host: l.Host, Port: l.Port, Type: l.Type, Protocol: l.Protocol, Events: l.Events, Places: l.Places}
		if l.Settings != nil {
			if listener.Settings = *l.Settings; listener.Settings == nil {
				listener.Settings = map[string]any{}
			}
		}
		d.Listeners = append(d.Listeners, listener)
		for _, name := range l.Events {
			if !seen[name] {
				seen[name] = true
				d.Events = append(d.Events, name)
			}
		}
	}
	d.Events = append(d.Events, raw.Events...)
	switch d.Kind {
	case KindWebSocket, KindHTTP, KindTCP:
		if len(d.Listeners) == 0 {
			return nil, fmt.Errorf("%w: the description: %w", ErrBadAnswer, errors.New("no listeners"))
		}
	case KindPlain:
	default:
		return nil, fmt.Errorf("%w: the description: kind %q", ErrBadAnswer, d.Kind)
	}
	return d, nil
}

package callback

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// Encoding says how events travel to a script.
type Encoding uint8

// The encodings of docs/protocol.md.
const (
	Auto   Encoding = iota // the SDK is asked, and says plain for a script that starts no server
	Plain                  // CGI variables and JSON: section 3
	Framed                 // the SDK's frames: section 5
)

// String returns the encoding's name in BRIDGE_ENCODING and in bridge.yaml.
func (e Encoding) String() string {
	switch e {
	case Auto:
		return "auto"
	case Plain:
		return "plain"
	case Framed:
		return "framed"
	}
	return "unknown"
}

// Doer sends FastCGI requests; *fcgi.Client is one. Calls overlap and block until the answer is there.
type Doer interface {
	Do(ctx context.Context, r *fcgi.Request) (*fcgi.Response, error)
}

// pipeliner is a Doer that can send several requests ahead, as *fcgi.Client.
type pipeliner interface {
	Pipelines() bool
	DoEach(ctx context.Context, reqs []fcgi.Request, to fcgi.Answers) (done int)
}

// ScriptOptions says which script, and how it is reached.
type ScriptOptions struct {
	Client   Doer
	File     string                 // absolute path of the user's script, as php-fpm sees it
	Entry    string                 // absolute path of the SDK's entry.php, as php-fpm sees it; not needed for Plain
	Typed    func(file string) bool // whether the script needs the SDK's classes with types (BRIDGE_TYPED); asked before each Describe. nil: never
	Params   []string               // more CGI variables, NAME=value; they win over those of the handshake
	Encoding Encoding               // zero: Auto
	Timeout  time.Duration          // of one request; 0: the context's only

	// ReplyText sends an answer that is not JSON back to the sender (plain, open and message events).
	ReplyText bool
	// Local says that php-fpm itself, not a proxy, listens on a Unix socket. There the kernel delivers all that PHP
	// wrote before it reports its end, so a broken batch shows which events never started. TCP may drop the last bytes.
	Local bool

	Callback string // BRIDGE_CALLBACK: unix:/path or tcp:host:port
	Token    string // BRIDGE_TOKEN
	Workers  int    // BRIDGE_WORKERS: requests at once; 0: PHP is told neither that nor who we are
	Listen   string // BRIDGE_LISTEN where no connection tells it: the listeners' addresses, with a space between them
	Resident bool   // BRIDGE_MODE: connection events go to workers that stay, see Boot
	// Said gets, from Describe, what a script prints and is warned of until it starts its server; a description that has not changed says it once. May be nil.
	Said        func(log *Instruction)
	MemoryLimit int64 // with Resident, the bytes at which a worker makes room for another one: BRIDGE_MEMORY; 0: never
	Stay        int   // with Resident, how many of them: BRIDGE_RESIDENT; 0: as many as the script says

	Shared       SharedMemory // gets what a description defines; may be nil
	Argv         string       // BRIDGE_ARGV: what follows the script's name in $argv, joined by NUL, in base64
	SharedDriver string       // BRIDGE_SHARED: "" is the bridge, "apcu" is PHP's APCu
}

// Script is one PHP script behind php-fpm. Its methods may be called from many goroutines.
type Script struct {
	// set at construction
	opts     ScriptOptions
	plain    []byte              // CGI pairs that every plain request has
	framed   []byte              // CGI pairs that every framed request has
	form     []byte              // those of a framed request whose body php-fpm takes apart
	orphan   []byte              // CGI pairs of a plain request that has no handshake: describe
	override map[string]struct{} // names in opts.Params, which are left out of a handshake's pairs
	pipe     pipeliner           // nil: the client cannot

	description atomic.Pointer[Description]
	key         atomic.Pointer[[]byte] // BRIDGE_KEY as a CGI pair
	typed       atomic.Bool
	changed     chan struct{} // holds one signal at most

	mu       sync.Mutex
	keyAgain time.Time     // no new key is asked for before
	keyWait  time.Duration // between the last two
}

// NewScript checks the options. It asks nobody: see [Script.Describe].
func NewScript(o ScriptOptions) (*Script, error) {
	var problems []error
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("callback: "+format, args...))
	}
	if o.Client == nil {
		bad("no FastCGI client")
	}
	if !strings.HasPrefix(o.File, "/") {
		bad("script %q: want an absolute path, as php-fpm sees it", o.File)
	}
	switch o.Encoding {
	case Auto, Framed:
		if !strings.HasPrefix(o.Entry, "/") {
			bad("the SDK's entry.php %q: want an absolute path, as php-fpm sees it", o.Entry)
		}
	case Plain:
	default:
		bad("encoding %d: want auto, plain or framed", o.Encoding)
	}
	if o.Timeout < 0 {
		bad("timeout %v: want 0 or more", o.Timeout)
	}
	s := &Script{opts: o, changed: make(chan struct{}, 1)}
	if p, ok := o.Client.(pipeliner); ok && p.Pipelines() {
		s.pipe = p
	}
	problems = append(problems, s.encodeParams()...)
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return s, nil
}

// Description returns what the last successful Describe found, or nil.
func (s *Script) Description() *Description { return s.description.Load() }

// Changed gives a signal when an answer carried another hash than the description has, or said that the key is out of
// date: somebody deployed, describe again. While old and new code answer side by side it may come often; wait a little between two descriptions.
func (s *Script) Changed() <-chan struct{} { return s.changed }

func (s *Script) sawHash(hash uint64) {
	if d := s.description.Load(); hash == 0 || d == nil || d.Hash == hash {
		return
	}
	s.mu.Lock()
	s.keyAgain, s.keyWait = time.Time{}, 0
	s.mu.Unlock()
	s.signal()
}

// How long the SDK waits for a new key: longer each time, since behind one address there may be hosts whose files
// differ, and a key fits one of them.
const (
	minKeyWait = 5 * time.Second
	maxKeyWait = 5 * time.Minute
)

func (s *Script) sawOutdatedKey(now time.Time) {
	s.mu.Lock()
	due := !now.Before(s.keyAgain)
	if due {
		s.keyWait = min(max(2*s.keyWait, minKeyWait), maxKeyWait)
		s.keyAgain = now.Add(s.keyWait)
	}
	s.mu.Unlock()
	if due {
		s.signal()
	}
}

func (s *Script) signal() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// encoding is what events travel in now.
func (s *Script) encoding() Encoding {
	if s.opts.Encoding != Auto {
		return s.opts.Encoding
	}
	if d := s.description.Load(); d != nil {
		return d.Encoding
	}
	return Framed
}

// Call hands events of different connections to PHP in one request and fills reply with one result per event. slot is
// the worker that PHP sees, counted from 0. Plain requests carry one event: more of them come back as not started.
//
// A Reply belongs to one goroutine; its bytes are valid until its next Call or Release. With a ctx that cannot end, a
// framed Call allocates nothing on the steady path (fcgi explains why the context counts).
func (s *Script) Call(ctx context.Context, slot int, events []*Event, reply *Reply) {
	reply.reset(len(events))
	if len(events) == 0 {
		return
	}
	if s.encoding() == Plain {
		s.callPlain(ctx, slot, events, reply)
	} else {
		s.callFramed(ctx, slot, events, reply)
		s.sawHash(reply.hash)
		if reply.outdated {
			s.sawOutdatedKey(time.Now())
		}
	}
}

// Pipelines reports whether events go to PHP as one request each, of which CallEach sends several ahead.
func (s *Script) Pipelines() bool { return s.pipe != nil && s.encoding() == Plain }

// CallEach is Call, but several plain events are as many requests, sent ahead over one connection. done is called whenever results are in
// the reply, until its next call: those of the events from the first-th on.
func (s *Script) CallEach(ctx context.Context, slot int, events []*Event, reply *Reply, done func(first int)) {
	if len(events) > 1 && s.Pipelines() {
		s.callAhead(ctx, slot, events, reply, done)
		return
	}
	s.Call(ctx, slot, events, reply)
	done(0)
}

// Listening tells the script where the bridge listens: addresses in the listeners' order. It must come before the first event, and not beside Describe.
func (s *Script) Listening(addresses []string) {
	s.opts.Listen = strings.Join(addresses, " ")
	s.encodeParams() // it was all right when the script was made
}

// encodeParams builds the pairs that never change.
func (s *Script) encodeParams() (problems []error) {
	o := &s.opts
	s.override = make(map[string]struct{})
	s.plain, s.framed, s.form, s.orphan = nil, nil, nil, nil
	first, _, _ := strings.Cut(o.Listen, " ")
	add := func(dst *[]byte, name, value string) {
		var err error
		if *dst, err = fcgi.AppendParam(*dst, name, value); err != nil {
			problems = append(problems, fmt.Errorf("callback: CGI variable %s: %w", name, err))
		}
	}
	common := [][2]string{
		{"GATEWAY_INTERFACE", "CGI/1.1"},
		{"SERVER_SOFTWARE", "fpmbridge"},
		{"REDIRECT_STATUS", "200"},
		{"DOCUMENT_ROOT", path.Dir(o.File)},
		{"SCRIPT_NAME", "/" + path.Base(o.File)},
		{"BRIDGE_PROTOCOL", "1"},
		{"BRIDGE_CALLBACK", o.Callback},
		{"BRIDGE_TOKEN", o.Token},
	}
	orphan := [][2]string{
		{"REQUEST_METHOD", "GET"},
		{"REQUEST_URI", "/" + path.Base(o.File)},
		{"QUERY_STRING", ""},
		{"SERVER_PROTOCOL", "HTTP/1.1"},
		{"BRIDGE_LISTEN", first},
	}
	plain := append([][2]string{{"SCRIPT_FILENAME", o.File}, {"BRIDGE_ENCODING", Plain.String()}}, common...)
	framed := append([][2]string{{"SCRIPT_FILENAME", o.Entry}, {"BRIDGE_ENCODING", Framed.String()}, {"BRIDGE_SCRIPT", o.File}}, common...)
	framed = append(framed, without(orphan, "BRIDGE_LISTEN")...)
	framed = append(framed, [2]string{"BRIDGE_LISTEN", o.Listen})
	if o.Workers > 0 {
		framed = append(framed, [2]string{"BRIDGE_PID", strconv.Itoa(os.Getpid())}, [2]string{"BRIDGE_WORKERS", strconv.Itoa(o.Workers)})
	}
	if o.Resident {
		framed = append(framed, [2]string{"BRIDGE_MODE", "resident"}, [2]string{"BRIDGE_RESIDENT", strconv.Itoa(o.Stay)}, [2]string{"BRIDGE_MEMORY", strconv.FormatInt(o.MemoryLimit, 10)})
	}
	for _, pair := range [][2]string{{"BRIDGE_SHARED", o.SharedDriver}, {"BRIDGE_ARGV", o.Argv}} {
		if pair[1] != "" {
			framed = append(framed, pair)
		}
	}
	form := append(without(framed, "REQUEST_METHOD"), [2]string{"REQUEST_METHOD", "POST"})
	for _, param := range o.Params {
		name, value, ok := strings.Cut(param, "=")
		if err := checkParam(name, ok); err != nil {
			problems = append(problems, fmt.Errorf("callback: parameter %q: %w", param, err))
			continue
		}
		if _, twice := s.override[name]; twice {
			problems = append(problems, fmt.Errorf("callback: parameter %q: %s is set twice", param, name))
			continue
		}
		s.override[name] = struct{}{}
		plain, framed = append(without(plain, name), [2]string{name, value}), append(without(framed, name), [2]string{name, value})
		form = append(without(form, name), [2]string{name, value})
		orphan = without(orphan, name)
	}
	for _, list := range []struct {
		dst   *[]byte
		pairs [][2]string
	}{{&s.plain, plain}, {&s.framed, framed}, {&s.form, form}, {&s.orphan, orphan}} {
		for _, pair := range list.pairs {
			add(list.dst, pair[0], pair[1])
		}
	}
	return problems
}

// checkParam refuses what would break the contract or other sites of the pool.
func checkParam(name string, ok bool) error {
	switch {
	case !ok || name == "":
		return errors.New("write NAME=value")
	case strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "":
		return errors.New("a name has capital letters, digits and _")
	case name == "PHP_VALUE" || name == "PHP_ADMIN_VALUE":
		// Measured: it stays in that php-fpm child and hits every other site of the pool.
		return errors.New("php-fpm would keep it for the requests of other sites; set it in the pool's configuration")
	case strings.HasPrefix(name, "BRIDGE_") || strings.HasPrefix(name, "HTTP_"), name == "SCRIPT_FILENAME",
		name == "CONTENT_LENGTH", name == "CONTENT_TYPE", name == "REQUEST_METHOD":
		return errors.New("the bridge sets it itself")
	}
	return nil
}

// without returns pairs without those of that name.
func without(pairs [][2]string, name string) [][2]string {
	kept := make([][2]string, 0, len(pairs)+1)
	for _, pair := range pairs {
		if pair[0] != name {
			kept = append(kept, pair)
		}
	}
	return kept
}

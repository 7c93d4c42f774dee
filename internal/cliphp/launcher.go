package cliphp

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Options say what all processes of a Launcher have in common.
type Options struct {
	Binary  string   // of [Find]
	Options []string // "name=value" of php.ini
	Prepend string   // runs before and after each script: auto_prepend_file and auto_append_file
	Disable string   // disable_functions beside those of Options: Prepend defines them ([PHP.Disable])

	// Stdout and Stderr get what scripts print, as it comes. nil: it goes to the log, line by line.
	Stdout, Stderr *os.File

	// CloseInherited closes what we inherited beside stdin, stdout and stderr: it was somebody's whose place we took.
	CloseInherited bool

	Log *slog.Logger // nil: discard
}

// Script is what one process runs.
type Script struct {
	File string   // as PHP's $argv[0] has it
	Args []string // the rest of $argv
	Dir  string   // its working folder; "" is ours
	// Env is added to our environment without the variables of ours (BRIDGE_, FPMBRIDGE_).
	Env []string
	// Answer asks for what the process writes to its descriptor 3, in Process.Answer.
	Answer bool
	// Attrs stand in each line of the log.
	Attrs []slog.Attr
}

// Launcher starts processes and keeps the thread that they live by.
type Launcher struct {
	opts Options
	jobs chan func()

	mu     sync.Mutex
	closed bool
	alive  map[*Process]struct{}
	wg     sync.WaitGroup // of alive
	once   sync.Once
}

// ErrClosed says that the Launcher starts nothing any more.
var ErrClosed = errors.New("cliphp: the launcher is closed")

// New makes a Launcher. Close ends it, and all that it started.
func New(o Options) *Launcher {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := &Launcher{opts: o, jobs: make(chan func()), alive: make(map[*Process]struct{})}
	closeOnExec(o.CloseInherited)
	go func() {
		runtime.LockOSThread() // and never unlocked: see doc.go
		for job := range l.jobs {
			job()
		}
	}()
	return l
}

// Start starts a process.
func (l *Launcher) Start(s Script) (*Process, error) {
	p := &Process{done: make(chan struct{})}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, ErrClosed
	}
	l.alive[p] = struct{}{}
	l.wg.Add(1)
	l.mu.Unlock()
	if err := l.start(p, &s); err != nil {
		l.forget(p)
		return nil, fmt.Errorf("cliphp: %w", err)
	}
	return p, nil
}

func (l *Launcher) forget(p *Process) {
	l.mu.Lock()
	delete(l.alive, p)
	l.mu.Unlock()
	l.wg.Done()
}

// start begins a process whose end forgets it.
func (l *Launcher) start(p *Process, s *Script) (err error) {
	var ours, theirs []*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
		if err != nil {
			for _, f := range ours {
				_ = f.Close()
			}
		}
	}()
	pipe := func() (*os.File, error) {
		r, w, err := os.Pipe()
		if err == nil {
			ours, theirs = append(ours, r), append(theirs, w)
		}
		return r, err //nolint:wrapcheck // Start says whose it is
	}
	args := []string{"-d", "auto_prepend_file=" + l.opts.Prepend, "-d", "auto_append_file=" + l.opts.Prepend}
	disable := l.opts.Disable
	for _, o := range l.opts.Options {
		if name, value, _ := strings.Cut(o, "="); disable != "" && strings.TrimSpace(name) == "disable_functions" {
			disable += "," + strings.TrimSpace(value)
		}
		args = append(args, "-d", o)
	}
	if disable != "" {
		args = append(args, "-d", "disable_functions="+disable)
	}
	args = append(append(args, s.File), s.Args...)
	// No CommandContext: a process is told to end on its channel, and Kill ends its whole group.
	cmd := exec.Command(l.opts.Binary, args...) //nolint:noctx,gosec // see above; the binary is the operator's choice
	cmd.Dir, cmd.Env, cmd.SysProcAttr = s.Dir, append(environment(), s.Env...), attributes()
	cmd.Stdout, cmd.Stderr = l.opts.Stdout, l.opts.Stderr
	var readers []func()
	for _, out := range []struct {
		to    *io.Writer
		given *os.File
		level slog.Level
	}{{&cmd.Stdout, l.opts.Stdout, slog.LevelInfo}, {&cmd.Stderr, l.opts.Stderr, slog.LevelWarn}} {
		if out.given != nil {
			continue
		}
		r, err := pipe()
		if err != nil {
			return err
		}
		*out.to = theirs[len(theirs)-1]
		readers = append(readers, func() { l.lines(r, out.level, s.Attrs) })
	}
	if s.Answer {
		r, err := pipe()
		if err != nil {
			return err
		}
		cmd.ExtraFiles = theirs[len(theirs)-1:]
		readers = append(readers, func() { p.answer, _ = io.ReadAll(io.LimitReader(r, maxAnswer)) })
	}
	started := make(chan error)
	l.jobs <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		return err //nolint:wrapcheck // Start says whose it is
	}
	p.mu.Lock()
	p.pid = cmd.Process.Pid
	if p.killed { // Close was faster
		p.killLocked()
	}
	p.mu.Unlock()
	var reading sync.WaitGroup
	for _, read := range readers {
		reading.Go(read)
	}
	go func() {
		err := cmd.Wait()
		p.exit = exitOf(cmd.ProcessState, err)
		p.mu.Lock()
		p.killLocked() // what it started
		p.over = true
		p.mu.Unlock()
		// A daemon that left the group may hold the pipes for ever.
		late := time.AfterFunc(lateOutput, func() {
			for _, f := range ours {
				_ = f.Close()
			}
		})
		reading.Wait()
		late.Stop()
		for _, f := range ours {
			_ = f.Close()
		}
		close(p.done)
		l.forget(p)
	}()
	return nil
}

const (
	// lateOutput is how long the output of a process is read after its end.
	lateOutput = time.Second
	maxAnswer  = 64 << 20
)

// KillAll ends every process at once. It does not wait.
func (l *Launcher) KillAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.alive {
		p.Kill()
	}
}

// Close kills what is left and returns when nothing is. It may be called more than once.
func (l *Launcher) Close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.KillAll()
	l.wg.Wait()
	l.once.Do(func() { close(l.jobs) })
	return nil
}

// environment is ours without what is the bridge's own: its settings may be secrets.
func environment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "BRIDGE_") && !strings.HasPrefix(v, "FPMBRIDGE_") {
			env = append(env, v)
		}
	}
	return env
}

package app

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/callback/job"
	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/cliphp"
)

const (
	// serverProcess is the number of the process that has what is no task worker's: start, shutdown, workerError.
	serverProcess = -1

	// frameHeader and the types of frames that are an answer's; docs/protocol.md section 4.
	frameHeader = 32
	frameTask   = 70
	frameFinish = 71
	frameLast   = 75
	frameEnd    = 127
	endFailed   = 1
	lastInOrder = 1

	// Back-off as for workers.
	asideFirst = 100 * time.Millisecond
	asideMost  = 5 * time.Second
	livedLong  = 10 * time.Second

	// asideWrite is what a process may take to read an event, asideEnd to end.
	asideWrite = time.Minute
	asideEnd   = 5 * time.Second
)

// aside is a place for a process that is no worker: it has one event at a time, and keeps its memory from one to the next.
type aside struct {
	of   *launched
	id   int // worker id of a task worker or of a process behind them, or serverProcess
	role string
	turn chan struct{} // holds one while somebody has the process
	quit chan struct{} // closed by stop

	mu      sync.Mutex
	ticket  uint64
	proc    *cliphp.Process
	ch      *callback.Channel // nil: nobody is there
	pid     int
	came    chan struct{} // closed when ch is there and gets events
	left    chan struct{} // closed when the channel has ended; nil: there was none
	ending  bool          // it gets no more events
	orderly bool          // it said so
	failed  bool          // its last event failed, which the bridge has heard
	call    *call
}

// call is an event on its way.
type call struct {
	body []byte // frames of its answer
	err  error
	done chan struct{}
}

// Roles of processes beside the workers: BRIDGE_ROLE.
const (
	roleTask    = "task"
	roleServer  = "server"
	roleProcess = "process" // the script's own: it has no events, and does not end by itself
)

// aside returns the place with that number; nil: nothing starts any more.
func (l *launched) aside(id int, role string) *aside {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.asides[id]
	if a == nil && !l.stopped {
		a = &aside{of: l, id: id, role: role, turn: make(chan struct{}, 1), quit: make(chan struct{}), came: make(chan struct{})}
		l.asides[id] = a
		l.wg.Go(a.keep)
	}
	return a
}

// expects returns whose process has that ticket, once.
func (l *launched) expects(ticket uint64) *aside {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.asides {
		a.mu.Lock()
		ours := ticket != 0 && a.ticket == ticket && a.left == nil
		if ours {
			a.left = make(chan struct{})
		}
		a.mu.Unlock()
		if ours {
			return a
		}
	}
	return nil
}

func (l *launched) stop() {
	l.mu.Lock()
	l.stopped = true
	for _, a := range l.asides {
		close(a.quit)
	}
	l.mu.Unlock()
	l.wg.Wait()
}

// reload replaces the task workers: each ends when it has nothing to do. The server's own process stays, as Swoole's does.
func (l *launched) reload(ctx context.Context) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.asides {
		if a.role == roleTask {
			go func() {
				if a.acquire(ctx) {
					a.end()
					<-a.turn
				}
			}()
		}
	}
}

// keep starts processes for the place, one after the other.
func (a *aside) keep() {
	pause := asideFirst
	for {
		born := time.Now()
		err, orderly := a.live()
		if time.Since(born) > livedLong || orderly {
			pause = asideFirst
		}
		select {
		case <-a.quit:
			return
		default:
		}
		if orderly {
			continue
		}
		level := slog.LevelError
		if a.role == roleProcess && err == nil {
			level = slog.LevelInfo
		}
		a.of.plant.log.Log(context.Background(), level, "process ended", "process", a.role, "worker", a.id, "script", a.of.route.Script, "err", err)
		select {
		case <-a.quit:
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, asideMost)
	}
}

// live is one process from its start to its end.
func (a *aside) live() (err error, orderly bool) { //nolint:revive // both say how it ended
	ticket := newTicket()
	a.mu.Lock()
	a.proc, a.ticket, a.left, a.ending, a.orderly, a.failed = nil, ticket, nil, false, false, false
	a.mu.Unlock()
	p, err := a.of.process(a.role, a.id, false, "BRIDGE_TICKET="+strconv.FormatUint(ticket, 10))
	if err != nil {
		return err, false
	}
	a.mu.Lock()
	a.proc = p
	a.mu.Unlock()
	select {
	case <-p.Done():
	case <-a.quit:
		a.end()
		if a.role == roleProcess {
			p.Terminate() // as Swoole: it has nothing that would tell it
		}
		select {
		case <-p.Done():
		case <-time.After(asideEnd):
			p.Kill()
			<-p.Done()
		}
	}
	a.mu.Lock()
	left := a.left
	a.ticket = 0
	if a.ch != nil {
		_ = a.ch.Conn.SetReadDeadline(time.Now().Add(time.Second)) // what it said last is still read
	}
	a.mu.Unlock()
	if left != nil {
		<-left
	}
	return a.over(p, left != nil)
}

var (
	errNotStarted = errors.New("the script ended before start()")
	errUnread     = errors.New("it ended in order before the event")
)

// over is called when a process and its channel have ended.
func (a *aside) over(p *cliphp.Process, attached bool) (err error, orderly bool) { //nolint:revive // as live
	exit := p.Exit()
	switch {
	case exit != (cliphp.Exit{}) || attached && a.role != roleProcess:
		err = &exit
	case !attached:
		err = errNotStarted
	}
	a.mu.Lock()
	if a.ch != nil {
		a.leavingLocked()
		a.ch = nil
	}
	orderly, dead := a.orderly, job.DeadWorker{Worker: a.id, PID: a.pid}
	tell := attached && !orderly && !a.failed
	if c := a.call; c != nil {
		a.call, tell = nil, false // who waits for it is told, and tells the script
		c.err = &fcgi.Error{Kind: fcgi.ErrReset, Cause: &exit, Started: true}
		if orderly {
			c.err = &fcgi.Error{Kind: fcgi.ErrReset, Cause: errUnread}
		}
		close(c.done)
	}
	a.mu.Unlock()
	select {
	case <-a.quit:
		tell = false
	default:
	}
	if tell && a.role != roleServer && err != nil {
		dead.From(&exit)
		a.of.bridge.WorkerDied(a.of.route.Script, &dead)
	}
	return err, orderly
}

// serve takes the process's channel, until it ends.
func (a *aside) serve(ch *callback.Channel, pid int) error {
	ch.Tap = a.hear
	a.mu.Lock()
	a.ch, a.pid = ch, pid
	close(a.came)
	left := a.left
	a.mu.Unlock()
	defer close(left)
	a.of.plant.log.Info("process started", "process", a.role, "worker", a.id, "pid", pid, "script", a.of.route.Script)
	return a.of.bridge.ServeAside(a.of.route.Script, ch) //nolint:wrapcheck // for the log
}

// hear takes what belongs to an event's answer. All else is carried out as it comes.
func (a *aside) hear(typ uint8, frame []byte) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch typ {
	case frameTask:
		if a.call == nil { // a timer's
			return false
		}
		a.call.body = append(a.call.body, frame...)
	case frameFinish:
		if a.call != nil {
			a.call.body = append(a.call.body, frame...)
		}
	case frameLast:
		a.leavingLocked()
		a.orderly = binary.BigEndian.Uint32(frame[24:]) == lastInOrder
	case frameEnd:
		c := a.call
		if c == nil {
			return true
		}
		a.failed = binary.BigEndian.Uint32(frame[24:]) == endFailed
		// An answer's end has a hash; 0 says nothing.
		at := len(c.body)
		c.body = append(append(c.body, frame...), make([]byte, 8)...)
		binary.BigEndian.PutUint32(c.body[at:], binary.BigEndian.Uint32(frame)+8)
		a.call = nil
		close(c.done)
	default:
		return false
	}
	return true
}

func (a *aside) acquire(ctx context.Context) bool {
	select {
	case a.turn <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// do hands the process an event, and returns its answer.
func (a *aside) do(ctx context.Context, frame []byte, slot int) (*fcgi.Response, error) {
	if !a.acquire(ctx) {
		return nil, &fcgi.Error{Kind: fcgi.ErrCanceled, Cause: ctx.Err()}
	}
	defer func() { <-a.turn }()
	c := &call{done: make(chan struct{})}
	ch, err := a.begin(ctx, c)
	if err != nil {
		return nil, err
	}
	event := append([]byte(nil), frame...)
	binary.BigEndian.PutUint32(event[24:], uint32(slot)) // section 11
	if !write(ch, event) {
		a.kill() // what it has read of the event is no event
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		a.kill()
		<-c.done
	}
	if c.err != nil {
		return nil, c.err
	}
	return response(c.body)
}

// begin waits for a process, and gives it the call.
func (a *aside) begin(ctx context.Context, c *call) (*callback.Channel, error) {
	for {
		a.mu.Lock()
		if a.ch != nil && !a.ending {
			a.call, a.failed = c, false
			ch := a.ch
			a.mu.Unlock()
			return ch, nil
		}
		came := a.came
		a.mu.Unlock()
		select {
		case <-came:
		case <-a.quit:
			return nil, &fcgi.Error{Kind: fcgi.ErrClosed}
		case <-ctx.Done():
			return nil, &fcgi.Error{Kind: fcgi.ErrCanceled, Cause: ctx.Err()}
		}
	}
}

// kill ends the process that has the call, or whoever is there.
func (a *aside) kill() {
	a.mu.Lock()
	p := a.proc
	a.mu.Unlock()
	if p != nil {
		p.Kill()
	}
}

// end tells the process to end when it has done what it has.
func (a *aside) end() {
	a.mu.Lock()
	ch, told := a.ch, a.ending
	if ch != nil {
		a.leavingLocked()
	}
	a.mu.Unlock()
	if ch != nil && !told {
		write(ch, callback.AppendControl(nil, callback.ControlStop))
	}
}

// leavingLocked sends who comes from now on to the next process.
func (a *aside) leavingLocked() {
	if !a.ending {
		a.ending, a.came = true, make(chan struct{})
	}
}

func write(ch *callback.Channel, b []byte) bool {
	if ch.Conn.SetWriteDeadline(time.Now().Add(asideWrite)) != nil {
		return false
	}
	n, err := ch.Conn.Write(b)
	return err == nil && n == len(b)
}

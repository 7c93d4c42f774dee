package workers

import (
	"context"
	"errors"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

const (
	// reportAfter is when a worker without an answer is reported, or half of Options.Timeout, if that is earlier.
	reportAfter = 30 * time.Second
	// askEvery is how often a worker is asked whether it is there, or a quarter of Options.Timeout.
	askEvery = 5 * time.Second
	// absentAfter is when a process that has not called back is looked into.
	absentAfter = 5 * time.Second
	maxStep     = time.Second
	minStep     = 10 * time.Millisecond
)

// owesLocked reports whether the worker has to say something: it has an event, was asked, or is to end.
func (w *worker) owesLocked() bool { return len(w.sent) > w.first || w.asked || w.stopping }

// watch looks after all workers until ctx ends. One that owes an answer and gives none is reported, and after Options.Timeout replaced. A
// callback that sleeps as a coroutine is no such thing: its worker still answers when it is asked.
func (p *Pool) watch(ctx context.Context) {
	step := maxStep
	if t := p.o.Timeout; t > 0 {
		step = min(max(t/8, minStep), maxStep)
	}
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, w := range p.workers {
			w.look()
		}
		p.endUnheard()
	}
}

// look is one round of watch.
func (w *worker) look() {
	o := &w.pool.o
	now := o.Now()
	w.mu.Lock()
	switch {
	case w.ch != nil:
		w.lookAtOne(now)
	case w.ticket != 0 && w.left == nil:
		w.lookForOne(now)
	case w.leftAt > 0 && w.cancel != nil && o.Timeout > 0 && now-w.leftAt > int64(o.Timeout):
		// The request goes on behind the end of the channel: code after start(), or a shutdown function.
		w.replaceLocked("the worker's request does not end", time.Duration(now-w.leftAt))
	default:
		w.mu.Unlock()
	}
}

// errUnheard is why a process that never called back cannot be ended.
var errUnheard = errors.New("workers: it has not said its process id")

// endUnheard has processes ended that never called back, when nobody is about to: php-fpm does not say which child has which request.
func (p *Pool) endUnheard() {
	var known []int
	given, coming := false, false
	for _, w := range p.workers {
		w.mu.Lock()
		switch {
		case w.ch != nil:
			known = append(known, w.pid)
		case w.unheard: // the next one of it may wait for that child
			given = true
		default:
			coming = coming || w.left == nil && w.cancel != nil
		}
		w.mu.Unlock()
	}
	if !given || coming || p.o.Unheard == nil {
		return
	}
	for _, w := range p.workers {
		w.mu.Lock()
		w.unheard = false
		w.mu.Unlock()
	}
	p.o.Unheard(known)
}

// lookAtOne looks after a process that is there. It unlocks.
func (w *worker) lookAtOne(now int64) {
	o := &w.pool.o
	report, often := reportAfter, askEvery
	if o.Timeout > 0 {
		report, often = min(report, o.Timeout/2), min(often, o.Timeout/4)
	}
	silent := time.Duration(now - w.heard)
	if !w.owesLocked() {
		silent = 0
	}
	most := o.Timeout
	if w.stopping {
		most += o.Grace() // it lets coroutines end
	}
	switch {
	case o.Timeout > 0 && silent > most:
		w.replaceLocked("worker does not answer, another one takes its place", silent)
		return
	case silent > report && !w.hung && (!w.stopping || silent > report+o.Grace()):
		w.hung = true
		n, pid := len(w.sent)-w.first, w.pid
		w.mu.Unlock()
		o.Log.Warn("worker does not answer", "worker", w.id, "pid", pid, "silent_s", int(silent.Seconds()), "events", n, "script", o.Script)
		return
	case silent <= report:
		w.hung = false
	}
	var ask bool
	if ask = !w.asked && !w.stopping && now-w.askedAt >= int64(often); ask {
		if !w.owesLocked() {
			w.heard = now
		}
		w.asked, w.askedAt = true, now
		w.scratch = callback.AppendControl(w.scratch[:0], callback.ControlAsk)
		w.out.Add(w.scratch, nil, false)
	}
	out := w.out
	w.mu.Unlock()
	if ask {
		out.Flush()
	}
}

// lookForOne looks after a process that has been asked for and has not called back. It unlocks.
func (w *worker) lookForOne(now int64) {
	o := &w.pool.o
	waited := time.Duration(now - w.bootedAt)
	switch {
	case o.Timeout > 0 && waited > o.Timeout && waited > absentAfter:
		w.replaceLocked("a worker was started and does not call back, it is started again", waited)
	case waited > absentAfter && !w.late:
		w.late = true
		w.mu.Unlock()
		go o.Late(w.id, waited) // it asks PHP
	default:
		w.mu.Unlock()
	}
}

// replaceLocked ends the worker's process, so that its supervisor starts another one. It unlocks.
func (w *worker) replaceLocked(why string, silent time.Duration) {
	o := &w.pool.o
	n, pid, process, noKill, ch, cancel := len(w.sent)-w.first, w.pid, w.process, w.noKill, w.ch, w.cancel
	if w.ch == nil && w.left == nil {
		pid, w.unheard = 0, true // it has not said it
		if o.Unheard == nil {
			noKill = errUnheard
		}
	}
	if process != nil {
		noKill = process.Kill()
	}
	w.cancel, w.byUs = nil, true
	w.mu.Unlock()
	log := o.Log.With("worker", w.id, "pid", pid, "silent_s", int(silent.Seconds()), "events", n, "script", o.Script)
	log.Error(why) //nolint:sloglint // the callers' messages are constant
	if noKill != nil {
		log.Error("the worker's process cannot be ended from here: it takes up a child of php-fpm until it ends by itself, or until somebody kills it", "err", noKill)
	}
	if cancel == nil {
		return // it has been replaced, and goes slowly
	}
	cancel() // php-fpm does not look at the connection while PHP runs
	if ch != nil {
		_ = ch.Conn.Close()
	}
}

// forget gives back what is held of a process that has ended.
func (w *worker) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.process != nil {
		w.process.Release()
	}
	w.process, w.noKill, w.cancel, w.leftAt = nil, nil, nil, 0
}

package bridge

import (
	"slices"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/exchange"
	"github.com/fpmbridge/fpmbridge/bridge/journal"
	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/bridge/tally"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// router carries instructions out, in order. Each caller has its own: it keeps the list of connections whose outbox it
// has put something into, so that each gets one write for all that an answer sends it.
type router struct {
	b     *Bridge
	dirty []*session
	head  [outbox.MaxHeader]byte
	// whole is the frame of a push to several, and deflated those of the push at hand for connections with compression, by their window; nil until
	// the first of them.
	whole    []byte
	deflated [outbox.MaxWindow + 1][]byte
	scratch  []byte // its buffer, for pushes to one connection
	many     bool   // the push at hand goes to several
	op       operation
	stop     bool // the script asks for the end of the server, after what it pushes
}

// keepScratch is the largest buffer that a router keeps for its next answer.
const keepScratch = 64 << 10

func newRouter(b *Bridge) *router { return &router{b: b} }

// apply carries out the instructions of one event's result. flush has to follow.
func (r *router) apply(m *mailbox, ev *callback.Event, res *callback.Result) {
	// One push alone is written at once; several are collected, so that a connection gets one write for all of them.
	cork := len(res.Instructions) > 1 || res.Text != nil
	for i := range res.Instructions {
		r.do(m, ev, &res.Instructions[i], cork)
	}
	if res.Text != nil {
		r.push(m, &callback.Instruction{Kind: callback.KindPush, Opcode: outbox.OpText, Flags: callback.FlagFIN, FD: m.fd, Data: res.Text}, true)
	}
}

// do carries out one instruction.
func (r *router) do(m *mailbox, ev *callback.Event, in *callback.Instruction, cork bool) {
	switch in.Kind {
	case callback.KindPush:
		r.push(m, in, cork)
	case callback.KindClose:
		r.close(m, in)
	case callback.KindLog:
		r.log(m, ev, in)
	case callback.KindTask, callback.KindFinish, callback.KindPipeMessage, callback.KindServer:
		r.job(m, in)
	case callback.KindResponse:
		r.respond(m, in)
	case callback.KindSend:
		r.send(m, in, cork)
	case callback.KindConnection:
		r.connection(m, in)
	case callback.KindOp:
		r.operate(m, in.Op, cork)
	}
}

// flush writes what apply collected.
func (r *router) flush() {
	for i, s := range r.dirty {
		s.out.Flush()
		r.dirty[i] = nil
	}
	r.dirty = r.dirty[:0]
	clear(r.deflated[:])
	r.whole = nil // they may be large, and the router waits for its next answer
	if cap(r.scratch) > keepScratch {
		r.scratch = nil
	}
	if r.stop {
		r.stop = false
		r.b.opts.Stop()
	}
}

func (r *router) push(from *mailbox, in *callback.Instruction, cork bool) {
	first := in.Opcode
	if in.Flags&callback.FlagFIN != 0 || in.Opcode >= outbox.OpClose {
		first |= outbox.BitFIN
	}
	header := outbox.AppendHeader(r.head[:0], first, len(in.Data))
	clear(r.deflated[:])
	r.whole, r.many = nil, len(in.FDs) > 1
	if in.FDs == nil {
		r.pushTo(from, in.FD, in, header, cork)
		return
	}
	for _, fd := range in.FDs {
		r.pushTo(from, fd, in, header, cork)
	}
}

func (r *router) pushTo(from *mailbox, fd uint64, in *callback.Instruction, header []byte, cork bool) {
	if s := r.target(from, fd); s != nil {
		r.pushSession(from, s, in, header, cork)
		return
	}
	r.b.refusePush(from, fd, tally.Unknown)
}

func (r *router) pushSession(from *mailbox, s *session, in *callback.Instruction, header []byte, cork bool) ops.Outcome {
	if !s.established() {
		if s.hold(header, in.Data) {
			r.b.stats.Pushes.Add(1)
			return ops.Done
		}
		if s.open() {
			r.b.refusePush(from, s.fd, tally.NoWebSocket)
			return ops.Unknown
		}
		r.b.refusePush(from, s.fd, tally.Closing)
		return ops.Gone
	}
	body := in.Data
	switch {
	case s.window > 0 && header[0]&outbox.BitFIN != 0 && in.Opcode < outbox.OpClose && in.Opcode > 0 && len(body) >= compressFrom:
		deflated := &r.deflated[s.window]
		switch {
		case *deflated != nil:
		case r.many:
			*deflated = outbox.AppendDeflated(nil, in.Opcode, body, s.window) // a buffer of its own: queues keep it by reference
		default:
			r.scratch = outbox.AppendDeflated(r.scratch[:0], in.Opcode, body, s.window)
			*deflated = r.scratch
		}
		header, body = nil, *deflated
	case r.many:
		// Queues keep it by reference, so it must outlive the answer that it came with: one allocation for all of them.
		if r.whole == nil {
			r.whole = slices.Concat(header, body)
		}
		header, body = nil, r.whole
	}
	return r.put(from, s, header, body, r.many, cork)
}

// put puts bytes into the outbox of a connection, and sees to it that they leave.
func (r *router) put(from *mailbox, s *session, header, body []byte, shared, cork bool) ops.Outcome {
	fd := s.fd
	var res outbox.Result
	if cork {
		if res = s.out.Add(header, body, shared); res == outbox.Slow {
			// What fills the queue may be our own answer, not written yet.
			s.out.Flush()
			res = s.out.Add(header, body, shared)
		}
	} else {
		res = s.out.Send(header, body, shared)
	}
	switch res {
	case outbox.OK:
		s.sentAt.Store(time.Now().UnixNano())
		r.b.stats.Pushes.Add(1)
		r.b.stats.BytesOut.Add(uint64(len(body)))
		if cork {
			r.dirty = append(r.dirty, s)
		}
	case outbox.Closed:
		r.b.refusePush(from, fd, tally.Closing)
		return ops.Gone
	case outbox.Slow:
		r.b.refusePush(from, fd, tally.Slow)
		s.end(ending{cause: callback.CauseSlow, code: closeAbnormal, reason: "outbox full"})
		return ops.Slow
	}
	return ops.Done
}

// respond carries out a part of an HTTP response.
func (r *router) respond(from *mailbox, in *callback.Instruction) {
	if s := r.target(from, in.FD); s == nil || s.respond(in, 0) == exchange.TooLate {
		r.b.stats.ResponsesLost.Add(1)
		r.b.log.Debug("response without a request", "fd", in.FD, "by_fd", from.fd, "script", from.route.name)
	}
}

// compressFrom is the size under which deflate makes a message no shorter.
const compressFrom = 32

func (r *router) close(from *mailbox, in *callback.Instruction) {
	if in.FDs == nil {
		r.closeOne(from, in.FD, in)
		return
	}
	for _, fd := range in.FDs {
		r.closeOne(from, fd, in)
	}
}

func (r *router) closeOne(from *mailbox, fd uint64, in *callback.Instruction) {
	s := r.b.registry.Get(fd)
	e := ending{cause: callback.CauseServer, code: in.Code, reason: string(in.Data), flags: in.Flags}
	if in.Flags&callback.CloseBare != 0 {
		e.code, e.reason = closeAbnormal, ""
	}
	if s == nil || !s.end(e) {
		r.b.stats.ClosesRefused.Add(1)
		r.b.log.Debug("close of a connection that is not open", "fd", fd, "by_fd", from.fd, "script", from.route.name)
	}
}

// logs writes a failed event's log instructions: its pushes are dropped, what it said to the log is not.
func (r *router) logs(m *mailbox, ev *callback.Event, res *callback.Result) {
	for i := range res.Instructions {
		if in := &res.Instructions[i]; in.Kind == callback.KindLog {
			r.log(m, ev, in)
		}
	}
}

func (r *router) log(m *mailbox, ev *callback.Event, in *callback.Instruction) {
	journal.Said(r.b.log, m.about(ev.Type), in)
}

package callback

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/ops"
	"github.com/fpmbridge/fpmbridge/internal/rawconn"
)

const (
	// maxQuery and maxHello bound what a peer can make us hold; a stranger gets the smaller one.
	maxQuery = 64 << 10
	maxHello = 4 << 10
	// readBuffer is what a connection has while it is idle.
	readBuffer = 4 << 10
	// flushAt is how many bytes of replies wait for the rest of a burst.
	flushAt = 32 << 10
)

// The codes of replies.
const (
	codeOK        = 0
	codeMalformed = 400
	codeDenied    = 401
	codeForbidden = 403
	codeNotFound  = 404
	codeGone      = 410
	codeUnknown   = 501
	codeBusy      = 503
)

// peer is one connection of PHP to the callback socket. One goroutine owns it.
type peer struct {
	server *Server
	conn   *rawconn.Conn
	ctx    context.Context // of the server
	owner  uint64          // for shared memory: whose locks these are
	known  bool            // said hello
	scope  ops.Scope       // what it may do
	key    []byte          // by which, if keys may change
	keyGen uint64
	in     []byte // read, from start on not yet answered
	start  int
	out    []byte // replies to send
	list   []ConnStatus
	op     ops.Op
	rests  []ops.Rest // of operations whose replies are in out
}

// errGone ends a connection that the peer has left; nobody needs to know.
var errGone = errors.New("callback: the peer has left")

// serve answers until the peer leaves, and returns why it was sent away, or nil.
func (p *peer) serve() error {
	p.in = make([]byte, 0, readBuffer)
	// Without the deadline, strangers could take all connections there are.
	err := p.conn.SetReadDeadline(time.Now().Add(helloTimeout))
	for err == nil {
		if err = p.read(); err == nil {
			err = p.burst()
		}
		if werr := p.flush(); err == nil {
			err = werr
		}
	}
	if errors.Is(err, errGone) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// refuse tells a connection that there is no room for it, and closes it.
func (p *peer) refuse() {
	p.reply(0, codeBusy, "too many connections")
	_ = p.flush()
	_ = p.conn.Close()
}

// read makes room and reads what is there.
func (p *peer) read() error {
	if p.start > 0 {
		p.in = p.in[:copy(p.in, p.in[p.start:])]
		p.start = 0
	}
	if len(p.in) == 0 && cap(p.in) > readBuffer {
		p.in = make([]byte, 0, readBuffer)
	}
	n, err := p.conn.Read(p.in[len(p.in):cap(p.in)])
	p.in = p.in[:len(p.in)+n]
	switch {
	case n > 0:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.reply(0, codeDenied, "no hello in time")
		return fmt.Errorf("%w: nothing in %v", ErrBadToken, helloTimeout)
	}
	return errGone
}

// burst answers every whole frame that was read.
func (p *peer) burst() error {
	for {
		rest := p.in[p.start:]
		f, n, err := parseFrame(rest, p.limit(rest))
		if errors.Is(err, errFrameCut) {
			if room := cap(p.in) - p.start; room == len(rest) || room < n {
				p.in = append(make([]byte, 0, max(n, readBuffer)), rest...)
				p.start = 0
			}
			return nil
		}
		if err != nil {
			p.reply(f.id, codeMalformed, err.Error())
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		if f.typ == frameWorkerHello && p.known {
			p.start += n
			return p.work(&f)
		}
		if err := p.answer(&f); err != nil {
			return err
		}
		p.start += n
		if len(p.out) >= flushAt {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
}

// work makes the connection a resident worker's channel, until the worker ends.
func (p *peer) work(f *frame) error {
	hello := WorkerHello{Ticket: f.id, PID: int(f.code)}
	if p.server.opts.Residents == nil {
		p.reply(f.id, codeUnknown, "there are no resident workers here")
		return fmt.Errorf("%w: a worker, and none is expected", ErrMalformed)
	}
	if err := p.flush(); err != nil {
		return err
	}
	channel := NewChannel(p.conn.Conn, p.in[p.start:]) // the connection itself: the kernel says whose process is at its other end
	if err := p.server.opts.Residents.ServeWorker(p.ctx, hello, channel); err != nil {
		return err //nolint:wrapcheck // for the log
	}
	return errGone
}

// limit is how large the frame may be that b begins with.
func (p *peer) limit(b []byte) int {
	switch {
	case !p.known:
		return maxHello
	case len(b) >= frameHeaderLen && (b[4] == frameTasks || b[4] == frameTable || b[4] == frameOp):
		return maxFrame // the data of tasks, a row of a table, a message
	case len(b) >= frameHeaderLen && b[4] == frameResponse:
		return maxResponse
	}
	return maxQuery
}

// answer appends the reply to one query.
func (p *peer) answer(f *frame) error {
	if !p.known {
		return p.hello(f)
	}
	if generation := p.server.opts.Generation; generation != nil && f.typ != frameHello && generation() != p.keyGen {
		if err := p.hello(&frame{typ: frameHello, id: f.id, payload: p.key}); err != nil {
			return err
		}
	}
	switch g := p.server.opts.Gateway; {
	case g != nil && f.typ == frameOp:
		return p.operate(f)
	case g != nil && f.typ == frameAsk:
		p.ask(f)
		return nil
	case p.server.opts.Authorize != nil && f.typ != frameHello:
		p.reply(f.id, codeUnknown, "unknown query") // the others are for PHP that handles an event
		return nil
	}
	all := p.server.opts.Connections
	switch f.typ {
	case frameHello:
		return p.hello(f) // harmless, and a wrong one is a wrong one
	case frameExists:
		info, ok := all.Info(f.fd)
		if !ok || info.Closing {
			p.reply(f.id, codeNotFound, "")
			return nil
		}
		reply := frame{typ: frameReply, id: f.id, fd: uint64(info.Status)}
		p.out = reply.append(p.out)
	case frameInfo:
		info, ok := all.Info(f.fd)
		if !ok {
			p.reply(f.id, codeNotFound, "no such connection")
			return nil
		}
		start := len(p.out)
		reply := frame{typ: frameReply, id: f.id}
		p.out = info.appendJSON(reply.appendHeader(p.out))
		finishFrame(p.out, start, len(p.out))
	case frameList:
		p.listReply(f)
	case frameCount:
		reply := frame{typ: frameReply, id: f.id, fd: uint64(all.CountOn(listenerOf(f)))}
		p.out = reply.append(p.out)
	case frameHeartbeat:
		start := len(p.out)
		reply := frame{typ: frameReply, id: f.id}
		p.out = reply.appendHeader(p.out)
		for _, fd := range all.Idle(f.code != 0, nil) {
			p.out = binary.BigEndian.AppendUint64(p.out, fd)
		}
		finishFrame(p.out, start, start+frameHeaderLen)
	case frameStats, frameTasks, frameWorker:
		return p.workers(f)
	case frameTable, frameAtomic, frameLock:
		return p.shared(f)
	case frameResponse, frameFile:
		// It may take a while: whoever asked before it shall not wait.
		if err := p.flush(); err != nil {
			return err
		}
		p.respond(f)
	default:
		p.reply(f.id, codeUnknown, "unknown query")
	}
	return nil
}

// hello checks the first frame. A right one has no reply, so that PHP can send the first query with it.
func (p *peer) hello(f *frame) error {
	if f.typ != frameHello {
		p.reply(f.id, codeDenied, "say hello first")
		return fmt.Errorf("%w: a frame of type %d came first", ErrBadToken, f.typ)
	}
	if authorize := p.server.opts.Authorize; authorize != nil {
		if generation := p.server.opts.Generation; generation != nil {
			p.key, p.keyGen = append(p.key[:0], f.payload...), generation()
		}
		scope, err := authorize(p.conn.RemoteAddr(), f.payload)
		if err != nil {
			p.reply(f.id, codeDenied, err.Error())
			return fmt.Errorf("%w: %w", ErrBadToken, err)
		}
		p.scope = scope
	} else if subtle.ConstantTimeCompare(f.payload, p.server.token) != 1 {
		p.reply(f.id, codeDenied, "wrong token")
		return fmt.Errorf("%w: the token is another one", ErrBadToken)
	} else {
		p.scope = ops.All()
	}
	p.known = true
	// PHP keeps its connection between requests, for as long as it wants.
	if p.conn.SetReadDeadline(time.Time{}) != nil {
		return errGone
	}
	return nil
}

func (p *peer) listReply(f *frame) {
	list, ok := p.server.opts.Connections.ListOn(listenerOf(f), f.fd, int(f.code&limitMask), p.list[:0])
	p.list = list
	if !ok {
		p.reply(f.id, codeNotFound, "no such connection to start after")
		return
	}
	start := len(p.out)
	reply := frame{typ: frameReply, id: f.id}
	p.out = reply.appendHeader(p.out)
	for _, c := range list {
		p.out = binary.BigEndian.AppendUint64(p.out, c.FD)
	}
	for _, c := range list {
		p.out = append(p.out, byte(c.Status))
	}
	finishFrame(p.out, start, start+frameHeaderLen)
	p.list = kept(p.list, keptItems)
}

// limitMask is the part of a list's code that is its limit; above it stands the listener, plus one.
const (
	limitMask   = 1<<24 - 1
	codeListens = 24
)

// listenerOf is the listener whose connections a question is about; -1: all.
func listenerOf(f *frame) int { return int(f.code>>codeListens) - 1 }

// reply appends a reply without a payload. what is for people; it is one of our own words and needs no escapes.
func (p *peer) reply(id uint64, code uint32, what string) {
	start := len(p.out)
	f := frame{typ: frameReply, id: id, code: code}
	p.out = f.appendHeader(p.out)
	if what != "" {
		p.out = append(p.out, `{"error":`...)
		p.out = append(appendJSONString(p.out, what), '}')
	}
	finishFrame(p.out, start, len(p.out))
}

// flush sends the replies, and then lets go what was asked for: PHP need not wait for that.
func (p *peer) flush() error {
	err := p.send()
	for i, rest := range p.rests {
		rest.Flush()
		p.rests[i] = nil
	}
	p.rests = p.rests[:0]
	return err
}

func (p *peer) send() error {
	if len(p.out) == 0 {
		return nil
	}
	_, err := p.conn.WriteWithin(p.out, writeTimeout)
	p.out = kept(p.out, keptBytes)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("%w: for %v", ErrStalled, writeTimeout)
	}
	if err != nil {
		return errGone
	}
	return nil
}

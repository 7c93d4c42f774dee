package callback

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// mediaFrames is the Content-Type of a framed answer.
const mediaFrames = "application/vnd.fpmbridge.frames"

// callFramed hands over all events in one request; docs/protocol.md section 5.
func (s *Script) callFramed(ctx context.Context, slot int, events []*Event, reply *Reply) {
	if n := splitForms(events); n < len(events) {
		reply.fail(n, NotStarted, ErrNotRun)
		events = events[:n]
	}
	if events[0].Form != "" {
		s.callForm(ctx, slot, events, reply)
		return
	}
	now := time.Now()
	for _, ev := range events {
		reply.body = appendEvent(reply.body, ev, now)
	}
	body := reply.body
	if len(body) <= frameInVariable {
		reply.extra, body = appendFramePair(reply.extra, body), nil
	} else {
		reply.extra = appendIntPair(reply.extra, "CONTENT_LENGTH", uint64(len(body)))
	}
	reply.extra = s.appendWorker(reply.extra, slot)
	if key := s.key.Load(); key != nil && events[0].Type != Describe {
		reply.extra = append(reply.extra, *key...)
	}
	reply.request = fcgi.Request{Params: s.framed, Extra: reply.extra, Body: body, Timeout: s.opts.Timeout}
	res, err := s.opts.Client.Do(ctx, &reply.request)
	reply.take(res)
	s.framedAnswer(events, err, reply)
}

// appendWorker appends who is asked, and with which of the SDK's classes.
func (s *Script) appendWorker(dst []byte, n int) []byte {
	dst = appendIntPair(dst, "BRIDGE_WORKER", uint64(n))
	if s.typed.Load() {
		dst = appendShortPair(dst, "BRIDGE_TYPED", "1")
	}
	return dst
}

// frameInVariable is the size in bytes up to which frames travel in the CGI variable BRIDGE_FRAME: PHP reads it with 4,700
// instructions less than a body. In base64 it has to fit a pair of 16 KiB at most.
const frameInVariable = 4 << 10

// appendFramePair appends BRIDGE_FRAME.
func appendFramePair(dst, frames []byte) []byte {
	dst = appendPairHead(dst, "BRIDGE_FRAME", base64.StdEncoding.EncodedLen(len(frames)))
	return base64.StdEncoding.AppendEncode(dst, frames)
}

// appendPairHead appends a pair as far as its value of n bytes, whose length takes four bytes if it is 128 or more.
func appendPairHead(dst []byte, name string, n int) []byte {
	dst = append(dst, byte(len(name)))
	if n < 128 {
		dst = append(dst, byte(n))
	} else {
		dst = binary.BigEndian.AppendUint32(dst, uint32(n)|1<<31)
	}
	return append(dst, name...)
}

// framedAnswer gives every event its result. err is what FastCGI said; next to it there may be the start of an answer.
func (s *Script) framedAnswer(events []*Event, err error, reply *Reply) {
	res := reply.response
	outcome, reason := Failed, error(nil)
	if err != nil {
		outcome, reason = s.transportFailure(err)
	}
	if res == nil || res.Status == 0 {
		reply.failRange(0, len(events), outcome, reason)
		if s.brokeOff(err) && outcome == Failed {
			reply.failRange(1, len(events), NotStarted, reason)
		}
		return
	}
	switch {
	case res.Status < 200 || res.Status > 299:
		reason = fmt.Errorf("%w: %s: status %d", ErrScript, s.opts.File, res.Status)
	case !isMediaType(res.Header("Content-Type"), mediaFrames):
		if err == nil {
			reason = fmt.Errorf("%w: %s: Content-Type %q is not the SDK's", ErrBadAnswer, s.opts.File, res.Header("Content-Type"))
		}
	default:
		s.frames(events, err, reason, reply)
		return
	}
	reply.failRange(0, len(events), Failed, reason)
	reply.printed(res.Body)
}

// frames decodes the frames of an answer. An event whose end came is done, whatever became of the request after it.
func (s *Script) frames(events []*Event, err, reason error, reply *Reply) {
	n, broken := reply.decodeFrames(reply.response.Body, events, s.opts.File)
	switch {
	case err != nil && isAppStatus(err):
		// The request as a whole failed, and its ends with it.
		for i := range events {
			reply.Results[i] = Result{Outcome: Failed, Err: reason, Instructions: onlyLogs(reply.Results[i].Instructions)}
		}
		return
	case broken == nil:
		return
	}
	cut := errors.Is(broken, errFrameCut)
	if reason == nil || !cut {
		reason = fmt.Errorf("%w: %s: %w", ErrBadAnswer, s.opts.File, broken)
	}
	reply.Results[n].Outcome, reply.Results[n].Err = Failed, reason
	rest := Failed
	if cut && s.brokeOff(err) {
		rest = NotStarted // the SDK flushes an end before it starts the next event
	}
	reply.failRange(n+1, len(events), rest, reason)
}

func isAppStatus(err error) bool {
	var status *fcgi.AppStatusError
	return errors.As(err, &status)
}

// onlyLogs moves the log lines of a list to its front and returns them.
func onlyLogs(list []Instruction) []Instruction {
	n := 0
	for _, in := range list {
		if in.Kind == KindLog {
			list[n] = in
			n++
		}
	}
	return list[:n]
}

// appendEvent appends an event's frame.
func appendEvent(dst []byte, ev *Event, now time.Time) []byte {
	f := frame{typ: uint8(ev.Type), attempt: ev.Attempt, id: ev.ID, fd: ev.FD}
	switch ev.Type {
	case Message:
		f.opcode, f.flags, f.code = ev.Opcode, ev.Flags, uint32(ev.Code)
	case Close:
		f.code, f.opcode = uint32(ev.Code), ev.Opcode
		if ev.Cause.ServerSide() {
			f.flags = closeByServer
		}
	case Describe, Start:
		f.opcode = ev.Opcode
	case Request, Handshake, BeforeHandshake:
		f.code = uint32(len(ev.Head))
	default:
	}
	switch ev.Type {
	case Message, Receive, Close, BufferFull, BufferEmpty: // the others have it in meta
		if ev.Conn != nil {
			f.code |= uint32(ev.Conn.Listener) << listenerShift
		}
	default:
	}
	start := len(dst)
	dst = f.appendHeader(dst)
	switch ev.Type {
	case Open, Connect, Request, Handshake, BeforeHandshake:
		if ev.Conn != nil {
			info := ev.info(now)
			dst = info.appendJSON(dst)
		}
	case Close:
		dst = append(append(append(dst, `{"cause":"`...), ev.Cause.String()...), '"')
		dst = append(appendAttributes(dst, ',', ev.Attributes), '}')
	case Message, Receive, BufferFull, BufferEmpty:
		if ev.Attributes != nil {
			dst = append(appendAttributes(dst, '{', ev.Attributes), '}')
		}
	case Task, Finish, PipeMessage, Start, Shutdown, WorkerError:
		dst = append(dst, ev.Meta...)
	default:
	}
	meta := len(dst)
	dst = append(append(dst, ev.Head...), ev.Payload...)
	finishFrame(dst, start, meta)
	return dst
}

// listenerShift is where the listener stands in an event's code, above the close code.
const listenerShift = 16

// closeByServer is the flag of a close event for an end that the server's side brought about.
const closeByServer = 1

// received is when the last message came, in unix microseconds: the handshake counts as one.
func (ev *Event) received() int64 {
	if ev.Last == 0 {
		return ev.Conn.Connected.UnixMicro()
	}
	return ev.Last
}

// info is what the open event tells: nothing was sent to the connection yet, and it is being dispatched now.
func (ev *Event) info(now time.Time) ConnInfo {
	c := ev.Conn
	status := StatusActive
	switch ev.Type {
	case Connect, Request:
		status = StatusNone
	case Handshake:
		status = StatusHandshake
	default:
	}
	return ConnInfo{
		FD: ev.FD, Stream: ev.Stream, Status: status, Listener: int(c.Listener),
		RemoteAddr: c.RemoteAddr, RemotePort: c.RemotePort, ServerAddr: c.ServerAddr, ServerPort: c.ServerPort,
		TLS: c.TLS, Compression: c.Compression, Subprotocol: c.Subprotocol,
		ServerFD: c.ServerFD, SocketFD: c.SocketFD, ClientCert: c.ClientCert,
		Connected: c.Connected, Received: time.UnixMicro(ev.received()), Dispatched: now, Attributes: string(ev.Attributes),
	}
}

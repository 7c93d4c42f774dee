package callback

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// callPlain hands over the first event; docs/protocol.md section 3. It returns the events that an answer to describe
// asks for, or nil.
func (s *Script) callPlain(ctx context.Context, slot int, events []*Event, reply *Reply) (wanted []string) {
	ev := events[0]
	reply.fail(1, NotStarted, ErrNotRun) // only the SDK takes batches; the script has just become a plain one
	reply.extra = s.appendPlain(reply.extra, slot, ev)
	reply.request = fcgi.Request{Params: s.plain, Extra: reply.extra, Body: ev.Payload, Timeout: s.opts.Timeout}
	res, err := s.opts.Client.Do(ctx, &reply.request)
	return s.plainResult(ev, res, err, reply)
}

// ahead are plain requests that go out together. It implements fcgi.Answers.
type ahead struct {
	script *Script
	events []*Event
	reply  *Reply
	done   func(first int)
	reqs   []fcgi.Request
	extra  [][]byte // theirs, used again
}

func (a *ahead) Answer(i int, res *fcgi.Response, err error) {
	a.reply.reset(1)
	a.script.plainResult(a.events[i], res, err, a.reply)
	a.done(i)
}

// callAhead hands over all events, one request for each.
func (s *Script) callAhead(ctx context.Context, slot int, events []*Event, reply *Reply, done func(first int)) {
	a := reply.ahead
	if a == nil {
		a = &ahead{reply: reply}
		reply.ahead = a
	}
	a.script, a.events, a.done = s, events, done
	for i, ev := range events {
		if i == len(a.extra) {
			a.extra = append(a.extra, nil)
		}
		a.extra[i] = s.appendPlain(kept(a.extra[i], keptBytes), slot, ev)
		a.reqs = append(a.reqs, fcgi.Request{Params: s.plain, Extra: a.extra[i], Body: ev.Payload, Timeout: s.opts.Timeout})
	}
	if n := s.pipe.DoEach(ctx, a.reqs, a); n < len(events) {
		// They have waited behind one that PHP did not answer in time, and may have waited for too long.
		reply.reset(len(events) - n)
		reply.fail(0, NotStarted, ErrNotRun)
		done(n)
	}
	clear(a.reqs)
	a.reqs, a.events = a.reqs[:0], nil
}

// plainResult makes a result of the answer to an event.
func (s *Script) plainResult(ev *Event, res *fcgi.Response, err error, reply *Reply) (wanted []string) {
	reply.take(res)
	result := &reply.Results[0]
	switch {
	case err != nil:
		result.Outcome, result.Err = s.transportFailure(err)
	case ev.Type == Handshake:
		result.Answer = &Answer{res.Status, isMediaType(res.Header("Content-Type"), "application/json"), res.Headers(), res.Body}
		return nil
	case res.Status < 200 || res.Status > 299:
		result.Outcome, result.Err = Failed, fmt.Errorf("%w: %s: status %d", ErrScript, s.opts.File, res.Status)
	default:
		return s.plainAnswer(ev, res, reply)
	}
	if res != nil {
		reply.printed(res.Body)
	}
	return nil
}

// plainAnswer decodes a complete answer with status 2xx.
func (s *Script) plainAnswer(ev *Event, res *fcgi.Response, reply *Reply) (wanted []string) {
	result := &reply.Results[0]
	body := bytes.TrimSpace(res.Body)
	isText := s.opts.ReplyText && (ev.Type == Open || ev.Type == Message)
	switch {
	case isMediaType(res.Header("Content-Type"), "application/json"):
		if len(body) == 0 {
			return nil
		}
		d := answerDecoder{reply: reply, event: ev}
		if err := d.decode(res.Body); err != nil {
			result.Outcome, result.Err = Failed, fmt.Errorf("%w: %s: %w", ErrBadAnswer, s.opts.File, err)
			reply.printed(res.Body)
			return nil
		}
		result.Instructions = slices.Clip(reply.instrs)
		return d.events
	case isText && len(res.Body) > 0:
		if !utf8.Valid(res.Body) {
			result.Outcome, result.Err = Failed, fmt.Errorf("%w: %s: the text is not valid UTF-8", ErrBadAnswer, s.opts.File)
			reply.printed(res.Body)
			return nil
		}
		result.Text = res.Body
	case len(body) > 0:
		reply.printed(res.Body)
	}
	return nil
}

// appendPlain appends the CGI pairs that only this event has, and those of its connection.
func (s *Script) appendPlain(dst []byte, slot int, ev *Event) []byte {
	if ev.Conn == nil || ev.Conn.Env == nil {
		dst = append(dst, s.orphan...)
	} else {
		dst = appendEnv(dst, ev.Conn.Env, s.override)
	}
	dst = appendShortPair(dst, "BRIDGE_EVENT", ev.Type.String())
	dst = appendIntPair(dst, "BRIDGE_EVENT_ID", ev.ID)
	dst = appendIntPair(dst, "BRIDGE_ATTEMPT", uint64(ev.Attempt))
	dst = appendIntPair(dst, "BRIDGE_FD", ev.FD)
	dst = appendIntPair(dst, "BRIDGE_WORKER", uint64(slot))
	dst = appendIntPair(dst, "CONTENT_LENGTH", uint64(len(ev.Payload)))
	if ev.Conn != nil {
		dst = appendTimePair(dst, "BRIDGE_LAST_TIME", ev.received())
	}
	if ev.Attributes != nil {
		dst = appendPairHead(dst, "BRIDGE_ATTRIBUTES", len(ev.Attributes))
		dst = append(dst, ev.Attributes...)
	}
	switch ev.Type {
	case Message:
		dst = appendIntPair(dst, "BRIDGE_OPCODE", uint64(ev.Opcode))
		if ev.Code != 0 {
			dst = appendIntPair(dst, "BRIDGE_CLOSE_CODE", uint64(ev.Code))
		}
	case Close:
		dst = appendIntPair(dst, "BRIDGE_CLOSE_CODE", uint64(ev.Code))
		dst = appendShortPair(dst, "BRIDGE_CLOSE_CAUSE", ev.Cause.String())
		// The payload stands in php://input as well. Longer than a close frame allows, it is not of this bridge.
		reason := ev.Payload[:min(len(ev.Payload), maxReason)]
		dst = appendShortPair(dst, "BRIDGE_CLOSE_REASON", "")
		dst[len(dst)-len("BRIDGE_CLOSE_REASON")-1] = byte(len(reason))
		dst = append(dst, reason...)
	default:
	}
	return dst
}

// isMediaType compares the part of a Content-Type before its parameters.
func isMediaType(value []byte, want string) bool {
	if i := bytes.IndexByte(value, ';'); i >= 0 {
		value = value[:i]
	}
	value = bytes.TrimSpace(value)
	return len(value) == len(want) && bytes.EqualFold(value, []byte(want))
}

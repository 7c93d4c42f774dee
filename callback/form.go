package callback

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// A request event with a multipart body travels as what it is for PHP: a POST whose body php-fpm itself takes apart, so that
// files are uploads to PHP (is_uploaded_file) and large ones are in no memory. The event's frame, without the body, is a CGI variable.
// docs/protocol.md section 5.

const (
	// requestForm is the flag of a request event whose body php-fpm takes apart.
	requestForm = 1
	flagsOffset = 5 // of a frame's header
)

// splitForms returns how many events, from the first on, travel in the next request: one with a form goes alone.
func splitForms(events []*Event) int {
	for i, ev := range events {
		if ev.Form != "" {
			return max(i, 1)
		}
	}
	return len(events)
}

// callForm hands over one event with a form.
func (s *Script) callForm(ctx context.Context, slot int, events []*Event, reply *Reply) {
	ev := events[0]
	body := ev.Payload
	bare := *ev
	bare.Payload = nil
	start := len(reply.body)
	reply.body = appendEvent(reply.body, &bare, time.Now())
	reply.body[start+flagsOffset] |= requestForm
	extra := appendIntPair(reply.extra, "CONTENT_LENGTH", uint64(len(body)))
	extra = s.appendWorker(extra, slot)
	var err error
	for _, pair := range [...][2]string{
		{"CONTENT_TYPE", ev.Form}, {"BRIDGE_FRAME", base64.StdEncoding.EncodeToString(reply.body)},
	} {
		if extra, err = fcgi.AppendParam(extra, pair[0], pair[1]); err != nil {
			reply.fail(0, Failed, fmt.Errorf("%w: %s: %w", ErrRequest, s.opts.File, err))
			return
		}
	}
	reply.extra = extra
	reply.request = fcgi.Request{Params: s.form, Extra: extra, Body: body, Timeout: s.opts.Timeout}
	res, err := s.opts.Client.Do(ctx, &reply.request)
	reply.take(res)
	s.framedAnswer(events, err, reply)
}

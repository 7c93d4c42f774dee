package callback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// Describe asks PHP what the script is, and keeps the answer. With Auto, the SDK's answer decides the encoding: a script
// that starts no server is called without the SDK from then on. A failed Describe leaves the last description in place.
//
// Its errors are for people: they say where in the script it failed, or what has to be changed.
func (s *Script) Describe(ctx context.Context) (*Description, error) {
	var d *Description
	var err error
	s.typed.Store(s.opts.Typed != nil && s.opts.Typed(s.opts.File))
	if s.opts.Encoding == Plain {
		d, err = s.describePlain(ctx)
	} else {
		d, err = s.describeFramed(ctx)
	}
	if err != nil {
		return nil, err
	}
	var key []byte
	if d.Key != "" {
		if key, err = fcgi.AppendParam(nil, "BRIDGE_KEY", d.Key); err != nil {
			return nil, fmt.Errorf("%w: the description's key: %w", ErrBadAnswer, err)
		}
	}
	s.description.Store(d)
	s.key.Store(&key)
	return d, nil
}

func (s *Script) describeFramed(ctx context.Context) (*Description, error) {
	var reply Reply
	defer reply.Release()
	reply.reset(1)
	s.callFramed(ctx, 0, []*Event{{Type: Describe, Attempt: 1}}, &reply)
	if d := s.Description(); s.opts.Said != nil && (d == nil || d.Hash != reply.hash) {
		for i := range reply.Results[0].Instructions {
			if in := &reply.Results[0].Instructions[i]; in.Kind == KindLog {
				s.opts.Said(in)
			}
		}
	}
	if err := reply.Results[0].Err; err != nil {
		return nil, s.explain(err, &reply, s.opts.Entry)
	}
	if reply.description == nil {
		return nil, fmt.Errorf("%w: %s: the SDK gave no description", ErrBadAnswer, s.opts.File)
	}
	d, err := parseDescription(reply.description, reply.hash)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be served: %w", s.opts.File, err)
	case d.Kind != KindPlain:
		if err := s.defineShared(reply.shared); err != nil {
			return nil, fmt.Errorf("%s cannot be served: its shared memory: %w", s.opts.File, err)
		}
		return d, nil
	case s.opts.Encoding == Framed:
		return nil, fmt.Errorf("callback: %s starts no server, so it cannot be called in the framed encoding: set encoding to auto or plain", s.opts.File)
	}
	plain, err := s.describePlain(ctx)
	if err != nil {
		return nil, err
	}
	plain.SDK, plain.PHP, plain.Warnings = d.SDK, d.PHP, append(d.Warnings, plain.Warnings...)
	return plain, nil
}

// Measure runs what the script does before the first event of each request, Swoole's workerStart, and returns how long it took; 0:
// nothing, or the script is a plain one. The description stays as it is.
func (s *Script) Measure(ctx context.Context) (time.Duration, error) {
	if s.encoding() == Plain {
		return 0, nil
	}
	var reply Reply
	defer reply.Release()
	reply.reset(1)
	s.callFramed(ctx, 0, []*Event{{Type: Describe, Attempt: 1, Opcode: describeMeasure}}, &reply)
	if err := reply.Results[0].Err; err != nil {
		return 0, s.explain(err, &reply, s.opts.Entry)
	}
	d, err := parseDescription(reply.description, reply.hash)
	if err != nil {
		return 0, err
	}
	return d.Before, nil
}

func (s *Script) describePlain(ctx context.Context) (*Description, error) {
	var reply Reply
	defer reply.Release()
	reply.reset(1)
	ev := Event{Type: Describe, Attempt: 1}
	events := s.callPlain(ctx, 0, []*Event{&ev}, &reply)
	if err := reply.Results[0].Err; err != nil {
		err = s.explain(err, &reply, s.opts.File)
		if (errors.Is(err, ErrScript) || errors.Is(err, ErrBadAnswer)) && reply.status != statusNotFound && reply.status != statusForbidden {
			err = fmt.Errorf("%w; it was asked with BRIDGE_EVENT=describe, which comes before all others: an answer without output will do", err)
		}
		return nil, err
	}
	d := &Description{Kind: KindPlain, Encoding: Plain, Events: events}
	if events == nil {
		d.Events = allEvents()
	}
	if len(reply.Results[0].Instructions) > 0 {
		d.Warnings = append(d.Warnings, "the script answered the describe event with instructions, which are ignored: look at BRIDGE_EVENT")
	}
	return d, nil
}

// explain adds to a failed describe what PHP said and what can be done. file is what php-fpm was to run.
func (s *Script) explain(err error, reply *Reply, file string) error {
	said := firstLine(reply.Stderr)
	if said == "" {
		said = firstLine(reply.Output)
	}
	if said != "" {
		err = fmt.Errorf("%w: PHP says: %s", err, said)
	}
	isSDK := file != s.opts.File
	switch {
	case errors.Is(err, ErrDown):
		return fmt.Errorf("%w; is php-fpm running, and may this user open its socket?", err)
	case errors.Is(err, fcgi.ErrGarbage), errors.Is(err, fcgi.ErrHeaderMissing):
		return fmt.Errorf("%w; is it really php-fpm that listens there?", err)
	case isSDK && strings.Contains(said, "open_basedir restriction"):
		return fmt.Errorf("%w; open_basedir of the pool must have the folder of the SDK (%s) and that of the script, or put the SDK below it and say where with sdk.path", err, path.Dir(file))
	case isSDK && strings.Contains(said, "Call to undefined function") && strings.Contains(said, path.Dir(file)):
		return fmt.Errorf("%w; disable_functions of the pool takes a function away that the SDK cannot do without", err)
	case isSDK && strings.Contains(said, "Cannot declare class") && strings.Contains(said, path.Dir(file)):
		return fmt.Errorf("%w; the pool loads that class before the SDK (auto_prepend_file or opcache.preload): leave it out", err)
	case reply.status == statusNotFound && isSDK:
		return fmt.Errorf("%w; php-fpm cannot open the SDK at %s: set sdk.path to where php-fpm sees it, and let its user read it", err, file)
	case reply.status == statusNotFound:
		return fmt.Errorf("%w; php-fpm cannot open %s: it must be there where php-fpm runs, and its user must be able to read it", err, file)
	case reply.status == statusForbidden:
		return fmt.Errorf("%w; the pool does not let php-fpm run %s: see security.limit_extensions and open_basedir", err, file)
	case isSDK && reply.status != 0 && errors.Is(err, ErrBadAnswer):
		return fmt.Errorf("%w; is %s the SDK's entry.php of this version?", err, file)
	}
	return err
}

// How php-fpm answers for a script that it cannot open, and for one that it must not run.
const (
	statusNotFound  = 404
	statusForbidden = 403
)

// maxSaid bounds what an error quotes of PHP's words.
const maxSaid = 300

func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(b), []byte("\n"))
	line = bytes.TrimPrefix(bytes.TrimSpace(line), []byte("PHP message: "))
	return string(bytes.ToValidUTF8(line[:min(len(line), maxSaid)], []byte("?")))
}

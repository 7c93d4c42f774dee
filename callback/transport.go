package callback

import (
	"errors"
	"fmt"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// transportFailure says what a failed FastCGI exchange means for the event that it carried.
func (s *Script) transportFailure(err error) (Outcome, error) {
	outcome, reason := classify(err)
	return outcome, fmt.Errorf("%w: %s: %w", reason, s.opts.File, err)
}

func classify(err error) (Outcome, error) {
	var fail *fcgi.Error
	var dial *fcgi.DialError
	var status *fcgi.AppStatusError
	// Only fcgi knows what reached PHP. An error that is not its own proves nothing.
	again := Failed
	if errors.As(err, &fail) && !fail.Started {
		again = NotStarted
	}
	switch {
	case errors.As(err, &dial):
		return Down, ErrDown
	case errors.Is(err, fcgi.ErrClosed):
		return again, ErrClosed
	case errors.Is(err, fcgi.ErrNoSlot):
		return again, ErrNoSlot
	case errors.Is(err, fcgi.ErrCanceled):
		return again, ErrCanceled
	case errors.Is(err, fcgi.ErrDeadline):
		return again, ErrTimeout
	case errors.Is(err, fcgi.ErrOverloaded):
		return again, ErrOverloaded
	case errors.Is(err, fcgi.ErrReset):
		return again, ErrReset
	case errors.Is(err, fcgi.ErrTruncated):
		return Failed, ErrTruncated
	// What follows did not start, but it would fail in the same way for ever.
	case errors.Is(err, fcgi.ErrCantMultiplex), errors.Is(err, fcgi.ErrUnknownRole):
		return Failed, ErrUnsupported
	case errors.Is(err, fcgi.ErrParamTooLarge), errors.Is(err, fcgi.ErrBadParams):
		return Failed, ErrRequest
	case errors.Is(err, fcgi.ErrAnswerTooLarge):
		return Failed, ErrTooLarge
	case errors.Is(err, fcgi.ErrGarbage), errors.Is(err, fcgi.ErrHeaderMissing), errors.Is(err, fcgi.ErrHeaderTooLarge):
		return Failed, ErrBadAnswer
	case errors.As(err, &status):
		return Failed, ErrScript
	}
	return Failed, ErrReset
}

// brokeOff reports whether PHP, having written what came, provably did nothing more: its end of the connection is gone.
// A timeout, a cancellation or an answer over the limit only ends our side; PHP may be busy with the next event.
func (s *Script) brokeOff(err error) bool {
	return s.opts.Local && (errors.Is(err, fcgi.ErrTruncated) || errors.Is(err, fcgi.ErrReset))
}

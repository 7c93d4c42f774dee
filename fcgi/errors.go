package fcgi

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of failure, each its own: every error of [Client.Do] is an [*Error] of exactly one of
// these, a [*DialError] or an [*AppStatusError]. Test for them with errors.Is and errors.As.
var (
	// ErrNoSlot: the context ended while all slots were in use. Wraps the context's error.
	ErrNoSlot = errors.New("fcgi: no free slot")
	// ErrReset: the connection ended before one byte of an answer.
	ErrReset = errors.New("fcgi: connection ended before an answer")
	// ErrTruncated: the connection ended inside the answer, without END_REQUEST.
	ErrTruncated = errors.New("fcgi: truncated answer")
	// ErrDeadline: Request.Timeout or the context's deadline passed. The connection is closed.
	ErrDeadline = errors.New("fcgi: deadline passed")
	// ErrCanceled: the context was canceled during the exchange. The connection is closed.
	ErrCanceled = errors.New("fcgi: canceled")
	// ErrOverloaded, ErrCantMultiplex and ErrUnknownRole are the server's refusals in END_REQUEST.
	ErrOverloaded    = errors.New("fcgi: server overloaded")
	ErrCantMultiplex = errors.New("fcgi: server cannot multiplex")
	ErrUnknownRole   = errors.New("fcgi: server does not know the responder role")
	// ErrGarbage: a record or a CGI header that the protocol does not allow here.
	ErrGarbage = errors.New("fcgi: bad answer")
	// ErrHeaderMissing: the answer ended before the blank line after the CGI headers.
	ErrHeaderMissing = errors.New("fcgi: answer without CGI header block")
	// ErrHeaderTooLarge: the CGI header block is over Options.MaxHeader.
	ErrHeaderTooLarge = errors.New("fcgi: CGI header block too large")
	// ErrAnswerTooLarge: the body is over Options.MaxAnswer.
	ErrAnswerTooLarge = errors.New("fcgi: answer too large")
	// ErrParamTooLarge: a name/value pair does not fit one record. Nothing was sent.
	ErrParamTooLarge = errors.New("fcgi: name/value pair too large")
	// ErrBadParams: Request.Params or Extra is not a list of whole pairs. Nothing was sent.
	ErrBadParams = errors.New("fcgi: malformed name/value pairs")
	// ErrStdin: Request.Stdin failed. Wraps its error.
	ErrStdin = errors.New("fcgi: reading the request body")
	// ErrClosed: the client was closed.
	ErrClosed = errors.New("fcgi: client closed")
)

// Error is what [Client.Do] returns when it fails.
type Error struct {
	Kind  error // one of the Err variables, a *DialError or an *AppStatusError
	Cause error // what the network or the context said; may be nil
	// Started tells whether the request can have started to run. False is a proof and allows to
	// send it again; true is no proof of the opposite.
	Started bool
}

func (e *Error) Error() string {
	s := e.Kind.Error()
	if e.Cause != nil {
		s += ": " + strings.TrimPrefix(e.Cause.Error(), "fcgi: ")
	}
	if e.Started {
		s += " (may have started)"
	}
	return s
}

// Unwrap gives errors.Is and errors.As both the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// DialError says that no connection could be made. The request did not start.
type DialError struct {
	Network, Address string
	Err              error
}

func (e *DialError) Error() string {
	return fmt.Sprintf("fcgi: cannot connect to %s %s: %v", e.Network, e.Address, e.Err)
}

func (e *DialError) Unwrap() error { return e.Err }

// AppStatusError is a complete answer whose END_REQUEST carries an exit status other than 0.
type AppStatusError struct{ Status uint32 }

func (e *AppStatusError) Error() string {
	return fmt.Sprintf("fcgi: script ended with status %d", e.Status)
}

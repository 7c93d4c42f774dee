package callback

import (
	"errors"
	"iter"
)

// Outcome says what became of an event that was handed to PHP.
type Outcome uint8

// The closed set of outcomes.
const (
	// Done: the script handled it; Instructions are to be applied in order.
	Done Outcome = iota
	// Failed: the script started, or may have started, and gave no valid answer. Never sent again.
	Failed
	// NotStarted: PHP provably did not start it; it may be sent again at once.
	NotStarted
	// Down: NotStarted, and php-fpm cannot be reached; send again after a back-off.
	Down
)

// Failure reasons, the closed set that counters and logs use.
var (
	ErrDown        = errors.New("callback: php-fpm cannot be reached")
	ErrOverloaded  = errors.New("callback: php-fpm is overloaded")
	ErrNoSlot      = errors.New("callback: no slot became free in time")
	ErrTimeout     = errors.New("callback: the script did not answer in time")
	ErrCanceled    = errors.New("callback: the call was canceled")
	ErrClosed      = errors.New("callback: the FastCGI client is closed")
	ErrReset       = errors.New("callback: php-fpm closed the connection before it answered")
	ErrTruncated   = errors.New("callback: the answer broke off")
	ErrScript      = errors.New("callback: the script failed")
	ErrBadAnswer   = errors.New("callback: the answer is not valid")
	ErrTooLarge    = errors.New("callback: the answer is too large")
	ErrRequest     = errors.New("callback: the event does not fit a FastCGI request")
	ErrUnsupported = errors.New("callback: php-fpm refused the request")
	// ErrNotRun: NotStarted, since an earlier event of the batch ended the script, or the batch was not allowed.
	ErrNotRun = errors.New("callback: the event was not run")
)

// Result is one event's part of an answer.
type Result struct {
	Outcome      Outcome
	Err          error         // Failed: wraps one of the reasons above and says where (script, offset). NotStarted, Down: why
	Instructions []Instruction // Done: what to apply. Otherwise: KindLog only
	Text         []byte        // reply: text: what goes back to the sender; nil for nothing
	Answer       *Answer       // of a plain script to Handshake; nil: it gave none that counts
}

// Answer is what a plain script says to a handshake, as to any HTTP request.
type Answer struct {
	Status  int
	JSON    bool
	Headers iter.Seq2[[]byte, []byte]
	Body    []byte
}

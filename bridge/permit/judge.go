package permit

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/fpmbridge/fpmbridge/callback"
)

// Verdict is what became of an event about a handshake.
type Verdict struct {
	Who     Identity // of a client that may come in: Refusal.Status and Status are 0
	Refusal Refusal  // with a status: the script's
	Status  int      // otherwise, of a failure
	Err     error    // why the answer does not count; nil: there is nothing to add to what was logged
}

// Answers to a handshake that let nobody in, and refuse nobody either.
var (
	errNotOffered = errors.New("permit: the script chose a subprotocol that the client does not offer")
	errNoRefusal  = errors.New("permit: the script refused with a status that is none, or a body that is too large")
)

// Judge reads what a plain script said to the handshake r. It keeps none of the result's bytes.
func Judge(r *http.Request, res *callback.Result) (v Verdict) {
	a := res.Answer
	switch {
	case a == nil && errors.Is(res.Err, callback.ErrTimeout):
		v.Status = http.StatusGatewayTimeout
	case a == nil && (res.Outcome == callback.NotStarted || res.Outcome == callback.Down):
		v.Status = http.StatusServiceUnavailable
	case a == nil:
		v.Status = http.StatusInternalServerError
	case a.Status >= http.StatusOK && a.Status < http.StatusMultipleChoices && !a.JSON && len(bytes.TrimSpace(a.Body)) > 0:
		// What a script prints by accident, such as an error with display_errors, lets nobody in.
		v.Err = fmt.Errorf("permit: status %d with a body that is not application/json: %.200q", a.Status, a.Body)
	case a.Status >= http.StatusOK && a.Status < http.StatusMultipleChoices:
		if v.Who, v.Err = Decode(a.Body); v.Err == nil && v.Who.Subprotocol != "" && !Offered(r, v.Who.Subprotocol) {
			v.Err = errNotOffered
		}
	default:
		var ok bool
		if v.Refusal, ok = Refuse(a.Status, a.Headers, a.Body); !ok {
			v.Err = errNoRefusal
		} else if a.Status >= http.StatusInternalServerError {
			v.Err = fmt.Errorf("permit: the script failed with status %d", a.Status)
		}
	}
	if v.Err != nil && v.Refusal.Status == 0 {
		v.Status = http.StatusInternalServerError
	}
	return v
}

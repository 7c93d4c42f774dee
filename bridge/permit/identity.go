package permit

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// Identity is what a connection is let in with. The zero value is nobody, whom nothing is known of.
type Identity struct {
	UID         string   // "": none
	Groups      []string // to join, without doubles
	Attributes  []byte   // a JSON object; nil: none
	Subprotocol string   // of the client's offers; "": the route's choice
	Headers     []Line   // of the 101
	Expires     time.Time
}

// Line is a header line.
type Line struct{ Name, Value string }

// Join adds what is known by a second word: its uid and subprotocol win, its groups and headers come on top, and its attributes are
// merged into those that there are. An error, that those would be too large, changes nothing.
func (i *Identity) Join(more *Identity) error {
	if len(i.Attributes) > 0 && len(more.Attributes) > 0 {
		merged, err := ops.Merge(i.Attributes, more.Attributes)
		if err != nil {
			return err //nolint:wrapcheck // it says what is wrong
		}
		i.Attributes = merged
	} else if len(more.Attributes) > 0 {
		i.Attributes = more.Attributes
	}
	if more.UID != "" {
		i.UID = more.UID
	}
	if more.Subprotocol != "" {
		i.Subprotocol = more.Subprotocol
	}
	if !more.Expires.IsZero() {
		i.Expires = more.Expires
	}
	for _, g := range more.Groups {
		if !slices.Contains(i.Groups, g) {
			i.Groups = append(i.Groups, g)
		}
	}
	i.Headers = append(i.Headers, more.Headers...)
	return nil
}

// Offered reports whether a client offers a subprotocol. Names are compared as they are, as RFC 6455 section 4.1 has them.
func Offered(r *http.Request, name string) bool {
	for _, line := range r.Header["Sec-Websocket-Protocol"] {
		for offer := range strings.SplitSeq(line, ",") {
			if strings.TrimSpace(offer) == name {
				return true
			}
		}
	}
	return false
}

package permit

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
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

// Join adds what is known by a second word: its uid and subprotocol win, its groups and headers come on top, and its attributes take
// the place of those of the same name.
func (i *Identity) Join(more *Identity) {
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
	i.Attributes = over(i.Attributes, more.Attributes)
}

// over puts the members of one JSON object over those of another. Both are valid, or nil.
func over(under, top []byte) []byte {
	switch {
	case len(top) == 0:
		return under
	case len(under) == 0:
		return top
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(under, &all) != nil || json.Unmarshal(top, &all) != nil {
		return top
	}
	both, err := json.Marshal(all)
	if err != nil {
		return top
	}
	return both
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

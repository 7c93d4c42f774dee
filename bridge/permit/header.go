package permit

import (
	"bytes"
	"iter"
	"maps"
	"net/http"
	"strings"
)

// kept reports whether a header of PHP's may stand in an answer to a handshake. The connection and the framing are the bridge's, and a
// header of RFC 6455 would be a second, other answer.
func kept(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "connection", "upgrade", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer",
		"transfer-encoding", "content-length", "status", "date":
		return false
	}
	return !strings.HasPrefix(name, "sec-websocket-") && validName(name)
}

// validName reports whether name is a token of RFC 9110 section 5.6.2.
func validName(name string) bool {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c > '~' || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return name != ""
}

// validValue reports whether s can stand behind a header's name.
func validValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// Refusal is a script's answer that lets nobody in, as the client gets it.
type Refusal struct {
	Status int // 300 to 599
	Header http.Header
	Body   []byte
}

// maxBody bounds a refusal's body: who is not let in is not sent much.
const maxBody = 256 << 10

// Refuse makes a refusal of a script's answer. Its bytes are copied. It is false for an answer that is none: an odd status, or too
// large a body.
func Refuse(status int, headers iter.Seq2[[]byte, []byte], body []byte) (r Refusal, ok bool) {
	if status < http.StatusMultipleChoices || status > 599 || len(body) > maxBody {
		return r, false
	}
	r = Refusal{Status: status, Header: make(http.Header), Body: bytes.Clone(body)}
	if headers != nil {
		for name, value := range headers {
			if n, v := string(name), string(value); kept(n) && validValue(v) {
				r.Header.Add(n, v)
			}
		}
	}
	return r, true
}

// Serve sends it.
func (r *Refusal) Serve(w http.ResponseWriter) {
	h := w.Header()
	maps.Copy(h, r.Header)
	h.Set("Connection", "close")
	w.WriteHeader(r.Status)
	if r.Status != http.StatusNotModified {
		_, _ = w.Write(r.Body)
	}
}

package inlet

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// deflateAnswer is what we agree to. No context is taken over: 44 KB and 600 KB of each connection's memory would be a compressor's.
const deflateAnswer = "permessage-deflate; client_no_context_takeover; server_no_context_takeover"

const serverWindow = "server_max_window_bits="

// ServerWindow is the window in bits with which a client inflates, by the agreed value of Sec-WebSocket-Extensions; 0 if that is empty.
func ServerWindow(extensions string) uint8 {
	const most = 15 // RFC 7692 section 7.1.2.1
	if extensions == "" {
		return 0
	}
	_, bits, _ := strings.Cut(extensions, serverWindow)
	n := len(bits) - len(strings.TrimLeft(bits, "0123456789"))
	if !windowBits(bits[:n]) {
		return most
	}
	w, _ := strconv.ParseUint(bits[:n], 10, 8)
	return uint8(w)
}

// Negotiate answers the offers of permessage-deflate in a handshake (RFC 7692 section 7.1): it returns the value of the answer's
// Sec-WebSocket-Extensions for the first one that we can keep, or "". Declined are those with a parameter that is unknown, comes twice or has a bad
// value. A header that RFC 6455 section 9.1 has no meaning for offers nothing from there on.
func Negotiate(h http.Header) string {
	for _, line := range h["Sec-Websocket-Extensions"] {
		s := scanner{line}
		for {
			answer, ok := s.extension()
			if !ok {
				break
			}
			if answer != "" {
				return answer
			}
		}
	}
	return ""
}

// scanner reads a header line from the left.
type scanner struct{ s string }

// extension reads one extension and what follows it; ok is false at the end of the line and at what is none.
func (s *scanner) extension() (answer string, ok bool) {
	for s.take(',') { // an empty element of a list (RFC 9110 section 5.6.1)
	}
	name := s.token()
	if name == "" {
		return "", false
	}
	good := name == "permessage-deflate"
	answer = deflateAnswer
	seen := make([]string, 0, 4)
	for s.take(';') {
		param := s.token()
		if param == "" {
			return "", false
		}
		value, has := "", s.take('=')
		if has {
			if value, ok = s.value(); !ok {
				return "", false
			}
		}
		good = good && !slices.Contains(seen, param) // nothing is searched any more behind what is not good
		seen = append(seen, param)
		switch param {
		case "server_no_context_takeover", "client_no_context_takeover":
			good = good && !has
		case "client_max_window_bits": // we inflate with the largest
			good = good && (!has || windowBits(value))
		case "server_max_window_bits":
			good = good && windowBits(value)
			answer = deflateAnswer + "; " + serverWindow + value
		default:
			good = false
		}
	}
	s.space()
	if s.s != "" && s.s[0] != ',' {
		return "", false
	}
	if !good {
		return "", true
	}
	return answer, true
}

// windowBits holds a value against RFC 7692 section 7.1.2: 8 to 15, without leading zeros.
func windowBits(v string) bool {
	switch v {
	case "8", "9", "10", "11", "12", "13", "14", "15":
		return true
	}
	return false
}

func (s *scanner) space() { s.s = strings.TrimLeft(s.s, " \t") }

// take reports whether the next sign is c, and reads it then.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.s == "" || s.s[0] != c {
		return false
	}
	s.s = s.s[1:]
	return true
}

func (s *scanner) token() string {
	s.space()
	n := 0
	for n < len(s.s) && isToken(s.s[n]) {
		n++
	}
	t := s.s[:n]
	s.s = s.s[n:]
	return t
}

// value reads a token, bare or quoted: what is in quotes has to be a token, too (RFC 6455 section 9.1).
func (s *scanner) value() (string, bool) {
	if !s.take('"') {
		t := s.token()
		return t, t != ""
	}
	var b strings.Builder
	for i := 0; i < len(s.s); i++ {
		c := s.s[i]
		if c == '"' {
			s.s = s.s[i+1:]
			return b.String(), b.Len() > 0
		}
		if c == '\\' && i+1 < len(s.s) {
			i++
			c = s.s[i]
		}
		if !isToken(c) {
			return "", false
		}
		b.WriteByte(c)
	}
	return "", false
}

// isToken reports whether c may stand in a token, RFC 9110 section 5.6.2.
func isToken(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

package streams

import (
	"net/http"
	"strconv"
	"strings"
)

// Flaw says why a request is malformed that net/http lets pass; "": it is not. Its parts become one line again, where a space would move what belongs to one part
// to another: RFC 9113 section 8.3.1 and RFC 9110 section 9.1 know none. And the script reads a Content-Length that net/http has not compared with the body.
func Flaw(r *http.Request) string {
	switch {
	case strings.ContainsFunc(r.Method, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c) }):
		return "A method is a token."
	case r.Method == http.MethodConnect:
		return ""
	case r.RequestURI != "*" && !strings.HasPrefix(r.RequestURI, "/"):
		return "A path begins with a slash."
	case strings.ContainsFunc(r.RequestURI, func(c rune) bool { return c <= ' ' || c > '~' }):
		return "A path is ASCII, without spaces."
	}
	for _, said := range r.Header["Content-Length"] {
		if n, err := strconv.ParseInt(said, 10, 64); err != nil || n != r.ContentLength {
			return "Content-Length is not the body's."
		}
	}
	return ""
}

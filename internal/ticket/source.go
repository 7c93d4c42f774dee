package ticket

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// source is a place where a ticket may be.
type source struct{ kind, name string }

// The kinds of sources.
const (
	inHeader = "header"
	inQuery  = "query"
	inCookie = "cookie"
)

func sources(list []string) ([]source, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("ticket: nothing says where a ticket is: want header:NAME, query:NAME or cookie:NAME")
	}
	all := make([]source, 0, len(list))
	for _, s := range list {
		kind, name, _ := strings.Cut(s, ":")
		switch kind {
		case inHeader:
			name = http.CanonicalHeaderKey(name)
		case inQuery, inCookie:
		default:
			return nil, fmt.Errorf("ticket: %q: want header:NAME, query:NAME or cookie:NAME", s)
		}
		if name == "" {
			return nil, fmt.Errorf("ticket: %q has no name", s)
		}
		all = append(all, source{kind, name})
	}
	return all, nil
}

// find returns the request's ticket, "" if there is none. Two in one place are refused: a proxy may have looked at the other one.
func (c *Checker) find(r *http.Request) (string, error) {
	for _, s := range c.from {
		values := s.values(r)
		switch {
		case len(values) > 1:
			return "", refusal(Ambiguous)
		case len(values) == 1 && values[0] != "":
			return values[0], nil
		}
	}
	return "", nil
}

// values returns what stands in that place, once for each time.
func (s source) values(r *http.Request) (values []string) {
	switch s.kind {
	case inHeader:
		lines := r.Header[s.name]
		for _, line := range lines {
			scheme, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch {
			case strings.EqualFold(scheme, "Bearer"):
				values = append(values, strings.TrimSpace(rest))
			case s.name != "Authorization":
				values = append(values, strings.TrimSpace(line))
			case len(lines) > 1:
				values = append(values, "") // another scheme: Basic beside Bearer is one too many
			}
		}
	case inQuery:
		values = r.URL.Query()[s.name]
	case inCookie:
		for _, c := range r.CookiesNamed(s.name) {
			values = append(values, c.Value)
		}
	}
	return values
}

// strip returns a copy of the request without what stands in any of the places.
func (c *Checker) strip(r *http.Request) *http.Request {
	told := r.WithContext(r.Context())
	told.Header = r.Header.Clone()
	u := *r.URL
	told.URL = &u
	for _, s := range c.from {
		switch s.kind {
		case inHeader:
			told.Header.Del(s.name)
		case inQuery:
			u.RawQuery = without(u.RawQuery, "&", func(pair string) bool { return queryName(pair) == s.name })
			told.RequestURI = withQuery(told.RequestURI, u.RawQuery)
		case inCookie:
			stripCookie(told.Header, s.name)
		}
	}
	return told
}

func stripCookie(h http.Header, name string) {
	var lines []string
	for _, line := range h["Cookie"] {
		line = without(line, ";", func(pair string) bool {
			n, _, _ := strings.Cut(pair, "=")
			return strings.TrimSpace(n) == name
		})
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if h.Del("Cookie"); lines != nil {
		h["Cookie"] = lines
	}
}

// without leaves parts out, and everything else as it is.
func without(s, separator string, drop func(part string) bool) string {
	var kept []string
	for part := range strings.SplitSeq(s, separator) {
		if !drop(part) {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, separator)
}

func queryName(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	if decoded, err := url.QueryUnescape(name); err == nil {
		return decoded
	}
	return name
}

func withQuery(uri, query string) string {
	path, _, had := strings.Cut(uri, "?")
	if !had || query == "" {
		return path
	}
	return path + "?" + query
}

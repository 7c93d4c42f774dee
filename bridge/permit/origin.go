package permit

import (
	"net/url"
	"slices"
	"strings"
)

// Origin reports whether a page of that origin may connect, by patterns such as "*", "https://example.org", "example.org" and
// "*.example.org". Clients that are no browsers say none and are allowed: the check protects users from foreign pages (RFC 6455 section
// 10.2), it does not authenticate.
func Origin(patterns []string, origin string) bool {
	if origin == "" || slices.Contains(patterns, "*") {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		host := pattern
		if scheme, rest, ok := strings.Cut(pattern, "://"); ok {
			if !strings.EqualFold(scheme, u.Scheme) {
				return false
			}
			host = rest
		}
		if base, ok := strings.CutPrefix(host, "*."); ok {
			return len(u.Host) > len(base)+1 && strings.EqualFold(u.Host[len(u.Host)-len(base)-1:], "."+base)
		}
		return strings.EqualFold(host, u.Host)
	})
}

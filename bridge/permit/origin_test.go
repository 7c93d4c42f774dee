package permit

import (
	"net/url"
	"strings"
	"testing"
)

func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		patterns, origin string
		want             bool
	}{
		{"*", "https://anything.example", true},
		{"*", "", true},
		{"https://a.example", "", true}, // no browser
		{"https://a.example", "https://a.example", true},
		{"https://a.example", "HTTPS://A.Example", true},
		{"https://a.example", "http://a.example", false},
		{"https://a.example", "https://a.example:8443", false},
		{"https://a.example:8443", "https://a.example:8443", true},
		{"https://a.example", "https://a.example.evil.example", false},
		{"https://a.example", "https://evil.example/https://a.example", false},
		{"https://a.example", "https://a.example@evil.example", false},
		{"https://a.example", "https://eviltest", false},
		{"a.example", "https://a.example", true},
		{"a.example", "http://a.example", true},
		{"a.example", "https://b.a.example", false},
		{"*.a.example", "https://b.a.example", true},
		{"*.a.example", "https://c.b.a.example", true},
		{"*.a.example", "https://B.A.EXAMPLE", true},
		{"*.a.example", "https://a.example", false},
		{"*.a.example", "https://eviла.example", false},
		{"*.a.example", "https://evila.example", false},
		{"*.a.example", "https://.a.example", false},
		{"https://*.a.example", "https://b.a.example", true},
		{"https://*.a.example", "http://b.a.example", false},
		{"https://x.example https://y.example", "https://y.example", true},
		{"https://a.example", "null", false},
		{"a.example", "a.example", false}, // no origin has no scheme
		{"a.example", "://", false},
		{"a.example", "https://a.example\x00", false},
	} {
		if got := Origin(strings.Fields(c.patterns), c.origin); got != c.want {
			t.Errorf("%q allows %q: %v, want %v", c.patterns, c.origin, got, c.want)
		}
	}
}

// Whatever a browser or its owner sends, a pattern lets in its own host only.
func FuzzOrigin(f *testing.F) {
	f.Add("https://b.a.example", "*.a.example")
	f.Add("https://a.example", "a.example")
	f.Add("https://a.example@evil.example", "https://a.example")
	f.Add("http://[::1]:80", "[::1]:80")
	f.Fuzz(func(t *testing.T, origin, pattern string) {
		if pattern == "*" || origin == "" || !Origin([]string{pattern}, origin) {
			return
		}
		u, err := url.Parse(origin)
		if err != nil {
			t.Fatalf("%q is no URL and was allowed", origin)
		}
		host := strings.ToLower(pattern)
		if _, rest, ok := strings.Cut(host, "://"); ok {
			host = rest
		}
		base, wild := strings.CutPrefix(host, "*")
		got := strings.ToLower(u.Host)
		if !strings.EqualFold(u.Host, host) && (!wild || !strings.HasSuffix(got, strings.ToLower(base))) {
			t.Errorf("%q allows %q, whose host is %q", pattern, origin, u.Host)
		}
	})
}

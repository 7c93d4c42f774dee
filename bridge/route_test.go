package bridge

import (
	"net/http"
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
		o := Options{Routes: []Route{{Path: "/", Origins: strings.Fields(c.patterns)}}}
		req := &http.Request{Header: http.Header{}}
		if c.origin != "" {
			req.Header.Set("Origin", c.origin)
		}
		if got := newRoutes(&o)[0].allows(req); got != c.want {
			t.Errorf("%q allows %q: %v, want %v", c.patterns, c.origin, got, c.want)
		}
	}
}

func TestRoutes(t *testing.T) {
	o := Options{Routes: []Route{{Path: "/chat"}, {Path: "/chat/room/"}, {Path: "/a b"}, {Path: "/ä"}}}
	routes := newRoutes(&o)
	for path, want := range map[string]string{
		"/chat": "/chat", "/chat/": "/chat", "/chat/x": "/chat", "/chat/room": "/chat/room/", "/chat/room/7": "/chat/room/", "/chat/roomy": "/chat",
		"/chatter": "", "/": "", "": "", "/cha": "", "/a b": "/a b", "/a b/": "/a b", "/ä/x": "/ä", "//chat": "", "/CHAT": "",
	} {
		got := ""
		if r := match(routes, path); r != nil {
			got = r.name
		}
		if got != want {
			t.Errorf("%q is served by %q, want %q", path, got, want)
		}
	}
	all := newRoutes(&Options{Routes: []Route{{Path: "/"}}})
	for _, path := range []string{"/", "/x", "//", "/x/y"} {
		if match(all, path) == nil {
			t.Errorf("the root does not serve %q", path)
		}
	}
}

func TestRoutesTakeWhatTheyDoNotSayFromTheOptions(t *testing.T) {
	o := Options{
		Origins: []string{"a.example"}, Subprotocols: []string{"v1"},
		Routes: []Route{{Path: "/own", Name: "n", Origins: []string{"*"}, Subprotocols: []string{}}, {Path: "/"}},
	}
	r := newRoutes(&o)
	if r[0].name != "n" || !r[0].anyOrigin || len(r[0].subprotocols) != 0 {
		t.Errorf("%+v", r[0])
	}
	if r[1].name != "/" || r[1].anyOrigin || r[1].subprotocols[0] != "v1" {
		t.Errorf("%+v", r[1])
	}
}

// Whatever a browser or its owner sends, a pattern lets in its own host only.
func FuzzOrigin(f *testing.F) {
	f.Add("https://b.a.example", "*.a.example")
	f.Add("https://a.example", "a.example")
	f.Add("https://a.example@evil.example", "https://a.example")
	f.Add("http://[::1]:80", "[::1]:80")
	f.Fuzz(func(t *testing.T, origin, pattern string) {
		o := Options{Routes: []Route{{Path: "/", Origins: []string{pattern}}}}
		r := newRoutes(&o)[0]
		if r.anyOrigin || origin == "" {
			return
		}
		if !r.allows(&http.Request{Header: http.Header{"Origin": {origin}}}) {
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

func FuzzRoute(f *testing.F) {
	f.Add("/chat", "/chat/room", "/chat/room/7")
	f.Add("/", "/a", "/a/../b")
	f.Fuzz(func(t *testing.T, a, b, path string) {
		if !strings.HasPrefix(a, "/") || !strings.HasPrefix(b, "/") || cleanPath(a) == cleanPath(b) {
			return
		}
		routes := newRoutes(&Options{Routes: []Route{{Path: a}, {Path: b}}})
		got := match(routes, path)
		// The long way round: every prefix of path at a slash, longest first.
		var want *route
		for end := len(path); end >= 0 && want == nil; end-- {
			if end < len(path) && path[end] != '/' {
				continue
			}
			for _, r := range routes {
				if r.path == path[:end] {
					want = r
				}
			}
		}
		if got != want {
			t.Errorf("%q of %q and %q: %v, want %v", path, a, b, got, want)
		}
	})
}

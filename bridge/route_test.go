package bridge

import (
	"strings"
	"testing"
)

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
	if r[0].name != "n" || r[0].origins[0] != "*" || len(r[0].subprotocols) != 0 {
		t.Errorf("%+v", r[0])
	}
	if r[1].name != "/" || r[1].origins[0] != "a.example" || r[1].subprotocols[0] != "v1" {
		t.Errorf("%+v", r[1])
	}
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

package static_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/static"
)

// serve asks a handler with these rules for a path, and says what it answers; "": nothing is there.
func serve(t *testing.T, root string, rules any, path string) string {
	t.Helper()
	h, err := static.OfSettings(map[string]any{"enable_static_handler": true, "document_root": root, "url_rewrite_rules": rules})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://x"+path, http.NoBody)
	h.ServeHTTP(w, r)
	if has := h.(interface{ Has(path string) bool }).Has(r.URL.Path); has != (w.Code != 404) {
		t.Errorf("%s: Has says %v, the answer is %d", path, has, w.Code)
	}
	if w.Code == 404 {
		return ""
	}
	return w.Body.String()
}

func TestRules(t *testing.T) {
	top := t.TempDir()
	root := filepath.Join(top, "www")
	for _, name := range []string{"a.html", "b.html", "x/a.html", "x/.env", "../out.html", "$.html", "10.html"} {
		write(t, filepath.Join(root, name), name)
	}
	pair := func(list ...string) (rules []any) {
		for i := 0; i < len(list); i += 2 {
			rules = append(rules, []any{list[i], list[i+1]})
		}
		return rules
	}
	for _, c := range []struct {
		rules      any
		path, want string
	}{
		{nil, "/a.html", "a.html"},
		{pair("/p/", "/x/"), "/p/a.html", "x/a.html"},
		{pair("/p/", "/x/"), "/q/a.html", ""},
		{pair("/p/", "/x/"), "/a.html", "a.html"},
		{pair("/a", "/b"), "/a.html", "b.html"}, // by its beginning, wherever that ends
		{pair(`~^/(\w+)$~`, "/$1.html"), "/a", "a.html"},
		{pair(`~^/(\w+)$~`, "/$1.html"), "/a/b", ""},
		{pair(`~^/(\w+)$`, "/$1.html?q=$1"), "/b?x=1", "b.html"},
		{pair(`~/y/~`, "/x/"), "/y/a.html", "x/a.html"},                             // what matches is replaced
		{pair(`~^/(a)$~`, "/x/$1.html", `~^/(\w)$~`, "/$1.html"), "/a", "x/a.html"}, // the first that fits
		{pair(`~^/(\w)$~`, "/$1.html", `~^/(a)$~`, "/x/$1.html"), "/a", "a.html"},
		{pair("/p", "/q", "/q", "/a.html"), "/p", ""}, // once
		{pair(`~^/d$~`, "/$$.html"), "/d", "$.html"},
		{pair(`~^/d$~`, "/$.html"), "/d", "$.html"},
		{pair(`~^/a.html$~`, "/x$&"), "/a.html", "x/a.html"},
		{pair(`~^/(1)$~`, "/${1}0.html"), "/1", ""},
		{pair(`~^/(o)ut$~`, "/../$1ut.html"), "/out", ""},
		{pair("/up/", "/../"), "/up/out.html", ""},
		{pair("/up/", "/x/"), "/up/.env", ""},
		{pair("/up/", "x/"), "/up/a.html", "x/a.html"},
		{map[string]any{"/p/": "/x/"}, "/p/a.html", "x/a.html"},
	} {
		if got := serve(t, root, c.rules, c.path); got != c.want {
			t.Errorf("%v: %s: %q, want %q", c.rules, c.path, got, c.want)
		}
	}
}

// Locations are those of the path that is meant.
func TestRulesAndLocations(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "s", "a.html"), "in")
	write(t, filepath.Join(root, "a.html"), "out")
	h, err := static.OfSettings(map[string]any{
		"enable_static_handler": true, "document_root": root, "static_handler_locations": []any{"/s/"}, "url_rewrite_rules": []any{[]any{"/v1/", "/s/"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"/v1/a.html": true, "/v1/none": true, "/s/a.html": true, "/a.html": false} {
		if h.(interface{ Has(path string) bool }).Has(path) != want {
			t.Error(path)
		}
	}
}

// A rule that cannot be is left out, and named; the others count.
func TestRulesThatCannotBe(t *testing.T) {
	for what, value := range map[string]any{
		"no array": "x", "a number": 1.0, "no pairs": []any{"x"}, "three": []any{[]any{"a", "b", "c"}}, "a path that is none": []any{[]any{"/a", 5.0}}, "nothing": []any{[]any{"", "/a"}},
		"look-around": []any{[]any{`~^(?!/x)~`, "/a"}}, "a group without its end": map[string]any{"~(~": "/a"},
	} {
		if rules, err := static.Rules(value); err == nil || len(rules) > 0 || !strings.Contains(err.Error(), "url_rewrite_rules") {
			t.Errorf("%s: %v, %v", what, rules, err)
		}
	}
	rules, err := static.Rules([]any{[]any{"~(~", "/a"}, []any{"/b", "/c"}})
	if len(rules) != 1 || err == nil {
		t.Errorf("%v, %v", rules, err)
	}
	if rules, err := static.Rules([]any{}); rules != nil || err != nil {
		t.Errorf("%v, %v", rules, err)
	}
}

// Whatever the rules make of a path, it stays in the folder.
func FuzzRules(f *testing.F) {
	f.Add(`~^/(\w+)$~`, "/$1.html", "/a")
	f.Add("/up/", "/../", "/up/out.html")
	f.Add(`~(.*)~`, "$0/$12$&$", "/x")
	top := f.TempDir()
	root := filepath.Join(top, "www")
	write(f, filepath.Join(root, "a.html"), "in")
	write(f, filepath.Join(top, "out.html"), "this is outside")
	f.Fuzz(func(t *testing.T, pattern, to, path string) {
		rules, err := static.Rules([]any{[]any{pattern, to}})
		if err != nil {
			return
		}
		h, err := static.New(root, static.Options{Rules: rules, List: true})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://x/", http.NoBody)
		r.URL.Path = path
		h.ServeHTTP(w, r)
		if strings.Contains(w.Body.String(), "this is outside") {
			t.Errorf("%q => %q: %q is outside", pattern, to, path)
		}
	})
}

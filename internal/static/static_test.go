package static_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/static"
)

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestHandler(t *testing.T) {
	top := t.TempDir()
	root := filepath.Join(top, "public")
	write(t, filepath.Join(top, "secret.php"), "secret")
	write(t, filepath.Join(root, "index.html"), "<p>home")
	write(t, filepath.Join(root, "js", "app.js"), "let a")
	write(t, filepath.Join(root, ".env"), "secret")
	if err := os.Symlink("../secret.php", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	h, err := static.New(root, static.Options{Index: []string{"index.html"}, Locations: nil})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/", 200, "<p>home"},
		{"GET", "/index.html", 200, "<p>home"},
		{"GET", "/js/app.js", 200, "let a"},
		{"HEAD", "/js/app.js", 200, ""},
		{"GET", "/js/", 404, ""},
		{"GET", "/js", 404, ""},
		{"GET", "/nothing", 404, ""},
		{"GET", "/../secret.php", 404, ""},
		{"GET", "/..%2fsecret.php", 404, ""},
		{"GET", "/link", 404, ""},
		{"GET", "/.env", 404, ""},
		{"POST", "/", 405, ""},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tt.method, "http://x"+tt.path, http.NoBody))
		if w.Code != tt.status || (tt.status == 200 && w.Body.String() != tt.body) {
			t.Errorf("%s %s: %d %q; want %d %q", tt.method, tt.path, w.Code, w.Body, tt.status, tt.body)
		}
	}
}

// A unit that is not known is no reason to refuse.
func TestRanges(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a.txt"), "0123456789")
	h, err := static.New(root, static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for ranges, want := range map[string]string{
		"bytes=0-2": "206 012", "bytes=-2": "206 89", "bytes=20-": "416 ", "items=0-2": "200 0123456789", "": "200 0123456789",
		"bytes=" + strings.Repeat("0-,", 1000) + "0-": "200 0123456789",
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://x/a.txt", http.NoBody)
		r.Header.Set("Range", ranges)
		if h.ServeHTTP(w, r); !strings.HasPrefix(fmt.Sprint(w.Code, " ", w.Body), want) {
			t.Errorf("%.20s: %d %q", ranges, w.Code, w.Body)
		}
	}
}

func TestLocations(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a.js"), "out")
	write(t, filepath.Join(root, "js", "a.js"), "in")
	h, err := static.New(root, static.Options{Index: nil, Locations: []string{"/js/"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path   string
		has    bool
		status int
	}{{"/js/a.js", true, 200}, {"/js/none", true, 404}, {"/a.js", false, 404}, {"/js/../a.js", false, 404}} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://x"+tt.path, http.NoBody))
		if has := h.(interface{ Has(path string) bool }).Has(tt.path); has != tt.has || w.Code != tt.status {
			t.Errorf("%s: %v %d; want %v %d", tt.path, has, w.Code, tt.has, tt.status)
		}
	}
}

func TestNewWithoutTheFolder(t *testing.T) {
	if _, err := static.New(filepath.Join(t.TempDir(), "none"), static.Options{}); err == nil {
		t.Fatal("want an error that names document_root")
	}
}

// A folder without an index, where lists are asked for: its names are escaped, and what cannot be asked for is not in it.
func TestListing(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a b.txt", "x:y", "<i>.html", ".env", "sub/inner.txt", "full/index.html"} {
		write(t, filepath.Join(root, name), name)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(root, "out")); err != nil {
		t.Fatal(err)
	}
	h, err := static.New(root, static.Options{Index: []string{"index.html"}, List: true})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://x"+path, http.NoBody))
		return w
	}
	page := get("/").Body.String()
	for _, want := range []string{"Index of /<", `<a href="./a%20b.txt">a b.txt</a>`, `<a href="./x:y">x:y</a>`, `<a href="./%3Ci%3E.html">&lt;i&gt;.html</a>`, `<a href="./sub/">sub/</a>`} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not in\n%s", want, page)
		}
	}
	for _, not := range []string{".env", "out", "../"} {
		if strings.Contains(page, not) {
			t.Errorf("%s is in\n%s", not, page)
		}
	}
	if w := get("/sub"); w.Code != 301 || w.Header().Get("Location") != "/sub/" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if sub := get("/sub/").Body.String(); !strings.Contains(sub, `"../"`) || !strings.Contains(sub, "inner.txt") {
		t.Error(sub)
	}
	if full := get("/full/").Body.String(); full != "full/index.html" {
		t.Error(full)
	}
	if w := get("//evil.example/..//sub"); w.Code == 301 && strings.HasPrefix(w.Header().Get("Location"), "//") {
		t.Error(w.Header())
	}
	if has := h.(interface{ Has(path string) bool }); !has.Has("/sub") || has.Has("/nothing") || has.Has("/.git") {
		t.Error("Has")
	}
}

// PHP's 1 and "1" turn it on as true does.
func TestOfSettings(t *testing.T) {
	root := t.TempDir()
	for _, test := range []struct {
		on   any
		want bool
	}{{true, true}, {1.0, true}, {"1", true}, {nil, false}, {false, false}, {0.0, false}, {"0", false}} {
		h, err := static.OfSettings(map[string]any{"enable_static_handler": test.on, "document_root": root, "http_index_files": []any{"index.html"}})
		if err != nil || (h != nil) != test.want {
			t.Errorf("%v: %v, %v", test.on, h, err)
		}
	}
	if h, err := static.OfSettings(map[string]any{"enable_static_handler": true}); h != nil || err != nil {
		t.Error(h, err)
	}
	if _, err := static.OfSettings(map[string]any{"enable_static_handler": true, "document_root": filepath.Join(root, "none")}); err == nil {
		t.Error("a folder that is not there is served")
	}
}

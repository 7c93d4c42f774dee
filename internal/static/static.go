// Package static serves the files below a folder, for scripts that set enable_static_handler and document_root, so that a
// page and the WebSocket it opens can share an address.
//
// [New] is all of it, and [OfSettings] calls it for a script's settings. It lists folders only where that is asked for, follows no link out of its root, and shows no file whose name starts with a dot.
package static

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
)

// Options say how files are served. The zero value serves nothing but files.
type Options struct {
	// Index names files that answer for their folder, the first that is there.
	Index []string
	// Locations are beginnings of paths: all those paths are files or not found, and no other path is a file.
	Locations []string
	// List has a folder without an index answered with a page that links what is in it.
	List bool
	// Rules say where the files of some paths are. The first one that fits counts, and what it makes of the path is looked for.
	Rules []Rule
}

// New returns a handler for GET and HEAD of the files below root. Ranges, If-Modified-Since and content types are net/http's.
func New(root string, o Options) (http.Handler, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("document_root: %w", err)
	}
	return &handler{files: dir.FS(), index: o.Index, locations: o.Locations, list: o.List, rules: o.Rules}, nil
}

type handler struct {
	files     fs.FS
	index     []string
	locations []string
	list      bool
	rules     []Rule
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD.", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Server", serverName)
	meant := h.rewritten(r.URL.Path)
	asked := strings.TrimPrefix(path.Clean("/"+meant), "/")
	name, ok := h.find(asked)
	switch {
	case len(h.locations) > 0 && !h.located(meant):
		http.NotFound(w, r)
		return
	case !ok && h.isListed(asked):
		h.listing(w, r, asked)
		return
	case !ok:
		http.NotFound(w, r)
		return
	}
	http.ServeFileFS(w, withoutIndexRedirect(r), h.files, name)
}

// serverName is what Swoole's static handler says of itself.
const serverName = "swoole-http-server"

func (h *handler) located(name string) bool {
	return slices.ContainsFunc(h.locations, func(l string) bool { return strings.HasPrefix(path.Clean("/"+name), l) })
}

// Has reports whether a request's path is answered here: with a file, or within the locations.
func (h *handler) Has(name string) bool {
	name = h.rewritten(name)
	if len(h.locations) > 0 {
		return h.located(name)
	}
	asked := strings.TrimPrefix(path.Clean("/"+name), "/")
	_, ok := h.find(asked)
	return ok || h.isListed(asked)
}

// find returns the regular file that a path means.
func (h *handler) find(name string) (string, bool) {
	if hidden(name) {
		return "", false
	}
	if name == "" {
		name = "."
	}
	info, err := fs.Stat(h.files, name)
	if err != nil {
		return "", false
	}
	if info.Mode().IsRegular() {
		return name, true
	}
	for _, index := range h.index {
		file := path.Join(name, index)
		if info, err := fs.Stat(h.files, file); err == nil && info.Mode().IsRegular() {
			return file, true
		}
	}
	return "", false
}

// withoutIndexRedirect hides the path from ServeFileFS, which would send /index.html away to /.
func withoutIndexRedirect(r *http.Request) *http.Request {
	c := r.Clone(r.Context())
	c.URL.Path = "/file"
	if !strings.HasPrefix(c.Header.Get("Range"), "bytes=") {
		c.Header.Del("Range") // RFC 9110 section 14.2 has other units ignored, and net/http answers 416
	}
	return c
}

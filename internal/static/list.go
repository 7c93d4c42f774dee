package static

import (
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// hidden reports whether a path has a name that starts with a dot.
func hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return true
		}
	}
	return false
}

// isListed reports whether a path is a folder that is answered with what is in it.
func (h *handler) isListed(name string) bool {
	if !h.list || hidden(name) {
		return false
	}
	info, err := fs.Stat(h.files, path.Join(".", name))
	return err == nil && info.IsDir()
}

// listing answers with what is in a folder: folders and files that could be asked for.
func (h *handler) listing(w http.ResponseWriter, r *http.Request, name string) {
	if !strings.HasSuffix(r.URL.Path, "/") { // or the links would be those of the folder above
		http.Redirect(w, r, (&url.URL{Path: "/" + name + "/"}).String(), http.StatusMovedPermanently)
		return
	}
	entries, err := fs.ReadDir(h.files, path.Join(".", name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	title := html.EscapeString("Index of " + path.Join("/", name))
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html>\n<head><meta charset=\"UTF-8\"><title>" + title + "</title></head>\n<body>\n<h1>" + title + "</h1><hr>\n<ul>\n")
	if name != "" {
		b.WriteString("<li><a href=\"../\">../</a></li>\n")
	}
	for _, e := range entries {
		file := e.Name()
		info, err := fs.Stat(h.files, path.Join(name, file)) // behind links: none leads out
		if err != nil || hidden(file) || !info.IsDir() && !info.Mode().IsRegular() {
			continue
		}
		if info.IsDir() {
			file += "/"
		}
		link := (&url.URL{Path: "./" + file}).String() // "./": a name with a colon is no scheme
		b.WriteString("<li><a href=\"" + html.EscapeString(link) + "\">" + html.EscapeString(file) + "</a></li>\n")
	}
	b.WriteString("</ul>\n<hr><i>Powered by Swoole</i></body>\n</html>\n")
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write([]byte(b.String()))
}

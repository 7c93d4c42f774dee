package standin

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// The functions that can be answered.
const (
	extensionLoaded = "extension_loaded"
	phpVersion      = "phpversion"
	sapiName        = "php_sapi_name"
)

// What is looked at below a script's folder, at most.
const (
	maxFiles   = 500
	maxBytes   = 4 << 20
	maxEntries = 5000
	maxDepth   = 6
)

// Wanted are the functions that need an answer: those that the scripts, or PHP files below their folders, call for that. ini are the
// operator's settings: with disable_functions he may ask for an answer himself, for code that is not looked at (libraries).
func Wanted(scripts, ini []string) []string {
	wanted := make(map[string]bool)
	for _, line := range ini {
		if name, value, _ := strings.Cut(line, "="); strings.TrimSpace(name) == "disable_functions" {
			for name := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == ' ' }) {
				wanted[name] = true
			}
		}
	}
	delete(wanted, phpVersion) // often disabled so that nobody learns it
	words := patterns()
	for _, script := range scripts {
		r := reader{words: words, files: maxFiles, bytes: maxBytes, entries: maxEntries, found: make(map[string]bool)}
		r.read(script)
		if r.includes {
			r.walk(filepath.Dir(script))
		}
		if r.swoole {
			for name, is := range r.found {
				wanted[name] = wanted[name] || is
			}
		}
	}
	var names []string
	for _, name := range []string{extensionLoaded, phpVersion, sapiName} {
		if wanted[name] {
			names = append(names, name)
		}
	}
	return names
}

// Code is PHP that defines the functions, to be run in front of each script. files are the SDK's.
func Code(files fs.FS, names []string) (string, error) {
	var b strings.Builder
	const head, strict = "<?php\n", "declare(strict_types=1);\n"
	b.WriteString(head + strict)
	for _, name := range names {
		text, err := fs.ReadFile(files, "compat/standins/"+name+".php")
		if err != nil {
			return "", fmt.Errorf("standin: %w", err)
		}
		b.WriteString(strings.Replace(strings.TrimPrefix(string(text), head), strict, "", 1))
	}
	return b.String(), nil
}

// reader looks at the files of one script.
type reader struct {
	words                 *words
	files, bytes, entries int // left

	swoole, includes bool // one of them is about Swoole, loads others
	found            map[string]bool
	typed            *classes // may be nil
}

// walk reads the PHP files below a folder, but for libraries, those of its upper folders first. What cannot be read is left out: PHP will
// say so, if it needs it.
func (r *reader) walk(dir string) {
	dirs := []string{dir}
	for depth := 0; depth < maxDepth && len(dirs) > 0; depth++ {
		var next []string
		for _, dir := range dirs {
			next = append(next, r.folder(dir)...)
		}
		dirs = next
	}
}

// folder reads a folder's files, and returns the folders in it.
func (r *reader) folder(dir string) (dirs []string) {
	f, err := os.Open(dir)
	if err != nil || r.entries <= 0 {
		return nil
	}
	defer func() { _ = f.Close() }() // opened only to be read
	entries, _ := f.ReadDir(r.entries)
	r.entries -= len(entries)
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, "."):
		case e.IsDir() && name != "vendor" && name != "node_modules":
			dirs = append(dirs, filepath.Join(dir, name))
		case strings.HasSuffix(name, ".php") && r.files > 0:
			r.read(filepath.Join(dir, name))
		}
	}
	return dirs
}

func (r *reader) read(path string) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > int64(r.bytes) {
		return // a pipe would never end
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return
	}
	r.files--
	r.bytes -= len(text)
	w := r.words
	if r.typed != nil && w.class.Match(text) {
		r.typed.read(string(text))
	}
	r.swoole = r.swoole || w.swoole.Match(text)
	r.includes = r.includes || w.include.Match(text)
	r.found[extensionLoaded] = r.found[extensionLoaded] || w.loaded.Match(text) && w.extension.Match(text)
	r.found[phpVersion] = r.found[phpVersion] || w.version.Match(text)
	r.found[sapiName] = r.found[sapiName] || w.sapi.Match(text) && w.cli.Match(text)
}

// words tell whether a file asks. The name of the extension may be in a list that a loop goes through.
type words struct {
	swoole, include, loaded, extension, version, sapi, cli, class *regexp.Regexp
}

func patterns() *words {
	return &words{
		swoole:    regexp.MustCompile(`(?i)swoole`),
		include:   regexp.MustCompile(`(?i)\b(?:include|require)(?:_once)?\b`),
		loaded:    regexp.MustCompile(`(?i)\bextension_loaded\s*\(`),
		extension: regexp.MustCompile(`(?i)['"](?:open)?swoole['"]`),
		version:   regexp.MustCompile(`(?i)\bphpversion\s*\(\s*['"](?:open)?swoole['"]`),
		sapi:      regexp.MustCompile(`(?i)\bphp_sapi_name\s*\(`),
		cli:       regexp.MustCompile(`(?i)['"]cli['"]`),
		class:     regexp.MustCompile(`(?i)\b(?:extends|trait)\b`),
	}
}

package standin

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// TypedFlag is [Typed] for an environment: 1 or nothing.
func TypedFlag(script string) string {
	if Typed(script) {
		return "1"
	}
	return ""
}

// Typed tells whether a script has a class that extends Swoole's servers or tables, itself or by way of others, and that has a method of
// theirs with a type for a parameter that could be null: PHP 8 refuses such a class if the parent's parameter takes null, as the SDK's do where
// nobody minds. Classes are known by their short names; those of libraries are not looked at.
func Typed(script string) bool {
	r := reader{words: patterns(), files: maxFiles, bytes: maxBytes, entries: maxEntries, found: make(map[string]bool), typed: newClasses()}
	r.read(script)
	if r.includes {
		r.walk(filepath.Dir(script))
	}
	return r.swoole && r.typed.any()
}

// swooles stands for each of Swoole's classes.
const swooles = "swoole_server"

// classes are those of a script's files, in lower case and without namespaces.
type classes struct {
	comment, alias, use, class, override, theirs *regexp.Regexp

	parent map[string]string // class => what it extends, [swooles], or nothing
	typed  []string          // classes with a typed method
	traits bool              // a trait has one
}

func newClasses() *classes {
	const methods = `push|pack|disconnect|ping|isEstablished|exists?|close|getClientInfo|getClientList|connection_info|connection_list|protect` +
		`|bind|pause|resume|confirm|send|on|addProcess|get|set|del|delete|incr|decr`
	return &classes{
		comment:  regexp.MustCompile(`(?s)/\*.*?\*/`),
		alias:    regexp.MustCompile(`(?i)\buse\s+\\?(?:open)?swoole\\[\w\\]+\s+as\s+(\w+)`),
		use:      regexp.MustCompile(`(?i)\buse\s+\\?(?:open)?swoole\\`),
		class:    regexp.MustCompile(`(?im)(?:(?:^|[;{}])[\w \t]*?|\bnew\s+)\b(class|trait)(?:\s+(\w+))?(?:\s*\([^{]*?\))?(?:\s+extends\s+([\w\\]+))?[^{;()$]*\{`),
		override: regexp.MustCompile(`(?i)\bfunction\s+&?(?:` + methods + `)\s*\([^{;]*?(?:\b(?:int|string|callable|float)\b|\bFrame\s*\||\bProcess\s)[^{;]*?\$`),
		theirs:   regexp.MustCompile(`^\\?(?:open)?swoole(?:\\(?:http\\|websocket\\)?(?:server|table)|_(?:(?:http_|websocket_)?server|table))$`),
		parent:   make(map[string]string),
	}
}

// read takes note of a file's classes.
func (c *classes) read(text string) {
	text = c.comment.ReplaceAllString(text, "")
	for _, use := range c.alias.FindAllStringSubmatch(text, -1) {
		c.parent[strings.ToLower(use[1])] = swooles
	}
	uses := c.use.MatchString(text)
	found := c.class.FindAllStringSubmatchIndex(text, -1)
	for i, at := range found {
		part := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return strings.ToLower(text[at[2*n]:at[2*n+1]])
		}
		name, parent, end := part(2), part(3), len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		if c.theirs.MatchString(parent) || uses && (parent == "server" || parent == "table") {
			parent = swooles
		}
		typed := c.override.MatchString(text[at[1]:end])
		if part(1) == "trait" {
			c.traits = c.traits || typed
			continue
		}
		if name == "" {
			name = parent // only typed ones matter
		} else {
			c.parent[name] = parent[strings.LastIndexByte(parent, '\\')+1:]
		}
		if typed {
			c.typed = append(c.typed, name)
		}
	}
}

// any tells whether a typed one is Swoole's child.
func (c *classes) any() bool {
	if slices.ContainsFunc(c.typed, c.swooles) {
		return true
	}
	for class := range c.parent {
		if c.traits && c.swooles(class) {
			return true
		}
	}
	return false
}

func (c *classes) swooles(class string) bool {
	for range maxDepth {
		if class == swooles {
			return true
		}
		class = c.parent[class]
	}
	return false
}

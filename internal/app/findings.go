package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/config"
)

// maxFindings bounds what is said of one script, in lines.
const maxFindings = 20

// kinds are what findings are told under, in this order.
var kinds = [...]struct{ kind, label string }{
	{"memory", "forgets"},
	{"timer", "no timers"},
	{"watcher", "no watchers"},
	{"process", "no processes"},
	{"endless", "never ends"},
	{"", "cannot"},
}

// remedy is what to do about findings.
const remedy = "serve it with --mode resident, or keep memory in a Swoole\\Table: docs/request-mode.md"

// findings are what is wrong with a script in the mode it is served in.
func (p *plant) findings(d *callback.Description) []callback.Finding {
	if p.cfg.Mode != config.ModeRequest {
		return nil
	}
	return d.Findings
}

// writeFindings writes them as rows of a table with the columns kind, place, what.
func writeFindings(w io.Writer, findings []callback.Finding) {
	if len(findings) == 0 {
		return
	}
	left := maxFindings
	for i := range kinds {
		label := kinds[i].label
		for _, f := range findings {
			if kindOf(f) != i {
				continue
			}
			if left--; left < 0 {
				continue
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\n", label, placeOf(f), what(f))
			label = ""
		}
	}
	if left < 0 {
		fmt.Fprintf(w, "  \t… and %d more\n", -left)
	}
	fmt.Fprintf(w, "  instead\t%s\n", remedy)
}

// logFindings logs those that were not there before, and new warnings.
func (p *plant) logFindings(script string, before, now *callback.Description) {
	var known []callback.Finding
	var warned []string
	if before != nil {
		known, warned = p.findings(before), before.Warnings
		for _, warning := range now.Warnings {
			if !slices.Contains(warned, warning) {
				p.log.Warn("a note on the script", "script", script, "note", warning)
			}
		}
	}
	// A change elsewhere in a file moves lines: what was said of a variable is not said again for that.
	same := func(a callback.Finding) bool {
		return slices.ContainsFunc(known, func(b callback.Finding) bool {
			return a.Kind == b.Kind && a.File == b.File && a.What == b.What
		})
	}
	left := maxFindings
	for _, f := range p.findings(now) {
		if same(f) {
			continue
		}
		if left--; left < 0 {
			continue
		}
		p.log.Warn("request mode cannot carry what the script does", "kind", f.Kind, "at", placeOf(f), "what", what(f), "script", script)
	}
	if left < 0 {
		p.log.Warn("more of the script's code is not for request mode", "script", script, "more", -left)
	}
}

func kindOf(f callback.Finding) int {
	for i := range kinds {
		if kinds[i].kind == f.Kind {
			return i
		}
	}
	return len(kinds) - 1
}

func what(f callback.Finding) string {
	if f.Places > 1 {
		return fmt.Sprintf("%s (%d places)", f.What, f.Places)
	}
	return f.What
}

// placeOf is file:line, as short as it can be opened from here.
func placeOf(f callback.Finding) string {
	file := f.File
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, file); err == nil && rel != ".." && !strings.HasPrefix(rel, "../") {
			file = rel
		}
	}
	return fmt.Sprintf("%s:%d", file, f.Line)
}

// logSaid logs what a script printed, and what PHP warned of, before it started its server.
func (p *plant) logSaid(script string, in *callback.Instruction) {
	text := string(in.Data)
	// A note says what was meant by an option; a first line for the shell is no output on the command line either.
	if strings.Contains(text, "unsupported option [") || strings.HasPrefix(text, "#!") {
		return
	}
	level := slog.LevelInfo
	if in.Code == logWarning {
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{slog.String("text", text), slog.String("script", script)}
	if in.File != "" {
		attrs = append(attrs, slog.String("file", in.File), slog.Int("line", in.Line))
	}
	p.log.LogAttrs(context.Background(), level, "php", attrs...)
}

// logWarning is the level of a log instruction that is a warning.
const logWarning = 2

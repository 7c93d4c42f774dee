package remote

import (
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

// Table is an answer as a person reads it.
type Table struct {
	Head []string // nil: none
	Rows [][]string
	Note string // stands below; "": nothing
}

const columnGap = 2

// Lines returns the lines of the table.
func (t *Table) Lines() []string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, columnGap, ' ', 0)
	line := func(cells []string) {
		_, _ = w.Write([]byte(strings.Join(cells, "\t") + "\n")) // into memory
	}
	if t.Head != nil {
		line(t.Head)
	}
	for _, row := range t.Rows {
		line(row)
	}
	_ = w.Flush()
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	if t.Note != "" {
		lines = append(lines, t.Note)
	}
	return lines
}

// plain makes a text harmless for a terminal and a table: names may have any bytes.
func plain(s string) string {
	for _, r := range s {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return strconv.Quote(s)
		}
	}
	return s
}

// cut shortens a text to n runes.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:max(n-1, 0)]) + "…"
}

// thousands writes a number so that a person can read it.
func thousands(n float64) string {
	s := strconv.FormatFloat(n, 'f', 0, 64)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

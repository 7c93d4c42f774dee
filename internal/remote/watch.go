package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Escape sequences of ECMA-48.
const (
	home      = "\x1b[H"
	clearAll  = "\x1b[2J"
	clearLine = "\x1b[K"
	clearRest = "\x1b[J"
)

// Watch shows a view each second until ctx ends: on a terminal in its place, elsewhere one after the other under its time, or one
// JSON object a line. Its first question has to have an answer; a bridge that goes away later is waited for.
func Watch(ctx context.Context, c *Client, v View, asJSON bool, out io.Writer) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for first := true; ; first = false {
		raw, t, err := v(ctx, c)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // it was asked to end
		case err != nil && (first || !passing(err)):
			return err
		case asJSON:
			if err != nil {
				raw, _ = json.Marshal(map[string]any{"error": map[string]string{"message": err.Error()}})
			}
			_, err = fmt.Fprintf(out, "%s\n", raw)
		default:
			if err != nil {
				t = &Table{Note: err.Error()}
			}
			err = frame(t, c.Address, first, out)
		}
		if err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// passing reports whether asking again may help.
func passing(err error) bool {
	var refused *Error
	var unreachable *UnreachableError
	return errors.As(err, &unreachable) || errors.As(err, &refused) && refused.Status == http.StatusTooManyRequests
}

// frame writes one picture.
func frame(t *Table, address string, first bool, out io.Writer) error {
	lines := append([]string{time.Now().Format(time.DateTime) + "  fpmbridge at " + address}, t.Lines()...)
	rows, columns := size(out)
	if rows == 0 {
		_, err := fmt.Fprintf(out, "%s\n\n", strings.Join(lines, "\n"))
		return err //nolint:wrapcheck // of stdout
	}
	var b strings.Builder
	if first {
		b.WriteString(clearAll)
	}
	b.WriteString(home)
	if len(lines) > rows-1 {
		left := len(lines) - (rows - 2)
		lines = append(lines[:rows-2], fmt.Sprintf("… %d more lines: a larger terminal shows them", left))
	}
	for _, line := range lines {
		b.WriteString(cut(line, columns) + clearLine + "\n")
	}
	b.WriteString(clearRest)
	_, err := io.WriteString(out, b.String())
	return err //nolint:wrapcheck // of stdout
}

// size is how large the terminal is; 0: out is none.
func size(out io.Writer) (rows, columns int) {
	f, ok := out.(interface{ Fd() uintptr })
	if !ok {
		return 0, 0
	}
	w, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil || w.Row < 3 {
		return 0, 0
	}
	return int(w.Row), int(w.Col)
}

func isNotFound(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Status == http.StatusNotFound
}

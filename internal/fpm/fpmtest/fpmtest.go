// Package fpmtest gives tests a real php-fpm. [Start] is all there is.
package fpmtest

import (
	"errors"
	"log/slog"
	"os"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

// Start returns a php-fpm that accepts connections and ends with the test. Where none is installed the test is skipped,
// and fails under CI, which must run everything. The log goes to the test's output unless o.Log says otherwise.
func Start(tb testing.TB, o fpm.Options) *fpm.Server {
	tb.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	s, err := fpm.Start(tb.Context(), o)
	var missing *fpm.NotFoundError
	if errors.As(err, &missing) && os.Getenv("CI") == "" { //nolint:forbidigo // a test's surroundings
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

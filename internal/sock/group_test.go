package sock_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/sock"
)

func TestGroupOf(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := sock.GroupOf(name); got != strconv.Itoa(os.Getegid()) {
		t.Errorf("got %q", got)
	}
	if got := sock.GroupOf(name + "x"); got != "" {
		t.Errorf("a file that is not there: %q", got)
	}
}

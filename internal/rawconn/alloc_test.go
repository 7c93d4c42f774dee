//go:build !race

package rawconn_test

import (
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/rawconn"
)

func TestNothingIsAllocated(t *testing.T) {
	pair := ends(t)["unix"]
	a, b := rawconn.New(pair[0], nil), rawconn.New(pair[1], nil)
	buf := make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() {
		_, _ = a.WriteWithin(buf, time.Minute)
		_, _ = b.Read(buf)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

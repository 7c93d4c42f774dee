//go:build !race

package rawio_test

import (
	"syscall"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

func TestNothingIsAllocated(t *testing.T) {
	r, w := pipe(t)
	t.Cleanup(func() { _ = syscall.Close(int(w)) })
	buf := make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() {
		_, _ = rawio.Write(w, buf)
		_, _ = rawio.Read(r, buf)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

//go:build unix

package rawio_test

import (
	"bytes"
	"syscall"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

// pipe is a pipe whose ends do not block.
func pipe(t *testing.T) (r, w uintptr) {
	t.Helper()
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if err := syscall.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = syscall.Close(fds[0]) })
	return uintptr(fds[0]), uintptr(fds[1])
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	r, w := pipe(t)
	buf := make([]byte, 100)
	if n, errno := rawio.Read(r, buf); n != 0 || errno != syscall.EAGAIN {
		t.Fatalf("nothing there: %d, %v", n, errno)
	}
	if n, errno := rawio.Write(w, nil); n != 0 || errno != 0 {
		t.Errorf("nothing to write: %d, %v", n, errno)
	}
	if n, errno := rawio.Write(w, []byte("hello")); n != 5 || errno != 0 {
		t.Fatalf("written %d, %v", n, errno)
	}
	if n, errno := rawio.Read(r, buf); string(buf[:n]) != "hello" || errno != 0 {
		t.Errorf("read %q, %v", buf[:n], errno)
	}
	if err := syscall.Close(int(w)); err != nil {
		t.Fatal(err)
	}
	if n, errno := rawio.Read(r, buf); n != 0 || errno != 0 {
		t.Errorf("at the end: %d, %v", n, errno)
	}
	if n, errno := rawio.Write(r, []byte("x")); n != 0 || errno != syscall.EBADF {
		t.Errorf("written to the reading end: %d, %v", n, errno)
	}
}

// More than a descriptor takes, and more than one call copies.
func TestAWriteTakesWhatFits(t *testing.T) {
	r, w := pipe(t)
	t.Cleanup(func() { _ = syscall.Close(int(w)) })
	large := bytes.Repeat([]byte("x"), 4<<20)
	total := 0
	for {
		n, errno := rawio.Write(w, large)
		if errno == syscall.EAGAIN {
			break
		}
		if errno != 0 || n == 0 {
			t.Fatalf("%d, %v", n, errno)
		}
		total += n
	}
	got, errno := rawio.Read(r, large)
	if total == 0 || total >= len(large) || got == 0 || got > total || errno != 0 {
		t.Errorf("%d written, %d read, %v", total, got, errno)
	}
}

package rawio_test

import (
	"syscall"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

// A peek leaves what it read, and says no more than that the socket is empty or has ended.
func TestAPeekTakesNothing(t *testing.T) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fds[0]) })
	r, w := uintptr(fds[0]), uintptr(fds[1])
	buf := make([]byte, 100)
	if n, errno := rawio.Peek(r, buf); n != 0 || errno != syscall.EAGAIN {
		t.Fatalf("nothing there: %d, %v", n, errno)
	}
	_, _ = rawio.Write(w, []byte("hello"))
	for range 2 {
		if n, errno := rawio.Peek(r, buf); string(buf[:n]) != "hello" || errno != 0 {
			t.Errorf("peeked %q, %v", buf[:n], errno)
		}
	}
	if n, errno := rawio.Read(r, buf); string(buf[:n]) != "hello" || errno != 0 {
		t.Errorf("read %q, %v", buf[:n], errno)
	}
	if err := syscall.Close(fds[1]); err != nil {
		t.Fatal(err)
	}
	if n, errno := rawio.Peek(r, buf); n != 0 || errno != 0 {
		t.Errorf("at the end: %d, %v", n, errno)
	}
}

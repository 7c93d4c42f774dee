package socket

import (
	"io"
	"net"
	"sync"
	"syscall"

	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

// Chunk is how much of a TCP connection is read at once: Swoole's SW_BUFFER_SIZE_BIG.
const Chunk = 64 << 10

// tlsRecord is the most that one read of a TLS connection gives, RFC 8446 section 5.1.
const tlsRecord = 16 << 10

// chunks is process-wide, as sync.Pools of plain buffers are.
var chunks = sync.Pool{New: func() any { b := make([]byte, Chunk); return &b }}

// Reader reads bytes as they come. One goroutine uses it; Init comes first.
type Reader struct {
	sock net.Conn
	raw  syscall.RawConn // nil where the socket cannot be tried without blocking (TLS, pipes)
	try  func(fd uintptr) bool
	// blocking is what is read into where only a blocking read tells that there is something; nil otherwise
	blocking []byte

	chunk *[]byte // what n bytes were read into; nil: nothing
	n     int
	err   error
}

// Init prepares a reader of sock.
func (r *Reader) Init(sock net.Conn) {
	*r = Reader{sock: sock}
	if sc, ok := sock.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			r.raw, r.try = raw, r.tryRead // kept: a closure per read would be an allocation
		}
	}
	if r.raw == nil {
		r.blocking = make([]byte, tlsRecord)
	}
}

// Wait returns when something was read, which Bytes has then, or when there is nothing more: io.EOF, or the socket's error.
// It is where a connection spends its life, so it takes a chunk only when there is something, where the socket can be tried.
// What was read before must have been dropped.
func (r *Reader) Wait() error {
	r.n, r.err = 0, nil
	if r.raw == nil {
		n, err := r.sock.Read(r.blocking)
		if n == 0 {
			return err //nolint:wrapcheck // the reader goroutine looks at its kind
		}
		r.take()
		r.n = copy(*r.chunk, r.blocking[:n])
		return nil
	}
	if err := r.raw.Read(r.try); err != nil {
		return err //nolint:wrapcheck // as above
	}
	return r.err
}

// Bytes is what was read, until Drop; nil: nothing.
func (r *Reader) Bytes() []byte {
	if r.chunk == nil {
		return nil
	}
	return (*r.chunk)[:r.n]
}

// Drop gives the memory of Bytes back.
func (r *Reader) Drop() {
	if r.chunk != nil {
		chunks.Put(r.chunk)
		r.chunk = nil
	}
}

func (r *Reader) take() { r.chunk, _ = chunks.Get().(*[]byte) }

// tryRead is called by the runtime's poller; false: wait until there is something.
func (r *Reader) tryRead(fd uintptr) bool {
	r.take()
	for {
		n, errno := rawio.Read(fd, *r.chunk)
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			r.Drop()
			return false
		case errno != 0:
			r.err = errno
		case n == 0:
			r.err = io.EOF
		}
		if r.n = n; r.err != nil {
			r.Drop()
		}
		return true
	}
}

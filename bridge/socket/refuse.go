package socket

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// mostRefused is how many clients may be told at a time why they are not let in. More are closed without a word.
	mostRefused = 256
	// refuseTime is for a client to read it: what it has sent would otherwise turn the end into a reset that overtakes the answer.
	refuseTime = time.Second
	// refuseBytes is what it may send meanwhile.
	refuseBytes = 64 << 10
)

// Refuser answers clients that are not let in. The zero value is ready.
type Refuser struct {
	n  atomic.Int64
	wg sync.WaitGroup
}

// Refuse sends an answer and closes the connection, without waiting for either.
func (r *Refuser) Refuse(c net.Conn, answer []byte) {
	if r.n.Add(1) > mostRefused {
		r.n.Add(-1)
		_ = c.Close()
		return
	}
	r.wg.Go(func() {
		defer r.n.Add(-1)
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(refuseTime))
		if _, err := c.Write(answer); err != nil {
			return
		}
		if half, ok := c.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		_, _ = io.CopyN(io.Discard, c, refuseBytes)
	})
}

// Wait waits until the last one has gone.
func (r *Refuser) Wait() { r.wg.Wait() }

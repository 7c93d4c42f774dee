package outbox

import (
	"errors"
	"os"
	"time"
)

// stallSlice is how much the flusher writes under one deadline: write_timeout is the time for this many bytes, not
// for the whole queue.
const stallSlice = 64 << 10

// startFlusherLocked hands the writer's turn to a goroutine of its own: the socket is full. It leaves without the lock. Behind Abort no
// flusher starts: who called that may wait for those that there are.
func (o *Outbox) startFlusherLocked() {
	if o.dead {
		o.failLocked(false)
		return
	}
	o.wg.Go(o.flusher)
	o.mu.Unlock()
}

// flusher writes, blocking, until the queue is empty. write_timeout bounds the time of each stallSlice bytes.
func (o *Outbox) flusher() {
	for {
		for i := range o.batch {
			for len(o.batch[i].b) > 0 {
				p := o.batch[i].b[:min(len(o.batch[i].b), stallSlice)]
				_ = o.conn.SetWriteDeadline(time.Now().Add(o.timeout))
				n, err := o.conn.Write(p)
				o.batch[i].b = o.batch[i].b[n:]
				o.mu.Lock()
				if err != nil {
					o.failLocked(errors.Is(err, os.ErrDeadlineExceeded))
					return
				}
				if !o.dead {
					o.wroteLocked(n)
				}
				o.mu.Unlock()
				o.tell()
			}
		}
		o.recycle()
		_ = o.conn.SetWriteDeadline(time.Time{}) // before somebody else may be the writer and set his own
		o.mu.Lock()
		if o.restLocked() {
			return
		}
		o.takeLocked()
		o.mu.Unlock()
	}
}

// failLocked marks the socket broken, drops the queue and tells the owner. It leaves without the lock.
func (o *Outbox) failLocked(stalled bool) {
	first := !o.dead
	o.dead, o.closed, o.writing = true, true, false
	o.segs, o.batch, o.vec = nil, nil, nil
	o.lostLocked()
	o.doneLocked()
	o.mu.Unlock()
	if first {
		o.failed(stalled)
	}
}

// Wait blocks until the FIN that Finish asked for is out, or can never be: a stalled client is given up by the flusher.
// One goroutine at a time may wait, the connection's reader; it has to have called Finish, or somebody else Abort.
func (o *Outbox) Wait() {
	o.mu.Lock()
	if o.finished {
		o.mu.Unlock()
		return
	}
	done := make(chan struct{})
	o.done = done
	o.mu.Unlock()
	<-done
}

func (o *Outbox) doneLocked() {
	o.finished = true
	if o.done != nil {
		close(o.done)
		o.done = nil
	}
}

// closeWrite sends FIN; a connection without halves is closed.
func (o *Outbox) closeWrite() {
	if c, ok := o.conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
		return
	}
	_ = o.conn.Close()
}

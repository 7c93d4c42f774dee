package bridge

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// chunk is the size of an outbox's own buffers: many small frames share one.
	chunk = 4 << 10
	// copyBelow is the size under which a shared frame is copied behind what waits, and above which it is kept by reference.
	copyBelow = 2 << 10
	// maxPieces is IOV_MAX: the kernel refuses a write of more pieces. What is over goes to the flusher.
	maxPieces = 1024
	// rounds is how many bursts a pusher writes for others before a goroutine of the outbox takes over, so that a
	// connection with many senders cannot keep one of them.
	rounds = 4
	// stallSlice is how much the flusher writes under one deadline: write_timeout is the time for this many bytes, not
	// for the whole queue.
	stallSlice = 64 << 10
)

// sent says what became of a frame that was handed to an outbox.
type sent uint8

const (
	sentOK     sent = iota
	sentClosed      // nothing may be sent any more
	sentSlow        // it would not fit: the client does not read fast enough
)

// outbox is the way out to one client: bounded in bytes, in order, one writer at a time. Whoever sends writes at once
// without blocking if nobody else does; what the socket does not take stays queued for a flusher goroutine that lives while there is a queue.
// So an idle connection has neither buffer nor goroutine for writing, and a slow client blocks nobody.
type outbox struct {
	conn    net.Conn
	raw     syscall.RawConn // nil where the socket cannot be tried without blocking (TLS, pipes): the flusher does it all
	try     func(fd uintptr) bool
	limit   int
	timeout time.Duration
	failed  func(stalled bool) // called at most once, without the lock, when a write failed or stalled
	wg      *sync.WaitGroup    // counts flushers, so that shutdown waits for them

	mu       sync.Mutex
	segs     []segment // queued, in order
	queued   int       // bytes in segs that the writer has not taken
	writing  bool      // somebody is the writer
	closed   bool      // no more frames
	fin      bool      // FIN after what is queued
	dead     bool      // socket closed or broken
	finished bool      // FIN sent, or dead
	// done is made by the reader goroutine when it waits for the FIN, and closed when that is out or can never be.
	done chan struct{}

	// owned by the writer
	batch []segment
	vec   [][]byte
	n     int
	err   error
}

// segment is a piece of the queue: own means that its buffer came from chunks and goes back there.
type segment struct {
	b   []byte
	own *[]byte
}

// chunks is process-wide, as sync.Pools of plain buffers are: no bridge's state survives in it.
var chunks = sync.Pool{New: func() any { b := make([]byte, 0, chunk); return &b }}

func (o *outbox) init(conn net.Conn, limit int, timeout time.Duration, wg *sync.WaitGroup, failed func(bool)) {
	o.conn, o.limit, o.timeout, o.wg, o.failed = conn, limit, timeout, wg, failed
	if sc, ok := conn.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			o.raw = raw
			o.try = o.tryWrite // kept: a closure per write would be an allocation per event
		}
	}
}

// add queues a frame made of up to two parts without writing it; flush does. shared says that body may be kept by reference, as it never changes.
func (o *outbox) add(head, body []byte, shared bool) sent {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.addLocked(head, body, shared)
}

func (o *outbox) addLocked(head, body []byte, shared bool) sent {
	if o.closed || o.dead {
		return sentClosed
	}
	n := len(head) + len(body)
	// One frame always fits into an empty outbox: its size is bounded by the answer that brought it.
	if o.queued > 0 && o.queued+n > o.limit {
		return sentSlow
	}
	o.copyIn(head)
	switch {
	case len(body) <= copyBelow:
		o.copyIn(body)
	case shared:
		o.segs = append(o.segs, segment{b: body})
	default:
		o.segs = append(o.segs, segment{b: append([]byte(nil), body...)})
	}
	o.queued += n
	return sentOK
}

// copyIn appends p behind the last segment if that is a chunk with room, in a new chunk otherwise. p is at most copyBelow long.
func (o *outbox) copyIn(p []byte) {
	if len(p) == 0 {
		return
	}
	if k := len(o.segs); k > 0 && o.segs[k-1].own != nil && cap(o.segs[k-1].b)-len(o.segs[k-1].b) >= len(p) {
		o.segs[k-1].b = append(o.segs[k-1].b, p...)
		return
	}
	own, ok := chunks.Get().(*[]byte)
	if !ok {
		b := make([]byte, 0, chunk)
		own = &b
	}
	o.segs = append(o.segs, segment{b: append((*own)[:0], p...), own: own})
}

// send queues one frame and writes it if nobody else is writing: the way of control frames and of single pushes to many targets.
func (o *outbox) send(head, body []byte, shared bool) sent {
	o.mu.Lock()
	if s := o.addLocked(head, body, shared); s != sentOK {
		o.mu.Unlock()
		return s
	}
	o.flushLocked()
	return sentOK
}

// flush writes what is queued, unless a writer is at it already, which will.
func (o *outbox) flush() {
	o.mu.Lock()
	o.flushLocked()
}

// flushLocked is entered with the lock and leaves without it.
func (o *outbox) flushLocked() {
	if o.writing || o.dead || (len(o.segs) == 0 && !o.fin) {
		o.mu.Unlock()
		return
	}
	o.writing = true
	if o.raw == nil {
		o.startFlusherLocked()
		return
	}
	for range rounds {
		o.takeLocked()
		o.mu.Unlock()
		done := o.burst()
		o.mu.Lock()
		if o.err != nil {
			o.failLocked(false)
			return
		}
		if !done {
			o.startFlusherLocked()
			return
		}
		o.recycle()
		if o.restLocked() {
			return
		}
	}
	o.startFlusherLocked()
}

// restLocked ends the writer's turn when nothing is left; it reports whether it did, and then the lock is gone.
func (o *outbox) restLocked() bool {
	if len(o.segs) > 0 {
		return false
	}
	o.writing = false
	fin := o.fin && !o.dead
	o.mu.Unlock()
	if fin {
		o.closeWrite()
		o.mu.Lock()
		o.doneLocked()
		o.mu.Unlock()
	}
	return true
}

// takeLocked moves the queue to the writer. The two slices change places, so that neither is allocated again.
func (o *outbox) takeLocked() {
	o.segs, o.batch = o.batch[:0], o.segs
}

// burst writes the batch with one non-blocking system call; false: some of it is left.
func (o *outbox) burst() bool {
	if len(o.batch) == 0 {
		return true
	}
	o.vec = o.vec[:0]
	total := 0
	for _, s := range o.batch[:min(len(o.batch), maxPieces)] {
		o.vec = append(o.vec, s.b)
		total += len(s.b)
	}
	o.n, o.err = 0, nil
	if err := o.raw.Write(o.try); err != nil {
		o.err = err
		return false
	}
	o.wrote(o.n)
	return o.n == total && len(o.batch) <= maxPieces
}

// tryWrite is called by the runtime's poller with the socket held open; it never waits.
func (o *outbox) tryWrite(fd uintptr) bool {
	for {
		var errno syscall.Errno
		if len(o.vec) == 1 {
			o.n, errno = rawWrite(fd, o.vec[0])
		} else {
			o.n, errno = result(unix.Writev(int(fd), o.vec))
		}
		switch errno {
		case syscall.EINTR:
			continue
		case 0, syscall.EAGAIN:
		default:
			o.err = errno
		}
		return true
	}
}

// result is what a system call of package unix returned, as the raw ones do.
func result(n int, err error) (int, syscall.Errno) {
	var errno syscall.Errno
	errors.As(err, &errno)
	return max(n, 0), errno
}

// wrote takes n written bytes off the batch.
func (o *outbox) wrote(n int) {
	o.mu.Lock()
	if !o.dead {
		o.queued -= n
	}
	o.mu.Unlock()
	for i := range o.batch {
		s := &o.batch[i]
		if n < len(s.b) {
			s.b = s.b[n:]
			return
		}
		n -= len(s.b)
		s.b = s.b[:0]
	}
}

// recycle gives the chunks of a written batch back.
func (o *outbox) recycle() {
	for i := range o.batch {
		if o.batch[i].own != nil {
			chunks.Put(o.batch[i].own)
		}
		o.batch[i] = segment{}
	}
	o.batch = o.batch[:0]
	if cap(o.batch) > 16 {
		o.batch, o.vec = nil, nil
	}
	clear(o.vec)
}

// startFlusherLocked hands the writer's turn to a goroutine of its own: the socket is full. It leaves without the lock.
func (o *outbox) startFlusherLocked() {
	o.mu.Unlock()
	o.wg.Go(o.flusher)
}

// flusher writes, blocking, until the queue is empty. write_timeout bounds the time of each stallSlice bytes.
func (o *outbox) flusher() {
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
					o.queued -= n
				}
				o.mu.Unlock()
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

// failLocked marks the socket broken, drops the queue and tells the session. It leaves without the lock.
func (o *outbox) failLocked(stalled bool) {
	first := !o.dead
	o.dead, o.closed, o.writing = true, true, false
	o.segs, o.batch, o.vec, o.queued = nil, nil, nil, 0
	o.doneLocked()
	o.mu.Unlock()
	if first {
		o.failed(stalled)
	}
}

// finish lets nothing in after frame (nil for none), and sends FIN after all that is queued.
func (o *outbox) finish(frame []byte) {
	o.mu.Lock()
	if o.dead || o.fin {
		o.mu.Unlock()
		return
	}
	if len(frame) > 0 && !o.closed {
		o.copyIn(frame)
		o.queued += len(frame)
	}
	o.closed, o.fin = true, true
	o.flushLocked()
}

// last sends a frame after which nothing else is let in: a close frame whose answer is waited for.
func (o *outbox) last(frame []byte) {
	o.mu.Lock()
	if o.closed || o.dead {
		o.mu.Unlock()
		return
	}
	o.copyIn(frame)
	o.queued += len(frame)
	o.closed = true
	o.flushLocked()
}

// abort drops what is queued and marks the outbox dead; the caller closes the socket.
func (o *outbox) abort() {
	o.mu.Lock()
	o.dead, o.closed = true, true
	o.segs, o.queued = nil, 0 // the batch belongs to the writer, whose next call fails
	o.doneLocked()
	o.mu.Unlock()
}

func (o *outbox) doneLocked() {
	o.finished = true
	if o.done != nil {
		close(o.done)
		o.done = nil
	}
}

// wait returns when the FIN that finish asked for is out, or can never be: a stalled client is given up by the flusher.
func (o *outbox) wait() {
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

// bytes returns how many bytes wait.
func (o *outbox) bytes() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queued
}

func (o *outbox) closeWrite() {
	if c, ok := o.conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
		return
	}
	_ = o.conn.Close()
}

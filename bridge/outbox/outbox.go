package outbox

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

const (
	// chunk is the size of an outbox's own buffers: many small frames share one.
	chunk = 4 << 10
	// maxPieces is IOV_MAX: the kernel refuses a write of more pieces. What is over goes to the flusher.
	maxPieces = 1024
	// rounds is how many bursts a pusher writes for others before a goroutine of the outbox takes over, so that a
	// connection with many senders cannot keep one of them.
	rounds = 4
)

// copyBelow is the size in bytes up to which a shared body is copied behind what waits, and above which it is kept by
// reference.
const copyBelow = 2 << 10

// Result says what became of a frame that was handed to an Outbox.
type Result uint8

// The results of Add and Send.
const (
	OK     Result = iota // taken: written, or queued in its place
	Closed               // nothing may be sent any more
	Slow                 // it would not fit: the client does not read fast enough
)

// Outbox is the way out to one client: bounded in bytes, in order, one writer at a time. Whoever sends writes at once
// without blocking if nobody else does; what the socket does not take stays queued for a flusher goroutine that lives while there is a queue.
// So an idle connection has neither buffer nor goroutine for writing, and a slow client blocks nobody.
//
// The zero value has to be given its connection with Init. All other methods may be called by any goroutine, at once, that
// holds no lock which failed takes; only Wait blocks.
type Outbox struct {
	// set by Init
	conn    net.Conn
	raw     syscall.RawConn // nil where the socket cannot be tried without blocking (TLS, pipes): the flusher does it all
	try     func(fd uintptr) bool
	limit   int
	timeout time.Duration
	failed  func(stalled bool)
	wg      *sync.WaitGroup
	marks   *marks // nil: nobody is told how full it is

	mu       sync.Mutex
	segs     []segment // queued, in order
	queued   int       // bytes that are not written
	writing  bool      // somebody is the writer
	closed   bool      // no more frames
	fin      bool      // FIN after what is queued
	dead     bool      // socket closed or broken
	finished bool      // FIN sent, or dead
	// done is made by Wait, and closed when the FIN is out or can never be.
	done chan struct{}
	// watchers want to know when what waits has been written; nil: nobody does.
	watchers []watcher

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

// Init prepares the outbox for conn, before anybody else knows it. limit is how many bytes may wait, timeout the time in
// which a client has to take each stallSlice of them; wg counts flushers, so that shutdown can wait for them.
//
// failed is called at most once, when a write failed or (stalled) timed out: by a flusher, or by whoever calls Send, Flush, Finish or
// Last. It is called without a lock, must not block, and may call the outbox. It, not the outbox, closes conn.
func (o *Outbox) Init(conn net.Conn, limit int, timeout time.Duration, wg *sync.WaitGroup, failed func(stalled bool)) {
	o.conn, o.limit, o.timeout, o.wg, o.failed = conn, limit, timeout, wg, failed
	if sc, ok := conn.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			o.raw = raw
			o.try = o.tryWrite // kept: a closure per write would be an allocation per event
		}
	}
}

// Add queues a frame made of up to two parts without writing it; Flush does. It does no I/O.
//
// The bytes of head are the caller's again when it returns; those of body too, unless shared says that body never changes: then it may be kept by
// reference until it is written.
func (o *Outbox) Add(head, body []byte, shared bool) Result {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.addLocked(head, body, shared)
}

func (o *Outbox) addLocked(head, body []byte, shared bool) Result {
	if o.closed || o.dead {
		return Closed
	}
	n := len(head) + len(body)
	// One frame always fits into an empty outbox: its size is bounded by the answer that brought it.
	if o.queued > 0 && o.queued+n > o.limit {
		return Slow
	}
	o.copyIn(head)
	switch {
	case shared && (len(o.segs) == 0 || len(body) > copyBelow): // most often nothing waits: no chunk for it, then
		o.segs = append(o.segs, segment{b: body})
	case len(body) <= copyBelow:
		o.copyIn(body)
	default:
		o.segs = append(o.segs, segment{b: append([]byte(nil), body...)})
	}
	o.queued += n
	return OK
}

// copyIn appends p behind the last segment if that is a chunk with room, in a new chunk otherwise. p is at most copyBelow long.
func (o *Outbox) copyIn(p []byte) {
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

// Send queues one frame as Add does, and writes it if nobody else is writing: the way of control frames and of single
// pushes to many targets. It writes without blocking; what the socket does not take is the flusher's.
func (o *Outbox) Send(head, body []byte, shared bool) Result {
	o.mu.Lock()
	if s := o.addLocked(head, body, shared); s != OK {
		o.mu.Unlock()
		return s
	}
	o.flushLocked()
	o.tell()
	return OK
}

// Flush writes what is queued, without blocking, unless a writer is at it already, which will.
func (o *Outbox) Flush() {
	o.mu.Lock()
	o.flushLocked()
	o.tell()
}

// flushLocked is entered with the lock and leaves without it.
func (o *Outbox) flushLocked() {
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
func (o *Outbox) restLocked() bool {
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
func (o *Outbox) takeLocked() {
	o.segs, o.batch = o.batch[:0], o.segs
}

// burst writes the batch with one non-blocking system call; false: some of it is left.
func (o *Outbox) burst() bool {
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
func (o *Outbox) tryWrite(fd uintptr) bool {
	for {
		var errno syscall.Errno
		if len(o.vec) == 1 {
			o.n, errno = rawio.Write(fd, o.vec[0])
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

// result is what a system call of package unix returned, as rawio has it.
func result(n int, err error) (int, syscall.Errno) {
	var errno syscall.Errno
	errors.As(err, &errno)
	return max(n, 0), errno
}

// wrote takes n written bytes off the batch.
func (o *Outbox) wrote(n int) {
	o.mu.Lock()
	if !o.dead {
		o.wroteLocked(n)
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
func (o *Outbox) recycle() {
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

// Finish lets nothing in after frame (nil for none; copied), and sends FIN after all that is queued. It does not wait for
// that; Wait does. Only the first call counts, and frame is left out after Last.
func (o *Outbox) Finish(frame []byte) {
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

// Last sends a frame (copied) after which nothing else is let in: a close frame whose answer is waited for. Finish follows.
func (o *Outbox) Last(frame []byte) {
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

// Abort drops what is queued and marks the outbox dead; the caller closes the socket, which ends a flusher's write.
func (o *Outbox) Abort() {
	o.mu.Lock()
	o.dead, o.closed = true, true
	o.segs = nil // the batch belongs to the writer, whose next call fails
	o.lostLocked()
	o.doneLocked()
	o.mu.Unlock()
}

// Bytes returns how many bytes wait.
func (o *Outbox) Bytes() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queued
}

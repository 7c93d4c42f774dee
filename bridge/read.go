package bridge

import (
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

const (
	// firstRead is the room that a message's buffer starts with.
	firstRead = 512
	// chunk is how much is read ahead at most.
	chunk = 4 << 10
	// drainLimit bounds what is read and thrown away from a client that was told to go.
	drainLimit = 1 << 20
)

var (
	errInflated = errors.New("bridge: message too big after inflation")
	errNotUTF8  = errors.New("bridge: text is not UTF-8")
	// errHandedOver ends a reader goroutine whose place another one has taken.
	errHandedOver = errors.New("bridge: handed over")
)

// chunks holds what wires read ahead into. It is process-wide, as sync.Pools of plain buffers are: no bridge's state survives in it.
var chunks = sync.Pool{New: func() any { b := make([]byte, chunk); return &b }}

// wire is the socket as gorilla sees it. Reads give first what was read ahead: bytes that came with the handshake, and
// what await found. Writes of gorilla's own (pongs, closes) go nowhere: the session answers through its outbox, in order
// with everything else.
type wire struct {
	net.Conn
	s *session

	// of the upgrade
	handshake []byte // the 101
	deflate   bool   // the 101 says so

	// owned by the reader goroutine
	br     *bufio.Reader // gorilla's
	ahead  []byte        // read, and not given yet
	chunk  *[]byte       // the chunk that ahead is in; nil for the handshake's
	broken bool          // a read failed: the error is the network's, not a protocol error
	raw    syscall.RawConn
	try    func(fd uintptr) bool
	into   []byte // nil: into a chunk
	n      int
	err    error
}

// init prepares reads that bypass the scheduler, where the socket has a descriptor.
func (w *wire) init() {
	if sc, ok := w.Conn.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			w.raw, w.try = raw, w.tryRead
		}
	}
}

// await returns when there is something to read. It is where a connection spends its life, so it waits with next to
// nothing: no buffer, and a stack that has not gone down into gorilla yet. Measured over 10,000 idle connections: 2 KB less for
// each. What it then reads it reads as one chunk, however small gorilla's own buffer is.
func (w *wire) await() {
	if w.raw == nil || len(w.ahead) > 0 || w.br.Buffered() > 0 {
		return
	}
	n, err := w.rawRead(nil)
	if w.chunk != nil {
		w.ahead = (*w.chunk)[:n]
	}
	w.seen(n, err)
}

// tryRead is called by the runtime's poller; false: wait until there is something.
func (w *wire) tryRead(fd uintptr) bool {
	p := w.into
	if p == nil {
		w.chunk, _ = chunks.Get().(*[]byte)
		p = *w.chunk
	}
	for {
		var errno syscall.Errno
		w.n, errno = rawio.Read(fd, p)
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			w.drop()
			return false
		case errno != 0:
			w.err = errno
		case w.n == 0:
			w.err = io.EOF
		default:
			w.err = nil
		}
		if w.n == 0 {
			w.drop()
		}
		return true
	}
}

// drop gives the chunk back, if there is one.
func (w *wire) drop() {
	if w.chunk != nil {
		chunks.Put(w.chunk)
		w.chunk = nil
	}
}

func (w *wire) rawRead(into []byte) (int, error) {
	w.into = into
	err := w.raw.Read(w.try)
	w.into = nil
	if err != nil {
		return 0, err
	}
	return w.n, w.err
}

func (w *wire) seen(n int, err error) {
	if n > 0 {
		w.s.recvAt.Store(time.Now().UnixNano())
	}
	if err != nil {
		w.broken = true
	}
}

// Read is called by the reader goroutine only.
func (w *wire) Read(p []byte) (n int, err error) {
	if len(w.ahead) > 0 {
		n = copy(p, w.ahead)
		w.ahead = w.ahead[n:]
		if len(w.ahead) == 0 {
			w.ahead = nil
			w.drop()
		}
		return n, nil
	}
	if w.raw == nil || len(p) == 0 {
		n, err = w.Conn.Read(p)
	} else {
		n, err = w.rawRead(p)
	}
	w.seen(n, err)
	return n, err
}

// Write keeps the 101 of the upgrade, when there is no session yet, and swallows what gorilla writes afterwards.
func (w *wire) Write(p []byte) (int, error) {
	if w.s == nil {
		// gorilla does not tell whether it took an offer of permessage-deflate, and no header before this line is the client's.
		w.deflate = bytes.Contains(p, []byte("\r\nSec-WebSocket-Extensions: permessage-deflate"))
		w.handshake = append([]byte(nil), p...)
	}
	return len(p), nil
}

// SetWriteDeadline is the outbox's business.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// setHandlers tells gorilla what to do with limits and control frames.
func (s *session) setHandlers() {
	s.ws.SetReadLimit(int64(s.b.opts.MaxMessage))
	s.ws.SetCloseHandler(func(int, string) error { return nil }) // answered by end
	s.ws.SetPongHandler(func(string) error { return nil })       // wire.Read has seen it
	s.ws.SetPingHandler(func(data string) error {
		var frame [outbox.MaxControlFrame]byte
		s.control(append(outbox.AppendHeader(frame[:0], outbox.BitFIN|outbox.OpPong, len(data)), data...))
		return nil
	})
}

// read is the session's goroutine: it reads until the connection breaks or ends, then closes the socket. Another one may
// take its place while it is in a call to PHP.
func (s *session) read() {
	err := s.readMessages()
	if errors.Is(err, errHandedOver) {
		return
	}
	s.readFailed(err)

	// Both sides know by now, unless a shutdown still waits for PHP: then a client's goodbye is answered here. The socket
	// is closed when our FIN is out and the client has closed too, or had its time.
	var answer []byte
	var ce *websocket.CloseError
	if errors.As(err, &ce) && ce.Code != closeAbnormal {
		answer = outbox.AppendClose(nil, uint16(ce.Code), "")
	}
	s.out.Finish(answer)
	_, _ = io.CopyN(io.Discard, s.sock, drainLimit)
	s.out.Wait()
	s.out.Abort()
	_ = s.sock.Close()

	s.mu.Lock()
	s.readerEnd = true
	s.mu.Unlock()
	s.release()
}

// readMessages returns the error that ended the reading.
func (s *session) readMessages() error {
	for {
		s.w.await()
		// gorilla allocates its reader of 8 bytes for each message; the rest of the way in allocates nothing.
		op, r, err := s.ws.NextReader()
		if err != nil {
			return err
		}
		if s.ending.Load() {
			continue // what a client says after we ended is read for its close frame only
		}
		q := newQueued()
		q.Payload, err = s.readPayload(r, q.Payload)
		if err == nil && op == websocket.TextMessage && !utf8.Valid(q.Payload) {
			err = errNotUTF8
		}
		if err != nil {
			q.free()
			return err
		}
		if !s.deliver(q, uint8(op)) {
			return errHandedOver
		}
	}
}

// deliver brings a message on its way to PHP, and to PHP itself if nobody is before it. It is false if another goroutine
// has the reading now.
func (s *session) deliver(q *queued, opcode uint8) (reading bool) {
	s.b.stats.MessagesIn.Add(1)
	s.b.stats.BytesIn.Add(uint64(len(q.Payload)))
	s.lastMsg.Store(s.recvAt.Load() / int64(time.Microsecond))
	if !s.route.wants(callback.Message) {
		q.free()
		return true
	}
	q.Type, q.Opcode, q.Flags = callback.Message, opcode, browserFlags
	s.waitForRoom(len(q.Payload))
	if !s.enqueue(q) {
		return true
	}
	served, reading := s.b.dispatcher.inline(s)
	if !served {
		s.b.dispatcher.ready(&s.mailbox)
	}
	return reading
}

// browserFlags are FIN and MASK as Swoole shows them in Frame::$flags: gorilla refuses frames without a mask and merges fragments.
const browserFlags = 33

// readPayload reads a whole message behind dst[:0]. MaxMessage holds for what was inflated, too.
func (s *session) readPayload(r io.Reader, dst []byte) ([]byte, error) {
	dst = dst[:0]
	if cap(dst) == 0 {
		dst = make([]byte, 0, firstRead)
	}
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if len(dst) > s.b.opts.MaxInflated {
			return dst, errInflated
		}
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

// waitForRoom blocks the reader while the inbox is full: the socket is not read, and TCP holds the client back.
func (s *session) waitForRoom(n int) {
	for {
		s.mu.Lock()
		if s.ending.Load() || !s.in.full(n, s.b.opts.InboxMessages, s.b.opts.InboxBytes) {
			s.mu.Unlock()
			return
		}
		space := make(chan struct{})
		s.in.space = space
		s.mu.Unlock()
		s.b.stats.InboxFull.Add(1)
		s.stuck.Store(true)
		<-space
		s.recvAt.Store(time.Now().UnixNano())
		s.stuck.Store(false)
	}
}

// readFailed ends the connection for the reason that the reading ended, unless it is ending already.
func (s *session) readFailed(err error) {
	var ce *websocket.CloseError
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &ce) && ce.Code != closeAbnormal:
		s.end(ending{cause: callback.CauseClient, code: uint16(ce.Code), reason: ce.Text})
	case errors.Is(err, errNotUTF8):
		s.end(ending{cause: callback.CauseUTF8, code: closeInvalidData, reason: "text is not UTF-8"})
	case errors.Is(err, websocket.ErrReadLimit), errors.Is(err, errInflated):
		s.end(ending{cause: callback.CauseTooBig, code: closeTooBig, reason: "message too big"})
	case errors.As(err, &corrupt):
		s.end(ending{cause: callback.CauseProtocol, code: closeInvalidData, reason: "message cannot be inflated"})
	case s.w.broken, errors.As(err, &ce):
		s.end(ending{cause: callback.CauseGone, code: closeAbnormal})
	default:
		s.end(ending{cause: callback.CauseProtocol, code: closeProtocol, reason: strings.TrimPrefix(err.Error(), "websocket: ")})
	}
}

// control sends a control frame. One that does not fit is left out: a client that does not read will not miss a pong.
func (s *session) control(frame []byte) {
	s.out.Send(frame, nil, false)
}

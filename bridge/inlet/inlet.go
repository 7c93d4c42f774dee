package inlet

import (
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"unicode/utf8"
)

// ErrStopped is what Run returns after a method of its Handler has returned false.
var ErrStopped = errors.New("inlet: stopped")

const (
	// firstBuffer is the least room that a message's buffer gets.
	firstBuffer = 512
	// keepBuffer is the largest buffer of compressed data that is kept for the next message.
	keepBuffer = 64 << 10
)

// Handler is told what a client says, by the goroutine that is in Run, one call at a time. A method that returns false
// ends Run with ErrStopped, which then touches nothing any more: somebody else may be in Run already.
type Handler interface {
	// Begin is called when a message begins. It returns the buffer that the payload is put into, which is Run's until it calls
	// Message; or nil: the message is read and thrown away, and Message is not called.
	Begin() *[]byte
	// Message is called when the message that Begin was called for is whole and checked. flags are those of Swoole's Frame.
	Message(opcode, flags uint8) bool
	// Control is called for a ping or pong, which may stand between Begin and Message. payload is the handler's until it
	// returns, or lets somebody else call Run.
	Control(opcode uint8, payload []byte) bool
}

// Limits are what a client may send, in bytes.
type Limits struct {
	Message  int // of a message on the wire, over its fragments
	Inflated int // of a message after inflation
}

// Inlet reads one client. The zero value has to be given its connection with Init. After that it belongs to one goroutine at
// a time: the one that is in Run.
type Inlet struct {
	// set by Init
	conn    net.Conn
	raw     syscall.RawConn // nil where the socket cannot be tried without blocking (TLS, pipes)
	try     func(fd uintptr) bool
	seen    *atomic.Int64
	limits  Limits
	deflate bool

	// of the socket
	ahead []byte  // read, and not decoded yet
	chunk *[]byte // the chunk that ahead is in; nil: none, or it is what came with the handshake
	into  []byte  // what tryRead reads into; nil: a chunk
	n     int
	err   error

	// of the frame that is being read
	header  [maxHeader]byte
	got     uint8 // bytes in header, while it is not whole
	payload bool  // the header is whole, and the payload is not
	first   byte  // the header's first byte
	key     uint32
	left    uint64
	control *[]byte // payload of a control frame that came in pieces

	// of the message that is being read
	open    bool // there is one
	opening byte // the first byte of its first header
	wire    int  // its bytes on the wire so far, with those that its frame's header announces
	checked int  // bytes of its text that are known to be UTF-8
	dst     *[]byte
	packed  *[]byte // what a compressed message has so far; nil: nothing
}

// Init prepares the inlet for conn, before Run. early is what was read behind the handshake, and the inlet's from now on. deflate says that
// permessage-deflate was negotiated, without context takeover of the client. seen is set to the time, in unix nanoseconds, of each read that got something.
func (in *Inlet) Init(conn net.Conn, early []byte, limits Limits, deflate bool, seen *atomic.Int64) {
	in.conn, in.ahead, in.limits, in.deflate, in.seen = conn, early, limits, deflate, seen
	if sc, ok := conn.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			in.raw, in.try = raw, in.tryRead // kept: a closure per read would be an allocation per message
		}
	}
}

// Run reads and tells h, until the connection ends or h stops it. It returns an *Error for what the client did wrong, a *Closed for
// its close frame, ErrStopped, or the error of the connection. After ErrStopped it may be called again, and goes on where it was.
func (in *Inlet) Run(h Handler) error {
	for {
		err := in.step(h)
		if err == nil {
			continue
		}
		if !errors.Is(err, ErrStopped) {
			in.free()
		}
		return err
	}
}

// step decodes a frame from what was read, or reads.
func (in *Inlet) step(h Handler) error {
	if len(in.ahead) > 0 {
		return in.decode(h)
	}
	in.drop()
	if err := in.read(); err != nil {
		return err
	}
	if in.payload && in.left == 0 { // its end was read past the chunks
		return in.frameDone(h)
	}
	return nil
}

// free gives the buffers back that Run does not need any more.
func (in *Inlet) free() {
	in.ahead = nil
	in.drop()
	in.dst = nil
	putBuffer(&in.control)
	putBuffer(&in.packed)
}

// decode takes at most one frame from what was read ahead, which is not empty.
func (in *Inlet) decode(h Handler) error {
	if !in.payload {
		whole, err := in.readHeader()
		if err != nil || !whole {
			return err
		}
		if in.first&bitsCtrl == 0 && in.first&opMask != opContinuation {
			if in.dst = h.Begin(); in.dst != nil {
				*in.dst = (*in.dst)[:0]
			}
		}
		if len(in.ahead) == 0 && in.left > 0 {
			return nil
		}
	}
	n := int(min(in.left, uint64(len(in.ahead))))
	p := in.ahead[:n]
	in.ahead = in.ahead[n:]
	in.left -= uint64(n)
	whole := in.left == 0
	switch {
	case in.first&bitsCtrl != 0:
		in.key = unmask(p, p, in.key)
		if !whole || in.control != nil {
			appendTo(&in.control, p)
			if whole {
				p = *in.control
			}
		}
		if whole {
			return in.controlDone(h, p)
		}
		return nil
	case in.dst == nil:
	case in.opening&bitRSV1 != 0:
		in.key = unmask(p, p, in.key)
		if whole && in.first&bitFIN != 0 && in.packed == nil {
			return in.inflated(h, p) // it came in one piece: no copy
		}
		appendTo(&in.packed, p)
	default:
		b := grown(*in.dst, n, in.left)
		in.key = unmask(b[len(b):len(b)+n], p, in.key)
		*in.dst = b[:len(b)+n]
		if err := in.check(); err != nil {
			return err
		}
	}
	if whole {
		return in.frameDone(h)
	}
	return nil
}

// readHeader reports whether a frame's header is whole. What is wrong with it is said as soon as it can be known.
func (in *Inlet) readHeader() (whole bool, err error) {
	p := in.ahead
	if in.got == 0 && len(p) >= 2 {
		if n := headerLen(p[1]); len(p) >= n {
			in.ahead = p[n:]
			if err := in.checkStart(p[0], p[1]); err != nil {
				return false, err
			}
			return true, in.setFrame(p[:n])
		}
	}
	for len(in.ahead) > 0 {
		in.header[in.got] = in.ahead[0]
		in.ahead = in.ahead[1:]
		in.got++
		if in.got < 2 {
			continue
		}
		if in.got == 2 {
			if err := in.checkStart(in.header[0], in.header[1]); err != nil {
				return false, err
			}
		}
		n := headerLen(in.header[1])
		if int(in.got) == n-4 {
			if _, err := in.length(in.header[:in.got]); err != nil {
				return false, err
			}
		}
		if int(in.got) == n {
			in.got = 0
			return true, in.setFrame(in.header[:n])
		}
	}
	return false, nil
}

// checkStart checks a header's first two bytes.
func (in *Inlet) checkStart(b0, b1 byte) error {
	op := b0 & opMask
	switch op {
	case opContinuation, OpText, OpBinary, OpClose, OpPing, OpPong:
	default:
		return ErrOpcode
	}
	starts := op == OpText || op == OpBinary
	if rsv := b0 & bitsRSV; rsv != 0 && (rsv != bitRSV1 || !in.deflate || !starts) {
		return ErrRSV
	}
	switch {
	case b1&bitMask == 0:
		return ErrUnmasked
	case op&bitsCtrl != 0 && (b0&bitFIN == 0 || b1&^bitMask > maxControl):
		return ErrControl
	case op == opContinuation && !in.open:
		return ErrContinuation
	case starts && in.open:
		return ErrUnfinished
	}
	return nil
}

// length decodes a header's length and holds it against the limit.
func (in *Inlet) length(h []byte) (uint64, error) {
	n, err := payloadLen(h)
	if err == nil && h[0]&bitsCtrl == 0 {
		before := 0
		if in.open {
			before = in.wire
		}
		if n > uint64(max(in.limits.Message-before, 0)) {
			err = ErrTooBig
		}
	}
	return n, err
}

// setFrame takes over a whole header.
func (in *Inlet) setFrame(h []byte) error {
	n, err := in.length(h)
	if err != nil {
		return err
	}
	in.first, in.left, in.payload = h[0], n, true
	in.key = binary.LittleEndian.Uint32(h[len(h)-4:])
	if h[0]&bitsCtrl != 0 {
		return nil
	}
	if !in.open {
		in.open, in.opening, in.wire, in.checked, in.dst = true, h[0], 0, 0, nil
	}
	in.wire += int(n)
	return nil
}

// check validates what has come of a text, up to a character that is not whole yet.
func (in *Inlet) check() error {
	if in.opening&opMask != OpText {
		return nil
	}
	p := (*in.dst)[in.checked:]
	for i := 1; i < utf8.UTFMax && i <= len(p); i++ {
		if b := p[len(p)-i]; utf8.RuneStart(b) {
			if !utf8.FullRune(p[len(p)-i:]) { // it says true of what no byte can mend
				p = p[:len(p)-i]
			}
			break
		}
	}
	if !utf8.Valid(p) {
		return ErrUTF8
	}
	in.checked += len(p)
	return nil
}

// frameDone ends a data frame. What Handler.Message returns is the last that it looks at.
func (in *Inlet) frameDone(h Handler) error {
	if in.opening&bitRSV1 != 0 && in.first&bitFIN != 0 && in.dst != nil {
		var p []byte
		if in.packed != nil {
			p = *in.packed
		}
		return in.inflated(h, p)
	}
	in.payload = false
	if in.first&bitFIN == 0 {
		return nil
	}
	return in.messageDone(h, flagsPlain)
}

// inflated ends a compressed message.
func (in *Inlet) inflated(h Handler, p []byte) error {
	err := in.inflate(p)
	putBuffer(&in.packed)
	if err != nil {
		return err
	}
	in.payload = false
	return in.messageDone(h, flagsDeflated)
}

func (in *Inlet) messageDone(h Handler, flags uint8) error {
	in.open = false
	if in.dst == nil {
		return nil
	}
	op := in.opening & opMask
	if op == OpText && in.checked != len(*in.dst) {
		return ErrUTF8
	}
	in.dst = nil
	if len(in.ahead) == 0 {
		in.drop()
	}
	if !h.Message(op, flags) {
		return ErrStopped
	}
	return nil
}

func (in *Inlet) controlDone(h Handler, p []byte) error {
	in.payload = false
	op := in.first & opMask
	if op == OpClose {
		return closed(p)
	}
	pieces := in.control // what p is in, if it is not in the chunk
	in.control = nil
	goOn := h.Control(op, p)
	putBuffer(&pieces)
	if !goOn {
		return ErrStopped
	}
	return nil
}

// buffers has room for what comes in pieces and is not the handler's. It is process-wide, as sync.Pools of plain buffers are.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// appendTo appends p to a buffer of the pool, which is taken if there is none yet.
func appendTo(b **[]byte, p []byte) {
	if *b == nil {
		*b, _ = buffers.Get().(*[]byte)
		**b = (**b)[:0]
	}
	**b = append(grown(**b, len(p), 0), p...)
}

func putBuffer(b **[]byte) {
	if *b == nil {
		return
	}
	if cap(**b) <= keepBuffer {
		buffers.Put(*b)
	}
	*b = nil
}

// grown returns p with room for n more bytes. It grows with what has arrived, not with what a header announces: to twice
// its size, but for no more than the rest of the frame.
func grown(p []byte, n int, rest uint64) []byte {
	need := len(p) + n
	if need <= cap(p) {
		return p
	}
	size := max(need, firstBuffer)
	if double := 2 * cap(p); double > size {
		size = double
		if rest > 0 && uint64(size-need) > rest {
			size = need + int(rest)
		}
	}
	return append(make([]byte, 0, size), p...)
}

package outbox

import (
	"compress/flate"
	"sync"
)

// deflater compresses one message at a time without context takeover (RFC 7692 section 7.1.1.1: both sides reset).
type deflater struct {
	w   *flate.Writer
	out []byte
}

// Write collects what the flate writer gives.
func (d *deflater) Write(p []byte) (int, error) {
	d.out = append(d.out, p...)
	return len(p), nil
}

// deflaters is shared by all bridges of the process: a flate.Writer is about 600 KB and dear to make, and holds no state of its user after Reset.
var deflaters = sync.Pool{New: func() any {
	d := &deflater{}
	// Level 1 is what Swoole and gorilla use; NewWriter fails for unknown levels only.
	d.w, _ = flate.NewWriter(d, flate.BestSpeed)
	return d
}}

// MaxWindow is the largest window of RFC 7692 section 7.1.2.1, in bits: a power of two of bytes.
const MaxWindow = 15

// AppendDeflated appends the whole frame of a compressed message, for a client that inflates with a window of 8 to MaxWindow bits. Any goroutine may
// call it; dst and payload stay the caller's. It compresses while the caller waits.
func AppendDeflated(dst []byte, opcode byte, payload []byte, window uint8) []byte {
	d, ok := deflaters.Get().(*deflater)
	if !ok {
		return append(AppendHeader(dst, BitFIN|opcode, len(payload)), payload...)
	}
	d.out = d.out[:0]
	piece := len(payload)
	if window < MaxWindow { // compress/flate knows no other: what is no longer than the window cannot refer to anything before it
		piece = 1 << window
	}
	for first, rest := true, payload; first || len(rest) > 0; first = false {
		n := min(piece, len(rest))
		d.w.Reset(d)
		// Neither call can fail: Write of deflater never does.
		_, _ = d.w.Write(rest[:n])
		_ = d.w.Flush()
		rest = rest[n:]
	}
	body := d.out[:len(d.out)-4] // the sync marker's tail is left out: RFC 7692 section 7.2.1
	dst = AppendHeader(dst, BitFIN|bitRSV1|opcode, len(body))
	dst = append(dst, body...)
	if cap(d.out) > 1<<20 {
		d.out = nil
	}
	deflaters.Put(d)
	return dst
}

package bridge

import (
	"compress/flate"
	"encoding/binary"
	"sync"
)

// Opcodes and first-byte bits of RFC 6455 section 5.2.
const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10

	bitFIN  = 0x80
	bitRSV1 = 0x40
)

const (
	maxFrameHeader    = 10  // server frames carry no mask
	maxControlPayload = 125 // RFC 6455 section 5.5
	maxCloseReason    = maxControlPayload - 2
)

// appendHeader appends the header of an unmasked frame of n payload bytes. We encode outgoing frames ourselves and leave
// the incoming ones to gorilla: a Swoole script may send any opcode and any fragment, which gorilla refuses to write, and
// a broadcast is encoded once for all its targets.
func appendHeader(dst []byte, first byte, n int) []byte {
	switch {
	case n < 126:
		return append(dst, first, byte(n))
	case n < 1<<16:
		return append(dst, first, 126, byte(n>>8), byte(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, 127), uint64(n))
	}
}

// appendClose appends a close frame; code 0 or 1005 (no code is sent, RFC 6455 section 7.4.1) gives an empty one. A reason that is too long is
// cut, at a rune's start.
func appendClose(dst []byte, code uint16, reason string) []byte {
	if code == 0 || code == closeNoStatus {
		return append(dst, bitFIN|opClose, 0)
	}
	reason = cutReason(reason)
	dst = append(dst, bitFIN|opClose, byte(2+len(reason)))
	return append(binary.BigEndian.AppendUint16(dst, code), reason...)
}

func cutReason(s string) string {
	if len(s) <= maxCloseReason {
		return s
	}
	n := maxCloseReason
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

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

// appendDeflated appends the whole frame of a compressed message.
func appendDeflated(dst []byte, opcode byte, payload []byte) []byte {
	d, ok := deflaters.Get().(*deflater)
	if !ok {
		return append(appendHeader(dst, bitFIN|opcode, len(payload)), payload...)
	}
	d.out = d.out[:0]
	d.w.Reset(d)
	// Neither call can fail: Write of deflater never does.
	_, _ = d.w.Write(payload)
	_ = d.w.Flush()
	body := d.out[:len(d.out)-4] // the sync marker's tail is left out: RFC 7692 section 7.2.1
	dst = appendHeader(dst, bitFIN|bitRSV1|opcode, len(body))
	dst = append(dst, body...)
	if cap(d.out) > 1<<20 {
		d.out = nil
	}
	deflaters.Put(d)
	return dst
}

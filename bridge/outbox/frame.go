package outbox

import "encoding/binary"

// Opcodes and bits of a frame's first byte, RFC 6455 section 5.2.
const (
	OpText  = 1
	OpClose = 8
	OpPing  = 9
	OpPong  = 10

	BitFIN  = 0x80
	bitRSV1 = 0x40
)

// Sizes in bytes for buffers that frames are appended to.
const (
	MaxHeader       = 10             // of a header: server frames carry no mask
	MaxControlFrame = 2 + maxControl // of a whole ping, pong or close frame
)

const (
	maxControl = 125 // payload; RFC 6455 section 5.5
	maxReason  = maxControl - 2

	closeNoStatus = 1005 // RFC 6455 section 7.4.1
)

// AppendHeader appends the header of an unmasked frame of n payload bytes. A Swoole script may send any opcode and any fragment,
// which libraries refuse to write, and a broadcast is encoded once for all its targets.
//
// As all functions of this file it is pure: any goroutine may call it, and dst is the caller's.
func AppendHeader(dst []byte, first byte, n int) []byte {
	switch {
	case n < 126:
		return append(dst, first, byte(n))
	case n < 1<<16:
		return append(dst, first, 126, byte(n>>8), byte(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, 127), uint64(n))
	}
}

// AppendClose appends a close frame; code 0 or 1005 (no code is sent) gives an empty one. A reason that is too long is
// cut, at a rune's start.
func AppendClose(dst []byte, code uint16, reason string) []byte {
	if code == 0 || code == closeNoStatus {
		return append(dst, BitFIN|OpClose, 0)
	}
	reason = cutReason(reason)
	dst = append(dst, BitFIN|OpClose, byte(2+len(reason)))
	return append(binary.BigEndian.AppendUint16(dst, code), reason...)
}

func cutReason(s string) string {
	if len(s) <= maxReason {
		return s
	}
	n := maxReason
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

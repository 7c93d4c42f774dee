package inlet

import (
	"encoding/binary"
	"unicode/utf8"
)

// Opcodes, RFC 6455 section 5.2.
const (
	OpText   = 1
	OpBinary = 2
	OpClose  = 8
	OpPing   = 9
	OpPong   = 10
)

const (
	opContinuation = 0

	bitFIN   = 0x80
	bitRSV1  = 0x40
	bitsRSV  = 0x70
	bitMask  = 0x80
	opMask   = 0x0f
	bitsCtrl = 0x08 // of an opcode: it is a control frame's

	maxHeader  = 14
	maxControl = 125
)

// The bits of Swoole's Frame::$flags. A message has those of its first frame, and FIN; no mask or another RSV bit gets nobody this far.
const (
	FlagFIN      = 1
	FlagCompress = 2
	FlagRSV1     = 4
	FlagMask     = 32

	flagsPlain    = FlagFIN | FlagMask
	flagsDeflated = FlagFIN | FlagMask | FlagCompress | FlagRSV1
)

// Close codes, RFC 6455 section 7.4.1.
const (
	CodeProtocol = 1002
	CodeNoStatus = 1005 // a close frame without a code
	CodeInvalid  = 1007
	CodeTooBig   = 1009
)

// Error is what a client did wrong. Run returns the variables below and no others of this type.
type Error struct {
	Code   uint16 // of the close frame that the client gets
	Reason string // for the close frame and the log
}

// Error implements error.
func (e *Error) Error() string { return "inlet: " + e.Reason }

// What a client can do wrong. A length that is not minimal or has its highest bit set is an error, as RFC 6455 section 5.2
// says; so is a close frame with half a code (5.5.1).
var (
	ErrRSV          = &Error{CodeProtocol, "reserved bits are set"}
	ErrOpcode       = &Error{CodeProtocol, "unknown opcode"}
	ErrUnmasked     = &Error{CodeProtocol, "frame is not masked"}
	ErrControl      = &Error{CodeProtocol, "control frame is fragmented or too long"}
	ErrContinuation = &Error{CodeProtocol, "continuation of nothing"}
	ErrUnfinished   = &Error{CodeProtocol, "message inside of a message"}
	ErrLength       = &Error{CodeProtocol, "bad length encoding"}
	ErrClosePayload = &Error{CodeProtocol, "close frame of one byte"}
	ErrCloseCode    = &Error{CodeProtocol, "bad close code"}
	ErrCloseReason  = &Error{CodeInvalid, "close reason is not UTF-8"}
	ErrUTF8         = &Error{CodeInvalid, "text is not UTF-8"}
	ErrInflate      = &Error{CodeInvalid, "message cannot be inflated"}
	ErrTooBig       = &Error{CodeTooBig, "message too big"}
)

// Closed says that the client's close frame has come: nothing after it is read.
type Closed struct {
	Code   uint16 // CodeNoStatus: the frame had none
	Reason string // UTF-8, at most 123 bytes
}

// Error implements error.
func (e *Closed) Error() string { return "inlet: the client closes" }

// closed decodes the payload of a close frame; the error is never nil.
func closed(p []byte) error {
	if len(p) == 0 {
		return &Closed{Code: CodeNoStatus}
	}
	if len(p) == 1 {
		return ErrClosePayload
	}
	code := binary.BigEndian.Uint16(p)
	if !validCode(code) {
		return ErrCloseCode
	}
	if !utf8.Valid(p[2:]) {
		return ErrCloseReason
	}
	return &Closed{Code: code, Reason: string(p[2:])}
}

// validCode says whether a client may send a close code: the registered ones (RFC 6455 section 7.4.1 and IANA's additions 1012 to
// 1014), those of libraries and those of applications.
func validCode(c uint16) bool {
	switch {
	case c >= 1000 && c <= 1003, c >= 1007 && c <= 1014:
		return true
	}
	return c >= 3000 && c <= 4999
}

// headerLen returns how long a header with that second byte is.
func headerLen(second byte) int {
	switch second &^ bitMask {
	case 126:
		return 2 + 2 + 4
	case 127:
		return 2 + 8 + 4
	}
	return 2 + 4
}

// payloadLen decodes the length in a header whose mask key may be still to come.
func payloadLen(h []byte) (uint64, error) {
	switch n := h[1] &^ bitMask; n {
	case 126:
		n := uint64(binary.BigEndian.Uint16(h[2:]))
		if n < 126 {
			return 0, ErrLength
		}
		return n, nil
	case 127:
		n := binary.BigEndian.Uint64(h[2:])
		if n < 1<<16 || n >= 1<<63 {
			return 0, ErrLength
		}
		return n, nil
	default:
		return uint64(n), nil
	}
}

// unmask writes src, unmasked, to dst, which is as long and may be the same. It returns the key as the next byte needs it.
func unmask(dst, src []byte, key uint32) uint32 {
	dst = dst[:len(src)]
	wide := uint64(key)<<32 | uint64(key)
	for len(src) >= 32 && len(dst) >= 32 {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)^wide)
		binary.LittleEndian.PutUint64(dst[8:], binary.LittleEndian.Uint64(src[8:])^wide)
		binary.LittleEndian.PutUint64(dst[16:], binary.LittleEndian.Uint64(src[16:])^wide)
		binary.LittleEndian.PutUint64(dst[24:], binary.LittleEndian.Uint64(src[24:])^wide)
		dst, src = dst[32:], src[32:]
	}
	for len(src) >= 8 && len(dst) >= 8 {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)^wide)
		dst, src = dst[8:], src[8:]
	}
	for i, b := range src {
		dst[i] = b ^ byte(key)
		key = key>>8 | key<<24
	}
	return key
}

package streams

import (
	"encoding/binary"
	"strconv"
)

// RFC 9113 sections 4.1, 6 and 7.
const (
	preface    = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	headLength = 9

	frameData         = 0
	frameHeaders      = 1
	frameReset        = 3
	framePing         = 6
	frameGoAway       = 7
	frameContinuation = 9

	flagEndStream  = 1
	flagEndHeaders = 4
	flagPadded     = 8
	flagPriority   = 0x20

	priorityBytes = 5 // in front of a header block

	maxFrame = 1 << 20 // the largest that is read

	maxStreamID = 1<<31 - 1
	pingBytes   = 8
)

// head is a frame's header.
type head [headLength]byte

func (h *head) length() int    { return int(h[0])<<16 | int(h[1])<<8 | int(h[2]) }
func (h *head) kind() byte     { return h[3] }
func (h *head) stream() uint32 { return binary.BigEndian.Uint32(h[5:]) & maxStreamID }

// has reports whether a flag is set that this kind of frame has.
func (h *head) has(flag byte) bool {
	switch h.kind() {
	case frameHeaders:
		return h[4]&flag != 0
	case frameData:
		return flag == flagEndStream && h[4]&flag != 0
	case frameContinuation:
		return flag == flagEndHeaders && h[4]&flag != 0
	}
	return false
}

// overPadded reports whether the padding of a header block is longer than its frame, whose payload begins with first: an error of the connection (RFC 9113 section 6.2).
func (h *head) overPadded(first []byte) bool {
	room := h.length() - 1
	if h.has(flagPriority) {
		room -= priorityBytes
	}
	return h.kind() == frameHeaders && h.has(flagPadded) && len(first) > 0 && int(first[0]) > room
}

// frameOf is a frame as it stands on the wire.
func frameOf(kind, flags byte, stream uint32, payload []byte) []byte {
	n := len(payload)
	dst := []byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}
	dst = binary.BigEndian.AppendUint32(dst, stream)
	return append(dst, payload...)
}

// label is the header by which a request says its stream's number; nobody sees it but Enter.
const label = "Fpmbridge-Stream"

// labelName is how it stands on the wire.
const labelName = "fpmbridge-stream"

// appendLabel appends the label as the end of a header block: a line that nobody remembers, as RFC 7541 section 6.2.2 encodes it.
func appendLabel(dst []byte, stream uint32) []byte {
	value := strconv.FormatUint(uint64(stream), 10)
	dst = append(append(dst, 0, byte(len(labelName))), labelName...)
	return append(append(dst, byte(len(value))), value...)
}

// addLabel changes the frame that ends a header block, and returns what comes behind its payload: its end, or one more frame.
func (h *head) addLabel() (tail []byte) {
	block := appendLabel(nil, h.stream())
	n := h.length() + len(block)
	if n > maxFrame || h.kind() == frameHeaders && h[4]&flagPadded != 0 {
		h[4] &^= flagEndHeaders
		return frameOf(frameContinuation, flagEndHeaders, h.stream(), block)
	}
	h[0], h[1], h[2] = byte(n>>16), byte(n>>8), byte(n)
	return block
}

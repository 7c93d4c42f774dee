package callback

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The frame types that are neither events nor instructions; docs/protocol.md section 4.
const (
	frameDescription = 67
	frameEnd         = 127
	frameHello       = 128
	frameExists      = 129
	frameInfo        = 130
	frameList        = 131
	frameCount       = 132
	frameHeartbeat   = 137
	frameStats       = 133
	frameTasks       = 136
	frameWorker      = 138
	frameResponse    = 134
	frameFile        = 135
	frameOp          = 150
	frameAsk         = 151
	frameTable       = 140
	frameAtomic      = 141
	frameLock        = 142
	frameReply       = 192
)

const (
	frameHeaderLen = 32
	// maxFrame bounds a frame from PHP, so that four bytes cannot make us wait for, or hold, 4 GiB.
	maxFrame = 64 << 20
	// fdLen is the size of an fd in a list.
	fdLen = 8
)

// ErrFrameTooLarge is a frame from PHP that claims more than 64 MiB.
var ErrFrameTooLarge = errors.New("callback: frame too large")

var (
	errFrameCut  = errors.New("callback: frame breaks off")
	errFrameMeta = errors.New("callback: meta is longer than its frame")
)

// frame is one decoded frame. meta and payload point into the bytes it was decoded from.
type frame struct {
	typ, flags, opcode, attempt uint8
	id, fd                      uint64
	code                        uint32
	meta, payload               []byte
}

// parseFrame decodes the frame at the start of b and returns how many bytes it has: with errFrameCut those that are
// needed, 0 if that is not known yet. A frame of more than limit bytes after the header is refused before anybody waits
// for them.
func parseFrame(b []byte, limit int) (f frame, n int, err error) {
	if len(b) < frameHeaderLen {
		return frame{}, 0, errFrameCut
	}
	length, meta := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[28:])
	f = frame{
		typ: b[4], flags: b[5], opcode: b[6], attempt: b[7],
		id: binary.BigEndian.Uint64(b[8:]), fd: binary.BigEndian.Uint64(b[16:]), code: binary.BigEndian.Uint32(b[24:]),
	}
	switch {
	case uint64(length) > uint64(limit):
		return f, 0, fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrFrameTooLarge, length, limit)
	case meta > length:
		return f, 0, errFrameMeta
	}
	n = frameHeaderLen + int(length)
	if len(b) < n {
		return f, n, errFrameCut
	}
	f.meta, f.payload = b[frameHeaderLen:frameHeaderLen+int(meta)], b[frameHeaderLen+int(meta):n]
	return f, n, nil
}

// appendHeader appends a header for a frame whose meta and payload follow; finishFrame fills in their lengths.
func (f *frame) appendHeader(dst []byte) []byte {
	dst = append(dst, 0, 0, 0, 0, f.typ, f.flags, f.opcode, f.attempt)
	dst = binary.BigEndian.AppendUint64(dst, f.id)
	dst = binary.BigEndian.AppendUint64(dst, f.fd)
	dst = binary.BigEndian.AppendUint32(dst, f.code)
	return append(dst, 0, 0, 0, 0)
}

// append appends the whole frame.
func (f *frame) append(dst []byte) []byte {
	start := len(dst)
	dst = f.appendHeader(dst)
	dst = append(dst, f.meta...)
	meta := len(dst)
	dst = append(dst, f.payload...)
	finishFrame(dst, start, meta)
	return dst
}

// finishFrame writes the lengths of the frame that starts at start, has its payload at payload and ends with b.
func finishFrame(b []byte, start, payload int) {
	body := start + frameHeaderLen
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-body))
	binary.BigEndian.PutUint32(b[start+28:], uint32(payload-body))
}

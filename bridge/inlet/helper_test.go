package inlet

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// frame is a client's frame.
func frame(first byte, payload string) string {
	var b []byte
	switch n := len(payload); {
	case n < 126:
		b = []byte{first, bitMask | byte(n)}
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16([]byte{first, bitMask | 126}, uint16(n))
	default:
		b = binary.BigEndian.AppendUint64([]byte{first, bitMask | 127}, uint64(n))
	}
	key := [4]byte{0x12, 0x34, 0x56, 0x78}
	b = append(b, key[:]...)
	for i := range len(payload) {
		b = append(b, payload[i]^key[i&3])
	}
	return string(b)
}

func closeFrame(code uint16, reason string) string {
	return frame(bitFIN|OpClose, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// deflated is a message as permessage-deflate carries it.
func deflated(s string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = w.Write([]byte(s))
	_ = w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

// recorder writes down what it is told.
type recorder struct {
	buf     []byte
	discard bool
	stop    bool // after each message and control frame
	log     []string
	largest int // buffer
	in      *Inlet
	cut     bool // a compressed message came in fragments
}

func (r *recorder) Begin() *[]byte {
	if r.discard {
		return nil
	}
	if r.in != nil && r.in.opening&(bitFIN|bitRSV1) == bitRSV1 {
		r.cut = true
	}
	return &r.buf
}

func (r *recorder) Message(opcode, flags uint8) bool {
	r.largest = max(r.largest, cap(r.buf))
	r.log = append(r.log, fmt.Sprintf("%d:%d:%q", opcode, flags, r.buf))
	return !r.stop
}

func (r *recorder) Control(opcode uint8, payload []byte) bool {
	r.log = append(r.log, fmt.Sprintf("%d:%q", opcode, payload))
	return !r.stop
}

// listen reads all of conn and returns what was heard, with the error in the end.
func (r *recorder) listen(in *Inlet) string {
	for {
		err := in.Run(r)
		if errors.Is(err, ErrStopped) {
			continue
		}
		var wrong *Error
		var left *Closed
		switch {
		case errors.As(err, &wrong):
			r.log = append(r.log, fmt.Sprintf("!%d %s", wrong.Code, wrong.Reason))
		case errors.As(err, &left):
			r.log = append(r.log, fmt.Sprintf("close %d %q", left.Code, left.Reason))
		default:
			r.log = append(r.log, err.Error())
		}
		return strings.Join(r.log, " ")
	}
}

// pieces is a connection that gives one piece for each read.
type pieces struct {
	net.Conn
	list []string
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.list) > 0 && p.list[0] == "" {
		p.list = p.list[1:]
	}
	if len(p.list) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.list[0])
	p.list[0] = p.list[0][n:]
	return n, nil
}

// rawPieces is the same with a descriptor, one end of a socket pair: a piece comes when the last one was read to its end.
type rawPieces struct {
	pieces

	reader, writer int
}

func newRawPieces(t testing.TB, list []string) *rawPieces {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &rawPieces{pieces: pieces{list: list}, reader: fds[0], writer: fds[1]}
	t.Cleanup(func() { _ = syscall.Close(fds[0]); _ = syscall.Close(fds[1]) })
	return p
}

func (p *rawPieces) SyscallConn() (syscall.RawConn, error) { return poller{p}, nil }

// poller is the syscall.RawConn of a rawPieces.
type poller struct{ *rawPieces }

func (p poller) Control(func(uintptr)) error    { return errors.ErrUnsupported }
func (p poller) Write(func(uintptr) bool) error { return errors.ErrUnsupported }
func (p poller) Read(f func(uintptr) bool) error {
	for !f(uintptr(p.reader)) {
		for len(p.list) > 0 && p.list[0] == "" {
			p.list = p.list[1:]
		}
		if len(p.list) == 0 {
			_ = syscall.Shutdown(p.writer, syscall.SHUT_WR)
			continue
		}
		n, err := syscall.Write(p.writer, []byte(p.list[0]))
		if err != nil {
			return err
		}
		p.list[0] = p.list[0][n:]
	}
	return nil
}

var defaults = Limits{Message: 1000, Inflated: 1000}

// hear decodes what comes in pieces; early is what came behind the handshake.
func hear(conn net.Conn, early string, r *recorder) string {
	var in Inlet
	var seen atomic.Int64
	in.Init(conn, []byte(early), defaults, true, &seen)
	r.in = &in
	return r.listen(&in)
}

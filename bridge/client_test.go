package bridge

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/outbox"
)

// client speaks WebSocket by hand, so that it can also speak it wrongly.
type client struct {
	t    testing.TB
	conn net.Conn
	br   *bufio.Reader
	resp *http.Response
}

// frame is one frame as it came.
type frame struct {
	first   byte
	payload []byte
}

// What the tests send and expect; RFC 6455 section 5.2.
const (
	opText   = 1
	opBinary = 2
	opClose  = 8
	opPing   = 9
	opPong   = 10

	bitFIN  = 0x80
	bitRSV1 = 0x40

	text = bitFIN | opText
)

const wsKey = "dGhlIHNhbXBsZSBub25jZQ=="

// handshake is an upgrade request with more header lines.
func handshake(path string, lines ...string) string {
	all := append([]string{
		"GET " + path + " HTTP/1.1", "Host: example.org", "Connection: Upgrade", "Upgrade: websocket",
		"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + wsKey,
	}, lines...)
	return strings.Join(all, "\r\n") + "\r\n\r\n"
}

// newClient sends a request and reads the response's head.
func newClient(t testing.TB, conn net.Conn, request string) *client {
	t.Helper()
	c := &client{t: t, conn: conn, br: bufio.NewReader(conn)}
	c.raw([]byte(request))
	resp, err := http.ReadResponse(c.br, &http.Request{Method: http.MethodGet})
	if err != nil {
		t.Fatalf("no response: %v", err)
	}
	c.resp = resp
	return c
}

func (c *client) raw(p []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(p); err != nil {
		c.t.Fatalf("client: %v", err)
	}
}

// appendMasked encodes a client's frame.
func appendMasked(dst []byte, first byte, payload []byte) []byte {
	start := len(dst)
	dst = outbox.AppendHeader(dst, first, len(payload))
	dst[start+1] |= 0x80
	mask := [4]byte{0x12, 0x34, 0x56, 0x78}
	dst = append(dst, mask[:]...)
	for i, b := range payload {
		dst = append(dst, b^mask[i&3])
	}
	return dst
}

func (c *client) frame(first byte, payload string) {
	c.t.Helper()
	c.raw(appendMasked(nil, first, []byte(payload)))
}

func (c *client) text(s string) { c.t.Helper(); c.frame(bitFIN|opText, s) }

// close sends a close frame; code 0 sends an empty one.
func (c *client) close(code uint16, reason string) {
	c.t.Helper()
	var p []byte
	if code != 0 {
		p = append(binary.BigEndian.AppendUint16(nil, code), reason...)
	}
	c.frame(bitFIN|opClose, string(p))
}

func (c *client) readFrame() (frame, error) {
	var h [2]byte
	if _, err := io.ReadFull(c.br, h[:]); err != nil {
		return frame{}, err
	}
	if h[1]&0x80 != 0 {
		return frame{}, errors.New("a masked frame from the server")
	}
	n := uint64(h[1])
	switch n {
	case 126:
		var b [2]byte
		if _, err := io.ReadFull(c.br, b[:]); err != nil {
			return frame{}, err
		}
		n = uint64(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		if _, err := io.ReadFull(c.br, b[:]); err != nil {
			return frame{}, err
		}
		n = binary.BigEndian.Uint64(b[:])
	}
	f := frame{first: h[0], payload: make([]byte, n)}
	_, err := io.ReadFull(c.br, f.payload)
	return f, err
}

func (f frame) String() string { return fmt.Sprintf("%#x %.60q", f.first, f.payload) }

// read returns the next frame.
func (c *client) read() frame {
	c.t.Helper()
	f, err := c.readFrame()
	if err != nil {
		c.t.Fatalf("no frame: %v", err)
	}
	return f
}

// want reads one frame and compares it.
func (c *client) want(first byte, payload string) {
	c.t.Helper()
	if f := c.read(); f.first != first || string(f.payload) != payload {
		c.t.Fatalf("got frame %v, want %#x %.60q", f, first, payload)
	}
}

func (c *client) wantText(s string) { c.t.Helper(); c.want(bitFIN|opText, s) }

// wantClose reads a close frame; code 0 wants an empty one.
func (c *client) wantClose(code uint16) {
	c.t.Helper()
	f := c.read()
	got := uint16(0)
	if len(f.payload) >= 2 {
		got = binary.BigEndian.Uint16(f.payload)
	}
	if f.first != bitFIN|opClose || got != code {
		c.t.Fatalf("got frame %v with code %d, want a close with %d", f, got, code)
	}
}

// silent says that nothing comes for a while; to be called in a bubble.
func (c *client) silent() {
	c.t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(time.Second))
	if b, err := c.br.Peek(1); err == nil {
		c.t.Fatalf("something came: %q", b)
	}
	_ = c.conn.SetReadDeadline(time.Time{})
}

// wantEOF reads to the end, which must be there.
func (c *client) wantEOF() {
	c.t.Helper()
	if f, err := c.readFrame(); !errors.Is(err, io.EOF) {
		c.t.Fatalf("got frame %v, error %v; want EOF", f, err)
	}
}

// wantGone reads until the connection breaks, in whatever way, without a close frame.
func (c *client) wantGone() {
	c.t.Helper()
	for {
		f, err := c.readFrame()
		if err != nil {
			return
		}
		if f.first == bitFIN|opClose {
			c.t.Fatalf("got a close frame %v, want none", f)
		}
	}
}

package outbox

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// gorillaClient plays p to a gorilla client, which is another implementation than ours of what a server sends.
func gorillaClient(t *testing.T, p []byte) *websocket.Conn {
	t.Helper()
	client, server := net.Pipe()
	t.Cleanup(func() { _ = client.Close(); _ = server.Close() })
	go func() {
		req, err := http.ReadRequest(bufio.NewReader(server))
		if err != nil {
			return
		}
		sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		_, _ = io.WriteString(server, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover\r\n"+
			"Sec-WebSocket-Accept: "+base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
		_, _ = server.Write(p)
		_, _ = io.Copy(io.Discard, server)
	}()
	d := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return client, nil }, EnableCompression: true}
	ws, _, err := d.Dial("ws://example.org/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

func TestHeadersInTheirShortestForm(t *testing.T) {
	for n, want := range map[int]string{
		0: "\x82\x00", 1: "\x82\x01", 125: "\x82\x7d", 126: "\x82\x7e\x00\x7e", 65535: "\x82\x7e\xff\xff",
		65536: "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 1 << 40: "\x82\x7f\x00\x00\x01\x00\x00\x00\x00\x00",
	} {
		if got := string(AppendHeader(nil, 0x82, n)); got != want || len(got) > MaxHeader {
			t.Errorf("%d: %x, want %x", n, got, want)
		}
	}
}

func TestCloseFrames(t *testing.T) {
	for _, c := range []struct {
		code   uint16
		reason string
		want   string
	}{
		{0, "ignored", "\x88\x00"},
		{1005, "ignored", "\x88\x00"},
		{1000, "", "\x88\x02\x03\xe8"},
		{1000, "bye", "\x88\x05\x03\xe8bye"},
		{4999, strings.Repeat("x", 123), "\x88\x7d\x13\x87" + strings.Repeat("x", 123)},
		{4999, strings.Repeat("x", 124), "\x88\x7d\x13\x87" + strings.Repeat("x", 123)},
		{1000, strings.Repeat("x", 122) + "é", "\x88\x7c\x03\xe8" + strings.Repeat("x", 122)},
		{1000, strings.Repeat("€", 50), "\x88\x7d\x03\xe8" + strings.Repeat("€", 41)},
	} {
		if got := string(AppendClose(nil, c.code, c.reason)); got != c.want {
			t.Errorf("%d %q: %q, want %q", c.code, c.reason, got, c.want)
		}
	}
}

// What comes again further back than a client's window is compressed anew.
func TestDeflateWithinAWindow(t *testing.T) {
	for window := uint8(8); window <= MaxWindow; window++ {
		noise := make([]byte, 1<<window+1)
		rand.NewChaCha8([32]byte{window}).Read(noise) //nolint:errcheck // it never fails
		for _, payload := range [][]byte{nil, noise[:1], noise[1:], noise, bytes.Repeat(noise, 4)} {
			p := AppendDeflated(nil, 2, payload, window)
			if typ, got, err := gorillaClient(t, p).ReadMessage(); err != nil || typ != 2 || !bytes.Equal(got, payload) {
				t.Fatalf("%d bits: %d of %d bytes: %v", window, len(got), len(payload), err)
			}
			if len(p) < len(payload) {
				t.Errorf("%d bits: %d bytes in a frame of %d: it refers further back than the window", window, len(payload), len(p))
			}
		}
		if text := bytes.Repeat([]byte("again "), 500); len(AppendDeflated(nil, OpText, text, window)) > len(text)/5 {
			t.Errorf("%d bits: does not compress", window)
		}
	}
}

// Frames that we encode are frames to gorilla.
func FuzzFrame(f *testing.F) {
	f.Add(byte(1), true, []byte("hello"), uint16(1000), "bye")
	f.Add(byte(2), false, bytes.Repeat([]byte("x"), 70_000), uint16(4000), strings.Repeat("ß", 100))
	f.Fuzz(func(t *testing.T, opcode byte, deflate bool, payload []byte, code uint16, reason string) {
		opcode = 1 + opcode%2
		var p []byte
		if deflate {
			p = AppendDeflated(nil, opcode, payload, 8+uint8(code%8))
		} else {
			p = append(AppendHeader(nil, BitFIN|opcode, len(payload)), payload...)
		}
		p = AppendClose(p, code, reason)
		ws := gorillaClient(t, p)
		typ, got, err := ws.ReadMessage()
		if err != nil || typ != int(opcode) || !bytes.Equal(got, payload) {
			t.Fatalf("type %d, %d of %d bytes: %v", typ, len(got), len(payload), err)
		}
		if !utf8.ValidString(reason) || !validCode(code) {
			return
		}
		_, _, err = ws.ReadMessage()
		ce, ok := err.(*websocket.CloseError) //nolint:errorlint // gorilla returns it as it is
		if !ok || !strings.HasPrefix(reason, ce.Text) {
			t.Fatalf("close %d %q: %v", code, reason, err)
		}
		want := int(code)
		if code == 0 {
			want = closeNoStatus
		}
		if ce.Code != want {
			t.Errorf("code %d, want %d", ce.Code, want)
		}
	})
}

func validCode(code uint16) bool {
	return code == 0 || code == 1005 || code >= 1000 && code <= 1003 || code >= 1007 && code <= 1013 || code >= 3000 && code <= 4999
}

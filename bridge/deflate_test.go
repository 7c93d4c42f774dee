package bridge

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"

	"github.com/fpmbridge/fpmbridge/callback"
)

const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"

func compression(o *Options) { o.Compression = true }

// deflated is a message as permessage-deflate carries it.
func deflated(s string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = w.Write([]byte(s))
	_ = w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

func inflated(t *testing.T, p []byte) string {
	t.Helper()
	out, err := io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(p), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff"))))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestDeflateBothWays(t *testing.T) {
	bubble(t, echo, compression, func(f *fixture) {
		c := f.dial(offer)
		if got := c.resp.Header.Get("Sec-WebSocket-Extensions"); !strings.Contains(got, "permessage-deflate") {
			t.Fatalf("negotiated %q", got)
		}
		want := strings.Repeat("fpmbridge ", 100)
		c.frame(text|bitRSV1, deflated(want))
		fr := c.read()
		if fr.first != text|bitRSV1 || len(fr.payload) >= len(want) || inflated(t, fr.payload) != want {
			t.Errorf("got %v", fr)
		}
		// Short messages get no shorter by deflate.
		c.frame(text|bitRSV1, deflated("hi"))
		c.wantText("hi")
		// And a client may leave single messages as they are.
		c.text("plain")
		c.wantText("plain")
		if info, _ := f.b.Info(1); !info.Compression {
			t.Error("PHP does not see it")
		}
	})
}

// A broadcast goes deflated to those who negotiated it, and as it is to the others.
func TestDeflateIsPerConnection(t *testing.T) {
	want := strings.Repeat("to all ", 600)
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Message {
			return do(pushMany(want, 1, 2, 3))
		}
		return callback.Result{}
	}
	bubble(t, answer, compression, func(f *fixture) {
		a, b, c := f.dial(offer), f.dial(), f.dial(offer)
		b.text("go")
		for _, cl := range []*client{a, c} {
			if fr := cl.read(); fr.first != text|bitRSV1 || inflated(t, fr.payload) != want {
				t.Errorf("got %v", fr)
			}
		}
		b.wantText(want)
	})
}

// One broadcast to clients with windows of their own: each frame is made once, and fits its clients.
func TestDeflateWithWindowsOfItsClients(t *testing.T) {
	noise := make([]byte, 400)
	rand.NewChaCha8([32]byte{}).Read(noise) //nolint:errcheck // it never fails
	want := strings.Repeat(base64.StdEncoding.EncodeToString(noise), 20)
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Message {
			return do(pushMany(want, 1, 2, 3, 4))
		}
		return callback.Result{}
	}
	bubble(t, answer, compression, func(f *fixture) {
		var length [4]int
		clients := []*client{f.dial(offer), f.dial(offer + "; server_max_window_bits=9"), f.dial(offer), f.dial(offer + "; server_max_window_bits=9")}
		clients[0].text("go")
		for i, cl := range clients {
			fr := cl.read()
			if fr.first != text|bitRSV1 || inflated(t, fr.payload) != want {
				t.Errorf("client %d got %v", i, fr)
			}
			length[i] = len(fr.payload)
		}
		if length[0] != length[2] || length[1] != length[3] || length[1] < 5*length[0] {
			t.Errorf("%d bytes: the large window has to save what the small one cannot", length)
		}
	})
}

func TestDeflateOnlyWhereItWasNegotiated(t *testing.T) {
	for _, line := range []string{
		"Sec-WebSocket-Extensions: @@@, permessage-deflate", `Sec-WebSocket-Extensions: foo; a="permessage-deflate`,
		"Sec-WebSocket-Extensions: permessage-deflate@", "X-Nothing: 1", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7",
		"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9, permessage-deflate", "Sec-WebSocket-Extensions: x-webkit-deflate-frame",
		offer,
	} {
		bubble(t, echo, compression, func(f *fixture) {
			c := f.dial(line)
			took := strings.Contains(c.resp.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate")
			want := strings.Repeat("long enough ", 20)
			c.text(want)
			if fr := c.read(); (fr.first&bitRSV1 != 0) != took {
				t.Errorf("%s: the handshake's answer says %v, the frame is %v", line, took, fr)
			}
		})
	}
}

func TestCompressionBombIsTooBig(t *testing.T) {
	bomb := deflated(strings.Repeat("\x00", 4<<20)) // 4 KB on the wire
	bubble(t, echo, func(o *Options) { o.Compression, o.MaxMessage = true, 64<<10 }, func(f *fixture) {
		c := f.dial(offer)
		c.frame(bitFIN|opBinary|bitRSV1, bomb)
		c.wantClose(1009)
		c.wantEOF()
		_ = c.conn.Close()
		f.wantStory("1:open 1:close(1009 too_big)")
	})
}

func TestBrokenDeflateIsRefused(t *testing.T) {
	for name, p := range map[string]string{
		"garbage": "\xff\xff\xff\xff\xff", "cut": deflated(strings.Repeat("abcdefgh", 100))[:5], "stored block with a wrong length": "\x00\x05\x00\x05\x00hello",
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, echo, compression, func(f *fixture) {
				c := f.dial(offer)
				c.frame(text|bitRSV1, p)
				fr := c.read()
				if code := uint16(fr.payload[0])<<8 | uint16(fr.payload[1]); fr.first != bitFIN|opClose || code != 1007 {
					t.Errorf("got %v", fr)
				}
				synctest.Wait()
				if last := f.script.last(); last.Type != callback.Close || last.Cause != callback.CauseProtocol {
					t.Errorf("PHP heard %v", last)
				}
			})
		})
	}
}

// coder/websocket is another implementation than the one we read with.
func TestAnotherClientUnderstandsUs(t *testing.T) {
	bubble(t, echo, func(o *Options) { o.Compression, o.Subprotocols = true, []string{"chat"} }, func(f *fixture) {
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return f.ln.Dial("192.0.2.5") }}
		defer transport.CloseIdleConnections()
		c, _, err := websocket.Dial(f.t.Context(), "ws://example.org/", &websocket.DialOptions{
			HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{"chat"}, CompressionMode: websocket.CompressionContextTakeover, CompressionThreshold: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.CloseNow() }()
		c.SetReadLimit(-1)
		if c.Subprotocol() != "chat" {
			t.Errorf("subprotocol %q", c.Subprotocol())
		}
		rnd := rand.New(rand.NewPCG(1, 2))
		for _, n := range []int{0, 1, 31, 32, 33, 1000, 70_000, 500_000} {
			want := make([]byte, n)
			for i := range want {
				want[i] = 'a' + byte(rnd.IntN(4))
			}
			go func() { _ = c.Write(f.t.Context(), websocket.MessageText, want) }()
			typ, got, err := c.Read(f.t.Context())
			if err != nil || typ != websocket.MessageText || !bytes.Equal(got, want) {
				t.Fatalf("%d bytes: got %d, %v", n, len(got), err)
			}
		}
		if err := c.Close(websocket.StatusNormalClosure, "bye"); err != nil {
			t.Error(err)
		}
	})
}

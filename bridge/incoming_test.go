package bridge

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// masked is a client's frame.
func masked(first byte, payload string) string {
	return string(appendMasked(nil, first, []byte(payload)))
}

func closeFrame(code uint16, reason string) string {
	return masked(bitFIN|opClose, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// What a client may say wrong, the code it is told, and what PHP hears of it.
func TestBrokenClients(t *testing.T) {
	for _, c := range []struct {
		name  string
		bytes string
		code  uint16
		cause callback.Cause
	}{
		{"unmasked frame", string(append([]byte{text, 2}, "hi"...)), 1002, callback.CauseProtocol},
		{"reserved opcode", masked(bitFIN|3, "x"), 1002, callback.CauseProtocol},
		{"reserved control opcode", masked(bitFIN|11, "x"), 1002, callback.CauseProtocol},
		{"RSV1 without compression", masked(text|bitRSV1, "x"), 1002, callback.CauseProtocol},
		{"RSV2", masked(text|0x20, "x"), 1002, callback.CauseProtocol},
		{"continuation of nothing", masked(bitFIN, "x"), 1002, callback.CauseProtocol},
		{"message inside of a message", masked(opText, "x") + masked(text, "y"), 1002, callback.CauseProtocol},
		{"fragmented ping", masked(opPing, "x"), 1002, callback.CauseProtocol},
		{"ping of 126 bytes", masked(bitFIN|opPing, strings.Repeat("x", 126)), 1002, callback.CauseProtocol},
		{"close of 126 bytes", closeFrame(1000, strings.Repeat("x", 124)), 1002, callback.CauseProtocol},
		{"close code 999", closeFrame(999, ""), 1002, callback.CauseProtocol},
		{"close code 1004", closeFrame(1004, ""), 1002, callback.CauseProtocol},
		{"close code 1005", closeFrame(1005, ""), 1002, callback.CauseProtocol},
		{"close code 1006", closeFrame(1006, ""), 1002, callback.CauseProtocol},
		{"close code 1015", closeFrame(1015, ""), 1002, callback.CauseProtocol},
		{"close code 2999", closeFrame(2999, ""), 1002, callback.CauseProtocol},
		{"close code 5000", closeFrame(5000, ""), 1002, callback.CauseProtocol},
		{"close reason not UTF-8", closeFrame(1000, "\xff"), 1007, callback.CauseUTF8},
		{"close of one byte", masked(bitFIN|opClose, "x"), 1002, callback.CauseProtocol},
		{"frame of 2^63 bytes", "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 1002, callback.CauseProtocol},
		{"frame of 2^63-1 bytes", "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1009, callback.CauseTooBig},
		{"frame over the limit", masked(text, strings.Repeat("x", 1001)), 1009, callback.CauseTooBig},
		{"fragments over the limit", masked(opText, strings.Repeat("x", 600)) + masked(bitFIN, strings.Repeat("x", 600)), 1009, callback.CauseTooBig},
		{"length not minimal", "\x81\xfe\x00\x05mask", 1002, callback.CauseProtocol},
		{"text not UTF-8, before its frame's end", masked(text, "a\xff"+strings.Repeat("b", 900))[:20], 1007, callback.CauseUTF8},
		{"text not UTF-8", masked(text, "a\xffb"), 1007, callback.CauseUTF8},
		{"text cut inside of a rune", masked(text, "caf\xc3"), 1007, callback.CauseUTF8},
		{"surrogate half", masked(text, "\xed\xa0\x80"), 1007, callback.CauseUTF8},
		{"bad UTF-8 split over fragments", masked(opText, "\xe2\x82") + masked(bitFIN, "\xff"), 1007, callback.CauseUTF8},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, echo, func(o *Options) { o.MaxMessage = 1000 }, func(f *fixture) {
				healthy := f.dial()
				synctest.Wait()
				cl := f.dial()
				cl.text("before")
				cl.wantText("before")
				cl.raw([]byte(c.bytes))
				cl.wantClose(c.code)
				cl.wantEOF()
				_ = cl.conn.Close()
				synctest.Wait()
				last := f.script.last()
				if last.Type != callback.Close || last.Code != c.code || last.Cause != c.cause {
					t.Errorf("PHP heard %v, want a close with %d %s", last, c.code, c.cause)
				}
				if f.b.Stats().Closed[c.cause.String()] != 1 {
					t.Errorf("counted %v", f.b.Stats().Closed)
				}
				healthy.text("still here")
				healthy.wantText("still here")
			})
		})
	}
}

// A client that writes all of its message before it reads hears why it was too big: with node's ws it was a reset in the middle of it.
func TestTooBigIsHeardBehindAllOfIt(t *testing.T) {
	bubble(t, echo, func(o *Options) { o.MaxMessage = 1000 }, func(f *fixture) {
		cl := f.dial()
		cl.frame(bitFIN|opBinary, strings.Repeat("x", 4<<20))
		cl.wantClose(1009)
		cl.wantEOF()
	})
}

// Who does not stop is cut off after his time.
func TestEndlessWritingAfterTheEnd(t *testing.T) {
	bubble(t, echo, func(o *Options) { o.MaxMessage = 1000 }, func(f *fixture) {
		cl := f.dial()
		cl.raw([]byte("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"))
		start := time.Now()
		for range 100 {
			if _, err := cl.conn.Write(make([]byte, 4<<10)); err != nil {
				break
			}
			time.Sleep(time.Second / 10)
		}
		if took := time.Since(start); took < time.Second || took > 7*time.Second {
			t.Errorf("cut off after %v", took)
		}
	})
}

// Browsers show the answer's reason (CloseEvent.reason), and Swoole echoes it.
func TestCloseHandshakeIsAnsweredInKind(t *testing.T) {
	for _, c := range []struct {
		sent       string
		echo, told uint16
		reason     string
	}{
		{closeFrame(1000, "done"), 1000, 1000, "done"},
		{closeFrame(1001, ""), 1001, 1001, ""},
		{closeFrame(3000, "ß"), 3000, 3000, "ß"},
		{closeFrame(4999, strings.Repeat("r", 123)), 4999, 4999, strings.Repeat("r", 123)},
		{masked(bitFIN|opClose, ""), 0, 1005, ""},
	} {
		bubble(t, nil, nil, func(f *fixture) {
			cl := f.dial()
			cl.raw([]byte(c.sent))
			fr := cl.read()
			want := []byte{}
			if c.echo != 0 {
				want = append(binary.BigEndian.AppendUint16(nil, c.echo), c.reason...)
			}
			if fr.first != bitFIN|opClose || !bytes.Equal(fr.payload, want) {
				t.Errorf("answer %v, want a close with %d %s", fr, c.echo, c.reason)
			}
			cl.wantEOF()
			_ = cl.conn.Close()
			synctest.Wait()
			if last := f.script.last(); last.Code != c.told || last.Cause != callback.CauseClient || string(last.Payload) != c.reason {
				t.Errorf("PHP heard %v %q", last, last.Payload)
			}
			if strings.Contains(f.logged.String(), "done") {
				t.Error("the client's reason is in the log")
			}
		})
	}
}

func TestClientThatVanishesIsGone(t *testing.T) {
	for name, last := range map[string]string{
		"between messages": "", "in a header": "\x81", "in a mask": "\x81\x85ab", "in a payload": masked(text, "hello")[:8],
		"between fragments": masked(opText, "hello"),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, nil, func(f *fixture) {
				c := f.dial()
				c.raw([]byte(last))
				_ = c.conn.Close()
				f.wantStory("1:open 1:close(1006 gone)")
			})
		})
	}
}

func TestFragmentsAreMergedAroundAPing(t *testing.T) {
	bubble(t, echo, nil, func(f *fixture) {
		c := f.dial()
		c.raw([]byte(masked(opText, "\xe2\x82") + masked(bitFIN|opPing, "p") + masked(0, "\xac") + masked(0, "") + masked(bitFIN, "!")))
		c.want(bitFIN|opPong, "p")
		c.wantText("€!")
		ev := f.script.last()
		if ev.Opcode != opText || ev.Flags != 33 {
			t.Errorf("opcode %d flags %d, want 1 and 33", ev.Opcode, ev.Flags)
		}
	})
}

func TestMessagesOfAllSizes(t *testing.T) {
	bubble(t, echo, nil, func(f *fixture) {
		c := f.dial()
		for _, n := range []int{0, 1, 125, 126, 127, 511, 512, 513, 4096, 65535, 65536, 300_000} {
			want := strings.Repeat("x", n)
			go c.frame(bitFIN|opBinary, want)
			c.want(bitFIN|opBinary, want)
		}
	})
}

// The socket gives one byte a second: the connection is slow, not dead, and nobody else notices.
func TestOneByteASecond(t *testing.T) {
	bubble(t, echo, nil, func(f *fixture) {
		slow, other := f.dial(), f.dial()
		for i, b := range []byte(masked(text, strings.Repeat("x", 200))) {
			slow.raw([]byte{b})
			time.Sleep(time.Second)
			if i%20 == 0 {
				other.text("hi")
				other.wantText("hi")
			}
		}
		slow.wantText(strings.Repeat("x", 200))
	})
}

func TestPingIsAnsweredWithItsPayload(t *testing.T) {
	bubble(t, nil, nil, func(f *fixture) {
		c := f.dial()
		for _, p := range []string{"", "x", strings.Repeat("p", 125)} {
			c.frame(bitFIN|opPing, p)
			c.want(bitFIN|opPong, p)
		}
	})
}

// A client told to go that goes on talking is heard for its close frame only, and for no longer than CloseTimeout.
func TestClientThatTalksAfterItsEnd(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Message {
			return do(closeFD(ev.FD, 4001, "go", 0))
		}
		return callback.Result{}
	}
	bubble(t, answer, nil, func(f *fixture) {
		c := f.dial()
		c.text("x")
		c.wantClose(4001)
		start := time.Now()
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				if _, err := c.conn.Write([]byte(masked(text, "more"))); err != nil {
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		}()
		c.wantEOF()
		if took := time.Since(start); took < 4*time.Second || took > 6*time.Second {
			t.Errorf("closed after %v, want the close timeout of 5 s", took)
		}
		<-stopped
		f.wantStory("1:open 1:message(x) 1:close(4001 server)")
	})
}

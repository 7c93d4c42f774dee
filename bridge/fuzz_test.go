package bridge

import (
	"io"
	"testing"
)

// Whatever bytes a client sends: the bridge does not panic, and PHP hears of one open and one close.
func FuzzClientBytes(f *testing.F) {
	for _, s := range []string{
		masked(text, "hello"), masked(opText, "a") + masked(bitFIN|opPing, "p") + masked(bitFIN, "b"), closeFrame(1000, "bye"),
		"\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", masked(text|bitRSV1, deflated("hello hello hello")), masked(text, "\xff"),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		bubble(t, echo, func(o *Options) { o.Compression, o.MaxMessage = true, 10_000 }, func(f *fixture) {
			c := f.dial(offer)
			go func() { _, _ = io.Copy(io.Discard, c.br) }()
			_, _ = c.conn.Write(p)
			_ = c.conn.Close()
		})
	})
}

package exchange

import (
	"bytes"
	"strings"
	"testing"
)

func TestHeadOrder(t *testing.T) {
	o := headOrder{names: []string{"B", "a"}}
	got := o.apply([]byte("HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nContent-Length: 0\r\nServer: s\r\nZ: 9\r\n\r\n"))
	if want := "HTTP/1.1 200 OK\r\nB: 2\r\nA: 1\r\nZ: 9\r\nServer: s\r\nContent-Length: 0\r\n\r\n"; string(got) != want {
		t.Errorf("%q", got)
	}
}

func FuzzParseHead(f *testing.F) {
	f.Add([]byte("Reason\r\nA: b\r\nc:d\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h := ParseHead(b)
		for _, line := range h.Lines {
			if strings.ContainsAny(line.Name+line.Value+h.Reason, "\r\n\x00") || line.Name == "" {
				t.Errorf("%q", line)
			}
		}
		if bytes.ContainsAny([]byte(h.Reason), "\r\n") {
			t.Errorf("%q", h.Reason)
		}
	})
}

package fcgi_test

import (
	"bytes"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// On Unix sockets the end of an answer stays in the socket until the next request is out. Whatever a server sends and
// however it cuts it, the next answer is the next one, and a connection that ended or said more than it was asked is not used again.
func TestAnswersLeftInTheSocket(t *testing.T) {
	large := stdout("Content-Type: text/plain\r\n\r\n"+strings.Repeat("x", 60_000)) + end(0, 0)
	for _, tc := range []struct {
		name  string
		parts []string // of the first answer, written one by one
		after func(net.Conn)
		dials uint64
	}{
		{name: "small", parts: []string{okReply}, dials: 1},
		{name: "in pieces", parts: []string{okReply[:3], okReply[3:20], okReply[20:]}, dials: 1},
		{name: "large", parts: []string{large}, dials: 1},
		{name: "small, then large", parts: []string{large[:40], large[40:]}, dials: 1},
		{name: "ended", parts: []string{okReply}, after: func(c net.Conn) { _ = c.Close() }, dials: 2},
		{name: "half ended", parts: []string{okReply}, after: func(c net.Conn) { _ = c.(*net.UnixConn).CloseWrite() }, dials: 2},
		{name: "one byte more", parts: []string{okReply}, after: func(c net.Conn) { _, _ = c.Write([]byte{1}) }, dials: 2},
		{name: "another answer", parts: []string{okReply + okReply}, dials: 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			address := filepath.Join(t.TempDir(), "s")
			l, err := net.Listen("unix", address)
			if err != nil {
				t.Fatal(err)
			}
			params := encode(t, "A", "1")
			size := len(fcgi.AppendRequest(nil, params, nil))
			done := make(chan struct{})
			prepared := make(chan struct{}, 8)
			go func() {
				defer close(done)
				for first := true; ; first = false {
					c, err := l.Accept()
					if err != nil {
						return
					}
					request := make([]byte, size)
					for n := 0; ; n++ {
						if _, err := io.ReadFull(c, request); err != nil {
							break
						}
						if !first || n > 0 {
							_, _ = io.WriteString(c, stdout("Content-Type: text/plain\r\n\r\nnext")+end(0, 0))
							continue
						}
						for _, part := range tc.parts {
							_, _ = io.WriteString(c, part)
							time.Sleep(time.Millisecond) // so that they are read one by one
						}
						if tc.after != nil {
							tc.after(c)
						}
						prepared <- struct{}{}
					}
					_ = c.Close()
				}
			}()
			c, err := fcgi.New(fcgi.Options{Network: "unix", Address: address})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				_ = c.Close()
				_ = l.Close()
				<-done
			}()
			for i := range 4 {
				res, fail := c.Do(t.Context(), &fcgi.Request{Params: params, Timeout: 5 * time.Second})
				if fail != nil {
					t.Fatal(i, fail)
				}
				want := "next"
				if i == 0 {
					want = "ok"
					<-prepared
				}
				if got := res.Body; string(got) != want && (i > 0 || len(got) != 60_000) {
					t.Errorf("answer %d is %q", i, bytes.TrimRight(got, "x"))
				}
				res.Release()
			}
			if got := c.Stats().Dials; got != tc.dials {
				t.Errorf("%d connections, want %d", got, tc.dials)
			}
		})
	}
}

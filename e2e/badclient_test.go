package e2e_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// After each of these a healthy connection that was opened before still talks, PHP has heard of one close for each open,
// in order, and in the end no descriptor and no goroutine is left over.
func TestBadClients(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, []string{
		"BRIDGE_COMPRESSION=true", "BRIDGE_LIMITS_MESSAGE=1MiB", "BRIDGE_LIMITS_HEADER_TIMEOUT=1s", "BRIDGE_CLOSE_TIMEOUT=500ms",
		"BRIDGE_WRITE_TIMEOUT=1s", "BRIDGE_FPM_IDLE=1s",
	}, script)
	healthy := p.dial("/")
	healthy.talk("hi")
	before := p.fds()

	bomb := deflate(strings.Repeat("\x00", 16<<20))
	large := strings.Repeat("x", 2<<20)
	for _, c := range []struct {
		name string
		do   func(t *testing.T)
	}{
		{"malformed handshakes", func(t *testing.T) {
			for _, s := range []string{
				"\x16\x03\x01\x02\x00", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
				strings.Replace(upgrade("/"), "dGhlIHNhbXBsZSBub25jZQ==", "short", 1), strings.Replace(upgrade("/"), ": 13", ": 7", 1),
				upgrade("/", "Bad\x00Header: x"), upgrade("/", "Content-Length: -1"),
			} {
				conn := p.rawDial("")
				_, _ = io.WriteString(conn, s)
				answer, _ := io.ReadAll(conn)
				if bytes.HasPrefix(answer, []byte("HTTP/1.1 101")) || len(answer) == 0 && !strings.HasPrefix(s, "\x16") {
					t.Errorf("%.40q: answer %.60q", s, answer)
				}
			}
		}},
		{"100 kB of headers", func(t *testing.T) {
			conn := p.rawDial("")
			go func() { _, _ = io.WriteString(conn, upgrade("/", "X: "+strings.Repeat("x", 100<<10))) }()
			if answer, _ := io.ReadAll(conn); !bytes.HasPrefix(answer, []byte("HTTP/1.1 431")) {
				t.Errorf("answer %.60q", answer)
			}
		}},
		{"half a handshake", func(*testing.T) {
			conn := p.rawDial("")
			_, _ = io.WriteString(conn, upgrade("/")[:60])
			_, _ = io.ReadAll(conn)
		}},
		{"unmasked", func(t *testing.T) { p.wantCode(t, "\x81\x02hi", 1002) }},
		{"2^63 bytes", func(t *testing.T) { p.wantCode(t, "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 1002) }},
		{"2^63-1 bytes", func(t *testing.T) { p.wantCode(t, "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 1009) }},
		{"length not minimal", func(t *testing.T) { p.wantCode(t, "\x82\xfe\x00\x05mask", 1002) }},
		{"RSV1 without an offer", func(t *testing.T) { p.wantCode(t, frame(0xc1, "x"), 1002) }},
		{"close of one byte", func(t *testing.T) { p.wantCode(t, frame(0x88, "x"), 1002) }},
		{"close with code 1005", func(t *testing.T) { p.wantCode(t, frame(0x88, "\x03\xed"), 1002) }},
		{"bad UTF-8 before the end", func(t *testing.T) { p.wantCode(t, frame(0x81, "a\xff"+large[:1000])[:20], 1007) }},
		{"control over 125", func(t *testing.T) { p.wantCode(t, frame(0x89, strings.Repeat("x", 126)), 1002) }},
		{"bad UTF-8 over fragments", func(t *testing.T) { p.wantCode(t, frame(0x01, "\xe2\x82")+frame(0x80, "\x28"), 1007) }},
		{"too big", func(t *testing.T) { p.wantCode(t, frame(0x82, large), 1009) }},
		{"bomb", func(t *testing.T) {
			conn := p.rawDial("/?x")
			_ = conn.Close()
			conn = p.rawDial("")
			_, _ = io.WriteString(conn, upgrade("/", "Sec-WebSocket-Extensions: permessage-deflate")+frame(0xc2, bomb))
			answer, _ := io.ReadAll(conn)
			if !bytes.Contains(answer, []byte("\x88")) || !bytes.Contains(answer, []byte("\x03\xf1")) {
				t.Errorf("no 1009 in %.200q", answer)
			}
		}},
		{"never reads", func(t *testing.T) {
			conn := p.rawDial("/")
			_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
			for range 40 {
				_, _ = io.WriteString(conn, frame(0x81, "flood 2000")) // 2 MB each
			}
			eventually(t, "it is closed as slow", func() bool { return strings.Contains(p.stderr.String(), "cause=slow") })
		}},
		{"a byte at a time", func(t *testing.T) {
			conn := p.rawDial("/")
			for _, b := range []byte(frame(0x81, "echo drip")) {
				_, _ = conn.Write([]byte{b})
				time.Sleep(20 * time.Millisecond)
			}
			got := make([]byte, 6)
			if _, err := io.ReadFull(conn, got); err != nil || string(got[2:]) != "drip" {
				t.Errorf("got %q %v", got, err)
			}
			_ = conn.Close()
		}},
		{"500 open and vanish", func(*testing.T) {
			var wg sync.WaitGroup
			gate := make(chan struct{}, 50)
			for i := range 500 {
				wg.Go(func() {
					gate <- struct{}{}
					defer func() { <-gate }()
					conn := p.rawDial("/")
					switch i % 3 {
					case 0:
						_, _ = io.WriteString(conn, frame(0x81, "echo x"))
					case 1:
						_ = conn.(*net.TCPConn).SetLinger(0) // a reset
					}
					_ = conn.Close()
				})
			}
			wg.Wait()
		}},
		{"pings in a flood", func(t *testing.T) {
			conn := p.rawDial("/")
			_, err := io.WriteString(conn, strings.Repeat(frame(0x89, "p"), 50_000))
			if err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			_ = conn.Close()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.do(t)
			start := time.Now()
			healthy.talk("after " + c.name)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("the healthy connection waited %v", took)
			}
		})
	}
	s := storyOf(t, script)
	eventually(t, "all but the healthy one are closed", func() bool { return s.count("open") == s.count("close")+1 })
	s.check()
	p.wantFDs(before)
	healthy.leave()
	s.wantClosed()
	p.wantFDs(before - 1)

	// SIGQUIT makes Go tell all goroutines and exit.
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	<-p.exited
	dump := p.stderr.String()
	goroutines := len(regexp.MustCompile(`(?m)^goroutine \d+`).FindAllString(dump, -1))
	if goroutines > 40 || strings.Contains(dump, "bridge.(*session)") || strings.Contains(dump, "outbox.(*Outbox)") {
		t.Errorf("%d goroutines are left over:\n%s", goroutines, dump)
	}
}

// wantCode sends bytes on a fresh connection and wants a close frame with that code, then the end.
func (p *program) wantCode(t *testing.T, s string, code uint16) {
	t.Helper()
	conn := p.rawDial("/")
	go func() { _, _ = io.WriteString(conn, s) }()
	head := make([]byte, 4)
	if _, err := io.ReadFull(conn, head); err != nil || head[0] != 0x88 || uint16(head[2])<<8|uint16(head[3]) != code {
		t.Errorf("got %x %v, want a close with %d", head, err, code)
	}
	_ = conn.Close()
}

func deflate(s string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestSpeed)
	_, _ = w.Write([]byte(s))
	_ = w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

package e2e_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// client is a well-behaved WebSocket client.
type client struct {
	t  *testing.T
	ws *websocket.Conn
}

func (p *program) dial(path string) *client {
	p.t.Helper()
	c, err := p.tryDial(path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

func (p *program) tryDial(path string, header http.Header) (*client, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	header = header.Clone()
	protocols := header.Values("Sec-WebSocket-Protocol")
	header.Del("Sec-WebSocket-Protocol")
	ws, _, err := websocket.Dial(ctx, "ws://"+p.addr+path, &websocket.DialOptions{
		HTTPHeader: header, HTTPClient: &http.Client{Transport: transport}, Subprotocols: protocols,
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(-1)
	p.t.Cleanup(func() { _ = ws.CloseNow() })
	return &client{p.t, ws}, nil
}

func (c *client) send(s string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, []byte(s)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) read() (websocket.MessageType, string, error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	typ, data, err := c.ws.Read(ctx)
	return typ, string(data), err
}

// answer sends, and returns the next message.
func (c *client) answer(s string) string {
	c.t.Helper()
	c.send(s)
	_, got, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	return got
}

func (c *client) want(s string) {
	c.t.Helper()
	if _, got, err := c.read(); err != nil || got != s {
		c.t.Fatalf("got %.200q, %v; want %.200q", got, err, s)
	}
}

// talk proves that the connection works: PHP answers "echo".
func (c *client) talk(s string) {
	c.t.Helper()
	c.send("echo " + s)
	c.want(s)
}

// wantClose reads to the end, which must be a close frame with that code; -1: none.
func (c *client) wantClose(code int) {
	c.t.Helper()
	for {
		_, _, err := c.read()
		if err == nil {
			continue
		}
		if got := int(websocket.CloseStatus(err)); got != code {
			c.t.Fatalf("closed with %d, want %d: %v", got, code, err)
		}
		return
	}
}

// leave closes the connection with its handshake.
func (c *client) leave() {
	c.t.Helper()
	if err := c.ws.Close(websocket.StatusNormalClosure, "bye"); err != nil && !errors.Is(err, net.ErrClosed) {
		c.t.Fatal(err)
	}
}

// rawDial opens a TCP connection, with a WebSocket handshake if path is given.
func (p *program) rawDial(path string) net.Conn {
	p.t.Helper()
	d := net.Dialer{Timeout: patience}
	conn, err := d.DialContext(p.t.Context(), "tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if path == "" {
		return conn
	}
	_, _ = conn.Write([]byte(upgrade(path)))
	head := make([]byte, 0, 512)
	for !strings.HasSuffix(string(head), "\r\n\r\n") {
		var b [1]byte
		if _, err := conn.Read(b[:]); err != nil {
			p.t.Fatalf("handshake: %v after %q", err, head)
		}
		head = append(head, b[0])
	}
	if !strings.HasPrefix(string(head), "HTTP/1.1 101") {
		p.t.Fatalf("handshake: %q", head)
	}
	return conn
}

func upgrade(path string, lines ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n"
}

// frame encodes a client's frame, masked with zeros.
func frame(first byte, payload string) string {
	n := len(payload)
	head := []byte{first}
	switch {
	case n < 126:
		head = append(head, 0x80|byte(n))
	case n < 1<<16:
		head = append(head, 0x80|126, byte(n>>8), byte(n))
	default:
		head = append(head, 0x80|127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return string(append(head, 0, 0, 0, 0)) + payload
}

// story is what the script wrote about its events: "FD EVENT …" a line.
type story struct {
	t    *testing.T
	path string
}

func storyOf(t *testing.T, script string) *story {
	t.Helper()
	return &story{t, filepath.Join(filepath.Dir(script), "events")}
}

func (s *story) lines() []string {
	data, err := os.ReadFile(s.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// count counts the events of WebSockets: a Swoole server also hears the close of connections that never were one.
func (s *story) count(word string) int {
	n := 0
	opened := make(map[string]bool)
	for _, line := range s.lines() {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		opened[f[0]] = opened[f[0]] || f[1] == "open"
		if f[1] == word && (opened[f[0]] || word != "close") {
			n++
		}
	}
	return n
}

// wantClosed waits until each open has had its close, then checks promise 1 on each connection.
func (s *story) wantClosed() {
	s.t.Helper()
	eventually(s.t, "each open has its close", func() bool { return s.count("open") == s.count("close") })
	s.check()
}

func (s *story) check() {
	s.t.Helper()
	closed := make(map[int]bool)
	opened := make(map[int]bool)
	for _, line := range s.lines() {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		fd, err := strconv.Atoi(f[0])
		if err != nil {
			s.t.Fatalf("line %q", line)
		}
		switch {
		case closed[fd]:
			s.t.Errorf("after its close: %q", line)
		case (f[1] == "open") == opened[fd] && f[1] != "close":
			s.t.Errorf("open is not first, or not once: %q", line)
		}
		opened[fd] = true
		closed[fd] = closed[fd] || f[1] == "close"
	}
}

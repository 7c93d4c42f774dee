package conformance_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// theatre is a running server with one case in it.
type theatre struct {
	addrs []string
	log   func() string
	notes func() string
	stop  func() error
	ended <-chan struct{} // of a server that we started
}

// performance is a play while it runs.
type performance struct {
	theatre
	conns map[string]*wire
	last  *answer
	noted int  // notes that were read
	notes bool // whether the play reads any
}

// run plays, and returns the first line that is not as it should be.
func (p *play) run(at theatre) error {
	if p.refuses != "" {
		if at.ended != nil && !soon(at.over) {
			return fmt.Errorf("it serves, and should refuse with %q", p.refuses)
		}
		if !strings.Contains(at.log(), p.refuses) {
			return fmt.Errorf("it does not refuse with %q", p.refuses)
		}
		return nil
	}
	f := &performance{theatre: at, conns: make(map[string]*wire)}
	defer func() {
		for _, c := range f.conns {
			_ = c.Close()
		}
	}()
	for i := range p.steps {
		if err := f.do(&p.steps[i]); err != nil {
			return fmt.Errorf("line %d: %w", p.steps[i].line, err)
		}
	}
	if !f.notes {
		return nil
	}
	time.Sleep(20 * time.Millisecond) // for a note that should not come
	if lines := f.lines(); len(lines) > f.noted {
		return fmt.Errorf("more notes: %q", lines[f.noted:])
	}
	return nil
}

func (f *performance) lines() []string {
	lines := strings.SplitAfter(f.theatre.notes(), "\n")
	return lines[:len(lines)-1]
}

func (f *performance) do(s *step) error {
	switch s.verb {
	case "open", "tcp", "request":
		return f.connect(s)
	case ">", "<", "drop":
		c := f.conns[s.conn]
		switch {
		case c == nil:
			return fmt.Errorf("no connection %q", s.conn)
		case s.verb == ">":
			return c.send(s)
		case s.kind == "answer":
			_ = c.SetReadDeadline(time.Now().Add(patience))
			var err error
			f.last, err = c.readAnswer("GET")
			return err
		case s.verb == "<":
			return c.expect(s)
		}
		return c.Close()
	case "note":
		f.notes = true
		var lines []string
		if !soon(func() bool { lines = f.lines(); return len(lines) > f.noted }) {
			return fmt.Errorf("no note, want %v; before: %q", s.text, lines)
		}
		got := strings.TrimSuffix(lines[f.noted], "\n")
		f.noted++
		if !s.text.ok(got) {
			return fmt.Errorf("the note is %q, want %v; all: %q", got, s.text, lines)
		}
		return nil
	case "log":
		if !soon(func() bool {
			if s.text.match != nil {
				return s.text.match.MatchString(f.log())
			}
			return strings.Contains(f.log(), s.target)
		}) {
			return fmt.Errorf("the log does not have %q:\n%s", s.target, f.log())
		}
		return nil
	case "no log":
		if strings.Contains(f.log(), s.target) {
			return fmt.Errorf("the log has %q:\n%s", s.target, f.log())
		}
		return nil
	case "wait":
		time.Sleep(s.wait)
		return nil
	case "stop":
		return f.stop()
	}
	if f.last == nil {
		return errors.New("no answer before")
	}
	return f.last.expect(s)
}

func (f *performance) connect(s *step) error {
	c := f.conns[s.conn]
	if s.verb != "request" && c != nil {
		return fmt.Errorf("connection %q is there already", s.conn)
	}
	if c == nil || s.conn == "" {
		if s.port > len(f.addrs) {
			return fmt.Errorf("no port %d", s.port)
		}
		var err error
		if c, err = dial(f.addrs[s.port-1]); err != nil {
			return err
		}
		if s.conn == "" {
			defer func() { _ = c.Close() }()
		} else {
			f.conns[s.conn] = c
		}
	}
	if s.verb == "tcp" {
		return nil
	}
	var err error
	if f.last, err = c.ask(s); err != nil {
		return err
	}
	if s.verb == "open" && f.last.status != 101 {
		return fmt.Errorf("not opened: %+v", f.last)
	}
	return nil
}

func (a *answer) expect(s *step) error {
	switch s.verb {
	case "status":
		if a.status != s.code {
			return fmt.Errorf("status %d, want %d; %.300q", a.status, s.code, a.body)
		}
	case "header":
		got := strings.Join(a.get(s.target), " || ")
		if a.get(s.target) == nil || !s.text.ok(got) {
			return fmt.Errorf("header %s is %q, want %v; all: %q", s.target, got, s.text, a.lines)
		}
	case "no header":
		if a.get(s.target) != nil {
			return fmt.Errorf("there is %s: %q", s.target, a.get(s.target))
		}
	case "order":
		var all []string
		for _, l := range a.lines {
			all = append(all, l[0])
		}
		if got := strings.Join(all, ", "); got != s.target {
			return fmt.Errorf("headers %s, want %s", got, s.target)
		}
	case "body":
		if !s.text.ok(a.body) {
			return fmt.Errorf("body %.300q, want %v", a.body, s.text)
		}
	}
	return nil
}

var opcodes = map[string]byte{"text": 0x81, "binary": 0x82, "close": 0x88, "ping": 0x89, "pong": 0x8a, "deflate": 0xc1}

// payload is what travels for a step.
func (s *step) payload() string {
	if s.kind == "close" && s.code != 0 {
		return string([]byte{byte(s.code >> 8), byte(s.code)}) + s.text.value
	}
	if s.kind == "deflate" {
		return deflate(s.text.value)
	}
	return s.text.value
}

func (c *wire) send(s *step) error {
	_ = c.SetWriteDeadline(time.Now().Add(patience))
	var bytes string
	switch s.kind {
	case "raw":
		bytes = s.text.value
	case "eof":
		if tcp, ok := c.Conn.(*net.TCPConn); ok {
			return tcp.CloseWrite()
		}
	case "frame", "unmasked":
		bytes = frame(s.first, s.payload(), s.kind == "unmasked")
	default:
		bytes = frame(opcodes[s.kind], s.payload(), false)
	}
	_, err := io.WriteString(c, bytes)
	if len(bytes) > 1<<16 && (errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)) {
		return nil // refused before it was over; what the server says comes next
	}
	return err
}

func (c *wire) expect(s *step) error {
	switch s.kind {
	case "eof", "nothing":
		limit := patience
		if s.kind == "nothing" {
			limit = 50 * time.Millisecond
		}
		_ = c.SetReadDeadline(time.Now().Add(limit))
		_, err := c.r.Peek(1)
		timeout := errors.Is(err, os.ErrDeadlineExceeded)
		if err == nil || timeout != (s.kind == "nothing") {
			return fmt.Errorf("want %s; got %s", s.kind, c.seen(err))
		}
		return nil
	case "raw":
		got := make([]byte, len(s.text.value))
		_ = c.SetReadDeadline(time.Now().Add(patience))
		n, err := io.ReadFull(c.r, got)
		if string(got) != s.text.value {
			return fmt.Errorf("got %q, %w; want %v", got[:n], err, s.text)
		}
		return nil
	}
	first, payload, err := c.readFrame()
	if err != nil {
		return fmt.Errorf("want %s %v; got %w", s.kind, s.text, err)
	}
	want := opcodes[s.kind]
	if s.kind == "frame" {
		want = s.first
	}
	expected, got := s.text, payload
	switch {
	case s.kind == "close" && s.text.match == nil:
		expected.value = s.payload()
	case s.kind == "close" && len(payload) >= 2 && int(binary.BigEndian.Uint16([]byte(payload))) == s.code:
		got = payload[2:]
	case s.kind == "deflate" && first == want:
		if got, err = inflate(payload); err != nil {
			return fmt.Errorf("%q: %w", payload, err)
		}
	}
	if first != want || !expected.ok(got) {
		return fmt.Errorf("got frame %02x %.300q; want %02x %v", first, got, want, expected)
	}
	return nil
}

// seen says what came instead.
func (c *wire) seen(err error) string {
	if err != nil {
		return err.Error()
	}
	data, _ := c.r.Peek(min(c.r.Buffered(), 200))
	return fmt.Sprintf("%q", data)
}

// soon polls what other processes do, which cannot tell us.
func soon(ok func() bool) bool {
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// stage copies a case to a folder of its own, with the ports it will have in the place of 9501, 9502 and so on.
func stage(script, dir string, ports []string) (string, error) {
	data, err := os.ReadFile(script)
	if err != nil {
		return "", err
	}
	common, err := os.ReadFile("conform.php")
	if err != nil {
		return "", err
	}
	swap := func(data []byte) []byte {
		return regexp.MustCompile(`\b950[1-9]\b`).ReplaceAllFunc(data, func(b []byte) []byte {
			if n := int(b[3] - '1'); n < len(ports) {
				return []byte(ports[n])
			}
			return b
		})
	}
	path := filepath.Join(dir, filepath.Base(script))
	return path, errors.Join(os.WriteFile(path, swap(data), 0o600), os.WriteFile(filepath.Join(dir, "conform.php"), swap(common), 0o600))
}

// terminate asks a process to end, and waits for it.
func terminate(p *os.Process, exited <-chan struct{}) error {
	_ = p.Signal(syscall.SIGTERM)
	select {
	case <-exited:
		return nil
	case <-time.After(patience):
		return errors.New("the server does not stop")
	}
}

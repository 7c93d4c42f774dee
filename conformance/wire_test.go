package conformance_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// patience is for what takes milliseconds on an idle machine.
const patience = 10 * time.Second

// wire is a connection of a client that can say anything.
type wire struct {
	net.Conn
	r *bufio.Reader
}

func dial(addr string) (*wire, error) {
	c, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, err
	}
	return &wire{c, bufio.NewReader(c)}, nil
}

// answer is an HTTP answer as it came.
type answer struct {
	status int
	lines  [][2]string
	body   string
}

func (a *answer) get(name string) (values []string) {
	for _, l := range a.lines {
		if strings.EqualFold(l[0], name) {
			values = append(values, l[1])
		}
	}
	return values
}

func (w *wire) ask(s *step) (*answer, error) {
	standard := []string{"Host: localhost"}
	if s.verb == "open" {
		standard = append(standard, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")
	}
	if s.text.set {
		standard = append(standard, fmt.Sprintf("Content-Length: %d", len(s.text.value)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.%d\r\n", s.kind, s.target, s.first)
	for _, line := range standard {
		name, _, _ := strings.Cut(line, ":")
		if !names(s.headers, name) && !names(s.remove, name) {
			b.WriteString(line + "\r\n")
		}
	}
	for _, line := range s.headers {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n" + s.text.value)
	_ = w.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return nil, err
	}
	return w.readAnswer(s.kind)
}

func names(lines []string, name string) bool {
	for _, line := range lines {
		n, _, _ := strings.Cut(line, ":")
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

func (w *wire) readAnswer(method string) (*answer, error) {
	var head bytes.Buffer
	a := &answer{}
	for {
		line, err := w.r.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("%w after %q", err, head.String()+line)
		}
		head.WriteString(line)
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			break
		}
		if name, value, ok := strings.Cut(line, ":"); ok && head.Len() > len(line)+2 {
			a.lines = append(a.lines, [2]string{name, strings.TrimSpace(value)})
		}
	}
	resp, err := http.ReadResponse(bufio.NewReaderSize(io.MultiReader(&head, w.r), 16), &http.Request{Method: method}) //nolint:bodyclose // read below
	if err != nil {
		return nil, err
	}
	a.status = resp.StatusCode
	if a.status == http.StatusSwitchingProtocols {
		return a, nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	a.body = string(body)
	switch strings.Join(a.get("Content-Encoding"), "") {
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		body, err = io.ReadAll(z)
		a.body = string(body)
		return a, err
	case "deflate":
		body, err = io.ReadAll(flate.NewReader(bytes.NewReader(body)))
		a.body = string(body)
		return a, err
	}
	return a, nil
}

// frame writes one, with a mask of zeros unless it is bare.
func frame(first byte, payload string, bare bool) string {
	mask, key := byte(0x80), "\x00\x00\x00\x00"
	if bare {
		mask, key = 0, ""
	}
	head := []byte{first}
	switch n := len(payload); {
	case n < 126:
		head = append(head, mask|byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, mask|126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, mask|127), uint64(n))
	}
	return string(head) + key + payload
}

func (w *wire) readFrame() (first byte, payload string, err error) {
	_ = w.SetReadDeadline(time.Now().Add(patience))
	var head [2]byte
	if _, err := io.ReadFull(w.r, head[:]); err != nil {
		return 0, "", err
	}
	n := uint64(head[1])
	if more := map[byte]int{126: 2, 127: 8}[head[1]]; more > 0 {
		var length [8]byte
		if _, err := io.ReadFull(w.r, length[8-more:]); err != nil {
			return 0, "", err
		}
		n = binary.BigEndian.Uint64(length[:])
	}
	if n > 1<<28 {
		return 0, "", fmt.Errorf("a frame of %d bytes", n)
	}
	data := make([]byte, n)
	_, err = io.ReadFull(w.r, data)
	return head[0], string(data), err
}

const deflateTail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

func deflate(s string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.DefaultCompression)
	_, _ = io.WriteString(w, s)
	_ = w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

func inflate(s string) (string, error) {
	data, err := io.ReadAll(flate.NewReader(strings.NewReader(s + deflateTail)))
	return string(data), err
}

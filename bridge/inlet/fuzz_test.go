package inlet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// Whatever a client sends, and however it is cut: the same is heard, messages keep their limits, and nothing panics.
func FuzzStream(f *testing.F) {
	for _, c := range streams {
		f.Add([]byte(c.bytes), uint8(3))
	}
	f.Fuzz(func(t *testing.T, p []byte, step uint8) {
		r := &recorder{}
		whole := hear(&pieces{}, string(p), r)
		if r.largest > 2*max(defaults.Inflated, firstBuffer) {
			t.Errorf("a buffer of %d bytes", r.largest)
		}
		var list []string
		n := max(int(step), 1)
		for rest := string(p); rest != ""; {
			n = min(n, len(rest))
			list = append(list, rest[:n])
			rest = rest[n:]
		}
		if got := hear(&pieces{list: list}, "", &recorder{stop: true}); got != whole {
			t.Errorf("in pieces of %d: heard %s\nwant %s", step, got, whole)
		}
	})
}

// flags are what gorilla does not tell.
var flags = regexp.MustCompile(`\b([12]):(?:33|39):"`)

// What gorilla's reader hears in the same bytes. We are stricter, so what we hear is where its list begins; and all of it, if
// nothing was wrong for us.
func FuzzAgainstGorilla(f *testing.F) {
	for _, c := range streams {
		f.Add([]byte(c.bytes))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		r := &recorder{}
		ours := flags.ReplaceAllString(hear(&pieces{}, string(p), r), "$1:F:\"")
		if strings.Contains(ours, `:F:""`) {
			t.Skip("gorilla does not take a compressed message of no bytes")
		}
		if r.cut {
			t.Skip("gorilla delivers a compressed message when its last block has come, before its last fragment")
		}
		theirs := gorilla(t, p)
		unfinished := r.in.open && r.in.opening&bitRSV1 != 0 // gorilla inflates what is not whole yet
		if end := r.log[len(r.log)-1]; end[0] == '!' || unfinished {
			if !strings.HasPrefix(theirs, strings.TrimSuffix(ours, end)) {
				t.Errorf("we heard %s\ngorilla %s", ours, theirs)
			}
			return
		}
		if theirs != ours && !strings.HasSuffix(theirs, "bad close code 1014") { // IANA has it, gorilla not yet
			t.Errorf("we heard %s\ngorilla %s", ours, theirs)
		}
	})
}

const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"

// gorilla writes down what gorilla's server hears, as a recorder does.
func gorilla(t *testing.T, p []byte) string {
	t.Helper()
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(upgrade)))
	if err != nil {
		t.Fatal(err)
	}
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	go func() { _, _ = io.Copy(io.Discard, client) }()
	up := websocket.Upgrader{EnableCompression: true}
	ws, err := up.Upgrade(&hijacked{conn: &duplex{Conn: server, r: bytes.NewReader(p)}}, req, nil)
	if err != nil {
		t.Fatal(err)
	}
	var log []string
	ws.SetReadLimit(int64(defaults.Message))
	note := func(op int) func(string) error {
		return func(s string) error { log = append(log, fmt.Sprintf("%d:%q", op, s)); return nil }
	}
	ws.SetPingHandler(note(OpPing))
	ws.SetPongHandler(note(OpPong))
	ws.SetCloseHandler(func(int, string) error { return nil })
	for {
		op, r, err := ws.NextReader()
		var payload []byte
		if err == nil {
			payload, err = io.ReadAll(io.LimitReader(r, int64(defaults.Inflated)+1))
		}
		var ce *websocket.CloseError
		switch {
		case err == nil:
			if len(payload) > defaults.Inflated || op == OpText && !utf8.Valid(payload) {
				return strings.Join(append(log, "!"), " ")
			}
			log = append(log, fmt.Sprintf("%d:F:%q", op, payload))
			continue
		case errors.As(err, &ce) && ce.Code != websocket.CloseAbnormalClosure:
			log = append(log, fmt.Sprintf("close %d %q", ce.Code, ce.Text))
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), ce != nil:
			log = append(log, "EOF")
		default:
			log = append(log, "!"+err.Error())
		}
		return strings.Join(log, " ")
	}
}

// hijacked gives gorilla a connection.
type hijacked struct {
	http.ResponseWriter
	conn net.Conn
}

func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

// duplex reads from elsewhere.
type duplex struct {
	net.Conn
	r io.Reader
}

func (d *duplex) Read(p []byte) (int, error) { return d.r.Read(p) }

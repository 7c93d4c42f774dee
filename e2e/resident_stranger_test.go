package e2e_test

import (
	be "encoding/binary"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// callbackFrame is a frame of the callback socket.
func callbackFrame(typ byte, id uint64, code uint32, payload string) []byte {
	b := make([]byte, 32, 32+len(payload))
	be.BigEndian.PutUint32(b, uint32(len(payload)))
	b[4] = typ
	be.BigEndian.PutUint64(b[8:], id)
	be.BigEndian.PutUint32(b[24:], code)
	return append(b, payload...)
}

// Strangers on the callback socket, with and without the token, get nothing and harm nobody: least of all the worker whose place they claim.
func TestStrangersOnTheCallbackSocket(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := ln.Addr().String()
	_ = ln.Close()
	script := strings.Replace(residentScript, "case 'state':", "case 'ticket': $server->push($frame->fd, (string) getenv('BRIDGE_TICKET')); break;\n        case 'state':", 1)
	p := serve(t, []string{"BRIDGE_CALLBACK_LISTEN=tcp:" + at, "BRIDGE_CALLBACK_TOKEN=not-a-secret"}, write(t, "server.php", script), "--mode", "resident")
	c := p.dial("/")
	ticket := c.answer("ticket")
	right, err := strconv.ParseUint(ticket, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	hello, wrong := callbackFrame(128, 0, 0, "not-a-secret"), callbackFrame(128, 0, 0, "a-guess")
	huge := make([]byte, 32)
	be.BigEndian.PutUint32(huge, 1<<32-1)
	huge[4] = 64
	for name, said := range map[string][]byte{
		"no token":                  callbackFrame(170, right, 4711, ""),
		"a wrong token":             append(wrong, callbackFrame(170, right, 4711, "")...),
		"a ticket of nobody":        append(slices.Clip(hello), callbackFrame(170, right^12345, 4711, "")...),
		"no ticket":                 append(slices.Clip(hello), callbackFrame(170, 0, 4711, "")...),
		"the ticket of another one": append(append(slices.Clip(hello), callbackFrame(170, right, 4711, "")...), callbackFrame(75, 1<<40, 0, "")...),
		"a length that is a lie":    append(slices.Clip(hello), huge...),
		"the same without a token":  huge,
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			if _, err := conn.Write(said); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 4096)
			for {
				n, err := conn.Read(buf)
				if err != nil {
					if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // it is one, or not
						t.Error("it was not sent away")
					}
					break
				}
				if n >= 32 && buf[4] != 192 {
					t.Errorf("it got a frame of type %d", buf[4])
				}
			}
			c.talk("still there")
		})
	}
	// A crowd that says half of something.
	var crowd []net.Conn
	for range 200 {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = conn.Write(hello[:20])
		crowd = append(crowd, conn)
	}
	c.talk("served meanwhile")
	p.dial("/").talk("a new one, too")
	for _, conn := range crowd {
		_ = conn.Close()
	}
	if log := p.stderr.String(); strings.Contains(log, "event lost") || strings.Contains(log, "worker ended") {
		t.Error("the worker was harmed")
	}
	c.send("ticket")
	c.want(ticket)
}

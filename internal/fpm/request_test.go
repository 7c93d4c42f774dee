package fpm_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

// The smallest FastCGI request, since this package must not import fcgi.

func get(t *testing.T, s *fpm.Server, script string) string {
	t.Helper()
	return getIn(t, s, t.TempDir(), script)
}

func getIn(t *testing.T, s *fpm.Server, dir, script string) string {
	t.Helper()
	got, err := tryGet(t, s, dir, script)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// tryGet returns what the script printed, with its headers.
func tryGet(t *testing.T, s *fpm.Server, dir, script string) (string, error) {
	t.Helper()
	c, err := trySend(t, s, dir, script)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for r := bufio.NewReader(c); ; {
		var h [8]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return "", err
		}
		body := make([]byte, int(binary.BigEndian.Uint16(h[4:]))+int(h[6]))
		if _, err := io.ReadFull(r, body); err != nil {
			return "", err
		}
		switch h[1] {
		case 3: // END_REQUEST
			return out.String(), nil
		case 6: // STDOUT
			out.Write(body[:len(body)-int(h[6])])
		}
	}
}

// send starts a request and returns the connection that the answer will come on.
func send(t *testing.T, s *fpm.Server, dir, script string) net.Conn {
	t.Helper()
	c, err := trySend(t, s, dir, script)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func trySend(t *testing.T, s *fpm.Server, dir, script string) (net.Conn, error) {
	t.Helper()
	path := filepath.Join(dir, "script") // no suffix: any name runs
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		return nil, err
	}
	c, err := dial(t, s)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = c.Close() })
	var params []byte
	for _, p := range [][2]string{{"SCRIPT_FILENAME", path}, {"REQUEST_METHOD", "GET"}} {
		params = append(params, byte(len(p[0])), byte(len(p[1])))
		params = append(params, p[0]+p[1]...)
	}
	record := func(kind byte, body []byte) string {
		return fmt.Sprintf("\x01%c\x00\x01%c%c\x00\x00%s", kind, len(body)>>8, len(body), body)
	}
	_, err = io.WriteString(c, record(1, []byte{0, 1, 0, 0, 0, 0, 0, 0})+record(4, params)+record(4, nil)+record(5, nil))
	return c, err
}

package fcgi_test

import (
	"bufio"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
)

// site is a real php-fpm and a folder of scripts for it.
type site struct {
	t                *testing.T
	fpm              *fpm.Server
	dir              string
	network, address string
	meeting          net.Listener
}

// startSite runs php-fpm. Every script gets a function meet($word), which tells the test that the script came so far
// and waits until the test lets it go on.
func startSite(t *testing.T, o fpm.Options) *site {
	t.Helper()
	// t.TempDir is too long for the address of a socket when the test has a telling name.
	dir, err := os.MkdirTemp("", "fcgi")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	meeting, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(dir, "meet"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = meeting.Close() })
	s := &site{t: t, fpm: fpmtest.Start(t, o), dir: dir, meeting: meeting}
	s.network, s.address, _ = strings.Cut(s.fpm.Address(), ":")
	return s
}

const meetPHP = `<?php function meet(string $word = '') {
	$s = stream_socket_client('unix://' . __DIR__ . '/meet');
	fwrite($s, getmypid() . ' ' . $word . "\n");
	fgets($s);
} `

// script writes a script and returns its pairs for a request with body bytes of content.
func (s *site) script(name, code string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(meetPHP+code), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// meetTimeout is for tests that fail; no test waits for it.
const meetTimeout = 20 * time.Second

// guest is a script that waits in meet.
type guest struct {
	net.Conn
	pid  int
	word string
}

// letGo lets the script continue.
func (g guest) letGo() { _ = g.Close() }

// meet waits for a script to call meet.
func (s *site) meet() guest {
	s.t.Helper()
	if err := s.meeting.(*net.UnixListener).SetDeadline(time.Now().Add(meetTimeout)); err != nil {
		s.t.Fatal(err)
	}
	c, err := s.meeting.Accept()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		s.t.Fatal(err)
	}
	pid, word, _ := strings.Cut(strings.TrimSpace(line), " ")
	g := guest{Conn: c, word: word}
	if g.pid, err = strconv.Atoi(pid); err != nil {
		s.t.Fatal(err)
	}
	return g
}

// pairs encodes the parameters php-fpm wants for a script, and more of them as name, value, ...
func (s *site) pairs(script, method string, length int, more ...string) []byte {
	s.t.Helper()
	list := append([]string{
		"SCRIPT_FILENAME", filepath.Join(s.dir, script), "REQUEST_METHOD", method, "CONTENT_LENGTH", strconv.Itoa(length),
	}, more...)
	return encode(s.t, list...)
}

func encode(t testing.TB, list ...string) []byte {
	t.Helper()
	var b []byte
	for i := 0; i < len(list); i += 2 {
		var err error
		if b, err = fcgi.AppendParam(b, list[i], list[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (s *site) get(script string, more ...string) *fcgi.Request {
	return &fcgi.Request{Params: s.pairs(script, "GET", 0, more...), Timeout: 20 * time.Second}
}

func (s *site) post(script string, body []byte, more ...string) *fcgi.Request {
	return &fcgi.Request{Params: s.pairs(script, "POST", len(body), more...), Body: body, Timeout: 20 * time.Second}
}

func (s *site) client(o fcgi.Options) *fcgi.Client {
	s.t.Helper()
	o.Network, o.Address = s.network, s.address
	return newClient(s.t, o)
}

func newClient(t *testing.T, o fcgi.Options) *fcgi.Client {
	t.Helper()
	c, err := fcgi.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// body does a request that must succeed and returns the body of the answer. It may be called from any goroutine.
func body(t *testing.T, c *fcgi.Client, r *fcgi.Request) string {
	t.Helper()
	res, err := c.Do(background, r)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer res.Release()
	return string(res.Body)
}

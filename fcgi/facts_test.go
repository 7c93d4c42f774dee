package fcgi_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

// What EOFMeansUnread stands on, held against the php-fpm that is here. DESIGN.md tells the reasons.
func TestFactsOfEndedConnections(t *testing.T) {
	const running = `meet(); echo 'done';`
	big := bytes.Repeat([]byte("x"), 60000)
	cases := []struct {
		name   string
		code   string
		method string
		body   []byte
		more   []string
		fpm    fpm.Options
		next   bool               // the next request is written while the script still runs
		act    func(*site, guest) // what happens while it runs
		answer bool               // an answer comes before the end
		want   error
	}{
		{name: "recycled after an answer, next request written", code: running, next: true, fpm: fpm.Options{MaxRequests: 1}, act: letGo, answer: true, want: io.EOF},
		{name: "recycled after an answer, large next request written", code: running, next: true, body: big, method: "POST", fpm: fpm.Options{MaxRequests: 1}, act: letGo, answer: true, want: io.EOF},
		{name: "recycled after an answer", code: running, fpm: fpm.Options{MaxRequests: 1}, act: letGo, answer: true, want: io.EOF},
		{name: "recycled after fastcgi_finish_request", code: `fastcgi_finish_request(); meet();`, next: true, fpm: fpm.Options{MaxRequests: 1}, act: letGo, answer: true, want: io.EOF},
		{name: "killed, GET", code: running, act: kill, want: syscall.ECONNRESET},
		{name: "killed, GET, input read", code: `while (fread(fopen('php://input', 'r'), 8192)); meet();`, act: kill, want: syscall.ECONNRESET},
		{name: "killed, GET without CONTENT_LENGTH, input read", code: `file_get_contents('php://input'); file_get_contents('php://stdin'); meet();`, more: []string{"CONTENT_LENGTH", ""}, act: kill, want: syscall.ECONNRESET},
		{name: "killed, body unread", code: running, method: "POST", body: big, act: kill, want: syscall.ECONNRESET},
		{name: "killed, body read", code: `file_get_contents('php://input'); file_get_contents('php://input'); meet();`, method: "POST", body: big, act: kill, want: syscall.ECONNRESET},
		{name: "killed, form", code: running, method: "POST", body: []byte("a=b&c=d"), more: []string{"CONTENT_TYPE", "application/x-www-form-urlencoded"}, act: kill, want: syscall.ECONNRESET},
		{name: "killed, body read, post data reading off", code: `file_get_contents('php://input'); meet();`, method: "POST", body: big, fpm: fpm.Options{INI: []string{"enable_post_data_reading=0"}}, act: kill, want: syscall.ECONNRESET},
		{name: "killed, next request written", code: running, next: true, act: kill, want: syscall.ECONNRESET},
		{name: "killed after fastcgi_finish_request, next request written", code: `fastcgi_finish_request(); meet();`, next: true, act: kill, answer: true, want: syscall.ECONNRESET},
		{name: "segmentation fault", code: running, act: signal(syscall.SIGSEGV), want: syscall.ECONNRESET},
		{name: "terminated", code: running, act: signal(syscall.SIGTERM), want: syscall.ECONNRESET},
		{name: "request_terminate_timeout", code: running, fpm: fpm.Options{RequestTerminateTimeout: time.Second}, want: syscall.ECONNRESET},
		{name: "pool reloaded", code: running, act: reload, want: syscall.ECONNRESET},
		{name: "stopped gracefully, next request written", code: running, next: true, act: quit, answer: true, want: syscall.ECONNRESET},
	}
	for _, listen := range []string{"", fpm.ListenTCP} {
		for _, tc := range cases {
			t.Run(strings.TrimSpace(listen+" "+tc.name), func(t *testing.T) {
				t.Parallel()
				tc.fpm.Listen, tc.fpm.MaxChildren = listen, 1
				s := startSite(t, tc.fpm)
				s.script("s.php", tc.code)
				if tc.method == "" {
					tc.method = "GET"
				}
				request := fcgi.AppendRequest(nil, s.pairs("s.php", tc.method, len(tc.body), tc.more...), tc.body)
				c, err := new(net.Dialer).DialContext(t.Context(), s.network, s.address)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = c.Close() }()
				if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
					t.Fatal(err)
				}
				if _, err := c.Write(request); err != nil {
					t.Fatal(err)
				}
				g := s.meet()
				if tc.next {
					if _, err := c.Write(request); err != nil {
						t.Fatal(err)
					}
				}
				if tc.act != nil {
					tc.act(s, g)
				}
				got, err := io.ReadAll(c)
				if err == nil {
					err = io.EOF
				}
				if !errors.Is(err, tc.want) || (len(got) > 0) != tc.answer {
					t.Errorf("%d bytes, %v; want an answer: %v, then %v", len(got), err, tc.answer, tc.want)
				}
			})
		}
	}
}

func letGo(_ *site, g guest) { g.letGo() }

func kill(s *site, g guest) { signal(syscall.SIGKILL)(s, g) }

func signal(sig syscall.Signal) func(*site, guest) {
	return func(s *site, g guest) {
		if err := syscall.Kill(g.pid, sig); err != nil {
			s.t.Error(err)
		}
	}
}

// quit tells the child to end after this request.
func quit(s *site, g guest) {
	signal(syscall.SIGQUIT)(s, g)
	g.letGo()
}

func reload(s *site, _ guest) {
	if err := s.fpm.Reload(); err != nil {
		s.t.Error(err)
	}
}

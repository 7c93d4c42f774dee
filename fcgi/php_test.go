package fcgi_test

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

// What a client meets on a real php-fpm, one script after the other on the same kept connection.
func TestScripts(t *testing.T) {
	s := startSite(t, fpm.Options{MaxChildren: 1, INI: []string{"memory_limit=256M", "post_max_size=64M", "log_errors=1", "display_errors=0", "output_buffering=0"}})
	c := s.client(fcgi.Options{MaxConns: 1, MaxAnswer: 16 << 20, MaxStderr: 200, EOFMeansUnread: true})
	large := bytes.Repeat([]byte("0123456789abcdef"), 10<<20/16)
	atLimit := strings.Repeat("v", 65535-5-len("BRIDGE_LARGE")) // 5: the two lengths
	for _, tc := range []struct {
		name   string
		code   string // none: there is no such script
		body   []byte
		more   []string
		status int
		want   string
		header string // X-Test
		stderr string // a part of it
	}{
		{name: "hello", code: `echo 'hello ', $_SERVER['REQUEST_METHOD'];`, status: 200, want: "hello GET"},
		{name: "no output", code: ``, status: 200},
		{name: "status and headers", code: `http_response_code(418); header('X-Test: a: b'); echo 'teapot';`, status: 418, want: "teapot", header: "a: b"},
		{name: "flushes", code: `for ($i = 0; $i < 9; $i++) { echo $i; flush(); }`, status: 200, want: "012345678"},
		{name: "small body", code: `echo strrev(file_get_contents('php://input'));`, body: []byte("abc"), status: 200, want: "cba"},
		{name: "10 MiB both ways", code: `echo file_get_contents('php://input');`, body: large, status: 200, want: string(large)},
		{name: "10 MiB unread", code: `echo 'no thanks';`, body: large, status: 200, want: "no thanks"},
		{name: "10 MiB to an early answer", code: `echo 'early'; fastcgi_finish_request(); file_get_contents('php://input');`, body: large, status: 200, want: "early"},
		{name: "10 MiB to nobody", body: large, status: 404, want: "File not found.\n", stderr: "Primary script unknown"},
		{name: "no such script", status: 404, want: "File not found.\n", stderr: "Primary script unknown"},
		{name: "fatal error", code: `nothing_like_this();`, status: 500, stderr: "undefined function nothing_like_this()"},
		{name: "out of memory", code: `str_repeat('x', 300 << 20);`, status: 500, stderr: "Allowed memory size"},
		{name: "exit status", code: `echo 'bye'; exit(3);`, status: 200, want: "bye"},
		{name: "noise", code: `error_log('one'); echo 'a'; flush(); error_log('two'); echo 'b';`, status: 200, want: "ab", stderr: "two"},
		{name: "much noise", code: `for ($i = 0; $i < 100; $i++) error_log(str_repeat('n', 500)); echo 'ok';`, status: 200, want: "ok", stderr: "nnnn"},
		{name: "finished early", code: `echo 'before'; fastcgi_finish_request(); echo 'after';`, status: 200, want: "before"},
		{name: "a pair that fills a record", code: `echo strlen($_SERVER['BRIDGE_LARGE']);`, more: []string{"BRIDGE_LARGE", atLimit}, status: 200, want: strconv.Itoa(len(atLimit))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			script := strings.ReplaceAll(tc.name, " ", "_") + ".php"
			if tc.code != "" || tc.status == 200 {
				s.script(script, tc.code)
			}
			r := s.get(script)
			if tc.body != nil {
				r = s.post(script, tc.body)
			}
			r.Extra = encode(t, tc.more...)
			res, err := c.Do(background, r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Release()
			if res.Status != tc.status || string(res.Header("x-test")) != tc.header {
				t.Errorf("got status %d, header %q", res.Status, res.Header("x-test"))
			}
			if string(res.Body) != tc.want {
				t.Errorf("got %d bytes of body: %.100q", len(res.Body), res.Body)
			}
			if !strings.Contains(string(res.Stderr), tc.stderr) || (tc.stderr == "") != (len(res.Stderr) == 0) || len(res.Stderr) > 200 {
				t.Errorf("got stderr %q and %d more", res.Stderr, res.StderrDropped)
			}
		})
	}
	if _, err := fcgi.AppendParam(nil, "BRIDGE_LARGE", atLimit+"v"); !errors.Is(err, fcgi.ErrParamTooLarge) {
		t.Errorf("a pair of one byte more: %v", err)
	}
	t.Logf("%+v", c.Stats())
	if st := c.Stats(); st.Dials > 3 {
		t.Errorf("connections are not kept: %+v", st)
	}
}

// Twenty thousand and more bytes of pairs per record, in several records, all arrive.
func TestPairsInManyRecords(t *testing.T) {
	s := startSite(t, fpm.Options{MaxChildren: 1})
	s.script("count.php", `$n = 0; foreach ($_SERVER as $k => $v) if (str_starts_with($k, 'P_')) $n += strlen($v); echo $n;`)
	c := s.client(fcgi.Options{MaxConns: 1})
	r := s.get("count.php")
	want := 0
	for i := range 200 {
		r.Extra = append(r.Extra, encode(t, "P_"+strconv.Itoa(i), strings.Repeat("x", 1000+i))...)
		want += 1000 + i
	}
	if got := body(t, c, r); got != strconv.Itoa(want) {
		t.Errorf("got %s, want %d", got, want)
	}
}

// A child that dies while it runs a script may have done anything: never again, and the caller is told so.
func TestAKilledChildIsNotAskedAgain(t *testing.T) {
	for _, kept := range []bool{false, true} {
		s := startSite(t, fpm.Options{MaxChildren: 1, INI: []string{"output_buffering=0"}})
		s.script("hello.php", `echo 'hello';`)
		s.script("die.php", `meet(); echo 'never';`)
		s.script("half.php", `echo 'half'; flush(); meet(); echo 'never';`)
		c := s.client(fcgi.Options{MaxConns: 1, EOFMeansUnread: true})
		for script, kind := range map[string]error{"die.php": fcgi.ErrReset, "half.php": fcgi.ErrTruncated} {
			if kept {
				body(t, c, s.get("hello.php"))
			}
			var running sync.WaitGroup
			running.Go(func() {
				res, err := c.Do(background, s.post(script, []byte("body")))
				failed(t, err, kind, true)
				if !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("got %v, want a reset", err)
				}
				if errors.Is(kind, fcgi.ErrTruncated) && (res == nil || string(res.Body) != "half") {
					t.Errorf("got %+v", res)
				}
				res.Release()
			})
			kill(s, s.meet())
			running.Wait()
		}
		// The master has replaced the child; nothing came to it that was not asked for.
		if got := body(t, c, s.get("hello.php")); got != "hello" {
			t.Errorf("got %q", got)
		}
		if st := c.Stats(); st.Retries != 0 {
			t.Errorf("sent again: %+v", st)
		}
	}
}

// With one child, a kept connection is all there is: a second client connects and is never served.
func TestOneChildForTwoClients(t *testing.T) {
	s := startSite(t, fpm.Options{MaxChildren: 1})
	s.script("hello.php", `echo 'hello';`)
	first := s.client(fcgi.Options{MaxConns: 1, IdleTimeout: time.Hour})
	body(t, first, s.get("hello.php"))

	second := s.client(fcgi.Options{MaxConns: 1})
	r := s.get("hello.php")
	r.Timeout = 300 * time.Millisecond
	_, err := second.Do(background, r)
	failed(t, err, fcgi.ErrDeadline, true)

	// Without keeping there is room for both.
	third := s.client(fcgi.Options{MaxConns: 1, IdleTimeout: -1})
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	fourth := s.client(fcgi.Options{MaxConns: 1, IdleTimeout: -1})
	for range 3 {
		body(t, third, s.get("hello.php"))
		body(t, fourth, s.get("hello.php"))
	}
}

// An idle connection to a child that wants to be replaced is found and closed, or the child would wait for us.
func TestARecycledChildIsLetGo(t *testing.T) {
	s := startSite(t, fpm.Options{MaxChildren: 1, MaxRequests: 1})
	s.script("pid.php", `echo getmypid();`)
	c := s.client(fcgi.Options{MaxConns: 1, IdleTimeout: time.Hour})
	pid := body(t, c, s.get("pid.php"))
	other := s.client(fcgi.Options{MaxConns: 1})
	if got := body(t, other, s.get("pid.php")); got == pid || got == "" {
		t.Errorf("got %q after %q", got, pid)
	}
}

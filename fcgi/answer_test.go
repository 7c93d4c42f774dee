package fcgi_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// Every answer is read whole, byte by byte, and in pieces that cut headers and contents.
func TestAnswers(t *testing.T) {
	limits := fcgi.Options{MaxAnswer: 10, MaxHeader: 40, MaxStderr: 5}
	cases := []struct {
		name    string
		answer  string
		last    error // what ends the connection after the answer
		status  int
		body    string
		stderr  string
		dropped int
		kind    error // nil: success
		app     uint32
		refused bool // the server did not take the request
	}{
		{name: "plain", answer: okReply, status: 200, body: "ok"},
		{name: "without body", answer: stdout("A: b\n\n") + end(0, 0), status: 200},
		{name: "empty header block", answer: stdout("\nbody") + end(0, 0), status: 200, body: "body"},
		{name: "empty header block with a carriage return", answer: stdout("\r\nbody") + end(0, 0), status: 200, body: "body"},
		{name: "line feeds only", answer: stdout("A: b\nStatus: 404 Not Found\n\nbody") + end(0, 0), status: 404, body: "body"},
		{name: "status without a reason", answer: stdout("sTATUS:503\r\n\r\n") + end(0, 0), status: 503},
		{name: "header block cut in the middle", answer: stdout("A: b\r\n\r") + stdout("\nbo") + stdout("") + stdout("dy") + end(0, 0), status: 200, body: "body"},
		{name: "padding everywhere", answer: record(6, "A: b\n\nbo", 9, 9, 9) + record(7, "e", make([]byte, 255)...) + record(6, "dy", 1) + record(3, "\x00\x00\x00\x00\x00\x00\x00\x00", 1, 2), status: 200, body: "body", stderr: "e"},
		{name: "stderr between", answer: stderr("12") + stdout("A: b\n") + stderr("34") + stdout("\nbo") + stderr("5678") + stdout("dy") + end(0, 0), status: 200, body: "body", stderr: "12345", dropped: 3},
		{name: "body of the largest size", answer: stdout("\n0123456789") + end(0, 0), status: 200, body: "0123456789"},
		{name: "header block of the largest size", answer: stdout("A:"+strings.Repeat(" ", 36)+"\n\nok") + end(0, 0), status: 200, body: "ok"},

		{name: "script status", answer: stderr("sad") + stdout("\nhalf") + end(255, 0), app: 255, status: 200, body: "half", stderr: "sad"},
		{name: "script status without output", answer: end(7, 0), app: 7},
		{name: "overloaded", answer: end(0, 2), kind: fcgi.ErrOverloaded, refused: true},
		{name: "cannot multiplex", answer: end(0, 1), kind: fcgi.ErrCantMultiplex, refused: true},
		{name: "unknown role", answer: end(0, 3), kind: fcgi.ErrUnknownRole, refused: true},

		{name: "nothing", kind: fcgi.ErrReset},
		{name: "reset", last: syscall.ECONNRESET, kind: fcgi.ErrReset},
		{name: "no END_REQUEST", answer: stdout("\nhalf"), kind: fcgi.ErrTruncated, status: 200, body: "half"},
		{name: "reset in the body", answer: stdout("\nhalf"), last: syscall.ECONNRESET, kind: fcgi.ErrTruncated, status: 200, body: "half"},
		{name: "cut in a record", answer: stdout("\nhalf")[:11], kind: fcgi.ErrTruncated, status: 200, body: "ha"},
		{name: "cut in a record header", answer: stderr("x") + stdout("\n")[:3], kind: fcgi.ErrTruncated, stderr: "x"},
		{name: "cut in padding", answer: record(6, "\nbody", 1, 2)[:14], kind: fcgi.ErrTruncated, status: 200, body: "body"},
		{name: "cut in END_REQUEST", answer: (stdout("\n") + end(0, 0))[:20], kind: fcgi.ErrTruncated, status: 200},

		{name: "no output at all", answer: end(0, 0), kind: fcgi.ErrHeaderMissing},
		{name: "no blank line", answer: stdout("A: b\n") + end(0, 0), kind: fcgi.ErrHeaderMissing},
		{name: "only stderr", answer: stderr("Primary") + end(0, 0), kind: fcgi.ErrHeaderMissing, stderr: "Prima", dropped: 2},
		{name: "header block too large", answer: stdout("A:"+strings.Repeat(" ", 37)+"\n\n") + end(0, 0), kind: fcgi.ErrHeaderTooLarge},
		{name: "header block without an end", answer: stdout(strings.Repeat("A: b\n", 40)) + end(0, 0), kind: fcgi.ErrHeaderTooLarge},
		{name: "body too large", answer: stdout("\n0123456789a") + end(0, 0), kind: fcgi.ErrAnswerTooLarge, status: 200, body: "0123456789"},
		{name: "body too large in pieces", answer: stdout("\n01234") + stdout("56789") + stdout("a") + end(0, 0), kind: fcgi.ErrAnswerTooLarge, status: 200, body: "0123456789"},

		{name: "another version", answer: "\x02" + okReply[1:], kind: fcgi.ErrGarbage},
		{name: "another request", answer: "\x01\x06\x00\x02" + okReply[4:], kind: fcgi.ErrGarbage},
		{name: "management record", answer: "\x01\x0a\x00\x00\x00\x00\x00\x00", kind: fcgi.ErrGarbage},
		{name: "unknown record", answer: record(99, "x"), kind: fcgi.ErrGarbage},
		{name: "a request as an answer", answer: record(5, "x"), kind: fcgi.ErrGarbage},
		{name: "not FastCGI", answer: "HTTP/1.1 400 Bad Request\r\n\r\n", kind: fcgi.ErrGarbage},
		{name: "END_REQUEST too short", answer: record(3, "\x00\x00\x00\x00"), kind: fcgi.ErrGarbage},
		{name: "END_REQUEST too long", answer: record(3, "123456789"), kind: fcgi.ErrGarbage},
		{name: "unknown protocol status", answer: end(0, 4), kind: fcgi.ErrGarbage},
		{name: "header without a colon", answer: stdout("what?\n\nbody") + end(0, 0), kind: fcgi.ErrGarbage, body: "body"},
		{name: "header without a name", answer: stdout(": b\n\n") + end(0, 0), kind: fcgi.ErrGarbage},
		{name: "status of letters", answer: stdout("Status: OK\n\n") + end(0, 0), kind: fcgi.ErrGarbage},
		{name: "status of four digits", answer: stdout("Status: 2000\n\n") + end(0, 0), kind: fcgi.ErrGarbage},
		{name: "status of two digits", answer: stdout("Status: 20\n\n") + end(0, 0), kind: fcgi.ErrGarbage},
		{name: "status below 100", answer: stdout("Status: 099\n\n") + end(0, 0), kind: fcgi.ErrGarbage},
	}
	for _, tc := range cases {
		for _, step := range []int{0, 1, 3, 7} {
			t.Run(fmt.Sprintf("%s/%d", tc.name, step), func(t *testing.T) {
				peer := canned(tc.answer)
				peer.step, peer.last = step, tc.last
				res, err := dialing(t, limits, peer).Do(background, small())
				defer res.Release()
				var app *fcgi.AppStatusError
				switch {
				case tc.app != 0:
					if !errors.As(err, &app) || app.Status != tc.app {
						t.Errorf("got %v, want app status %d", err, tc.app)
					}
				case tc.kind != nil:
					failed(t, err, tc.kind, !tc.refused)
				case err != nil:
					t.Fatal(err)
				}
				if res == nil {
					res = new(fcgi.Response)
				}
				if res.Status != tc.status || string(res.Stderr) != tc.stderr || res.StderrDropped != tc.dropped {
					t.Errorf("got status %d, stderr %q and %d more", res.Status, res.Stderr, res.StderrDropped)
				}
				// How much of a body came before what is wrong is a matter of the pieces only.
				if got := string(res.Body); got != tc.body && (tc.kind == nil || !strings.HasPrefix(tc.body, got)) {
					t.Errorf("got body %q, want %q", got, tc.body)
				}
			})
		}
	}
}

func TestHeaderAccess(t *testing.T) {
	const block = "Status: 201 Created\r\nSet-Cookie: a=1\nset-cookie:b=2 \nX-Empty:\r\nLocation: http://x/:y\r\n\r\n"
	res, err := dialing(t, fcgi.Options{}, canned(stdout(block)+end(0, 0))).Do(background, small())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Release()
	for name, want := range map[string]string{
		"status": "201 Created", "SET-COOKIE": "a=1", "X-Empty": "", "location": "http://x/:y",
	} {
		if got := res.Header(name); string(got) != want || got == nil {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := res.Header("Cookie"); got != nil {
		t.Errorf("got %q for a header that is not there", got)
	}
	var cookies []string
	for name, value := range res.Headers() {
		if strings.EqualFold(string(name), "set-cookie") {
			cookies = append(cookies, string(value))
		}
	}
	if fmt.Sprint(cookies) != "[a=1 b=2]" {
		t.Errorf("got cookies %v", cookies)
	}
}

// A long body is read past the buffer, straight into the answer; what follows must still be found.
func TestLongRecords(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 4095)
	reply := stdout("\n") + stdout(long) + stderr("noise") + record(6, long, 1, 2, 3) + end(0, 0)
	for _, step := range []int{0, 1000, 40000} {
		peer := canned(reply)
		peer.step = step
		res, err := dialing(t, fcgi.Options{}, peer).Do(background, small())
		if err != nil {
			t.Fatal(err)
		}
		if string(res.Body) != long+long || string(res.Stderr) != "noise" {
			t.Errorf("step %d: got %d bytes of body, stderr %q", step, len(res.Body), res.Stderr)
		}
		res.Release()
	}
	// The limit holds for them too.
	res, err := dialing(t, fcgi.Options{MaxAnswer: 100_000}, canned(reply)).Do(background, small())
	failed(t, err, fcgi.ErrAnswerTooLarge, true)
	if len(res.Body) != 100_000 {
		t.Errorf("got %d bytes of body", len(res.Body))
	}
	res.Release()
}

// An answer that is followed by more cannot be trusted to be the last word.
func TestBytesAfterTheAnswerEndTheConnection(t *testing.T) {
	first := canned(okReply + stdout("more"))
	c := dialing(t, fcgi.Options{}, first, canned(okReply))
	for range 2 {
		if got := body(t, c, small()); got != "ok" {
			t.Fatalf("got %q", got)
		}
	}
	if !first.isClosed() {
		t.Error("the connection was used again")
	}
}

func TestErrorsReadWell(t *testing.T) {
	peer := canned(stdout("\nhalf"))
	peer.last = io.ErrUnexpectedEOF
	_, err := dialing(t, fcgi.Options{}, peer).Do(background, small())
	if got, want := err.Error(), "fcgi: truncated answer: unexpected EOF (may have started)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err = dialing(t, fcgi.Options{}).Do(background, small())
	if got, want := err.Error(), "fcgi: cannot connect to unix /nowhere: no more connections"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

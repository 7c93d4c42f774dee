package bridge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/callback"
)

// What a proxy in front may have taken to end elsewhere is the last request of its connection, whatever the script says about keeping it.
func TestRequestsWithTwoLengths(t *testing.T) {
	site(t, func(_ *fixture, ev *callback.Event) callback.Result {
		return do(respond(ev.FD, callback.ResponseEnd, 200, "\r\nConnection: keep-alive\r\n", string(ev.Payload)))
	}, nil, func(f *fixture) {
		for _, tt := range []struct {
			proto, lines, body string
			want               string
			closes             bool
		}{
			{"1.1", "Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "abc", false},
			{"1.1", "Content-Length: 3", "abc", "abc", false},
			{"1.1", "Content-Length: 4\r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "abc", true},
			{"1.1", "transfer-encoding: chunked\r\ncontent-length: 4", "3\r\nabc\r\n0\r\n\r\n", "abc", true},
			{"1.0", "Connection: keep-alive\r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "", true},
			{"1.0", "Connection: keep-alive\r\nContent-Length: 3", "abc", "abc", false},
		} {
			c := f.open(fmt.Sprintf("POST / HTTP/%s\r\nHost: x\r\n%s\r\n\r\n%s", tt.proto, tt.lines, tt.body))
			if resp, body := c.next("POST"); body != tt.want || resp.Close != tt.closes {
				t.Errorf("%s %s: %q, closes: %v", tt.proto, tt.lines, body, resp.Close)
			}
			if tt.closes {
				c.wantEOF()
			}
		}
	})
}

func TestTargets(t *testing.T) {
	site(t, ok2, nil, func(f *fixture) {
		for target, want := range map[string]string{
			"GET http://elsewhere:99/a%20b?c=/ HTTP/1.1\r\nHost: x": "GET /a%20b?c=/ HTTP/1.1",
			"GET http://elsewhere HTTP/1.1\r\nHost: x":              "GET / HTTP/1.1",
			"GET urn:a HTTP/1.1\r\nHost: x":                         "A path begins with a slash.",
			"CONNECT elsewhere:80 HTTP/1.1\r\nHost: elsewhere:80":   "There is no proxy here.",
		} {
			c := f.open(target + "\r\n\r\n")
			if _, body := c.next("GET"); !strings.HasPrefix(body, want) {
				t.Errorf("%s: %q", target, body)
			}
		}
	})
}

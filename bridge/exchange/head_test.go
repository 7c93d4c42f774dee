package exchange

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

func TestHead(t *testing.T) {
	r := &http.Request{
		Method: "GET", Proto: "HTTP/1.1", RequestURI: "/chat?room=1", Host: "example.org",
		Header: http.Header{
			"Zeta": {"1", "2"}, "Cookie": {"a=b"}, "X_under": {"kept"}, "Host": {"other"},
			"X-Lines": {"one\r\nevil: two"}, "X:Y": {"x"}, "X\r\nEvil": {"x"}, "": {"x"}, "Ünicode": {"x"},
		},
	}
	want := "GET /chat?room=1 HTTP/1.1\r\nhost: example.org\r\ncookie: a=b\r\nx-lines: one  evil: two\r\nx_under: kept\r\nzeta: 1\r\nzeta: 2\r\n\r\n"
	if got := string(RequestHead(r)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	// net/http is an independent reader of it.
	again, err := http.ReadRequest(bufio.NewReader(strings.NewReader(want)))
	if err != nil || again.Host != "example.org" || len(again.Header) != 4 {
		t.Errorf("%v: %v", err, again.Header)
	}
}

package exchange

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

func TestFraming(t *testing.T) {
	for _, tt := range []struct {
		sent        string
		both, coded bool
	}{
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", false, false},
		{"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n", false, false},
		{"POST / HTTP/1.1\nTRANSFER-encoding : x\n", false, true},
		{"POST / HTTP/1.1\r\nCONTENT-length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", true, true},
		{"POST / HTTP/1.1\r\nX-Content-Length: 3\r\n Transfer-Encoding: chunked\r\nContent-Type: content-length\r\nTe: transfer-encoding\r\n\r\n", false, false},
		{"content-lengt\r\ntransfer-encodin\r\n", false, false},
		{"transfer-encoding\r\ncontent-lengt\r\ncontent-length", true, true},
		{"content-length: 3\r\n\r\nabcPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", false, true},
		{"Transfer-Encoding: chunked\n\nContent-Length: 3\n", false, true},
		{"Transfer-Encoding: chunked\nc\nt\nContent-Length: 3\n", true, true},
	} {
		for _, step := range []int{1, 3, 1000} {
			var f Framing
			for rest := []byte(tt.sent); len(rest) > 0; {
				n := min(step, len(rest))
				f.Note(rest[:n])
				rest = rest[n:]
			}
			if f.both.Load() != tt.both || f.coded.Load() != tt.coded {
				t.Errorf("%q by %d: %v %v", tt.sent, step, f.both.Load(), f.coded.Load())
			}
		}
	}
}

func FuzzFraming(f *testing.F) {
	f.Add("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", byte(2))
	f.Fuzz(func(t *testing.T, sent string, step byte) {
		var length, coding, both, coded bool
		for line := range strings.SplitSeq(sent, "\n") {
			// Only ASCII is folded, as in header lines.
			line = strings.Map(func(c rune) rune {
				if 'A' <= c && c <= 'Z' {
					c += 'a' - 'A'
				}
				return c
			}, line)
			line = strings.TrimLeft(line, "\r")
			length, coding = length || strings.HasPrefix(line, lengthName), coding || strings.HasPrefix(line, codingName)
			both, coded = both || length && coding, coded || coding
			if line == "" {
				length, coding = false, false
			}
		}
		var got Framing
		for rest := []byte(sent); len(rest) > 0; {
			n := min(int(step)+1, len(rest))
			got.Note(rest[:n])
			rest = rest[n:]
		}
		if got.both.Load() != both || got.coded.Load() != coded {
			t.Fatalf("%v %v, want %v %v", got.both.Load(), got.coded.Load(), both, coded)
		}
	})
}

func TestOriginForm(t *testing.T) {
	for target, want := range map[string]string{
		"/": "/ /", "/a?b=http://c/d": "/a?b=http://c/d /a", "*": "* *", "//x/a": "//x/a //x/a", "/http://x/a": "/http://x/a /http://x/a",
		"http://x/a%20b?c": "/a%20b?c /a b", "HTTPS://u:p@x:99//a": "//a //a", "http://x": "/ /", "http://x?a=/b": "/?a=/b /", "http://x/?a": "/?a /",
	} {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n")))
		if err != nil {
			t.Fatal(target, err)
		}
		if OriginForm(r); r.RequestURI+" "+r.URL.Path != want {
			t.Errorf("%s: %s %s, want %s", target, r.RequestURI, r.URL.Path, want)
		}
	}
}

package inlet

import (
	"net/http"
	"strings"
	"testing"
)

func TestNegotiate(t *testing.T) {
	const window = deflateAnswer + "; server_max_window_bits=15"
	for _, c := range []struct{ offer, answer string }{
		{"", ""},
		{"permessage-deflate", deflateAnswer},
		{"permessage-deflate; client_max_window_bits", deflateAnswer}, // browsers
		{"permessage-deflate;client_max_window_bits=8;server_no_context_takeover ; client_no_context_takeover", deflateAnswer},
		{`permessage-deflate; client_max_window_bits="10"`, deflateAnswer},
		{`permessage-deflate; client_max_window_bits="1\0"`, deflateAnswer},
		{"x-webkit-deflate-frame, permessage-deflate", deflateAnswer},
		{`foo; a="b", , permessage-deflate`, deflateAnswer},
		{"permessage-deflate; server_max_window_bits=15", window},
		{`permessage-deflate; server_max_window_bits="15"; client_max_window_bits`, window},

		{"permessage-deflate; server_max_window_bits=9", deflateAnswer + "; server_max_window_bits=9"},
		{`permessage-deflate; server_max_window_bits="8"; client_max_window_bits=9`, deflateAnswer + "; server_max_window_bits=8"},
		{"permessage-deflate; server_max_window_bits=10, permessage-deflate", deflateAnswer + "; server_max_window_bits=10"},
		{"permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=15", window},
		{"permessage-deflate; server_max_window_bits=7\npermessage-deflate; client_max_window_bits", deflateAnswer},
		{"foo\npermessage-deflate", deflateAnswer},
		{"@@\npermessage-deflate", deflateAnswer},

		{"permessage-deflate; unknown", ""},
		{"permessage-deflate; unknown=1, permessage-deflate", deflateAnswer},
		{"permessage-deflate; server_max_window_bits", ""},
		{"permessage-deflate; server_max_window_bits=7", ""},
		{"permessage-deflate; server_max_window_bits=16", ""},
		{"permessage-deflate; server_max_window_bits=015", ""},
		{"permessage-deflate; client_max_window_bits=7", ""},
		{"permessage-deflate; client_max_window_bits=08", ""},
		{"permessage-deflate; client_max_window_bits=16", ""},
		{"permessage-deflate; client_no_context_takeover=1", ""},
		{`permessage-deflate; server_no_context_takeover="x"`, ""},
		{"permessage-deflate; client_no_context_takeover; client_no_context_takeover", ""},
		{"Permessage-Deflate", ""}, // as in gorilla, Swoole and ws: names are compared as they are registered

		{"permessage-deflate@", ""},
		{"permessage-deflate x", ""},
		{"permessage-deflate;", ""},
		{"permessage-deflate; client_max_window_bits=", ""},
		{`permessage-deflate; client_max_window_bits=""`, ""},
		{`permessage-deflate; client_max_window_bits="10`, ""},
		{`permessage-deflate; client_max_window_bits="1 0"`, ""},
		{`foo; a="permessage-deflate`, ""},
		{"@@@, permessage-deflate", ""},
	} {
		h := http.Header{}
		for line := range strings.SplitSeq(c.offer, "\n") {
			h.Add("Sec-WebSocket-Extensions", line)
		}
		if got := Negotiate(h); got != c.answer {
			t.Errorf("%q is answered by %q, want %q", c.offer, got, c.answer)
		}
	}
}

func TestServerWindow(t *testing.T) {
	for extensions, want := range map[string]uint8{
		"": 0, deflateAnswer: 15, deflateAnswer + "; server_max_window_bits=8": 8, deflateAnswer + "; server_max_window_bits=12": 12,
		// What a script says in its own 101.
		"permessage-deflate; server_max_window_bits=10; client_max_window_bits=9": 10, "permessage-deflate;server_max_window_bits=99": 15,
		"permessage-deflate; server_max_window_bits": 15, "permessage-deflate; client_max_window_bits=9": 15,
	} {
		if got := ServerWindow(extensions); got != want {
			t.Errorf("%q: %d, want %d", extensions, got, want)
		}
	}
}

func FuzzNegotiate(f *testing.F) {
	for _, s := range []string{"permessage-deflate; client_max_window_bits", `a;b="c\"",permessage-deflate;server_max_window_bits=15`, `"`, ";;,,=", "permessage-deflate;x=\"\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Negotiate(http.Header{"Sec-Websocket-Extensions": {s}})
		if got != "" && !strings.Contains(s, "permessage-deflate") {
			t.Errorf("%q is answered by %q", s, got)
		}
	})
}

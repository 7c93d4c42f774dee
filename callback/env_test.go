package callback

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func envOf(t testing.TB, r *http.Request, c *Conn) map[string]string {
	t.Helper()
	b, err := BuildEnv(r, c)
	if err != nil {
		t.Fatal(err)
	}
	return pairMap(t, b)
}

// pairMap decodes pairs and sees to it that none comes twice.
func pairMap(t testing.TB, b []byte) map[string]string {
	t.Helper()
	pairs, err := decodePairs(b)
	if err != nil {
		t.Fatal(err)
	}
	env := make(map[string]string)
	for _, p := range pairs {
		if old, twice := env[p[0]]; twice {
			t.Errorf("%s comes twice: %q and %q", p[0], old, p[1])
		}
		env[p[0]] = p[1]
	}
	return env
}

func TestEnvOfAHandshake(t *testing.T) {
	got := envOf(t, handshake(), testConn(t))
	want := map[string]string{
		"REQUEST_METHOD": "GET", "REQUEST_URI": "/chat?room=1", "QUERY_STRING": "room=1", "SERVER_PROTOCOL": "HTTP/1.1",
		"REQUEST_SCHEME": "http", "REMOTE_ADDR": "192.0.2.7", "REMOTE_PORT": "50000",
		"SERVER_ADDR": "192.0.2.1", "SERVER_PORT": "9501", "SERVER_NAME": "192.0.2.1",
		"BRIDGE_LISTEN": "0.0.0.0:9501", "BRIDGE_CONNECT_TIME": "1700000000.250000",
		"HTTP_HOST": "example.org", "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"HTTP_ACCEPT": "*/*", "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.5", "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
		"HTTP_SEC_WEBSOCKET_VERSION": "13", "HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate",
		"HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==", "HTTP_ORIGIN": "https://example.org",
		"HTTP_COOKIE":     "session=0123456789abcdef0123456789abcdef; theme=dark",
		"HTTP_CONNECTION": "keep-alive, Upgrade", "HTTP_UPGRADE": "websocket",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEnvBelievesTheSocketAndNotTheClient(t *testing.T) {
	r := handshake()
	r.Host = "evil.example:443"
	r.RequestURI, r.URL = "http://evil.example/chat?x=y", &url.URL{Scheme: "http", Host: "evil.example", Path: "/chat", RawQuery: "x=y"}
	r.RemoteAddr = "10.0.0.1:1"
	r.Header = http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Content-Length": {"999"},
		"Proxy": {"evil:8080"}, "proxy": {"evil:8080"},
		"X_forwarded_for": {"1"}, "X.Forwarded-For": {"2"}, "X-Forwarded-For": {"3", "4"},
		"Bridge-Event": {"close"}, "Bridge_event": {"close"}, "": {"x"}, "A[b": {"x"}, "X-Empty": {}, "X=Y": {"x"}, "X\x00Y": {"x"},
		"Cookie": {"a=b", "c=d"}, "X-Lines": {"one\r\ntwo: three\x00"},
	}
	c := testConn(t)
	c.TLS = true
	got := envOf(t, r, c)
	want := map[string]string{
		"REQUEST_METHOD": "GET", "REQUEST_URI": "/chat?x=y", "QUERY_STRING": "x=y", "SERVER_PROTOCOL": "HTTP/1.1",
		"REQUEST_SCHEME": "https", "HTTPS": "on", "REMOTE_ADDR": "192.0.2.7", "REMOTE_PORT": "50000",
		"SERVER_ADDR": "192.0.2.1", "SERVER_PORT": "9501", "SERVER_NAME": "192.0.2.1",
		"BRIDGE_LISTEN": "0.0.0.0:9501", "BRIDGE_CONNECT_TIME": "1700000000.250000",
		"HTTP_HOST": "evil.example:443", "HTTP_X_FORWARDED_FOR": "3, 4", "HTTP_BRIDGE_EVENT": "close",
		"HTTP_COOKIE": "a=b; c=d", "HTTP_X_LINES": "one  two: three ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEnvOfHostileHeaderBlocks(t *testing.T) {
	for name, header := range map[string]http.Header{
		"one of 100 kB":           {"Cookie": {strings.Repeat("x", 100_000)}},
		"one that fills a record": {"Cookie": {strings.Repeat("x", 65_530)}},
		"many": func() http.Header {
			h := http.Header{}
			for i := range 70 {
				h["X-"+strings.Repeat("a", i+1)] = []string{strings.Repeat("x", 1000)}
			}
			return h
		}(),
		"a long name": {strings.Repeat("A", 70_000): {"x"}},
	} {
		r := handshake()
		r.Header = header
		if _, err := BuildEnv(r, testConn(t)); !errors.Is(err, ErrHeaderTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Nothing at all is no reason to fall over.
	if _, err := BuildEnv(&http.Request{}, &Conn{}); err != nil {
		t.Error(err)
	}
}

// The pairs of one plain request: the script's, the connection's and the event's, none twice.
func TestPlainRequests(t *testing.T) {
	conn := testConn(t)
	static := map[string]string{
		"SCRIPT_FILENAME": "/srv/chat.php", "SCRIPT_NAME": "/chat.php", "DOCUMENT_ROOT": "/srv", "GATEWAY_INTERFACE": "CGI/1.1",
		"SERVER_SOFTWARE": "fpmbridge", "REDIRECT_STATUS": "200", "BRIDGE_PROTOCOL": "1", "BRIDGE_ENCODING": "plain",
		"BRIDGE_CALLBACK": "unix:/run/cb.sock", "BRIDGE_TOKEN": "s3cret", "SERVER_NAME": "chat.example", "APP_ENV": "prod",
	}
	env := envOf(t, handshake(), conn)
	orphan := map[string]string{
		"REQUEST_METHOD": "GET", "REQUEST_URI": "/chat.php", "QUERY_STRING": "", "SERVER_PROTOCOL": "HTTP/1.1", "BRIDGE_LISTEN": "127.0.0.1:9501",
	}
	for _, test := range []struct {
		name string
		ev   Event
		want map[string]string
	}{
		{
			"open",
			Event{Type: Open, Attempt: 1, ID: 2, FD: 1, Conn: conn},
			map[string]string{"BRIDGE_EVENT": "open", "BRIDGE_EVENT_ID": "2", "BRIDGE_ATTEMPT": "1", "BRIDGE_FD": "1", "CONTENT_LENGTH": "0", "BRIDGE_LAST_TIME": "1700000000.250000"},
		},
		{
			"message",
			Event{Type: Message, Attempt: 255, ID: 1<<53 - 1, FD: 1<<52 - 1, Opcode: 2, Payload: []byte("\x00\xff"), Last: 1700000001_000005, Conn: conn},
			map[string]string{"BRIDGE_EVENT": "message", "BRIDGE_EVENT_ID": "9007199254740991", "BRIDGE_ATTEMPT": "255", "BRIDGE_FD": "4503599627370495", "BRIDGE_OPCODE": "2", "CONTENT_LENGTH": "2", "BRIDGE_LAST_TIME": "1700000001.000005"},
		},
		{
			"close",
			Event{Type: Close, Attempt: 1, ID: 9, FD: 1, Code: 1000, Cause: CauseClient, Payload: []byte("bye"), Last: 1, Conn: conn},
			map[string]string{"BRIDGE_EVENT": "close", "BRIDGE_EVENT_ID": "9", "BRIDGE_ATTEMPT": "1", "BRIDGE_FD": "1", "BRIDGE_CLOSE_CODE": "1000", "BRIDGE_CLOSE_REASON": "bye", "BRIDGE_CLOSE_CAUSE": "client", "CONTENT_LENGTH": "3", "BRIDGE_LAST_TIME": "0.000001"},
		},
		{
			"attributes",
			Event{Type: Open, Attempt: 1, ID: 2, FD: 1, Conn: conn, Attributes: []byte(`{"user":"` + strings.Repeat("x", 200) + `"}`)},
			map[string]string{"BRIDGE_EVENT": "open", "BRIDGE_EVENT_ID": "2", "BRIDGE_ATTEMPT": "1", "BRIDGE_FD": "1", "CONTENT_LENGTH": "0", "BRIDGE_LAST_TIME": "1700000000.250000", "BRIDGE_ATTRIBUTES": `{"user":"` + strings.Repeat("x", 200) + `"}`},
		},
		{
			"describe",
			Event{Type: Describe, Attempt: 1},
			map[string]string{"BRIDGE_EVENT": "describe", "BRIDGE_EVENT_ID": "0", "BRIDGE_ATTEMPT": "1", "BRIDGE_FD": "0", "CONTENT_LENGTH": "0"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []byte
			var stdin string
			client := fakeFPM(t, func(r *fakeRequest) fakeAnswer {
				got, stdin = nil, string(r.stdin)
				for _, p := range r.pairs {
					got = appendLongPair(got, p[0], p[1])
				}
				return fakeAnswer{stdout: "Content-Type: text/html\r\n\r\n"}
			})
			s := newScript(t, client, func(o *ScriptOptions) {
				o.Encoding, o.Params = Plain, []string{"APP_ENV=prod", "SERVER_NAME=chat.example"}
			})
			var reply Reply
			defer reply.Release()
			s.Call(t.Context(), 3, []*Event{&test.ev}, &reply)
			if sum(&reply.Results[0]) != "done" || stdin != string(test.ev.Payload) {
				t.Fatalf("%s %v, PHP got %q", sum(&reply.Results[0]), reply.Results[0].Err, stdin)
			}
			want := map[string]string{"BRIDGE_WORKER": "3"}
			base := env
			if test.ev.Conn == nil {
				base = orphan
			}
			for _, part := range []map[string]string{base, static, test.want} {
				maps.Copy(want, part)
			}
			if diff := cmp.Diff(want, pairMap(t, got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func appendLongPair(dst []byte, name, value string) []byte {
	for _, n := range []int{len(name), len(value)} {
		dst = append(dst, byte(n>>24)|0x80, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(append(dst, name...), value...)
}

func TestFramedRequests(t *testing.T) {
	var got map[string]string
	client := fakeFPM(t, func(r *fakeRequest) fakeAnswer {
		var b []byte
		for _, p := range r.pairs {
			b = appendLongPair(b, p[0], p[1])
		}
		got = pairMap(t, b)
		return fakeAnswer{stdout: framesAnswer(endFrame(1, 0))}
	})
	s := newScript(t, client, func(o *ScriptOptions) { o.Params = []string{"APP_ENV=prod", "DOCUMENT_ROOT=/srv/www"} })
	var reply Reply
	defer reply.Release()
	s.Call(t.Context(), 2, messages(1), &reply)
	want := map[string]string{
		"SCRIPT_FILENAME": "/sdk/entry.php", "BRIDGE_SCRIPT": "/srv/chat.php", "SCRIPT_NAME": "/chat.php", "DOCUMENT_ROOT": "/srv/www",
		"GATEWAY_INTERFACE": "CGI/1.1", "SERVER_SOFTWARE": "fpmbridge", "REDIRECT_STATUS": "200", "SERVER_PROTOCOL": "HTTP/1.1",
		"REQUEST_METHOD": "GET", "REQUEST_URI": "/chat.php", "QUERY_STRING": "", "BRIDGE_FRAME": "AAAABQMhAQEAAAAAAAAAAQAAAAAAAABlAAAAAAAAAABoZWxsbw==",
		"BRIDGE_PROTOCOL": "1", "BRIDGE_ENCODING": "framed", "BRIDGE_CALLBACK": "unix:/run/cb.sock", "BRIDGE_TOKEN": "s3cret",
		"BRIDGE_LISTEN": "127.0.0.1:9501", "BRIDGE_WORKER": "2", "APP_ENV": "prod",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestScriptOptionsSayAllThatIsWrong(t *testing.T) {
	_, err := NewScript(ScriptOptions{
		File: "chat.php", Encoding: 9, Timeout: -1,
		Params: []string{
			"x", "=x", "app=x", "PHP_VALUE=display_errors=1", "PHP_ADMIN_VALUE=x", "BRIDGE_FD=1", "HTTP_HOST=x", "SCRIPT_FILENAME=/x",
			"CONTENT_LENGTH=1", "A=1", "A=2", "BIG=" + strings.Repeat("x", 70_000),
		},
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"no FastCGI client", `script "chat.php"`, "encoding 9", "timeout -1ns", `parameter "x"`, `parameter "=x"`, `parameter "app=x"`,
		"PHP_VALUE=", "PHP_ADMIN_VALUE=", "BRIDGE_FD=", "HTTP_HOST=", "SCRIPT_FILENAME=", "CONTENT_LENGTH=", "A is set twice", "CGI variable BIG",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
	if _, err := NewScript(ScriptOptions{Client: doerFunc(nil), File: "/x.php"}); err == nil || !strings.Contains(err.Error(), "entry.php") {
		t.Errorf("auto without the SDK: %v", err)
	}
	if _, err := NewScript(ScriptOptions{Client: doerFunc(nil), File: "/x.php", Encoding: Plain}); err != nil {
		t.Errorf("plain without the SDK: %v", err)
	}
}

// A plain script gets no batches; what would be its others is sent again, one by one.
func TestPlainTakesOneEvent(t *testing.T) {
	s := newScript(t, fakeFPM(t, func(*fakeRequest) fakeAnswer { return fakeAnswer{stdout: "Content-Type: x/y\r\n\r\nwords"} }),
		func(o *ScriptOptions) { o.Encoding = Plain })
	var reply Reply
	defer reply.Release()
	s.Call(t.Context(), 0, messages(2), &reply)
	if diff := cmp.Diff([]string{"done", "again not run"}, sums(&reply)); diff != "" || string(reply.Output) != "words" {
		t.Errorf("%s, output %q", diff, reply.Output)
	}
}

func TestPlainFailures(t *testing.T) {
	for _, test := range []struct {
		answer fakeAnswer
		want   string
		output string
	}{
		{fakeAnswer{stdout: "Status: 500\r\n\r\nFatal error"}, "failed script", "Fatal error"},
		{fakeAnswer{stdout: "Status: 404 Not Found\r\n\r\nFile not found.\n"}, "failed script", "File not found.\n"},
		{fakeAnswer{stdout: "Status: 302 Found\r\nLocation: /\r\n\r\n"}, "failed script", ""},
		{fakeAnswer{stdout: "Content-Type: application/json\r\n\r\n{", cut: true}, "failed truncated", "{"},
		{fakeAnswer{stdout: "Content-Type: application/json\r\n\r\n{}", app: 255}, "failed script", "{}"},
		{fakeAnswer{stdout: "Status: 204 No Content\r\n\r\n"}, "done", ""},
		{fakeAnswer{stdout: "Content-Type: text/html\r\n\r\n \n", stderr: "x"}, "done", ""},
	} {
		s := newScript(t, fakeFPM(t, func(*fakeRequest) fakeAnswer { return test.answer }), func(o *ScriptOptions) { o.Encoding = Plain })
		var reply Reply
		s.Call(t.Context(), 0, messages(1), &reply)
		if got := sum(&reply.Results[0]); got != test.want || string(reply.Output) != test.output || string(reply.Stderr) != test.answer.stderr {
			t.Errorf("%+v: %s, output %q, stderr %q", test.answer, got, reply.Output, reply.Stderr)
		}
		reply.Release()
	}
}

func TestNames(t *testing.T) {
	got := make([]string, 0, 40)
	for typ := Describe; typ <= Shutdown+1; typ++ {
		got = append(got, typ.String())
	}
	for enc := Auto; enc <= Framed+1; enc++ {
		got = append(got, enc.String())
	}
	for cause := CauseNone; cause <= CauseExpired+1; cause++ {
		got = append(got, cause.String())
	}
	want := strings.Split("describe open message close connect receive handshake beforehandshakeresponse request task finish pipemessage start shutdown unknown auto plain framed unknown  client gone server slow dead protocol utf8 too_big php_failed php_busy php_down shutdown idle expired unknown", " ")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if CauseClient.ServerSide() || CauseDead.ServerSide() || !CauseServer.ServerSide() || !CauseShutdown.ServerSide() {
		t.Error("who ended it")
	}
}

func TestInfoEscapesWhatItIsGiven(t *testing.T) {
	info := ConnInfo{FD: 1, Status: StatusClosing, RemoteAddr: "fe80::1%eth\"0\\", Subprotocol: "a\n\xff", Sent: time.UnixMicro(1)}
	want := `{"fd":1,"status":4,"listener":0,"remote_addr":"fe80::1%eth\"0\\","remote_port":0,"server_addr":"","server_port":0,"tls":false,` +
		`"connect_time":0,"recv_time":0,"send_time":0.000001,"dispatch_time":0,"inbox_bytes":0,"outbox_bytes":0,"subprotocol":"a\u000a\u00ff","compression":false}`
	if got := string(info.appendJSON(nil)); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}

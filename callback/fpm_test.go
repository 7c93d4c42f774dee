package callback

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
)

// realScript is testdata/scripts/name behind a php-fpm of its own.
func realScript(t testing.TB, name string, change func(o *ScriptOptions)) *Script {
	t.Helper()
	server := fpmtest.Start(t, fpm.Options{MaxChildren: 3, INI: []string{"display_errors=0", "log_errors=1"}})
	network, address, _ := strings.Cut(server.Address(), ":")
	client, err := fcgi.New(fcgi.Options{Network: network, Address: address, MaxConns: 2, EOFMeansUnread: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return newScript(t, client, func(o *ScriptOptions) {
		o.File, o.Entry = absolute(t, "testdata/scripts/"+name), absolute(t, "../php-sdk/entry.php")
		o.Encoding, o.Timeout = Auto, 20*time.Second
		if change != nil {
			change(o)
		}
	})
}

func absolute(t testing.TB, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

func orders(conn *Conn, payloads ...string) []*Event {
	events := messages(len(payloads))
	for i, payload := range payloads {
		events[i].Payload, events[i].Conn = []byte(payload), conn
	}
	return events
}

func TestPlainOnPHP(t *testing.T) {
	s := realScript(t, "plain.php", func(o *ScriptOptions) { o.Encoding = Plain })
	conn := testConn(t)
	var reply Reply
	defer reply.Release()
	binary := "echo \x00\xff\r\n" + strings.Repeat("x", 100_000)
	for _, test := range []struct {
		order, want string
		stderr      string
		output      string
	}{
		{binary, "done push(101," + binary + ")", "", ""},
		{"nothing", "done", "", ""},
		{"print", "done", "PHP Warning:  careful", "<b>printed</b>"},
		{"warn", "done", "Undefined variable $undefined", ""},
		{"throw", "failed script", "Uncaught RuntimeException: boom", ""},
		{"exit", "done", "", ""},
		{"finish", "done close(101,1000,bye)", "", ""},
		{"garbage", "failed bad answer", "", ""},
		{"huge", "failed too large", "", ""},
		{"die", "failed reset", "", ""},
		{"echo after all that", "done push(101,echo after all that)", "", ""},
	} {
		name, _, _ := strings.Cut(test.order, " ")
		t.Run(name, func(t *testing.T) {
			s.Call(t.Context(), 1, orders(conn, test.order), &reply)
			if got := sum(&reply.Results[0]); got != test.want {
				t.Errorf("%.200s, want %.200s (%v)", got, test.want, reply.Results[0].Err)
			}
			if !strings.Contains(string(reply.Stderr), test.stderr) || test.output != "" && string(reply.Output) != test.output {
				t.Errorf("stderr %q, output %q", reply.Stderr, reply.Output)
			}
		})
	}
	t.Run("describe", func(t *testing.T) {
		d, err := s.Describe(t.Context())
		if err != nil || !d.Wants(Open) || !d.Wants(Message) || d.Wants(Close) {
			t.Errorf("%+v, %v", d, err)
		}
	})
	t.Run("sleep", func(t *testing.T) {
		s.opts.Timeout = 300 * time.Millisecond
		s.Call(t.Context(), 1, orders(conn, "sleep"), &reply)
		if got := sum(&reply.Results[0]); got != "failed timeout" {
			t.Error(got)
		}
	})
}

// What $_SERVER holds for a client that tries to look like somebody else.
func TestServerVariablesOnPHP(t *testing.T) {
	s := realScript(t, "plain.php", func(o *ScriptOptions) { o.Encoding, o.Params = Plain, []string{"APP_ENV=prod"} })
	r := handshake()
	r.Header["X_forwarded_for"], r.Header["X.forwarded.for"] = []string{"1"}, []string{"2"}
	r.Header["Proxy"], r.Header["Bridge_fd"] = []string{"evil"}, []string{"99"}
	conn := testConn(t)
	var err error
	if conn.Env, err = BuildEnv(r, conn); err != nil {
		t.Fatal(err)
	}
	events := orders(conn, "server")
	events[0].Last = 1700000001_500000
	var reply Reply
	defer reply.Release()
	s.Call(t.Context(), 2, events, &reply)
	if reply.Results[0].Outcome != Done || len(reply.Results[0].Instructions) != 1 {
		t.Fatal(sum(&reply.Results[0]), reply.Results[0].Err)
	}
	var got map[string]any
	if err := json.Unmarshal(reply.Results[0].Instructions[0].Data, &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"BRIDGE_PROTOCOL": "1", "BRIDGE_ENCODING": "plain", "BRIDGE_EVENT": "message", "BRIDGE_EVENT_ID": "1", "BRIDGE_ATTEMPT": "1",
		"BRIDGE_FD": "101", "BRIDGE_OPCODE": "1", "BRIDGE_CONNECT_TIME": "1700000000.250000", "BRIDGE_LAST_TIME": "1700000001.500000",
		"BRIDGE_LISTEN": "0.0.0.0:9501", "BRIDGE_CALLBACK": "unix:/run/cb.sock", "BRIDGE_TOKEN": "s3cret", "BRIDGE_WORKER": "2",
		"REMOTE_ADDR": "192.0.2.7", "REMOTE_PORT": "50000", "SERVER_ADDR": "192.0.2.1", "SERVER_PORT": "9501", "SERVER_NAME": "192.0.2.1",
		"REQUEST_SCHEME": "http", "REQUEST_METHOD": "GET", "REQUEST_URI": "/chat?room=1", "QUERY_STRING": "room=1", "CONTENT_LENGTH": "6",
		"SCRIPT_FILENAME": s.opts.File, "SCRIPT_NAME": "/plain.php", "PHP_SELF": "/plain.php", "DOCUMENT_ROOT": filepath.Dir(s.opts.File),
		"HTTP_HOST": "example.org", "APP_ENV": "prod", "HTTP_COOKIE": "session=0123456789abcdef0123456789abcdef; theme=dark",
		"GET": map[string]any{"room": "1"}, "COOKIE": map[string]any{"session": "0123456789abcdef0123456789abcdef", "theme": "dark"},
	} {
		if diff := cmp.Diff(want, got[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, name := range []string{"HTTP_PROXY", "HTTP_X_FORWARDED_FOR", "HTTP_BRIDGE_FD", "CONTENT_TYPE", "HTTPS", "REMOTE_HOST"} {
		if v, ok := got[name]; ok {
			t.Errorf("%s is %v", name, v)
		}
	}
}

func TestDescribeExplainsOnPHP(t *testing.T) {
	s := realScript(t, "server.php", nil)
	dir := t.TempDir()
	syntax := filepath.Join(dir, "syntax.php")
	if err := os.WriteFile(syntax, []byte("<?php\n\nfunction {\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		change func(o *ScriptOptions)
		want   []string
	}{
		{"no SDK", func(o *ScriptOptions) { o.Entry = dir + "/entry.php" }, []string{"Primary script unknown", "sdk.path"}},
		{"no script, plain", func(o *ScriptOptions) { o.File, o.Encoding = dir+"/no.php", Plain }, []string{"Primary script unknown", "php-fpm cannot open " + dir + "/no.php"}},
		{"no script, framed", func(o *ScriptOptions) { o.File = dir + "/no.php" }, []string{dir + "/no.php"}},
		{"syntax error, plain", func(o *ScriptOptions) { o.File, o.Encoding = syntax, Plain }, []string{"status 500", syntax + " on line 3"}},
		{"syntax error, framed", func(o *ScriptOptions) { o.File = syntax }, []string{"syntax error", syntax + ":3"}},
		{"another script as SDK", func(o *ScriptOptions) { o.Entry = absolute(t, "testdata/scripts/plain.php") }, []string{"is " + absolute(t, "testdata/scripts/plain.php") + " the SDK's entry.php"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			broken := newScript(t, s.opts.Client, func(o *ScriptOptions) { *o = s.opts; test.change(o) })
			_, err := broken.Describe(t.Context())
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v\ndoes not say %q", err, want)
				}
			}
		})
	}
}

func TestFramedOnPHP(t *testing.T) {
	_, dial := unixServer(t, func(o *ServerOptions) { o.Connections = fakeConns{n: 103} })
	callback := "unix:" + dial().RemoteAddr().String()
	s := realScript(t, "server.php", func(o *ScriptOptions) { o.Callback = callback })
	d, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d.Kind != KindWebSocket || d.Encoding != Framed || !d.Batch || d.Port() != 9501 || !d.Wants(Open) || !d.Wants(Close) || d.Settings["worker_num"] != 2.0 {
		t.Errorf("%+v", d)
	}
	conn := testConn(t)
	again := "again not run"
	for _, test := range []struct {
		orders []string
		want   []string
	}{
		{[]string{"echo a", "echo b", "close"}, []string{"done push(101,echo a)", "done push(102,echo b)", "done close(103,4001,bye)"}},
		{[]string{"ask"}, []string{`done push(101,[true,false,"127.0.0.1",103,[1,2]])`}},
		{[]string{"echo a", "throw", "echo c"}, []string{"done push(101,echo a)", "failed script", "done push(103,echo c)"}},
		{[]string{"echo a", "exit", "echo c"}, []string{"done push(101,echo a)", "done push(102,last words) log(the callback message, which begins here, called exit: the event is over, what it asked for before is done)", again}},
		{[]string{"echo a", "die", "echo c"}, []string{"done push(101,echo a)", "failed truncated", "again truncated"}},
		{[]string{"die", "echo b", "echo c"}, []string{"failed reset", "again reset", "again reset"}},
		{[]string{"print", "echo b"}, []string{"done log(Undefined variable $undefined) log(printed)", "done push(102,echo b)"}},
	} {
		t.Run(strings.Join(test.orders, ","), func(t *testing.T) {
			var reply Reply
			defer reply.Release()
			s.Call(t.Context(), 0, orders(conn, test.orders...), &reply)
			if diff := cmp.Diff(test.want, sums(&reply)); diff != "" {
				t.Errorf("%s\n%+v", diff, reply.Results)
			}
		})
	}
	t.Run("sleep", func(t *testing.T) {
		slow := newScript(t, s.opts.Client, func(o *ScriptOptions) { *o = s.opts; o.Timeout = 500 * time.Millisecond })
		var reply Reply
		defer reply.Release()
		slow.Call(t.Context(), 0, orders(conn, "echo a", "sleep", "echo c"), &reply)
		if diff := cmp.Diff([]string{"done push(101,echo a)", "failed timeout", "failed timeout"}, sums(&reply)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("open, to all, close", func(t *testing.T) {
		var reply Reply
		defer reply.Release()
		events := orders(conn, "", "all", "bye")
		events[0].Type, events[0].Head = Open, []byte("GET /chat?room=1 HTTP/1.1\r\ncookie: theme=dark\r\nhost: example.org\r\n\r\n")
		events[2].Type, events[2].Code, events[2].Cause = Close, 1000, CauseClient
		s.Call(t.Context(), 0, events, &reply)
		got := sums(&reply)
		all := fmt.Sprint(reply.Results[1].Instructions[0].FDs)
		if got[0] != "done push(101,welcome 1 dark 192.0.2.7)" || len(strings.Fields(all)) != 103 || !strings.Contains(got[2], "closed 103 0") {
			t.Errorf("%s", got)
		}
	})
	select {
	case <-s.Changed():
		t.Error("the description has not changed")
	default:
	}
}

// An auto script that starts no server is found out, and called in the plain encoding.
func TestAutoFindsAPlainScriptOnPHP(t *testing.T) {
	s := realScript(t, "plain.php", nil)
	d, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d.Kind != KindPlain || d.Encoding != Plain || d.Wants(Close) || !d.Wants(Message) {
		t.Errorf("%+v", d)
	}
	var reply Reply
	defer reply.Release()
	s.Call(t.Context(), 0, orders(testConn(t), "echo hi"), &reply)
	if got := sum(&reply.Results[0]); got != "done push(101,echo hi)" {
		t.Error(got, reply.Results[0].Err)
	}
}

// What does an event cost with a real php-fpm, and how much of it is ours? cpu-us counts the CPU time of this process.
func BenchmarkOnPHP(b *testing.B) {
	for _, bench := range []struct {
		name   string
		script string
		n      int
	}{{"plain", "plain.php", 1}, {"framed", "server.php", 1}, {"framed batch of 16", "server.php", 16}} {
		b.Run(bench.name, func(b *testing.B) {
			s := realScript(b, bench.script, nil)
			if _, err := s.Describe(b.Context()); err != nil {
				b.Fatal(err)
			}
			payloads := slices.Repeat([]string{"echo " + strings.Repeat("x", 59)}, bench.n)
			events := orders(testConn(b), payloads...)
			ctx := context.Background() //nolint:usetesting // one that cannot end: fcgi needs no AfterFunc
			var reply Reply
			defer reply.Release()
			b.ReportAllocs()
			b.ResetTimer()
			before := cpu(b)
			for b.Loop() {
				s.Call(ctx, 0, events, &reply)
				if r := reply.Results[bench.n-1]; r.Outcome != Done || len(r.Instructions) != 1 {
					b.Fatal(sum(&r), r.Err)
				}
			}
			events64 := float64(b.N * bench.n)
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/events64, "cpu-us/event")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/events64, "us/event")
		})
	}
}

// cpu is the CPU time that this process has used.
func cpu(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

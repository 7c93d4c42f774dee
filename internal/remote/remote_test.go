package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// api is a bridge's, as far as a test wants it: answers by path, and what it was asked.
type api struct {
	answers map[string]string
	asked   []string // METHOD path body
	keys    []string
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.asked = append(a.asked, strings.TrimSpace(r.Method+" "+r.RequestURI+" "+string(body)))
	a.keys = append(a.keys, r.Header.Get("Authorization"))
	path, _, _ := strings.Cut(r.RequestURI, "?")
	answer, ok := a.answers[path]
	if code, text, refused := strings.Cut(answer, "!"); refused {
		w.WriteHeader(map[string]int{"400": 400, "401": 401, "404": 404, "429": 429, "500": 500}[code])
		answer = text
	} else if !ok {
		w.WriteHeader(http.StatusNotFound)
		answer = `{"error":{"field":"fd","message":"no such connection"}}`
	}
	_, _ = io.WriteString(w, answer)
}

// client asks an api over a Unix socket.
func client(t *testing.T, a *api) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "api.sock")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: ln, Config: &http.Server{Handler: a, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	c, err := New("unix:"+path, "secret", 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"unix:/run/x/api.sock": "http://bridge", "tcp:10.0.0.1:9502": "http://10.0.0.1:9502", "tcp::9502": "http://127.0.0.1:9502", "tcp:0.0.0.0:9502": "http://127.0.0.1:9502",
		"tcp:[::]:9502": "http://127.0.0.1:9502", "tcp:[::1]:9502": "http://[::1]:9502", "http://h:1/": "http://h:1", "https://h/api": "https://h/api",
	} {
		c, err := New(address, "", time.Second)
		if err != nil || c.base != want || c.Address != address {
			t.Errorf("%s: %v %v", address, c, err)
		}
	}
	for _, address := range []string{"", "here", "unix:", "tcp:", "tcp:h", "tcp:h:", "tcp:h:0", "http:", "http://", "ftp://h", "/run/api.sock"} {
		if _, err := New(address, "", time.Second); err == nil || !strings.Contains(err.Error(), "is no address of a bridge") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	a := &api{answers: map[string]string{
		"/400": `400!{"error":{"field":"code","message":"1: want 1000"}}`, "/401": `401!{"error":{"field":"key","message":"wrong or missing key"}}`,
		"/500": `500!oops`, "/html": "<html>", "/bare": `429!{"error":{"message":"too many"}}`, "/good": "{\"a\":1}\n",
	}}
	c := client(t, a)
	for path, want := range map[string]string{
		"/400": "the bridge refused (400): code: 1: want 1000", "/401": "the bridge wants a key: --key-file FILE, --key KEY or the variable BRIDGE_API_KEY (wrong or missing key)",
		"/500": "the bridge refused (500): this is not the API of fpmbridge", "/html": "the bridge refused (200): this is not the API of fpmbridge",
		"/bare": "the bridge refused (429): too many",
	} {
		if raw, err := c.Get(t.Context(), path); err == nil || err.Error() != want || raw != nil {
			t.Errorf("%s: %s %v", path, raw, err)
		}
	}
	if raw, err := c.Get(t.Context(), "/good"); err != nil || string(raw) != `{"a":1}` {
		t.Errorf("%s %v", raw, err)
	}
	if _, err := c.Post(t.Context(), "/good", map[string]any{"x": "<&>"}); err != nil || !slices.Contains(a.asked, `POST /good {"x":"\u003c\u0026\u003e"}`) {
		t.Errorf("%v %q", err, a.asked)
	}
	for _, key := range a.keys {
		if key != "Bearer secret" {
			t.Errorf("the key was sent as %q", key)
		}
	}
	gone, err := New("unix:"+filepath.Join(t.TempDir(), "s"), "", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var unreachable *UnreachableError
	if _, err := gone.Get(t.Context(), "/x"); !errors.As(err, &unreachable) || !errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), "Get \"") {
		t.Error(err)
	}
}

// show is a view's table as text, and how often the bridge was asked for it.
func show(t *testing.T, a *api, v View) (text string, asked []string) {
	t.Helper()
	a.asked = nil
	_, table, err := v(t.Context(), client(t, a))
	if err != nil {
		return err.Error(), a.asked
	}
	return strings.Join(table.Lines(), "\n"), a.asked
}

func TestConnectionsAreAskedForOnce(t *testing.T) {
	since := float64(time.Now().Add(-90*time.Second).UnixMicro()) / 1e6
	page := fmt.Sprintf(`{"total":3,"next":9,"members":[
		{"fd":7,"uid":"ann","groups":["a","b"],"attributes":{"n":1},"connection":{"remote_addr":"::1","remote_port":5,"connect_time":%f,"outbox_bytes":12345}},
		{"fd":9,"uid":null,"groups":[{"base64":"/w=="}],"attributes":{},"connection":{"remote_addr":"10.0.0.1","remote_port":6,"connect_time":%f,"outbox_bytes":0}}]}`, since, since)
	const want = "FD  FROM        SINCE  UID  GROUPS  QUEUED  ATTRIBUTES\n" +
		"7   [::1]:5     1m30s  ann  a b     12,345  {\"n\":1}\n" +
		"9   10.0.0.1:6  1m30s  -    \"\\xff\"  0\n" +
		"2 of 3; the next ones: --after 9"
	for path, v := range map[string]View{
		"/v1/members":              Connections("", "", Page{After: "3", Limit: 2}),
		"/v1/groups/a%2Fb/members": Connections("a/b", "", Page{After: "3", Limit: 2}),
		"/v1/uids/%FF/members":     Connections("", "\xff", Page{After: "3", Limit: 2}),
	} {
		text, asked := show(t, &api{answers: map[string]string{path: page}}, v)
		if text = strings.NewReplacer("1m31s", "1m30s", "1m32s", "1m30s").Replace(text); text != want {
			t.Errorf("%s:\n%s\nnot\n%s", path, text, want)
		}
		if !slices.Equal(asked, []string{"GET " + path + "?after=3&limit=2&details=1"}) {
			t.Errorf("asked %q", asked)
		}
	}
	if text, _ := show(t, &api{answers: map[string]string{"/v1/members": `{"total":0,"members":[]}`}}, Connections("", "", Page{Limit: 5})); !strings.HasSuffix(text, "\nnone") {
		t.Error(text)
	}
	if text, _ := show(t, &api{answers: map[string]string{"/v1/members": `[]`}}, Connections("", "", Page{})); !strings.Contains(text, "the bridge's answer to /v1/members") {
		t.Error(text)
	}
}

func TestNamesAndInfo(t *testing.T) {
	a := &api{answers: map[string]string{
		"/v1/groups":        `{"total":3,"names":[{"name":"room","connections":2},{"name":{"base64":"AP8="},"connections":1}],"next":{"base64":"AP8="}}`,
		"/v1/connections/7": `{"connection":{"fd":7,"connect_time":0,"recv_time":1700000000.25,"attributes":{"a":"\u001b[31m"},"subprotocol":"v\u0007"},"uid":"ann","groups":["x","y"]}`,
	}}
	if text, _ := show(t, a, Names("groups", Page{Limit: 2})); text != "NAME        CONNECTIONS\nroom        2\n\"\\x00\\xff\"  1\n2 of 3; the next ones: --after \"\\x00\\xff\"" {
		t.Error(text)
	}
	want := "fd            7\nconnect_time  -\nrecv_time     " + time.Unix(1700000000, 25e7).Format("2006-01-02 15:04:05.000") +
		"\nattributes    {\"a\":\"\\u001b[31m\"}\nsubprotocol   \"v\\a\"\nuser          ann\ngroups        x y"
	if text, _ := show(t, a, Info(7)); text != want {
		t.Errorf("%s\nnot\n%s", text, want)
	}
	if text, _ := show(t, a, Info(8)); text != "there is no connection 8" {
		t.Error(text)
	}
}

// From the second time on the numbers have what came a second; what is there now stands first.
func TestStatsASecond(t *testing.T) {
	a := &api{answers: map[string]string{"/v1/stats": `{"bridge":{"uptime":1,"pushes":1000,"connections":3,"closed":{"gone":2},"workers":[{"pid":5}],"word":"x"}}`}}
	c := client(t, a)
	v := Stats()
	if _, table, err := v(t.Context(), c); err != nil || strings.Join(table.Head, " ") != " NUMBER" || fmt.Sprint(table.Rows) != "[[connections 3] [uptime 1] [closed.gone 2] [pushes 1,000] [workers.0.pid 5]]" {
		t.Error(err, table)
	}
	a.answers["/v1/stats"] = `{"bridge":{"uptime":9,"pushes":2000,"connections":2}}`
	_, table, err := v(t.Context(), c)
	if err != nil || len(table.Head) != 3 || len(table.Rows) != 3 {
		t.Fatal(err, table)
	}
	for i, n := range []int{3, 2, 3} { // connections went down, uptime has no speed, pushes went up
		if len(table.Rows[i]) != n || n == 3 && strings.HasPrefix(table.Rows[i][2], "-") != (i == 0) {
			t.Error(table.Rows[i])
		}
	}
}

func TestOperationsSayWhatBecameOfThem(t *testing.T) {
	target := Target{FDs: []uint64{1, 2}, UIDs: []Name{"ann"}, Groups: []Name{"\xff"}, ExceptFDs: []uint64{3}, ExceptGroups: []Name{"g"}}
	const body = `"except":{"fd":[3],"group":["g"]},"fd":[1,2],"group":[{"base64":"/w=="}]`
	for _, c := range []struct {
		answer, out string
		nobody      string
	}{
		{`{"queued":3,"gone":1}`, "3 queued, 1 gone\n", ""},
		{`{"written":1234,"queued":1,"slow":2}`, "1234 written, 1 queued, 2 slow (refused, and closed)\n", ""},
		{`{"unknown":1}`, "", "nobody got it: 1 unknown"},
		{`{}`, "", "nobody got it: no connections"},
	} {
		a := &api{answers: map[string]string{"/v1/push": c.answer, "/v1/close": `{"done":2}`}}
		cl := client(t, a)
		var out bytes.Buffer
		err := Push(t.Context(), cl, target, []byte("hi"), false, 0, false, &out)
		if (err == nil) != (c.nobody == "") || err != nil && (!errors.Is(err, ErrNobody) || err.Error() != c.nobody) || out.String() != c.out {
			t.Errorf("%s: %v %q", c.answer, err, &out)
		}
		out.Reset()
		if err := Push(t.Context(), cl, Target{All: true}, []byte("\xff"), true, 1500*time.Millisecond, true, &out); out.String() != c.answer+"\n" || (err == nil) != (c.nobody == "") {
			t.Errorf("as JSON: %v %q", err, &out)
		}
		out.Reset()
		if err := CloseConnections(t.Context(), cl, target, 4000, "bye", false, &out); err != nil || out.String() != "2 closed\n" {
			t.Errorf("%v %q", err, &out)
		}
		want := []string{
			`POST /v1/push {"data":"hi",` + body + `,"uid":["ann"]}`,
			`POST /v1/push {"all":true,"data_base64":"/w==","timeout_ms":1500,"wait":"written"}`,
			`POST /v1/close {"code":4000,` + body + `,"reason":"bye","uid":["ann"]}`,
		}
		if !slices.Equal(a.asked, want) {
			t.Errorf("asked %q", a.asked)
		}
	}
}

// A bridge that goes away while it is watched is waited for; what will not pass ends it.
func TestWatch(t *testing.T) {
	c := &Client{Address: "unix:/x"}
	refused := &Error{http.StatusForbidden, "key", "it is not for this"}
	away := &UnreachableError{"unix:/x", io.EOF}
	busy := &Error{http.StatusTooManyRequests, "request", "too many requests at a time"}
	for _, w := range []struct {
		name  string
		steps []error
		json  bool
		want  string
		err   error
	}{
		{"numbers", []error{nil, away, busy, nil}, true, "{\"n\":0}\n{\"error\":{\"message\":" + quoted(away.Error()) + "}}\n{\"error\":{\"message\":" + quoted(busy.Error()) + "}}\n{\"n\":3}\n", nil},
		{"the first one counts", []error{away}, true, "", away},
		{"for good", []error{nil, refused}, true, "{\"n\":0}\n", refused},
		{"no terminal", []error{nil, away}, false, "TIME  fpmbridge at unix:/x\nrow 0\n\nTIME  fpmbridge at unix:/x\n\n" + away.Error() + "\n\n", nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			n := -1
			began := time.Now()
			view := func(context.Context, *Client) (json.RawMessage, *Table, error) {
				if n++; n == len(w.steps) {
					cancel()
					return nil, nil, ctx.Err()
				}
				return json.RawMessage(fmt.Sprintf(`{"n":%d}`, n)), &Table{Rows: [][]string{{fmt.Sprint("row ", n)}}}, w.steps[n]
			}
			var out bytes.Buffer
			err := Watch(ctx, c, view, w.json, &out)
			got := regexp.MustCompile(`2000-\d\d-\d\d \d\d:\d\d:\d\d|1999-12-31 \d\d:\d\d:\d\d`).ReplaceAllString(out.String(), "TIME")
			if !errors.Is(err, w.err) || (err == nil) != (w.err == nil) || got != w.want {
				t.Errorf("%s: %v\n%q\nnot\n%q", w.name, err, got, w.want)
			}
			if took := time.Since(began); took != time.Duration(n)*time.Second {
				t.Errorf("%s: %d questions in %v", w.name, n+1, took)
			}
		})
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestFind(t *testing.T) {
	temp, err := os.MkdirTemp("/tmp", "find") // sockets need short paths
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	listen := func(folder string) (string, net.Listener) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(temp, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(temp, folder, "api.sock")
		ln, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ln.Close() })
		return "unix:" + path, ln
	}
	if _, err := Find(t.Context(), temp); !errors.Is(err, errNone) || !strings.Contains(err.Error(), temp+"/fpmbridge-*/api.sock") || !strings.Contains(err.Error(), "--api") {
		t.Error(err)
	}
	_, dead := listen("fpmbridge-1")
	dead.(*net.UnixListener).SetUnlinkOnClose(false) // as one that was killed
	_ = dead.Close()
	_, _ = listen("somebody-else")
	if _, err := Find(t.Context(), temp); !errors.Is(err, errNone) {
		t.Error("a dead bridge is found:", err)
	}
	first, _ := listen("fpmb-2")
	if got, err := Find(t.Context(), temp); err != nil || got != first {
		t.Error(got, err)
	}
	second, _ := listen("fpmbridge-3")
	if _, err := Find(t.Context(), temp); !errors.Is(err, errMany) || !strings.Contains(err.Error(), first) || !strings.Contains(err.Error(), second) {
		t.Error(err)
	}
}

func TestTexts(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", -999: "-999", 1e9: "1,000,000,000"} {
		if got := thousands(n); got != want {
			t.Errorf("%v is %s", n, got)
		}
	}
	for text, want := range map[string]string{"häuser": "häuser", "a\tb": `"a\tb"`, "\x1b[2J": `"\x1b[2J"`, "\xff": `"\xff"`, "a b": "a b", "": ""} {
		if got := plain(text); got != want {
			t.Errorf("%q is %s", text, got)
		}
	}
	for _, c := range []struct {
		text string
		n    int
		want string
	}{{"häuser", 6, "häuser"}, {"häuser", 4, "häu…"}, {"x", 0, "…"}, {"xy", 1, "…"}} {
		if got := cut(c.text, c.n); got != c.want {
			t.Errorf("%q cut to %d is %q", c.text, c.n, got)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, name := range []string{"", "room", "\xff\x00", `{"base64":"x"}`, " "} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		b, err := json.Marshal(Name(name))
		if err != nil {
			t.Fatal(err)
		}
		var back Name
		if err := json.Unmarshal(b, &back); err != nil || string(back) != name {
			t.Errorf("%q comes back as %q: %v", name, back, err)
		}
	})
}

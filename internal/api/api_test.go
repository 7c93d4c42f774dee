package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const goodKey = "0123456789abcdef"

// fake keeps what it was asked to do.
type fake struct {
	mu   sync.Mutex
	ops  []*ops.Op
	asks []*ops.Query
	hold chan struct{}
}

func (f *fake) Do(op *ops.Op) (ops.Result, ops.Rest) {
	f.mu.Lock()
	f.ops = append(f.ops, op)
	f.mu.Unlock()
	if f.hold != nil {
		<-f.hold
	}
	return ops.Result{Count: [ops.Outcomes]int{ops.Done: 1, ops.Gone: 2}, Each: []ops.Outcome{ops.Done, ops.Gone}}, nil
}

func (f *fake) Ask(q *ops.Query) ops.Answer {
	f.mu.Lock()
	f.asks = append(f.asks, q)
	f.mu.Unlock()
	switch q.Ask {
	case ops.AskConnection:
		return ops.Answer{Found: q.FD == 7, UID: "u", Groups: []string{"a", "\xff"}, Info: []byte(`{"fd":7}`)}
	case ops.AskGroups, ops.AskUIDs, ops.AskGroupUIDs:
		return ops.Answer{Found: true, Total: 9, More: true, Lines: []ops.Line{{Name: "\xff", Count: 3}}}
	case ops.AskMembers:
		return ops.Answer{Found: true, Total: 9, More: true, Members: []ops.Member{{FD: 7, UID: "u", Groups: []string{"\xff"}, Attributes: []byte(`{"a":1}`)}, {FD: 8}}}
	case ops.AskUID:
		return ops.Answer{Found: true, Total: 9, More: true, FDs: []uint64{7, 8}}
	case ops.AskAttributes:
		return ops.Answer{Found: true, Info: []byte(`{"a":1}`)}
	case ops.AskStats:
		return ops.Answer{Found: true, Info: []byte(`{"connections":1}`)}
	default:
		return ops.Answer{Found: true, Total: 0}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newAPI(t testing.TB, f Gateway, concurrency int, scope ops.Scope) http.Handler {
	t.Helper()
	keys, err := NewKeys([]Key{{Name: "test", Key: goodKey, Scope: scope}}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{Gateway: f, Keys: keys, Concurrency: concurrency, Log: quiet()})
}

func call(h http.Handler, method, path, body string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+goodKey)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

// slow writes what it pushes after a while, or not in time.
type slow struct {
	fake

	takes time.Duration
}

func (s *slow) Do(op *ops.Op) (ops.Result, ops.Rest) {
	res, rest := s.fake.Do(op)
	if op.Wait > 0 {
		res.Count = [ops.Outcomes]int{ops.Done: 1}
		if op.Wait < s.takes {
			res.Count = [ops.Outcomes]int{ops.Late: 1}
		}
		select {
		case <-time.After(min(op.Wait, s.takes)):
		case <-op.Stop:
		}
	}
	return res, rest
}

// Pushes of a batch wait one after the other, but no longer than the one of them that may wait longest.
func TestBatchWaits(t *testing.T) {
	const batch = `{"operations":[{"do":"push","fd":1,"data":"a","wait":"written","timeout_ms":2000},{"do":"push","fd":1,"data":"b","wait":"written","timeout_ms":5000},` +
		`{"do":"push","fd":1,"data":"c","wait":"written","timeout_ms":4000},{"do":"push","fd":1,"data":"d"}]}`
	for _, c := range []struct {
		takes, total time.Duration
		waits        []time.Duration
		late         int
	}{
		{time.Second, 3 * time.Second, []time.Duration{2 * time.Second, 4 * time.Second, 3 * time.Second, 0}, 0},
		{time.Minute, 5 * time.Second, []time.Duration{2 * time.Second, 3 * time.Second, 1, 0}, 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &slow{takes: c.takes}
			h := newAPI(t, s, 1, ops.All())
			began := time.Now()
			code, answer := call(h, "POST", "/v1/batch", batch)
			if took := time.Since(began); code != 200 || took.Round(time.Millisecond) != c.total || strings.Count(answer, `"queued":1,"results":["written"`) != c.late {
				t.Errorf("%v: %d %s", took, code, answer)
			}
			for i, op := range s.ops {
				if op.Wait != c.waits[i] {
					t.Errorf("operation %d waits %v, not %v", i, op.Wait, c.waits[i])
				}
			}
			// The caller leaves: nobody waits any more, and all is carried out.
			s.ops, began = nil, time.Now()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			r := httptest.NewRequestWithContext(ctx, "POST", "/v1/batch", strings.NewReader(batch))
			r.Header.Set("Authorization", "Bearer "+goodKey)
			h.ServeHTTP(httptest.NewRecorder(), r)
			if took := time.Since(began); took != 0 || len(s.ops) != 4 {
				t.Errorf("a caller that left: %d operations, %v", len(s.ops), took)
			}
		})
	}
}

// A list with all that is known of each connection is one request. 8 has gone meanwhile.
func TestMembersWithDetails(t *testing.T) {
	const (
		bare    = `{"attributes":{"a":1},"fd":7,"groups":[{"base64":"/w=="}],"uid":"u"}`
		who     = `"groups":["a",{"base64":"/w=="}],"uid":"u"`
		details = `{"attributes":{"a":1},"connection":{"fd":7},"fd":7,` + who + `}`
	)
	for path, want := range map[string]string{
		"/v1/members":                            `{"members":[` + bare + `,{"attributes":{},"fd":8,"groups":[],"uid":null}],"next":8,"total":9}`,
		"/v1/members?details=1":                  `{"members":[` + details + `],"next":8,"total":9}`,
		"/v1/groups/x/members?limit=9&details=1": `{"members":[` + details + `],"next":8,"total":9}`,
		"/v1/uids/u/members":                     `{"members":[{"attributes":{"a":1},"fd":7,` + who + `}],"next":8,"total":9}`,
		"/v1/uids/u/members?details=1&after=3":   `{"members":[` + details + `],"next":8,"total":9}`,
	} {
		if code, answer := call(newAPI(t, &fake{}, 1, ops.All()), "GET", path, ""); code != 200 || answer != want {
			t.Errorf("%s: %d %s", path, code, answer)
		}
	}
	for _, path := range []string{"/v1/members?details=2", "/v1/members?details=1&details=1", "/v1/uids/u/members?details=", "/v1/connections?details=1", "/v1/members?details=%zz"} {
		if code, answer := call(newAPI(t, &fake{}, 1, ops.All()), "GET", path, ""); code != 400 {
			t.Errorf("%s: %d %s", path, code, answer)
		}
	}
}

func TestOperations(t *testing.T) {
	fd := func(list ...uint64) ops.Set { return ops.Set{FDs: list} }
	for _, c := range []struct {
		path, body string
		want       ops.Op
	}{
		{"push", `{"fd":7,"data":"hi"}`, ops.Op{Kind: ops.Push, To: fd(7), Opcode: 1, Data: []byte("hi")}},
		{"push", `{"fd":[1,2],"uid":"a","group":["b",{"base64":"/w=="}],"except":{"fd":3,"uid":["x"],"group":"y"},"data_base64":"AA=="}`, ops.Op{
			Kind: ops.Push, To: ops.Set{FDs: []uint64{1, 2}, UIDs: []string{"a"}, Groups: []string{"b", "\xff"}},
			Except: ops.Set{FDs: []uint64{3}, UIDs: []string{"x"}, Groups: []string{"y"}}, Opcode: 2, Data: []byte{0},
		}},
		{"push", `{"all":true,"data":"","opcode":9}`, ops.Op{Kind: ops.Push, All: true, Opcode: 9, Data: []byte{}}},
		{"close", `{"group":"g","reason":"bye"}`, ops.Op{Kind: ops.Close, To: ops.Set{Groups: []string{"g"}}, Code: 1000, Reason: "bye"}},
		{"join", `{"fd":7,"group":["a","b"]}`, ops.Op{Kind: ops.Join, To: fd(7), Groups: []string{"a", "b"}}},
		{"leave", `{"uid":"u","group":"a"}`, ops.Op{Kind: ops.Leave, To: ops.Set{UIDs: []string{"u"}}, Groups: []string{"a"}}},
		{"dissolve", `{"group":"a"}`, ops.Op{Kind: ops.Dissolve, Groups: []string{"a"}}},
		{"bind", `{"fd":7,"uid":"u","code":4000}`, ops.Op{Kind: ops.Bind, To: fd(7), UID: "u", Code: 4000}},
		{"unbind", `{"fd":7}`, ops.Op{Kind: ops.Unbind, To: fd(7)}},
	} {
		f := &fake{}
		code, answer := call(newAPI(t, f, 1, ops.All()), "POST", "/v1/"+c.path, c.body)
		if code != 200 || len(f.ops) != 1 || !reflect.DeepEqual(*f.ops[0], c.want) {
			t.Errorf("%s %s: %d %s", c.path, c.body, code, answer)
			continue
		}
		done := "done"
		if c.path == "push" {
			done = "queued"
		}
		if want := fmt.Sprintf(`"results":["%s","gone"]`, done); !strings.Contains(answer, want) {
			t.Errorf("%s: %s", c.path, answer)
		}
		// The same in a batch.
		f.ops = nil
		code, answer = call(newAPI(t, f, 1, ops.All()), "POST", "/v1/batch", `{"operations":[{"do":"`+c.path+`",`+c.body[1:]+`]}`)
		if code != 200 || len(f.ops) != 1 || !reflect.DeepEqual(*f.ops[0], c.want) {
			t.Errorf("batch %s: %d %s", c.body, code, answer)
		}
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	for _, c := range []struct {
		path, body, field string
		code              int
	}{
		{"push", ``, "body", 400},
		{"push", `[]`, "body", 400},
		{"push", `{"fd":7,"data":"x"} x`, "body", 400},
		{"push", `{"fd":7,"data":"x"`, "body", 400},
		{"push", "{\"fd\":7,\"data\":\"\xff\"}", "body", 400},
		{"push", `{"fd":7,"date":"x"}`, "date", 400},
		{"push", `{"fd":7,"FD":7,"data":"x"}`, "FD", 400},
		{"push", `{"fd":7,"fd":8,"data":"x"}`, "fd", 400},
		{"push", `{"fd":"7","data":"x"}`, "fd", 400},
		{"push", `{"fd":-1,"data":"x"}`, "fd", 400},
		{"push", `{"fd":1.5,"data":"x"}`, "fd", 400},
		{"push", `{"data":"x"}`, "fd", 400},
		{"push", `{"fd":7}`, "data", 400},
		{"push", `{"fd":7,"data":null}`, "data", 400},
		{"push", `{"fd":7,"data":"x","data_base64":"eA=="}`, "data", 400},
		{"push", `{"fd":7,"data_base64":"e"}`, "data_base64", 400},
		{"push", `{"fd":7,"data":"x","opcode":8}`, "opcode", 400},
		{"push", `{"all":false,"data":"x"}`, "all", 400},
		{"push", `{"all":true,"fd":1,"data":"x"}`, "all", 400},
		{"push", `{"uid":7,"data":"x"}`, "uid", 400},
		{"push", `{"group":"` + strings.Repeat("g", 256) + `","data":"x"}`, "group", 400},
		{"push", `{"all":true,"except":{"fds":1},"data":"x"}`, "except.fds", 400},
		{"close", `{"fd":7,"code":1006}`, "code", 400},
		{"close", `{"fd":7,"data":"x"}`, "data", 400},
		{"join", `{"fd":7}`, "group", 400},
		{"dissolve", `{"fd":7,"group":"g"}`, "fd", 400},
		{"bind", `{"fd":7}`, "uid", 400},
		{"batch", `{"operations":{}}`, "operations", 400},
		{"batch", `{"operations":[{"fd":1,"data":"x"}]}`, "operations[0].do", 400},
		{"batch", `{"operations":[{"do":"push","fd":1,"data":"x"},{"do":"push","fd":1}]}`, "operations[1].data", 400},
		{"batch", `{"operations":[{"do":"pull"}]}`, "operations[0].do", 400},
		{"batch", `{"operations":[],"atomic":true}`, "atomic", 400},
		{"push", `{"fd":7,"data":"` + strings.Repeat("x", maxBody) + `"}`, "body", 413},
		{"push", `{"fd":7,"data":"x","wait":true}`, "wait", 400},
		{"push", `{"fd":7,"data":"x","timeout_ms":5}`, "timeout_ms", 400},
		{"push", `{"fd":7,"data":"x","wait":"written","timeout_ms":0}`, "timeout_ms", 400},
		{"push", `{"fd":7,"data":"x","wait":"written","timeout_ms":30001}`, "timeout_ms", 400},
		{"batch", `{"operations":[{"do":"push","fd":1,"data":"x","wait":"sent"}]}`, "operations[0].wait", 400},
		{"batch", `{"operations":[{"do":"close","fd":1,"wait":"written"}]}`, "operations[0].wait", 400},
		{"close", `{"fd":7,"wait":"written"}`, "wait", 400},
		{"set_attributes", `{"fd":7}`, "attributes", 400},
		{"set_attributes", `{"fd":7,"attributes":[]}`, "attributes", 400},
		{"merge_attributes", `{"fd":7,"attributes":{"a":1,"a":2}}`, "attributes", 400},
		{"merge_attributes", `{"fd":7,"attributes":{"a":"` + strings.Repeat("x", 4096) + `"}}`, "attributes", 400},
		{"nothing", `{}`, "path", 404},
	} {
		f := &fake{}
		code, answer := call(newAPI(t, f, 1, ops.All()), "POST", "/v1/"+c.path, c.body)
		if code != c.code || !strings.Contains(answer, `"field":"`+c.field+`"`) || len(f.ops) != 0 {
			t.Errorf("%s %.60s: %d %s", c.path, c.body, code, answer)
		}
	}
	if code, _ := call(newAPI(t, &fake{}, 1, ops.All()), "GET", "/v1/push", ""); code != 405 {
		t.Errorf("GET: %d", code)
	}
}

func TestQuestions(t *testing.T) {
	for path, c := range map[string]struct {
		want   ops.Query
		answer string
	}{
		"/v1/connections?after=3&limit=2": {ops.Query{Ask: ops.AskConnections, After: 3, Limit: 2}, `{"fds":[],"total":0}`},
		"/v1/groups?after=%FF":            {ops.Query{Ask: ops.AskGroups, AfterName: "\xff", Limit: defaultPage}, `{"names":[{"connections":3,"name":{"base64":"/w=="}}],"next":{"base64":"/w=="},"total":9}`},
		"/v1/groups/a%2Fb%00/connections": {ops.Query{Ask: ops.AskGroup, Name: "a/b\x00", Limit: defaultPage}, `"total":0`},
		"/v1/groups/%FF/uids":             {ops.Query{Ask: ops.AskGroupUIDs, Name: "\xff", Limit: defaultPage}, `"total":9`},
		"/v1/members?after=3&limit=2":     {ops.Query{Ask: ops.AskMembers, After: 3, Limit: 2, Attributes: true}, `{"members":[{"attributes":{"a":1},"fd":7,"groups":[{"base64":"/w=="}],"uid":"u"},{"attributes":{},"fd":8,"groups":[],"uid":null}],"next":8,"total":9}`},
		"/v1/groups/%FF/members":          {ops.Query{Ask: ops.AskMembers, Name: "\xff", Limit: defaultPage, Attributes: true}, `"next":8`},
		"/v1/uids?limit=0":                {ops.Query{Ask: ops.AskUIDs}, `"total":9`},
		"/v1/uids/7/connections":          {ops.Query{Ask: ops.AskUID, Name: "7", Limit: defaultPage}, `"fds":[7,8]`},
		"/v1/connections/7":               {ops.Query{Ask: ops.AskConnection, FD: 7}, `{"connection":{"fd":7},"groups":["a",{"base64":"/w=="}],"uid":"u"}`},
		"/v1/stats":                       {ops.Query{Ask: ops.AskStats}, `{"api":{"too_many_requests":0,"wrong_keys":0},"bridge":{"connections":1}}`},
	} {
		f := &fake{}
		code, answer := call(newAPI(t, f, 1, ops.All()), "GET", path, "")
		if code != 200 || len(f.asks) != 1 || !reflect.DeepEqual(*f.asks[0], c.want) || !strings.Contains(answer, c.answer) {
			t.Errorf("%s: %d %s", path, code, answer)
		}
	}
	for path, want := range map[string]int{
		"/v1/connections/8": 404, "/v1/connections/x": 400, "/v1/connections?limit=x": 400, "/v1/connections?limit=99999999": 400, "/v1/connections?page=1": 400,
		"/v1/connections?after=a": 400, "/v1/groups/" + strings.Repeat("x", 256) + "/uids": 400,
		"/v1/groups/" + strings.Repeat("x", 256) + "/members": 400, "/v1/members?name=x": 400, "/v1/health": 200, "/v1/openapi.json": 200,
	} {
		if code, answer := call(newAPI(t, &fake{}, 1, ops.All()), "GET", path, ""); code != want {
			t.Errorf("%s: %d %s", path, code, answer)
		}
	}
}

func TestScopes(t *testing.T) {
	for _, c := range []struct {
		scope              ops.Scope
		read, push, remove int
	}{
		{ops.Scope{Read: true}, 200, 403, 403}, {ops.Scope{Push: true}, 403, 200, 403}, {ops.Scope{Admin: true}, 403, 403, 200},
	} {
		h := newAPI(t, &fake{}, 1, c.scope)
		read, _ := call(h, "GET", "/v1/groups", "")
		push, _ := call(h, "POST", "/v1/push", `{"fd":1,"data":"x"}`)
		remove, _ := call(h, "POST", "/v1/batch", `{"operations":[{"do":"close","fd":1}]}`)
		if read != c.read || push != c.push || remove != c.remove {
			t.Errorf("%+v: %d %d %d", c.scope, read, push, remove)
		}
	}
}

func TestTooManyAtATime(t *testing.T) {
	f := &fake{hold: make(chan struct{})}
	h := newAPI(t, f, 10, ops.All())
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := make(map[int]int)
	for range 1000 {
		wg.Go(func() {
			code, _ := call(h, "POST", "/v1/push", `{"fd":1,"data":"x"}`)
			mu.Lock()
			codes[code]++
			if codes[429] == 990 && codes[200] == 0 {
				close(f.hold)
			}
			mu.Unlock()
		})
	}
	wg.Wait()
	if codes[200] != 10 || codes[429] != 990 {
		t.Errorf("%v", codes)
	}
}

type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }

func TestKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	set := func(s string) {
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set("the first key 123456\n")
	k, err := NewKeys([]Key{{Name: "a", Key: goodKey, Scope: ops.Scope{Read: true}}, {Name: "b", File: file, Scope: ops.Scope{Push: true}}}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	try := func(from, key string) string {
		s, err := k.Authorize(address(from), []byte(key))
		return fmt.Sprint(s, err)
	}
	if got := try("1.1.1.1:1", goodKey) + try("1.1.1.1:1", "the first key 123456"); got != "{true false false} <nil>{false true false} <nil>" {
		t.Error(got)
	}
	// A key is replaced without a restart; one that cannot be read is off.
	set("another one, of another length\nwith a comment")
	k.next.Store(0)
	if got := try("1.1.1.1:1", "the first key 123456") + try("1.1.1.1:1", "another one, of another length"); got != "{false false false} "+ErrWrongKey.Error()+"{false true false} <nil>" {
		t.Error(got)
	}
	before := k.Generation()
	set("short")
	k.next.Store(0)
	if _, err := k.Authorize(address("1.1.1.1:1"), []byte("short")); err == nil {
		t.Error("a short key")
	}
	if k.Generation() == before {
		t.Error("who has the old key does not hear of it")
	}
	for range maxWrong {
		try("2.2.2.2:1", "wrong")
	}
	if _, err := k.Authorize(address("2.2.2.2:99"), []byte(goodKey)); err != ErrTooManyWrong { //nolint:errorlint // as it is
		t.Error(err)
	}
	if got := try("3.3.3.3:1", goodKey); got != "{true false false} <nil>" {
		t.Error(got)
	}
	if k.Wrong() != maxWrong+2 {
		t.Errorf("%d wrong keys", k.Wrong())
	}
	for _, wrong := range []Key{{Key: "short"}, {File: "/nowhere"}, {}} {
		if _, err := NewKeys([]Key{wrong}, quiet()); err == nil {
			t.Errorf("%+v", wrong)
		}
	}
	// Without keys a Unix socket is open, TCP is not.
	k, _ = NewKeys(nil, quiet())
	if _, err := k.Authorize(&net.UnixAddr{Net: "unix"}, nil); err != nil {
		t.Error(err)
	}
	if _, err := k.Authorize(address("1.1.1.1:1"), nil); err == nil {
		t.Error("TCP without a key")
	}
}

func TestSplit(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	frames, requests := Split(ln)
	srv := &http.Server{Handler: newAPI(t, &fake{}, 1, ops.All()), ReadHeaderTimeout: time.Second}
	done := make(chan struct{})
	go func() { _ = srv.Serve(requests); close(done) }()
	go func() {
		for {
			c, err := frames.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 3)
			_, _ = io.ReadFull(c, b)
			_, _ = fmt.Fprintf(c, "%x", b)
			_ = c.Close()
		}
	}()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Write([]byte{0, 1, 2})
	if b, _ := io.ReadAll(c); string(b) != "000102" {
		t.Errorf("%s", b)
	}
	_ = c.Close()
	tr := &http.Transport{}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+ln.Addr().String()+"/v1/health", nil)
	res, err := tr.RoundTrip(req)
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
	tr.CloseIdleConnections()
	_ = srv.Close()
	<-done
	if _, err := frames.Accept(); err == nil {
		t.Error("frames go on")
	}
}

// What openapi.json says is what the handler does: the same paths, and for each operation the same fields.
func TestTheDescriptionHolds(t *testing.T) {
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Responses   map[string]any
			Parameters  []struct{ Name, In string }
		}
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(openapi, &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatal(err)
	}
	var described, served []string
	for path, methods := range doc.Paths {
		for method, o := range methods {
			described = append(described, strings.ToUpper(method)+" "+path)
			for _, p := range o.Parameters {
				if p.In != "query" {
					continue
				}
				url := strings.NewReplacer("{name}", "x", "{fd}", "7").Replace(path) + "?" + p.Name + "=1"
				if code, answer := call(newAPI(t, &fake{}, 1, ops.All()), "GET", url, ""); code != 200 {
					t.Errorf("%s: %d %s", url, code, answer)
				}
			}
		}
	}
	for _, e := range endpoints() {
		served = append(served, e.pattern)
	}
	slices.Sort(described)
	slices.Sort(served)
	if !slices.Equal(described, served) {
		t.Errorf("described %v\nserved %v", described, served)
	}
	fields := []string{"fd", "uid", "group", "all", "except", "data", "data_base64", "opcode", "code", "reason", "attributes", "operations", "do", "wait", "timeout_ms"}
	for _, kind := range ops.Kinds() {
		props := doc.Components.Schemas[kind.String()].Properties
		for _, field := range fields {
			_, want := props[field]
			_, answer := call(newAPI(t, &fake{}, 1, ops.All()), "POST", "/v1/"+kind.String(), `{"`+field+`":0}`)
			if got := !strings.Contains(answer, "unknown field"); got != want {
				t.Errorf("%s %s: described %v, read %v: %s", kind, field, want, got, answer)
			}
		}
	}
}

// What an endpoint answers is what openapi.json says: no field more, and all that it requires. So are its errors.
func TestTheAnswersAreThoseThatAreDescribed(t *testing.T) {
	type schema struct {
		Properties map[string]any
		Required   []string
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
				}
			}
		}
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal(openapi, &doc); err != nil {
		t.Fatal(err)
	}
	holds := func(what, answer, ref string) {
		t.Helper()
		s, ok := doc.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
		var got map[string]json.RawMessage
		if err := json.Unmarshal([]byte(answer), &got); err != nil || !ok {
			t.Errorf("%s: %v %s, described as %q", what, err, answer, ref)
		}
		for key := range got {
			if _, ok := s.Properties[key]; !ok {
				t.Errorf("%s: %s is not described: %s", what, key, answer)
			}
		}
		for _, key := range s.Required {
			if _, ok := got[key]; !ok {
				t.Errorf("%s: %s is missing: %s", what, key, answer)
			}
		}
	}
	bodies := map[string]string{
		"push": `{"fd":1,"data":"x","wait":"written"}`, "close": `{"fd":1}`, "join": `{"fd":1,"group":"g"}`, "leave": `{"fd":1,"group":"g"}`, "dissolve": `{"group":"g"}`,
		"bind": `{"fd":1,"uid":"u"}`, "unbind": `{"fd":1}`, "set_attributes": `{"fd":1,"attributes":{}}`, "merge_attributes": `{"fd":1,"attributes":{}}`,
		"batch": `{"operations":[{"do":"push","all":true,"data":"x"}]}`,
	}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			method = strings.ToUpper(method)
			url := strings.NewReplacer("{name}", "x", "{fd}", "7").Replace(path)
			body := bodies[strings.TrimPrefix(path, "/v1/")]
			if method == "POST" && body == "" {
				t.Errorf("%s is not tested", path)
			}
			code, answer := call(newAPI(t, &fake{}, 1, ops.All()), method, url, body)
			if code != 200 {
				t.Errorf("%s: %d %s", url, code, answer)
			}
			if path == "/v1/openapi.json" {
				continue
			}
			holds(url, answer, o.Responses["200"].Content["application/json"].Schema.Ref)
			if _, has := o.Responses["403"]; has {
				code, answer = call(newAPI(t, &fake{}, 1, ops.Scope{}), method, url, body)
				if code != 403 {
					t.Errorf("%s: %d %s", url, code, answer)
				}
				holds(url, answer, o.Responses["403"].Content["application/json"].Schema.Ref)
			}
			if _, has := o.Responses["429"]; has != (path != "/v1/health") {
				t.Errorf("%s: 429 described: %v", url, has)
			}
		}
	}
}

// Whatever comes: no panic, and what is accepted is right.
func FuzzOperation(f *testing.F) {
	for _, s := range []string{
		`{"do":"push","fd":[1,2],"uid":"a","group":{"base64":"/w=="},"except":{"fd":3},"data":"x"}`, `{"do":"close","all":true,"code":4000,"reason":"x"}`,
		`{"do":"bind","fd":1,"uid":"x"}`, `{"do":"join","group":["x"],"fd":1}`,
		`{"do":"merge_attributes","all":true,"attributes":{"a":null,"b":{"c":[1.0]}}}`, `{"do":"push","fd":1,"data":"x","wait":"written","timeout_ms":5}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		op, err := operation(b, 0, body)
		if err != nil {
			return
		}
		if err := op.Check(); err != nil || !json.Valid(b) {
			t.Errorf("%s: %v", b, err)
		}
	})
}

package api

import (
	_ "embed" // openapi.json
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

//go:embed openapi.json
var openapi []byte

// Gateway carries operations out, and answers. It gets what was checked; many goroutines call it.
type Gateway interface {
	// Do may leave something to be done: nil if it does not.
	Do(op *ops.Op) (ops.Result, ops.Rest)
	Ask(q *ops.Query) ops.Answer
}

// Options configures [New].
type Options struct {
	Gateway     Gateway
	Keys        *Keys
	Concurrency int // requests at a time; over it 429
	Log         *slog.Logger
}

const (
	// maxBody is for one message of 8 MiB in base64, with room for targets.
	maxBody  = 16 << 20
	maxBatch = 1000
	// defaultPage is how many lines a list has without a limit.
	defaultPage = 1000
)

type server struct {
	Options

	busy    chan struct{}
	refused atomic.Uint64
}

// endpoint is one path, as ServeMux spells it, and what it needs.
type endpoint struct {
	pattern string
	may     func(s ops.Scope) bool // nil: no key is needed
	handle  func(s *server, w http.ResponseWriter, r *http.Request, scope ops.Scope) error
}

// endpoints is all of the API.
func endpoints() []endpoint {
	read := func(s ops.Scope) bool { return s.Read }
	anything := func(s ops.Scope) bool { return s.Push || s.Admin } // the operation says which
	list := []endpoint{
		{"POST /v1/batch", anything, (*server).batch},
		{"GET /v1/connections", read, list(ops.AskConnections)},
		{"GET /v1/connections/{fd}", read, (*server).connection},
		{"GET /v1/connections/{fd}/attributes", read, (*server).attributes},
		{"GET /v1/groups", read, list(ops.AskGroups)},
		{"GET /v1/groups/{name}/connections", read, list(ops.AskGroup)},
		{"GET /v1/groups/{name}/uids", read, list(ops.AskGroupUIDs)},
		{"GET /v1/groups/{name}/members", read, members(ops.AskMembers)},
		{"GET /v1/members", read, members(ops.AskMembers)},
		{"GET /v1/uids", read, list(ops.AskUIDs)},
		{"GET /v1/uids/{name}/connections", read, list(ops.AskUID)},
		{"GET /v1/uids/{name}/members", read, members(ops.AskUID)},
		{"GET /v1/stats", read, (*server).stats},
		{"GET /v1/health", nil, (*server).health},
		{"GET /v1/openapi.json", nil, (*server).describe},
	}
	for _, kind := range ops.Kinds() {
		list = append(list, endpoint{"POST /v1/" + kind.String(), anything, func(s *server, w http.ResponseWriter, r *http.Request, scope ops.Scope) error {
			return s.one(w, r, kind, scope)
		}})
	}
	return list
}

// New returns the handler of the HTTP API.
func New(o Options) http.Handler {
	s := &server{Options: o, busy: make(chan struct{}, o.Concurrency)}
	mux := http.NewServeMux()
	methods := make(map[string]string)
	for _, e := range endpoints() {
		mux.HandleFunc(e.pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, &e) })
		method, path, _ := strings.Cut(e.pattern, " ")
		methods[path] = method
	}
	for path, method := range methods {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", method)
			fail(w, &fieldError{http.StatusMethodNotAllowed, "method", "want " + method})
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, &fieldError{http.StatusNotFound, "path", "there is no " + r.URL.Path + "; see /v1/openapi.json"})
	})
	return mux
}

// serve does what all endpoints have in common: the limit, the key, the error.
func (s *server) serve(w http.ResponseWriter, r *http.Request, e *endpoint) {
	if e.may == nil { // cheap, and who looks whether we are well has to have an answer
		if err := e.handle(s, w, r, ops.Scope{}); err != nil {
			fail(w, err)
		}
		return
	}
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	default:
		s.refused.Add(1)
		w.Header().Set("Retry-After", "1")
		fail(w, &fieldError{http.StatusTooManyRequests, "request", "too many requests at a time"})
		return
	}
	scope, err := s.Keys.Authorize(addr(r), []byte(bearer(r)))
	if err != nil {
		s.unauthorized(w, err)
		return
	}
	if !e.may(scope) {
		fail(w, &fieldError{http.StatusForbidden, "key", "it is not for this"})
		return
	}
	if err := e.handle(s, w, r, scope); err != nil {
		fail(w, err)
	}
}

func (s *server) unauthorized(w http.ResponseWriter, err error) {
	if errors.Is(err, ErrTooManyWrong) {
		w.Header().Set("Retry-After", "60")
		fail(w, &fieldError{http.StatusTooManyRequests, "key", err.Error()})
		return
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	fail(w, &fieldError{http.StatusUnauthorized, "key", err.Error() + ": send Authorization: Bearer KEY"})
}

func bearer(r *http.Request) string {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// addr is where a request comes from; a Unix socket has no address that says so.
func addr(r *http.Request) net.Addr {
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && local.Network() == "unix" {
		return local
	}
	ap, err := net.ResolveTCPAddr("tcp", r.RemoteAddr)
	if err != nil {
		return &net.TCPAddr{}
	}
	return ap
}

// read returns the body.
func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &fieldError{http.StatusRequestEntityTooLarge, body, "at most " + strconv.Itoa(maxBody) + " bytes are allowed"}
	case err != nil:
		return nil, bad(body, "it breaks off")
	case !utf8.Valid(b):
		return nil, bad(body, "not valid UTF-8: send bytes as data_base64, names as {\"base64\":\"…\"}")
	}
	return b, nil
}

func (s *server) one(w http.ResponseWriter, r *http.Request, kind ops.Kind, scope ops.Scope) error {
	b, err := read(w, r)
	if err != nil {
		return err
	}
	op, err := operation(b, kind, body)
	if err != nil {
		return err
	}
	if !scope.Allows(op) {
		return &fieldError{http.StatusForbidden, "key", "it may not " + kind.String()}
	}
	op.Stop = r.Context().Done()
	res := s.do(op)
	reply(w, result(op, &res))
	return nil
}

// do carries out an operation to its end: net/http sends the answer when the handler is over, so nothing would come of doing it earlier.
func (s *server) do(op *ops.Op) ops.Result {
	res, rest := s.Gateway.Do(op)
	if rest != nil {
		rest.Flush()
	}
	return res
}

// batch carries out several operations in order, or none when one of them is wrong.
func (s *server) batch(w http.ResponseWriter, r *http.Request, scope ops.Scope) error {
	b, err := read(w, r)
	if err != nil {
		return err
	}
	members, err := object(b, body)
	if err != nil {
		return err
	}
	var raw []json.RawMessage
	for _, m := range members {
		if m.key != "operations" {
			return bad(m.key, "unknown field")
		}
		if len(m.value) == 0 || m.value[0] != '[' {
			return bad("operations", "want a list")
		}
		if raw, err = items(m.value, "operations"); err != nil {
			return err
		}
	}
	if raw == nil || len(raw) > maxBatch {
		return bad("operations", "want a list of at most %d", maxBatch)
	}
	list := make([]*ops.Op, len(raw))
	for i := range raw {
		where := "operations[" + strconv.Itoa(i) + "]"
		if list[i], err = operation(raw[i], 0, where); err != nil {
			return err
		}
		if !scope.Allows(list[i]) {
			return &fieldError{http.StatusForbidden, where, "the key may not " + list[i].Kind.String()}
		}
	}
	// All of them together wait no longer than the one that may wait longest.
	began, most := time.Now(), time.Duration(0)
	for _, op := range list {
		most = max(most, op.Wait)
	}
	results := make([]any, len(list))
	for i, op := range list {
		if op.Wait > 0 {
			op.Wait, op.Stop = max(min(op.Wait, most-time.Since(began)), 1), r.Context().Done()
		}
		res := s.do(op)
		results[i] = result(op, &res)
	}
	reply(w, map[string]any{"results": results})
	return nil
}

// result is what became of an operation.
func result(op *ops.Op, res *ops.Result) any {
	words := [ops.Outcomes]string{}
	m := make(map[string]any, ops.Outcomes+1)
	for i := range ops.Outcomes {
		o := ops.Outcome(i)
		words[i] = o.String()
		switch {
		case op.Wait > 0 && o == ops.Done:
			words[i] = "written"
		case op.Kind == ops.Push && o == ops.Done, o == ops.Late:
			words[i] = "queued"
		}
		if (o != ops.Late || op.Wait > 0) && (o != ops.Full || op.Kind == ops.MergeAttributes) {
			m[words[i]] = res.Count[i]
		}
	}
	if res.Each != nil {
		each := make([]string, len(res.Each))
		for i, o := range res.Each {
			each[i] = words[o]
		}
		m["results"] = each
	}
	return m
}

func (s *server) stats(w http.ResponseWriter, _ *http.Request, _ ops.Scope) error {
	a := s.Gateway.Ask(&ops.Query{Ask: ops.AskStats})
	raw := json.RawMessage(a.Info)
	reply(w, map[string]any{"bridge": raw, "api": map[string]any{"wrong_keys": s.Keys.Wrong(), "too_many_requests": s.refused.Load()}})
	return nil
}

func (s *server) health(w http.ResponseWriter, _ *http.Request, _ ops.Scope) error {
	reply(w, map[string]any{"ok": true})
	return nil
}

func (s *server) describe(w http.ResponseWriter, _ *http.Request, _ ops.Scope) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openapi)
	return nil
}

func reply(w http.ResponseWriter, v any) {
	b, err := json.Marshal(v)
	if err != nil { // our own maps
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(b, '\n'))
}

// fail answers with an error: {"error":{"field":"code","message":"…"}}.
func fail(w http.ResponseWriter, err error) {
	var e *fieldError
	if !errors.As(err, &e) {
		e = &fieldError{http.StatusInternalServerError, "", err.Error()}
	}
	b, _ := json.Marshal(map[string]any{"error": map[string]string{"field": e.field, "message": e.what}})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.status)
	_, _ = w.Write(append(b, '\n'))
}

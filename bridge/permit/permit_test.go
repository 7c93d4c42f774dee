package permit

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	for body, want := range map[string]Identity{
		"":                                       {},
		" \n":                                    {},
		"{}":                                     {},
		`{"uid":"7"}`:                            {UID: "7"},
		`{"uid":{"base64":"/w=="}}`:              {UID: "\xff"},
		`{"groups":[]}`:                          {},
		`{"groups":["a",{"base64":"Yg=="},"a"]}`: {Groups: []string{"a", "b"}},
		`{"attributes":{"b":1,"a":[1.50,null]}}`: {Attributes: []byte(`{"a":[1.50,null],"b":1}`)},
		`{"subprotocol":"v1.json"}`:              {Subprotocol: "v1.json"},
		`{"headers":{"X-A":"1","Set-Cookie":["a","b"],"X-C":[]}}`: {Headers: []Line{{"X-A", "1"}, {"Set-Cookie", "a"}, {"Set-Cookie", "b"}}},
	} {
		got, err := Decode([]byte(body))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %v", body, got, err)
		}
	}
}

// What docs/protocol.md shows, and what it says.
func TestContract(t *testing.T) {
	text, err := os.ReadFile("../../callback/testdata/contract/handshake-answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		Name, Body, UID, Attributes, Subprotocol, Error string
		Groups, Headers                                 []string
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "    "+list[0].Body+"\n") {
		t.Error("the page has another example")
	}
	for _, fix := range list {
		who, err := Decode([]byte(fix.Body))
		if fix.Error != "" {
			if err == nil || !strings.HasPrefix(err.Error(), fix.Error) {
				t.Errorf("%s: %v", fix.Name, err)
			}
			continue
		}
		var headers []string
		for _, l := range who.Headers {
			headers = append(headers, l.Name+": "+l.Value)
		}
		if err != nil || who.UID != fix.UID || string(who.Attributes) != fix.Attributes || who.Subprotocol != fix.Subprotocol || !slices.Equal(who.Groups, fix.Groups) || !slices.Equal(headers, fix.Headers) {
			t.Errorf("%s: %+v %v", fix.Name, who, err)
		}
	}
}

func TestDecodeSaysWhatIsWrongAndWhere(t *testing.T) {
	for body, want := range map[string]string{
		"x":          "byte",
		"[]":         "want an object",
		"null":       "want an object",
		`{"uid":7}`:  "want a name",
		`{"uid":""}`: "a name of 0 bytes",
		`{"uid":"` + strings.Repeat("x", 256) + `"}`: "a name of 256 bytes",
		`{"uid":{"base64":"!"}}`:                     "want a name",
		`{"uid":{"hex":"ff"}}`:                       "want a name",
		`{"uid":{}}`:                                 "want a name",
		`{"uid":"1","uid":"2"}`:                      "second time",
		`{"user":"1"}`:                               "unknown key",
		`{"groups":"a"}`:                             "list of groups",
		`{"groups":[1]}`:                             "want a name",
		`{"attributes":[]}`:                          "attributes",
		`{"attributes":{"a":1,"a":2}}`:               "twice",
		`{"attributes":{"a":"` + strings.Repeat("x", 5000) + `"}}`: "4096",
		`{"subprotocol":"a b"}`:                                 "no subprotocol",
		`{"subprotocol":""}`:                                    "no subprotocol",
		`{"headers":[]}`:                                        "headers",
		`{"headers":{"X-A":1}}`:                                 "string",
		`{"headers":{"X-A":null}}`:                              "string",
		`{"headers":{"X-A":[["b"]]}}`:                           "string",
		`{"headers":{"X A":"1"}}`:                               "bridge's own",
		`{"headers":{"":"1"}}`:                                  "bridge's own",
		`{"headers":{"CONNECTION":"close"}}`:                    "bridge's own",
		`{"headers":{"Sec-WebSocket-Protocol":"x"}}`:            "bridge's own",
		`{"headers":{"X-A":"a\u0000"}}`:                         "control character",
		`{"headers":{"X-A":"a\nb"}}`:                            "control character",
		`{"uid":"7"} x`:                                         "behind|after",
		`{"uid":"7"`:                                            "ends",
		"{\"uid\":\"\xff\"}":                                    "UTF-8",
		strings.Repeat(" ", 300<<10) + "{}":                     "at most",
		`{"groups":[` + strings.Repeat(`"`+"a"+`",`, 10) + `]}`: "byte",
	} {
		who, err := Decode([]byte(body))
		ok := err != nil && slices.ContainsFunc(strings.Split(want, "|"), func(part string) bool { return strings.Contains(err.Error(), part) })
		if !ok || !reflect.DeepEqual(who, Identity{}) {
			t.Errorf("%.60s: %v %+v", body, err, who)
		}
	}
}

func TestJoin(t *testing.T) {
	a := Identity{UID: "1", Groups: []string{"x"}, Attributes: []byte(`{"a":1,"b":1}`), Subprotocol: "v1", Headers: []Line{{"A", "1"}}}
	large := Identity{UID: "3", Attributes: []byte(`{"c":"` + strings.Repeat("x", 4080) + `"}`)}
	if a.Join(&Identity{}) != nil || a.Join(&large) == nil {
		t.Error("too much is not noticed")
	}
	if err := a.Join(&Identity{UID: "2", Groups: []string{"x", "y"}, Attributes: []byte(`{"b":2}`), Headers: []Line{{"B", "2"}}}); err != nil {
		t.Error(err)
	}
	want := Identity{UID: "2", Groups: []string{"x", "y"}, Attributes: []byte(`{"a":1,"b":2}`), Subprotocol: "v1", Headers: []Line{{"A", "1"}, {"B", "2"}}}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("%+v", a)
	}
}

func TestOffered(t *testing.T) {
	r := &http.Request{Header: http.Header{"Sec-Websocket-Protocol": {"v1, v2", "v3"}}}
	for name, want := range map[string]bool{"v1": true, "v2": true, "v3": true, "V1": false, "v": false, "": false, "v1, v2": false} {
		if Offered(r, name) != want {
			t.Errorf("%q", name)
		}
	}
}

func TestRefusalsAreSafe(t *testing.T) {
	lines := [][2]string{
		{"Content-Type", "text/plain"},
		{"Set-Cookie", "a=b"},
		{"Set-Cookie", "c=d"},
		{"Connection", "upgrade"},
		{"UPGRADE", "websocket"},
		{"Content-Length", "1"},
		{"Transfer-Encoding", "chunked"},
		{"Sec-WebSocket-Accept", "x"},
		{"Status", "101"},
		{"Keep-Alive", "1"},
		{"X Y", "1"},
		{"X-Z", "a\rb"},
		{"Trailer", "X"},
	}
	headers := func(yield func(n, v []byte) bool) {
		for _, l := range lines {
			if !yield([]byte(l[0]), []byte(l[1])) {
				return
			}
		}
	}
	r, ok := Refuse(403, headers, []byte("no"))
	if !ok {
		t.Fatal("refused")
	}
	w := httptest.NewRecorder()
	r.Serve(w)
	want := http.Header{"Content-Type": {"text/plain"}, "Set-Cookie": {"a=b", "c=d"}, "Connection": {"close"}}
	if !reflect.DeepEqual(w.Header(), want) || w.Code != 403 || w.Body.String() != "no" {
		t.Errorf("%v %d %s", w.Header(), w.Code, w.Body)
	}
	for _, status := range []int{0, 100, 101, 200, 299, 600, 999} {
		if _, ok := Refuse(status, nil, nil); ok {
			t.Errorf("%d is a refusal", status)
		}
	}
}

// Whatever a script says: what is taken over can be written into a head, and is within the limits.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"uid":"7","groups":["a",{"base64":"/w=="}],"attributes":{"a":1},"subprotocol":"v1","headers":{"X-A":"1","Set-Cookie":["a","b"]}}`))
	f.Add([]byte(`{"headers":{"X-A":"a\r\nb"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		who, err := Decode(body)
		if err != nil {
			return
		}
		if len(who.UID) > 255 || who.Subprotocol != "" && !validName(who.Subprotocol) || who.Attributes != nil && !json.Valid(who.Attributes) {
			t.Errorf("%+v", who)
		}
		for _, g := range who.Groups {
			if g == "" || len(g) > 255 {
				t.Errorf("group %q", g)
			}
		}
		for _, l := range who.Headers {
			if !kept(l.Name) || strings.ContainsAny(l.Value, "\r\n\x00") {
				t.Errorf("%+v", l)
			}
		}
	})
}

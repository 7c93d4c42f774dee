package callback

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type descriptionFixture struct {
	Name  string `json:"name"`
	Meta  string `json:"meta"`
	Error string `json:"error"`
}

func TestDescriptionsOfTheContract(t *testing.T) {
	for _, fix := range fixtures[descriptionFixture](t, "descriptions.json") {
		d, err := parseDescription([]byte(fix.Meta), 1)
		if fix.Error == "" && err != nil || fix.Error != "" && (err == nil || !strings.Contains(err.Error(), fix.Error)) {
			t.Errorf("%s: %v, want %q", fix.Name, err, fix.Error)
		}
		if (d == nil) == (err == nil) {
			t.Errorf("%s: both or nothing", fix.Name)
		}
	}
}

func describeFrame(meta string) frame { return frame{typ: frameDescription, meta: []byte(meta)} }

func TestDescribe(t *testing.T) {
	fix := fixtures[descriptionFixture](t, "descriptions.json")[0]
	var got *fakeRequest
	client := fakeFPM(t, func(r *fakeRequest) fakeAnswer {
		got = r
		return fakeAnswer{stdout: framesAnswer(describeFrame(fix.Meta), endFrame(0, 0))}
	})
	s := newScript(t, client, func(o *ScriptOptions) { o.Encoding = Auto })
	if s.Description() != nil {
		t.Error("described before it was asked")
	}
	d, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := &Description{
		Kind: KindWebSocket, Encoding: Framed, Batch: true, Hash: 0x0123456789abcdef, SDK: "0.1.0", PHP: "8.2.0", Mode: 1,
		Settings:  map[string]any{"worker_num": 2.0},
		Listeners: []Listener{{Host: "0.0.0.0", Port: 9501, Type: 1, Protocol: KindWebSocket, Events: []string{"open", "message", "close"}}},
		Events:    []string{"open", "message", "close", "task", "finish"}, Workers: 2, TaskWorkers: 4, Warnings: []string{"careful"},
		Findings: []Finding{{Kind: "memory", File: "/srv/chat/server.php", Line: 12, What: "$users, a global variable", Places: 3}},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
	if s.Description() != d || d.Host() != "0.0.0.0" || d.Port() != 9501 || !d.Wants(Open) || d.Wants(Describe) || !d.Listeners[0].Wants(Close) {
		t.Error("the description does not say what it holds")
	}
	if got.param("BRIDGE_ENCODING") != "framed" || got.param("BRIDGE_WORKER") != "0" {
		t.Errorf("PHP got %v", got.pairs)
	}
	if (&Description{}).Host() != "" || (&Description{}).Port() != 0 {
		t.Error("a plain script has no address")
	}
}

// A script that starts no server is called without the SDK, but only if nobody insists on frames.
func TestDescribeOfAPlainScript(t *testing.T) {
	client := fakeFPM(t, func(r *fakeRequest) fakeAnswer {
		switch {
		case r.param("SCRIPT_FILENAME") == "/sdk/entry.php":
			return fakeAnswer{stdout: framesAnswer(describeFrame(`{"sdk":"0.1.0","php":"8.2.0","kind":"plain","warnings":["w"]}`), endFrame(0, 0))}
		case r.param("BRIDGE_EVENT") == "describe":
			return fakeAnswer{stdout: "Content-Type: application/json\r\n\r\n" + `{"describe":{"events":["message"]},"instructions":[{"do":"push","data":"x"}]}`}
		}
		return fakeAnswer{stdout: "Content-Type: application/json\r\n\r\n" + `{"instructions":[{"do":"push","data":"x"}]}`}
	})
	s := newScript(t, client, func(o *ScriptOptions) { o.Encoding = Auto })
	d, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d.Kind != KindPlain || d.Encoding != Plain || d.Batch || d.SDK != "0.1.0" || len(d.Warnings) != 2 || cmp.Diff([]string{"message"}, d.Events) != "" {
		t.Errorf("%+v", d)
	}
	var reply Reply
	defer reply.Release()
	s.Call(t.Context(), 0, messages(1), &reply)
	if got := sum(&reply.Results[0]); got != "done push(101,x)" {
		t.Error(got)
	}
	s = newScript(t, client, nil)
	if _, err := s.Describe(t.Context()); err == nil || !strings.Contains(err.Error(), "set encoding to auto or plain") {
		t.Errorf("framed: %v", err)
	}
}

// Each way to fail says what has to be done.
func TestDescribeExplains(t *testing.T) {
	down := newScript(t, gone(t), nil)
	for _, test := range []struct {
		name     string
		encoding Encoding
		answer   fakeAnswer
		want     []string
	}{
		{
			"SDK not readable", Auto,
			fakeAnswer{stdout: "Status: 404 Not Found\r\nContent-type: text/html\r\n\r\nFile not found.\n", stderr: "Primary script unknown"},
			[]string{"status 404", "PHP says: Primary script unknown", "/sdk/entry.php", "sdk.path"},
		},
		{
			"script not there", Plain,
			fakeAnswer{stdout: "Status: 404 Not Found\r\nContent-type: text/html\r\n\r\nFile not found.\n", stderr: "Primary script unknown"},
			[]string{"php-fpm cannot open /srv/chat.php"},
		},
		{
			"not allowed", Plain,
			fakeAnswer{stdout: "Status: 403 Forbidden\r\nContent-type: text/html\r\n\r\nAccess denied.\n", stderr: "Access to the script '/srv/chat.php' has been denied (see security.limit_extensions)"},
			[]string{"security.limit_extensions", "/srv/chat.php"},
		},
		{"fatal error", Plain, fakeAnswer{stdout: "Status: 500\r\nContent-type: text/html\r\n\r\n", stderr: "PHP message: PHP Fatal error:  Uncaught Error: boom in /srv/chat.php:7"}, []string{"PHP says: PHP Fatal error:  Uncaught Error: boom in /srv/chat.php:7", "BRIDGE_EVENT=describe"}},
		{"not FastCGI", Auto, fakeAnswer{stdout: "hello"}, []string{"is it really php-fpm"}},
		{"not the SDK", Auto, fakeAnswer{stdout: "Content-Type: text/html\r\n\r\n<h1>Welcome</h1>"}, []string{"PHP says: <h1>Welcome</h1>", "is /sdk/entry.php the SDK's entry.php"}},
		{"error of the script", Auto, fakeAnswer{stdout: framesAnswer(describeFrame(`{"error":"no onMessage","file":"/srv/chat.php","line":3}`), endFrame(0, 0))}, []string{"/srv/chat.php cannot be served", "no onMessage (/srv/chat.php:3)"}},
		{"error of the whole script", Auto, fakeAnswer{stdout: framesAnswer(describeFrame(`{"error":"no start()","file":"/srv/chat.php","line":0}`), endFrame(0, 0))}, []string{"no start() (/srv/chat.php)"}},
		{"impossible port", Auto, fakeAnswer{stdout: framesAnswer(describeFrame(`{"kind":"websocket","events":["message"],"listeners":[{"host":"127.0.0.1","port":99999}]}`), endFrame(0, 0))}, []string{"/srv/chat.php cannot be served", "port 99999: want 0 to 65535"}},
		{"failed end", Auto, fakeAnswer{stdout: framesAnswer(frame{typ: frameEnd, code: 1, meta: []byte(`{"error":"boom"}`), payload: []byte(testHash)})}, []string{"the script failed: /srv/chat.php: boom"}},
		{"no description", Auto, fakeAnswer{stdout: framesAnswer(endFrame(0, 0))}, []string{"gave no description"}},
		{"bad answer", Plain, fakeAnswer{stdout: "Content-Type: application/json\r\n\r\n{\"describe\":[]}"}, []string{"/srv/chat.php: byte 12: want an object", "PHP says: {"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScript(t, fakeFPM(t, func(*fakeRequest) fakeAnswer { return test.answer }), func(o *ScriptOptions) { o.Encoding = test.encoding })
			_, err := s.Describe(t.Context())
			if err == nil || s.Description() != nil {
				t.Fatalf("%v, %v", err, s.Description())
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\ndoes not say %q", err, want)
				}
			}
		})
	}
	if _, err := down.Describe(t.Context()); err == nil || !strings.Contains(err.Error(), "is php-fpm running") {
		t.Error(err)
	}
}

// Another hash in an answer is a deploy: one signal, however many answers carry it.
func TestAnotherHashIsNoticed(t *testing.T) {
	fix := fixtures[descriptionFixture](t, "descriptions.json")[0]
	hash := testHash
	client := fakeFPM(t, func(r *fakeRequest) fakeAnswer {
		end := endFrame(uint64(r.stdin[15]), 0)
		end.payload = []byte(hash)
		if r.stdin[4] == byte(Describe) {
			return fakeAnswer{stdout: framesAnswer(describeFrame(fix.Meta), end)}
		}
		return fakeAnswer{stdout: framesAnswer(end)}
	})
	s := newScript(t, client, nil)
	if _, err := s.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	var reply Reply
	defer reply.Release()
	changed := func() bool {
		select {
		case <-s.Changed():
			return true
		default:
			return false
		}
	}
	s.Call(t.Context(), 0, messages(1), &reply)
	if changed() {
		t.Error("the same hash is no change")
	}
	hash = "deployed"
	for range 3 {
		s.Call(t.Context(), 0, messages(1), &reply)
	}
	if !changed() || changed() {
		t.Error("want one signal")
	}
	if _, err := s.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Call(t.Context(), 0, messages(1), &reply)
	if changed() {
		t.Error("the new hash is no change once it was described")
	}
}

// A deploy may bring a class that needs the SDK's classes with types, or take it away: each description asks anew.
func TestTypedIsAskedBeforeEachDescribe(t *testing.T) {
	var sent []string
	client := fakeFPM(t, func(r *fakeRequest) fakeAnswer {
		sent = append(sent, r.param("BRIDGE_TYPED"))
		end := endFrame(uint64(r.stdin[15]), 0)
		if r.stdin[4] == byte(Describe) {
			return fakeAnswer{stdout: framesAnswer(describeFrame(`{"kind":"websocket","listeners":[{"events":["message"]}]}`), end)}
		}
		return fakeAnswer{stdout: framesAnswer(end)}
	})
	answers := []bool{false, true, false}
	s := newScript(t, client, func(o *ScriptOptions) {
		o.Typed = func(file string) (typed bool) {
			if file != o.File {
				t.Error(file)
			}
			typed, answers = answers[0], answers[1:]
			return typed
		}
	})
	var reply Reply
	defer reply.Release()
	for range 3 {
		s.Call(t.Context(), 0, messages(1), &reply)
		if _, err := s.Describe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.ReplaceAll(strings.Join(sent, " "), "(not there)", "-"); got != "- - - 1 1 -" {
		t.Errorf("sent %s", got)
	}
}

// The key goes back with each event. When the SDK says that it is out of date, the script is described again, but less
// and less often: hosts behind one address may have different files.
func TestTheKeyIsSentBackAndRenewed(t *testing.T) {
	described := 0
	var sent []string
	flags := uint8(0)
	client := fakeFPM(t, func(r *fakeRequest) fakeAnswer {
		end := endFrame(uint64(r.stdin[15]), 0)
		if r.stdin[4] == byte(Describe) {
			described++
			meta := fmt.Sprintf(`{"kind":"websocket","key":"key %d","listeners":[{"events":["message"]}]}`, described)
			return fakeAnswer{stdout: framesAnswer(describeFrame(meta), end)}
		}
		sent = append(sent, r.param("BRIDGE_KEY"))
		end.flags = flags
		return fakeAnswer{stdout: framesAnswer(end)}
	})
	s := newScript(t, client, nil)
	var reply Reply
	defer reply.Release()
	call := func() (changed bool) {
		s.Call(t.Context(), 0, messages(1), &reply)
		if err := reply.Results[0].Err; err != nil {
			t.Fatal(err)
		}
		select {
		case <-s.Changed():
			if _, err := s.Describe(t.Context()); err != nil {
				t.Fatal(err)
			}
			return true
		default:
			return false
		}
	}
	call()
	if _, err := s.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	flags = endOutdated
	if !call() || call() {
		t.Error("want one signal, and no other one right after it")
	}
	for _, wait := range []time.Duration{0, 5, 10, 20, 40, 80, 160, 300, 300} {
		if s.keyAgain = s.keyAgain.Add(-wait * time.Second); wait > 0 && !call() {
			t.Errorf("want a signal after %d seconds", wait)
		}
	}
	flags = 0
	call()
	want := []string{"(not there)", "key 1", "key 2", "key 2", "key 3", "key 4", "key 5", "key 6", "key 7", "key 8", "key 9", "key 10"}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Error(diff)
	}
	flags = 2
	s.Call(t.Context(), 0, messages(1), &reply)
	if err := reply.Results[0].Err; !errors.Is(err, ErrBadAnswer) {
		t.Errorf("an end with unknown flags: %v", err)
	}
}

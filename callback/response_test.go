package callback

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// fakeResponses notes what it is asked.
type fakeResponses struct {
	mu   sync.Mutex
	said []string
}

func (r *fakeResponses) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *fakeResponses) Respond(in *Instruction) bool {
	if in.Stream != 0 {
		r.note("stream %d", in.Stream)
	}
	r.note("%d %d %d %q %q", in.FD, in.Flags, in.Code, in.Head, in.Data)
	return in.FD == 1
}

func (r *fakeResponses) SendFile(in *Instruction, file string, offset, n int64) FileResult {
	r.note("%d %s %d %d %q", in.FD, file, offset, n, in.Head)
	return FileResult(in.FD - 1)
}

func (r *fakeResponses) Body(fd uint64, stream uint16, offset, _ int) ([]byte, bool) {
	if stream != 0 {
		return fmt.Appendf(nil, "of %d", stream), true
	}
	return []byte("the body")[offset:], fd == 1
}

// What must leave while an event runs, and what the bridge says to it.
func TestQueriesAboutResponses(t *testing.T) {
	var responses fakeResponses
	s, dial := unixServer(t, func(o *ServerOptions) { o.Responses = &responses })
	conn := dial()
	part := frame{typ: frameResponse, id: 1, fd: 1, code: 200, meta: []byte("OK\r\n"), payload: bytes.Repeat([]byte("x"), 1<<20)}
	file := func(id, fd uint64) frame {
		return frame{typ: frameFile, id: id, fd: fd, code: 200, payload: append(append(make([]byte, 7, 40), 2, 0, 0, 0, 0, 0, 0, 0, 5), "/srv/a"...)}
	}
	broken := query(frameFile, 9, 1, 200)
	body := query(frameResponse, 10, 1, 4)
	body.opcode = opcodeBody
	gone := body
	gone.id, gone.fd, gone.code = 11, 2, 0
	odd := query(frameResponse, 12, 1, 1000)
	other := body
	other.id, other.payload = 13, []byte{1, 2}
	send(t, conn, helloFrame(), part, query(frameResponse, 2, 2, 0), file(3, 1), file(4, 2), file(5, 3), broken, body, gone, odd, other, query(frameResponse, 14, 1, 7<<16|204))
	expect(t, conn, "id=1 code=0", "id=2 code=410", "id=3 code=0", "id=4 code=404", "id=5 code=410", `id=9 code=400 fd=0 {"error":"a file`,
		"id=10 code=0 fd=0  626f6479", "id=11 code=410", `id=12 code=400 fd=0 {"error":"response with status 1000"}`,
		fmt.Sprintf("id=13 code=0 fd=0  %x", "of 258"), "id=14 code=0")
	want := []string{
		`1 0 200 "OK\r\n" "` + strings.Repeat("x", 1<<20) + `"`, `2 0 0 "" ""`, `1 /srv/a 2 5 ""`, `2 /srv/a 2 5 ""`, `3 /srv/a 2 5 ""`,
		"stream 7", `1 0 204 "" ""`,
	}
	for i, w := range want {
		if i >= len(responses.said) || responses.said[i] != w {
			t.Errorf("%d: want %.50s", i, w)
		}
	}
	// A stranger may not send that much, nor may anything else be that large.
	large := query(frameCount, 13, 0, 0)
	large.payload = make([]byte, maxQuery+1)
	send(t, conn, large)
	expect(t, conn, "id=13 code=400")
	s.complained(t, ErrMalformed)
}

// A form travels alone, as a POST of its own, with its frame beside it; what stood behind it in the batch was not started.
func TestFormsTravelAlone(t *testing.T) {
	var got *fakeRequest
	s := newScript(t, fakeFPM(t, func(r *fakeRequest) fakeAnswer {
		got = r
		return fakeAnswer{stdout: "Content-Type: " + mediaFrames + "\r\n\r\n" + string(encodeFrames(frame{typ: frameEnd, id: 2, payload: make([]byte, 8)}))}
	}), nil)
	form := &Event{Type: Request, Attempt: 1, ID: 2, FD: 7, Head: []byte("PUT / HTTP/1.1\r\n\r\n"), Payload: []byte("--b--"), Form: "multipart/form-data; boundary=b", Conn: &Conn{}}
	var reply Reply
	defer reply.Release()
	s.Call(t.Context(), 0, []*Event{form, {Type: Close, ID: 3, FD: 8}}, &reply)
	raw, err := base64.StdEncoding.DecodeString(got.param("BRIDGE_FRAME"))
	if err != nil {
		t.Fatal(err)
	}
	f, _, err := parseFrame(raw, maxFrame)
	if err != nil || f.typ != uint8(Request) || f.flags != requestForm || f.fd != 7 || string(f.payload) != "PUT / HTTP/1.1\r\n\r\n" || int(f.code) != len(f.payload) {
		t.Errorf("%+v %v", f, err)
	}
	for name, want := range map[string]string{"REQUEST_METHOD": "POST", "CONTENT_TYPE": "multipart/form-data; boundary=b", "CONTENT_LENGTH": "5"} {
		if v := got.param(name); v != want {
			t.Errorf("%s is %q", name, v)
		}
	}
	if reply.Results[0].Outcome != Done || reply.Results[1].Outcome != NotStarted || reply.Results[1].Err != ErrNotRun { //nolint:errorlint // exactly that
		t.Errorf("%+v", reply.Results)
	}
	if n := splitForms([]*Event{{}, form, {}}); n != 1 {
		t.Errorf("%d events before a form", n)
	}
}

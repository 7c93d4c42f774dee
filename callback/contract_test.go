package callback

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fpmbridge/fpmbridge/callback/job"
	"github.com/fpmbridge/fpmbridge/callback/scan"
)

// fixtures reads one file of testdata/contract, which the SDK's tests read too.
func fixtures[T any](t testing.TB, name string) []T {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "contract", name))
	if err != nil {
		t.Fatal(err)
	}
	var list []T
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(list) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return list
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type frameFixture struct {
	Name                         string
	Hex, MetaHex, PayloadHex     string
	Type, Flags, Opcode, Attempt uint8
	ID, FD                       uint64
	Code                         uint32
}

func (f *frameFixture) UnmarshalJSON(b []byte) error {
	var raw struct {
		Name       string `json:"name"`
		Hex        string `json:"hex"`
		MetaHex    string `json:"meta_hex"`
		PayloadHex string `json:"payload_hex"`
		Type       uint8  `json:"type"`
		Flags      uint8  `json:"flags"`
		Opcode     uint8  `json:"opcode"`
		Attempt    uint8  `json:"attempt"`
		ID         uint64 `json:"id"`
		FD         uint64 `json:"fd"`
		Code       uint32 `json:"code"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*f = frameFixture{
		raw.Name, raw.Hex, raw.MetaHex, raw.PayloadHex, raw.Type, raw.Flags, raw.Opcode, raw.Attempt, raw.ID, raw.FD, raw.Code,
	}
	return nil
}

func TestFramesOfTheContractBothWays(t *testing.T) {
	for _, fix := range fixtures[frameFixture](t, "frames.json") {
		t.Run(fix.Name, func(t *testing.T) {
			want := frame{
				typ: fix.Type, flags: fix.Flags, opcode: fix.Opcode, attempt: fix.Attempt, id: fix.ID, fd: fix.FD, code: fix.Code,
				meta: unhex(t, fix.MetaHex), payload: unhex(t, fix.PayloadHex),
			}
			b := unhex(t, fix.Hex)
			got, n, err := parseFrame(b, maxFrame)
			if err != nil || n != len(b) {
				t.Fatalf("parseFrame took %d of %d bytes: %v", n, len(b), err)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(frame{})); diff != "" {
				t.Error(diff)
			}
			if again := got.append(nil); hex.EncodeToString(again) != fix.Hex {
				t.Errorf("encoded again:\n%x, want\n%s", again, fix.Hex)
			}
		})
	}
}

func TestBadFramesOfTheContract(t *testing.T) {
	type bad struct{ Name, Hex, Error string }
	want := map[string]error{"truncated": errFrameCut, "meta": errFrameMeta, "too_large": ErrFrameTooLarge}
	for _, fix := range fixtures[bad](t, "bad-frames.json") {
		if _, _, err := parseFrame(unhex(t, fix.Hex), maxFrame); want[fix.Error] == nil || !errors.Is(err, want[fix.Error]) {
			t.Errorf("%s: %v, want %s", fix.Name, err, fix.Error)
		}
	}
}

// The events of the contract's frames come out of the encoder byte by byte.
func TestEventsOfTheContract(t *testing.T) {
	accepted := time.UnixMicro(1700000000_250000)
	conn := &Conn{
		RemoteAddr: "127.0.0.1", RemotePort: 50000, ServerAddr: "127.0.0.1", ServerPort: 9501, Connected: accepted,
	}
	events := map[string]Event{
		"describe":     {Type: Describe, Attempt: 1, ID: 1},
		"open":         {Type: Open, Attempt: 1, ID: 2, FD: 1, Conn: conn, Head: []byte("GET /chat?room=1 HTTP/1.1\r\nhost: example.org\r\ncookie: a=b\r\n\r\n")},
		"message text": {Type: Message, Attempt: 1, ID: 3, FD: 1, Opcode: 1, Flags: 33, Payload: []byte("hello"), Conn: conn},
		"message binary, second attempt, largest fd": {
			Type: Message, Attempt: 2, ID: 1 << 53, FD: 1<<52 - 1, Opcode: 2, Flags: 33, Payload: []byte("\x00\xff\x80"), Conn: conn,
		},
		"message empty":              {Type: Message, Attempt: 1, ID: 4, FD: 1, Opcode: 1, Flags: 33, Conn: conn},
		"message with a close frame": {Type: Message, Attempt: 1, ID: 7, FD: 1, Opcode: 8, Code: 4001, Flags: 33, Payload: []byte("bye"), Conn: conn},
		"close by the client":        {Type: Close, Attempt: 1, ID: 5, FD: 1, Opcode: 3, Code: 1000, Cause: CauseClient, Payload: []byte("bye"), Conn: conn},
		"close by the server":        {Type: Close, Attempt: 1, ID: 6, FD: 1, Opcode: 3, Code: 1006, Cause: CauseServer, Conn: conn},
		"message with attributes":    {Type: Message, Attempt: 1, ID: 11, FD: 1, Opcode: 1, Flags: 33, Payload: []byte("hello"), Conn: conn, Attributes: []byte(`{"user":7}`)},
		"close with attributes":      {Type: Close, Attempt: 1, ID: 12, FD: 1, Opcode: 3, Code: 1000, Cause: CauseClient, Payload: []byte("bye"), Conn: conn, Attributes: []byte(`{"user":7}`)},
		"request": {
			Type: Request, Attempt: 1, ID: 8, FD: 1, Conn: conn, Payload: []byte(`{"a":1}`),
			Head: []byte("POST /form?x=1 HTTP/1.1\r\nhost: example.org\r\ncontent-type: application/json\r\n\r\n"),
		},
		"request over HTTP/2": {
			Type: Request, Attempt: 1, ID: 25, FD: 1, Stream: 5, Conn: conn, Payload: []byte(`{"a":1}`), Head: []byte("POST /form?x=1 HTTP/2\r\nhost: example.org\r\n\r\n"),
		},
		"connect":                       {Type: Connect, Attempt: 1, ID: 13, FD: 1, Conn: conn},
		"receive":                       {Type: Receive, Attempt: 1, ID: 14, FD: 1, Conn: conn, Payload: []byte("\x00\x02hi")},
		"receive of the third listener": {Type: Receive, Attempt: 1, ID: 15, FD: 2, Conn: &Conn{Listener: 2}, Payload: []byte("hi")},
		"task":                          {Type: Task, Attempt: 1, ID: 16, Meta: (&job.Job{ID: 7, Worker: 2, Time: 1700000000.25}).JSON(), Payload: []byte(`s:1:"x";`)},
		"finish":                        {Type: Finish, Attempt: 1, ID: 17, Meta: (&job.Job{ID: 7, Source: 2, Callback: "done"}).JSON(), Payload: []byte(`s:1:"y";`)},
		"pipe message":                  {Type: PipeMessage, Attempt: 1, ID: 18, Meta: (&job.Job{Worker: 1}).JSON(), Payload: []byte(`s:2:"hi";`)},
		"start":                         {Type: Start, Attempt: 1, ID: 19},
		"start before a reload":         {Type: Start, Attempt: 1, ID: 20, Opcode: StartBeforeReload},
		"shutdown":                      {Type: Shutdown, Attempt: 1, ID: 21},
		"worker error":                  {Type: WorkerError, Attempt: 1, ID: 22, Meta: []byte(`{"worker":0,"pid":0,"exit_code":255,"signal":0}`)},
		"buffer full":                   {Type: BufferFull, Attempt: 1, ID: 23, FD: 1, Conn: &Conn{Listener: 1}},
		"buffer empty":                  {Type: BufferEmpty, Attempt: 1, ID: 24, FD: 1, Conn: &Conn{Listener: 1}},
		"handshake":                     {Type: Handshake, Attempt: 1, ID: 9, FD: 1, Conn: conn, Head: []byte("GET /chat HTTP/1.1\r\nhost: example.org\r\n\r\n")},
		"before handshake":              {Type: BeforeHandshake, Attempt: 1, ID: 10, FD: 1, Conn: conn, Head: []byte("GET /chat HTTP/1.1\r\nhost: example.org\r\n\r\n")},
	}
	for _, fix := range fixtures[frameFixture](t, "frames.json") {
		ev, ok := events[fix.Name]
		if !ok {
			if fix.Type < uint8(KindPush) && fix.Type != frameControl {
				t.Errorf("the event %q is not tested", fix.Name)
			}
			continue
		}
		delete(events, fix.Name)
		if got := hex.EncodeToString(appendEvent(nil, &ev, accepted.Add(250*time.Millisecond))); got != fix.Hex {
			t.Errorf("%s:\n%s, want\n%s", fix.Name, got, fix.Hex)
		}
	}
	for name := range events {
		t.Errorf("there is no fixture %q", name)
	}
}

// Each type that docs/protocol.md has in a table has a fixture, and the other way round.
func TestEveryTypeHasAFixture(t *testing.T) {
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := make(map[uint8]bool)
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+(?:, \d+)*) \| [^|]+ \| (?:bridge|PHP|worker) \|`).FindAllStringSubmatch(string(page), -1) {
		for n := range strings.SplitSeq(row[1], ", ") {
			typ, err := strconv.ParseUint(n, 10, 8)
			if err != nil {
				t.Fatal(err)
			}
			documented[uint8(typ)] = true
		}
	}
	have := make(map[uint8]bool)
	for _, fix := range fixtures[frameFixture](t, "frames.json") {
		have[fix.Type] = true
		if !documented[fix.Type] {
			t.Errorf("%s: type %d is in no table", fix.Name, fix.Type)
		}
	}
	for typ := range documented {
		if !have[typ] {
			t.Errorf("type %d has no fixture", typ)
		}
	}
	if len(documented) < 40 {
		t.Errorf("only %d types were found", len(documented))
	}
}

// Instructions of the contract are ones that the bridge carries out.
func TestInstructionsOfTheContract(t *testing.T) {
	for _, fix := range fixtures[frameFixture](t, "frames.json") {
		if fix.Type < uint8(KindPush) || fix.Type >= frameEnd || fix.Type == frameDescription || fix.Type == frameAck || fix.Type == frameBegun {
			continue
		}
		f, _, err := parseFrame(unhex(t, fix.Hex), maxFrame)
		if err != nil {
			t.Fatal(err)
		}
		var reply Reply
		ev := Event{Type: Message, ID: 1, FD: 1, Attempt: 1}
		if f.typ == uint8(KindFinish) {
			ev.Type = Task
		}
		if err := reply.instruction(&f, &ev); err != nil || len(reply.instrs) != 1 {
			t.Errorf("%s: %v", fix.Name, err)
		}
	}
}

type plainFixture struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Body        string `json:"body"`
	BodyHex     string `json:"body_hex"`
	Event       string `json:"event"`
	FD          uint64 `json:"fd"`
	ReplyText   bool   `json:"reply_text"`

	Instructions []plainFixtureInstruction `json:"instructions"`
	Text         *string                   `json:"text"`
	Events       []string                  `json:"events"`

	Error  string `json:"error"`
	Offset int    `json:"offset"`
}

type plainFixtureInstruction struct {
	Do      string   `json:"do"`
	FDs     []uint64 `json:"fds"`
	Opcode  uint8    `json:"opcode,omitempty"`
	DataHex string   `json:"data_hex,omitempty"`
	Code    uint16   `json:"code,omitempty"`
	Reason  string   `json:"reason,omitempty"`
}

func (f *plainFixture) event(t testing.TB) *Event {
	for _, typ := range []EventType{Describe, Open, Message, Close} {
		if typ.String() == f.Event {
			return &Event{Type: typ, ID: 1, FD: f.FD, Attempt: 1}
		}
	}
	t.Fatalf("unknown event %q", f.Event)
	return nil
}

func TestPlainAnswersOfTheContract(t *testing.T) {
	body := make(chan string, 1)
	client := fakeFPM(t, func(*fakeRequest) fakeAnswer { return fakeAnswer{stdout: <-body} })
	for _, fix := range fixtures[plainFixture](t, "plain-answers.json") {
		t.Run(fix.Name, func(t *testing.T) {
			s := newScript(t, client, func(o *ScriptOptions) { o.Encoding, o.ReplyText = Plain, fix.ReplyText })
			content := fix.Body
			if fix.BodyHex != "" {
				content = string(unhex(t, fix.BodyHex))
			}
			body <- "Content-Type: " + fix.ContentType + "\r\n\r\n" + content
			var reply Reply
			defer reply.Release()
			reply.reset(1)
			wanted := s.callPlain(t.Context(), 0, []*Event{fix.event(t)}, &reply)
			res := reply.Results[0]
			if fix.Error != "" {
				checkBadAnswer(t, &fix, &res, content)
				if len(reply.instrs)+len(res.Instructions) != 0 || string(reply.Output) != content {
					t.Errorf("a bad answer left instructions %v and output %q", res.Instructions, reply.Output)
				}
				return
			}
			if res.Outcome != Done || res.Err != nil {
				t.Fatalf("outcome %d: %v", res.Outcome, res.Err)
			}
			if diff := cmp.Diff(fix.Instructions, fixtureForm(res.Instructions)); diff != "" {
				t.Error(diff)
			}
			if got := string(res.Text); fix.Text == nil && res.Text != nil || fix.Text != nil && got != *fix.Text {
				t.Errorf("text %q", got)
			}
			if wanted == nil && fix.Event == "describe" {
				wanted = allEvents()
			}
			if diff := cmp.Diff(fix.Events, wanted); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func checkBadAnswer(t *testing.T, fix *plainFixture, res *Result, content string) {
	t.Helper()
	if res.Outcome != Failed || !errors.Is(res.Err, ErrBadAnswer) {
		t.Fatalf("outcome %d: %v; want a bad answer", res.Outcome, res.Err)
	}
	text := res.Err.Error()
	if !strings.Contains(text, "/srv/chat.php") || !strings.Contains(text, fix.Error) {
		t.Errorf("error %q does not name the script and %q", text, fix.Error)
	}
	var at *scan.Error
	if errors.As(res.Err, &at) && at.Offset != fix.Offset || fix.Offset >= 0 && !strings.Contains(text, fmt.Sprintf("byte %d:", fix.Offset)) {
		t.Errorf("error %q does not point at byte %d of %s", text, fix.Offset, content)
	}
}

// fixtureForm writes instructions as plain-answers.json does.
func fixtureForm(list []Instruction) []plainFixtureInstruction {
	out := make([]plainFixtureInstruction, 0, len(list))
	for _, in := range list {
		f := plainFixtureInstruction{FDs: in.FDs}
		if in.FDs == nil {
			f.FDs = []uint64{in.FD}
		}
		switch in.Kind {
		case KindPush:
			f.Do, f.Opcode, f.DataHex = "push", in.Opcode, hex.EncodeToString(in.Data)
		case KindClose:
			f.Do, f.Code, f.Reason = "close", in.Code, string(in.Data)
		case KindLog:
			f.Do = "log"
		default:
			f.Do = fmt.Sprint(in.Kind)
		}
		out = append(out, f)
	}
	return out
}

// Every example of docs/protocol.md is one of the fixtures. The description's is spread over two lines and has a … in it.
func TestExamplesOfThePageAreFixtures(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := filepath.Glob(filepath.Join("testdata", "contract", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var held string
	for _, file := range all {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		held += string(b)
	}
	_, description, _ := strings.Cut(string(page), "one description frame:")
	description, _, _ = strings.Cut(description, "`kind`:")
	lines := strings.Split(strings.TrimSpace(description), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	first := fixtures[descriptionFixture](t, "descriptions.json")[0]
	if got := strings.ReplaceAll(strings.Join(lines, ""), "…", "careful"); got != first.Meta {
		t.Errorf("the page describes %s, the fixture has %s", got, first.Meta)
	}
	for _, example := range []string{
		`{"instructions":[{"do":"push","fd":7,"data":"hi"},{"do":"close","fd":7,"code":1000,"reason":"bye"}]}`,
		`{"describe":{"events":["message"]}}`,
		`{"cause":"client"}`,
		`{"sdk":"0.1.0","php":"8.2.0"}`,
		`GET /chat?room=1 HTTP/1.1\r\nhost: …\r\n\r\n`,
	} {
		if !strings.Contains(string(page), example) {
			t.Errorf("the page no longer has the example %s: change this list", example)
		}
		quoted, err := json.Marshal(example)
		if err != nil {
			t.Fatal(err)
		}
		start, _, _ := strings.Cut(example, "…")
		start = strings.ReplaceAll(start, `\r\n`, "\r\n")
		if !strings.Contains(held, strings.Trim(string(quoted), `"`)) && !strings.Contains(held, hex.EncodeToString([]byte(start))) {
			t.Errorf("no fixture for the example %s", example)
		}
	}
}

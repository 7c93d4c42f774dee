package callback

import (
	"encoding/binary"
	"errors"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// item is a name in the meta of an operation.
func item(tag byte, name string) []byte { return append([]byte{tag, byte(len(name))}, name...) }

func fdItem(tag byte, fd uint64) []byte {
	return item(tag, string(binary.BigEndian.AppendUint64(nil, fd)))
}

func items(list ...[]byte) (meta []byte) {
	for _, b := range list {
		meta = append(meta, b...)
	}
	return meta
}

// anyName is one with all kinds of bytes.
const anyName = "a\x00\xff/\"é"

func TestOperationsOnTheWire(t *testing.T) {
	for _, c := range []struct {
		f    frame
		want ops.Op
	}{
		{frame{opcode: 1, fd: 7, code: 1, payload: []byte("hi")}, ops.Op{Kind: ops.Push, To: ops.Set{FDs: []uint64{7}}, Opcode: 1, Data: []byte("hi")}},
		{
			frame{opcode: 1, code: 2, payload: []byte("\xff"), meta: items(fdItem(1, 1), fdItem(1, 2), item(2, anyName), item(3, "g"), fdItem(4, 3), item(5, "u"), item(6, "h"))},
			ops.Op{
				Kind: ops.Push, To: ops.Set{FDs: []uint64{1, 2}, UIDs: []string{anyName}, Groups: []string{"g"}},
				Except: ops.Set{FDs: []uint64{3}, UIDs: []string{"u"}, Groups: []string{"h"}}, Opcode: 2, Data: []byte("\xff"),
			},
		},
		{frame{opcode: 1, flags: 1, code: 9}, ops.Op{Kind: ops.Push, All: true, Opcode: 9}},
		{frame{opcode: 2, fd: 7, code: 4000, payload: []byte("bye")}, ops.Op{Kind: ops.Close, To: ops.Set{FDs: []uint64{7}}, Code: 4000, Reason: "bye"}},
		{frame{opcode: 3, fd: 7, meta: items(item(7, "a"), item(7, "b"))}, ops.Op{Kind: ops.Join, To: ops.Set{FDs: []uint64{7}}, Groups: []string{"a", "b"}}},
		{frame{opcode: 4, fd: 7, meta: item(7, "a")}, ops.Op{Kind: ops.Leave, To: ops.Set{FDs: []uint64{7}}, Groups: []string{"a"}}},
		{frame{opcode: 5, meta: item(7, "a")}, ops.Op{Kind: ops.Dissolve, Groups: []string{"a"}}},
		{frame{opcode: 6, fd: 7, code: 4001, meta: item(7, "u")}, ops.Op{Kind: ops.Bind, To: ops.Set{FDs: []uint64{7}}, UID: "u", Code: 4001}},
		{frame{opcode: 8, fd: 7, payload: []byte(`{"b": 1, "a": 2}`)}, ops.Op{Kind: ops.SetAttributes, To: ops.Set{FDs: []uint64{7}}, Attributes: []byte(`{"a":2,"b":1}`)}},
		{frame{opcode: 9, flags: 1, payload: []byte(`{"a":null}`)}, ops.Op{Kind: ops.MergeAttributes, All: true, Attributes: []byte(`{"a":null}`)}},
		{frame{opcode: 1, fd: 7, code: 1, meta: item(8, "\x00\x00\x03\xe8")}, ops.Op{Kind: ops.Push, To: ops.Set{FDs: []uint64{7}}, Opcode: 1, Wait: time.Second}},
		{frame{opcode: 7, fd: 7}, ops.Op{Kind: ops.Unbind, To: ops.Set{FDs: []uint64{7}}}},
	} {
		op := new(ops.Op)
		err := parseOp(op, &c.f)
		if op != nil && len(op.Data) == 0 {
			op.Data = nil
		}
		if err != nil || !reflect.DeepEqual(*op, c.want) {
			t.Errorf("%+v: %+v, %v", c.f, op, err)
		}
	}
	for name, f := range map[string]frame{
		"no target":        {opcode: 1, code: 1},
		"no wait":          {opcode: 1, fd: 1, code: 1, meta: item(8, "\x00\x00\x00\x00")},
		"a long wait":      {opcode: 1, fd: 1, code: 1, meta: item(8, "\x00\x00\xff\xff")},
		"a short wait":     {opcode: 1, fd: 1, code: 1, meta: item(8, "\x01")},
		"close that waits": {opcode: 2, fd: 1, code: 1000, meta: item(8, "\x00\x00\x03\xe8")},
		"no attributes":    {opcode: 8, fd: 1},
		"a list":           {opcode: 9, fd: 1, payload: []byte("[1]")},
		"with a code":      {opcode: 9, fd: 1, code: 1, payload: []byte("{}")},
		"with a group":     {opcode: 9, fd: 1, meta: item(7, "a"), payload: []byte("{}")},
		"unknown":          {opcode: 10, fd: 1},
		"flags":            {opcode: 1, fd: 1, code: 1, flags: 2},
		"opcode":           {opcode: 1, fd: 1, code: 3},
		"close code":       {opcode: 2, fd: 1, code: 1 << 16},
		"tag":              {opcode: 1, fd: 1, code: 1, meta: item(9, "x")},
		"cut":              {opcode: 1, fd: 1, code: 1, meta: []byte{3, 5, 'x'}},
		"half":             {opcode: 1, fd: 1, code: 1, meta: []byte{3}},
		"short fd":         {opcode: 1, code: 1, meta: item(1, "x")},
		"empty name":       {opcode: 1, code: 1, meta: item(2, "")},
		"two uids":         {opcode: 6, fd: 1, meta: items(item(7, "a"), item(7, "b"))},
		"not UTF-8":        {opcode: 1, fd: 1, code: 1, payload: []byte("\xff")},
		"join with a code": {opcode: 3, fd: 1, code: 1000, meta: item(7, "a")},
	} {
		op := new(ops.Op)
		if err := parseOp(op, &f); err == nil {
			t.Errorf("%s: %+v", name, op)
		}
	}
}

// Whatever comes: what is accepted holds to the rules and names what the frame names.
func FuzzOperation(f *testing.F) {
	f.Add(byte(1), byte(0), uint64(7), uint32(1), items(fdItem(1, 9), item(2, "u"), item(6, "g")), []byte("x"))
	f.Add(byte(6), byte(0), uint64(7), uint32(4000), item(7, "u"), []byte("elsewhere"))
	f.Fuzz(func(t *testing.T, opcode, flags byte, fd uint64, code uint32, meta, payload []byte) {
		fr := frame{opcode: opcode, flags: flags, fd: fd, code: code, meta: meta, payload: payload}
		if q, err := parseQuery(&fr); err == nil && q.Check() != nil {
			t.Errorf("%+v", q)
		}
		op := new(ops.Op)
		err := parseOp(op, &fr)
		if err != nil {
			return
		}
		if err := op.Check(); err != nil {
			t.Errorf("%+v: %v", op, err)
		}
		n := op.To.Len() + op.Except.Len() + len(op.Groups)
		if op.UID != "" {
			n++
		}
		if op.Wait > 0 {
			n++
		}
		if fd != 0 {
			n--
		}
		got := 0
		_ = eachItem(meta, func(byte, []byte) error { got++; return nil })
		if got != n {
			t.Errorf("%d names of %d: %+v", n, got, op)
		}
	})
}

// fakeGateway answers with what it was asked.
type fakeGateway struct {
	done chan *ops.Op
	rest ops.Rest
}

type flushFunc func()

func (f flushFunc) Flush() { f() }

// The answer leaves before what was asked for does; a push that waits for longer holds up nothing that came before it.
func TestAnswersComeFirst(t *testing.T) {
	answered, flushed := make(chan bool), make(chan bool)
	_, dial := unixServer(t, func(o *ServerOptions) {
		o.Gateway = fakeGateway{rest: flushFunc(func() {
			<-answered
			flushed <- true
		})}
	})
	conn := dial()
	push := frame{typ: 150, id: 1, opcode: 1, fd: 7, code: 1}
	waits := push
	waits.id, waits.meta = 2, []byte{tagWait, 4, 0, 0, 0, 1}
	send(t, conn, helloFrame(), push, waits)
	for _, want := range []string{"id=1 code=0", "id=2 code=0"} {
		expect(t, conn, want)
		answered <- true
		<-flushed
	}
}

// patientGateway waits until nobody wants it to.
type patientGateway struct {
	fakeGateway

	waits, stopped chan struct{}
}

func (g *patientGateway) Do(op *ops.Op) (ops.Result, ops.Rest) {
	if op.Wait > 0 {
		g.waits <- struct{}{}
		<-op.Stop
		g.stopped <- struct{}{}
	}
	return g.fakeGateway.Do(op)
}

// A caller that is gone is noticed while its push waits, whatever it sent behind it; so is the server's end.
func TestNobodyWaitsForACallerThatLeft(t *testing.T) {
	push := frame{typ: 150, id: 1, opcode: 1, fd: 7, code: 1, payload: []byte("x"), meta: []byte{tagWait, 4, 0, 0, 0x75, 0x30}}
	behind := frame{typ: 150, id: 2, opcode: 1, fd: 7, code: 1, payload: []byte(strings.Repeat("y", 4<<10))}
	for _, sent := range [][]frame{{push}, {push, behind, behind}} {
		g := &patientGateway{waits: make(chan struct{}), stopped: make(chan struct{}, 1)}
		s, dial := unixServer(t, func(o *ServerOptions) { o.Gateway = g })
		conn := dial()
		send(t, conn, append([]frame{helloFrame()}, sent...)...)
		<-g.waits
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-g.stopped:
		case <-time.After(10 * time.Second):
			t.Fatal("the wait goes on for nobody")
		}
		other := dial()
		send(t, other, helloFrame(), push)
		<-g.waits
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		<-g.stopped
		select {
		case err := <-s.errs:
			t.Error(err)
		default:
		}
	}
}

// sizesGateway says how large pushes are, once somebody wants to know.
type sizesGateway struct {
	fakeGateway

	sizes chan int
}

func (g sizesGateway) Do(op *ops.Op) (ops.Result, ops.Rest) {
	g.sizes <- len(op.Data)
	return g.fakeGateway.Do(op)
}

// What a caller sends behind a push that waits is done after it, however much it is.
func TestCallerGoesOnBehindAPushThatWaits(t *testing.T) {
	g := sizesGateway{sizes: make(chan int)}
	_, dial := unixServer(t, func(o *ServerOptions) { o.Gateway = g })
	conn := dial()
	sent := make(chan error, 1)
	go func() {
		_, err := conn.Write(encodeFrames(helloFrame(), frame{typ: 150, id: 1, opcode: 1, fd: 7, code: 1, payload: []byte("x"), meta: []byte{tagWait, 4, 0, 0, 0x75, 0x30}},
			frame{typ: 150, id: 2, opcode: 1, fd: 7, code: 1, payload: []byte(strings.Repeat("y", 1<<20))}, query(frameCount, 3, 0, 0)))
		sent <- err
	}()
	for _, want := range []int{1, 1 << 20} {
		if n := <-g.sizes; n != want {
			t.Errorf("a push of %d bytes, not %d", n, want)
		}
	}
	expect(t, conn, "id=1 code=0", "id=2 code=0", "id=3 code=0")
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func (g fakeGateway) Do(op *ops.Op) (ops.Result, ops.Rest) {
	if g.done != nil {
		g.done <- op
	}
	return ops.Result{Count: [ops.Outcomes]int{1, 2, 3, 4, 5, 6}, Each: []ops.Outcome{ops.Done, ops.Gone}}, g.rest
}

func (g fakeGateway) Ask(q *ops.Query) ops.Answer {
	switch q.Ask {
	case ops.AskConnection:
		return ops.Answer{Found: q.FD == 1, UID: "u", Groups: []string{"g"}, Info: []byte(`{"fd":1}`)}
	case ops.AskGroups:
		return ops.Answer{Found: true, Total: 9, More: true, Lines: []ops.Line{{Name: q.AfterName, Count: q.Limit}}}
	default:
		return ops.Answer{Found: true, Total: 2, FDs: []uint64{q.After + 1}}
	}
}

func TestOperationQueries(t *testing.T) {
	_, dial := unixServer(t, func(o *ServerOptions) { o.Gateway = fakeGateway{} })
	conn := dial()
	send(t, conn, helloFrame(), frame{typ: 150, id: 1, opcode: 1, fd: 7, code: 1}, frame{typ: 150, id: 2, opcode: 1, code: 1},
		frame{typ: 151, id: 3, opcode: 3, fd: 5, code: 10}, frame{typ: 151, id: 4, opcode: 4, code: 3, payload: []byte("z")}, frame{typ: 151, id: 5, opcode: 7, fd: 1},
		frame{typ: 151, id: 6, opcode: 7, fd: 2}, frame{typ: 151, id: 7, opcode: 99}, query(frameCount, 8, 0, 0))
	expect(t, conn, "id=1 code=0 fd=0  000000010000000200000003000000040000000500000006"+"0004", `id=2 code=400 fd=0 {"error":"fd: no target`,
		"id=3 code=0 fd=2  0000000000000006", "id=4 code=0 fd=9  017a00000003", `id=5 code=0 fd=0 {"fd":1} 01750167`,
		"id=6 code=404", "id=7 code=400", "id=8 code=0")
}

// A stranger with a key gets what the key is for, and nothing of what PHP in an event gets.
func TestOperationQueriesOfStrangers(t *testing.T) {
	s, dial := unixServer(t, func(o *ServerOptions) {
		o.Gateway, o.Token = fakeGateway{}, ""
		o.Authorize = func(_ net.Addr, key []byte) (ops.Scope, error) {
			if string(key) != "s3cret" {
				return ops.Scope{}, errors.New("wrong key")
			}
			return ops.Scope{Push: true}, nil
		}
	})
	conn := dial()
	send(t, conn, helloFrame(), frame{typ: 150, id: 1, opcode: 1, fd: 7, code: 1, payload: []byte(strings.Repeat("x", 1<<20))}, frame{typ: 150, id: 2, opcode: 2, fd: 7, code: 1000},
		frame{typ: 151, id: 3, opcode: 3}, query(frameCount, 4, 0, 0), query(frameInfo, 5, 1, 0))
	expect(t, conn, "id=1 code=0", "id=2 code=403", "id=3 code=403", "id=4 code=501", "id=5 code=501")
	conn = dial()
	hello := helloFrame()
	hello.payload = []byte("wrong")
	send(t, conn, hello)
	expect(t, conn, `id=0 code=401 fd=0 {"error":"wrong key"}`)
	s.complained(t, ErrBadToken)
}

func TestOperationsInPlainAnswers(t *testing.T) {
	fds := func(list ...uint64) ops.Set { return ops.Set{FDs: list} }
	for text, want := range map[string]ops.Op{
		`{"do":"push","group":"room","except":{"fd":7},"data":"hi"}`: {
			Kind: ops.Push, To: ops.Set{Groups: []string{"room"}}, Except: fds(7), Opcode: 1, Data: []byte("hi"),
		},
		`{"data":"hi","all":true,"do":"push","except":{"uid":["a",{"base64":"/w=="}],"group":["b"],"fd":[1,2]}}`: {
			Kind: ops.Push, All: true, Except: ops.Set{FDs: []uint64{1, 2}, UIDs: []string{"a", "\xff"}, Groups: []string{"b"}}, Opcode: 1, Data: []byte("hi"),
		},
		`{"do":"push","fd":[1,2],"uid":"u","data_base64":"AA=="}`:            {Kind: ops.Push, To: ops.Set{FDs: []uint64{1, 2}, UIDs: []string{"u"}}, Opcode: 2, Data: []byte{0}},
		`{"do":"push","uid":[],"data":"hi"}`:                                 {Kind: ops.Push, To: ops.Set{UIDs: []string{}}, Opcode: 1, Data: []byte("hi")},
		`{"do":"close","uid":"u","code":4000,"reason":"bye"}`:                {Kind: ops.Close, To: ops.Set{UIDs: []string{"u"}}, Code: 4000, Reason: "bye"},
		`{"do":"join","group":["a","b"]}`:                                    {Kind: ops.Join, To: fds(7), Groups: []string{"a", "b"}},
		`{"do":"join","fd":9,"group":"a"}`:                                   {Kind: ops.Join, To: fds(9), Groups: []string{"a"}},
		`{"do":"leave","uid":"u","group":"a"}`:                               {Kind: ops.Leave, To: ops.Set{UIDs: []string{"u"}}, Groups: []string{"a"}},
		`{"do":"dissolve","group":"a"}`:                                      {Kind: ops.Dissolve, Groups: []string{"a"}},
		`{"do":"bind","uid":"u"}`:                                            {Kind: ops.Bind, To: fds(7), UID: "u"},
		`{"do":"bind","fd":8,"uid":"u","code":4000,"reason":"x"}`:            {Kind: ops.Bind, To: fds(8), UID: "u", Code: 4000, Reason: "x"},
		`{"do":"set_attributes","attributes": {"user" : [1, {"}":"\"]"}]} }`: {Kind: ops.SetAttributes, To: fds(7), Attributes: []byte(`{"user":[1,{"}":"\"]"}]}`)},
		`{"attributes":{"a":null},"do":"merge_attributes","group":"g"}`:      {Kind: ops.MergeAttributes, To: ops.Set{Groups: []string{"g"}}, Attributes: []byte(`{"a":null}`)},
		`{"do":"unbind"}`: {Kind: ops.Unbind, To: fds(7)},
	} {
		var reply Reply
		reply.reset(1)
		d := answerDecoder{reply: &reply, event: &Event{Type: Message, FD: 7}}
		if err := d.decode([]byte(`{"instructions":[` + text + `]}`)); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if in := reply.instrs[0]; in.Kind != KindOp || !reflect.DeepEqual(*in.Op, want) {
			t.Errorf("%s: %+v", text, in.Op)
		}
	}
	for _, text := range []string{
		`{"do":"push","group":"","data":"x"}`, `{"do":"push","group":"` + strings.Repeat("x", 256) + `","data":"x"}`, `{"do":"push","all":false,"data":"x"}`,
		`{"do":"push","all":true,"fd":1,"data":"x"}`, `{"do":"push","group":{"base64":"x"},"data":"x"}`, `{"do":"push","group":{"base32":""},"data":"x"}`,
		`{"do":"push","group":"a"}`, `{"do":"join"}`, `{"do":"join","group":[]}`, `{"do":"join","group":"a","data":"x"}`, `{"do":"bind"}`, `{"do":"bind","uid":["a","b"]}`,
		`{"do":"bind","uid":"a","code":1005}`, `{"do":"dissolve","group":"a","fd":1}`, `{"do":"push","except":{"all":true},"data":"x"}`, `{"do":"push","except":{"fds":1},"data":"x"}`,
		`{"do":"push","group":7,"data":"x"}`, `{"do":"close","group":"a","code":1}`, `{"do":"set_attributes"}`, `{"do":"set_attributes","attributes":[]}`, `{"do":"set_attributes","attributes":{"a":1,"a":1}}`,
		`{"do":"merge_attributes","attributes":}`, `{"do":"merge_attributes","attributes":{},"data":"x"}`, `{"do":"push","data":"x","attributes":{}}`, `{"do":"joins","group":"a"}`,
	} {
		var reply Reply
		reply.reset(1)
		d := answerDecoder{reply: &reply, event: &Event{Type: Message, FD: 7}}
		if err := d.decode([]byte(`{"instructions":[` + text + `]}`)); err == nil || !strings.HasPrefix(err.Error(), "byte ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

package callback

import (
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// userGateway knows users by their names: many has 65,536 connections, a has two, others none.
type userGateway struct{ fakeGateway }

func (userGateway) Ask(q *ops.Query) ops.Answer {
	list := map[string]int{"a": 2, "many": ops.MaxPage}[q.Name]
	a := ops.Answer{Found: true, Total: list}
	for fd := range uint64(min(list, q.Limit)) {
		a.FDs = append(a.FDs, fd+1)
	}
	return a
}

func TestQuestionAboutSeveralUsers(t *testing.T) {
	_, dial := unixServer(t, func(o *ServerOptions) { o.Gateway = userGateway{} })
	conn := dial()
	ask := func(id uint64, code uint32, meta string) frame {
		return frame{typ: 151, opcode: 11, id: id, code: code, meta: []byte(meta)}
	}
	send(t, conn, helloFrame(), ask(1, 65536, "\x02\x01a\x02\x02\xff\x00\x02\x01a"), ask(2, 0, "\x02\x01a\x02\x04many"), ask(3, 1, "\x02\x01a"), ask(4, 1, ""),
		ask(5, 1, "\x02\x02a"), ask(6, 1, "\x02\x00"), ask(7, 65537, "\x02\x01a"), frame{typ: 151, opcode: 11, id: 8, flags: 1}, frame{typ: 151, opcode: 11, id: 9, fd: 1}, frame{typ: 151, opcode: 11, id: 10, payload: []byte("x")}, ask(12, 1, "\x03\x01a"))
	const two = "00000002" + "00000002" + "0000000000000001" + "0000000000000002"
	expect(t, conn, "id=1 code=0 fd=3  "+two+"0000000000000000"+two, "id=2 code=0 fd=2  "+"00000002"+"00000000"+"00010000"+"00000000",
		"id=3 code=0 fd=1  "+"00000002"+"00000001"+"0000000000000001", "id=4 code=0 fd=0",
		"id=5 code=400", "id=6 code=400", "id=7 code=400", "id=8 code=400", "id=9 code=400", "id=10 code=400", "id=12 code=400")
	// Half a megabyte each: the answer breaks off behind the second.
	send(t, conn, ask(11, 65536, strings.Repeat("\x02\x04many", 5)))
	if got := receive(t, conn); !strings.HasPrefix(got, "id=11 code=0 fd=2 ") || len(got) < 4*(8*65536) {
		t.Errorf("%.80s, %d bytes", got, len(got))
	}
	conn2 := dial()
	send(t, conn2, helloFrame(), ask(1, 0, "\x02\x01a"))
	expect(t, conn2, "id=1 code=0 fd=1")
}

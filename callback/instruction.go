package callback

import (
	"github.com/fpmbridge/fpmbridge/callback/job"
	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// Kind says what an instruction does. Its values are the frame types of docs/protocol.md.
type Kind uint8

// The closed set of instructions.
const (
	KindPush  Kind = 64
	KindClose Kind = 65
	KindLog   Kind = 66
	// KindResponse is a part of an HTTP response, or of the answer to a handshake.
	KindResponse Kind = 69

	KindTask        Kind = 70 // queue a task
	KindFinish      Kind = 71 // a task's result; in the answer to a task event only
	KindPipeMessage Kind = 72 // a message to another worker
	KindServer      Kind = 74 // Opcode says what
	KindSend        Kind = 68 // raw bytes
	// KindConnection changes a connection; its Opcode is one of the Conn constants.
	KindConnection Kind = 73
	// KindOp is an operation on rooms, users and connections; it has nothing else.
	KindOp Kind = 80
)

// What a server instruction asks for, in its Opcode.
const (
	ServerReload   = 1
	ServerShutdown = 2
	ServerStop     = 3 // ends one resident worker: Instruction.FD is its number
	ServerTasks    = 4 // a reload of the task workers alone
)

// What a KindConnection instruction does.
const (
	ConnProtect = 1 // Code 1: no idle time ends it; 0: they do again
	ConnPause   = 2 // nothing is read from it
	ConnResume  = 3 // it is read again
	ConnBind    = 4 // UID is bound to it, once
	ConnPing    = 5 // over HTTP/2: a ping with Data
	ConnGoAway  = 6 // over HTTP/2: GOAWAY with Error and Data, and the end when all streams have ended
)

// Bits of a close instruction's Flags.
const (
	CloseBare   = 1 // no close frame: a bare FIN, as Swoole's close($fd)
	CloseReset  = 2 // what is queued is dropped
	CloseNoWait = 4 // the client's close frame is not waited for
)

// Bits of a response instruction's Flags.
const (
	ResponseEnd    = 1 // nothing of this response follows
	ResponseDetach = 2 // the rest comes when the event is over, from whoever has the fd
)

// Bits of a push instruction's Flags.
const (
	FlagFIN      = 1
	FlagCompress = 2 // deflate it if permessage-deflate was negotiated
)

// Instruction is one thing that PHP asks for. It is a flat struct, not an interface per kind, so that an answer is
// decoded into a slice that is used again: no allocation per event. The exhaustive linter guards switches over Kind.
//
// Data, FDs and Text point into the answer they came from and are valid until it is released.
type Instruction struct {
	Kind   Kind
	Opcode uint8    // KindPush: 0-10. KindConnection: a Conn constant
	Flags  uint8    // KindPush, KindClose, KindResponse
	Code   uint16   // KindClose: close code. KindLog: 0 debug, 1 info, 2 warn, 3 error. KindResponse: status; 0: no head
	Stream uint16   // KindResponse: which of the streams of HTTP/2, see docs/protocol.md; 0: the only one
	Error  uint32   // KindConnection with ConnGoAway: a code of RFC 9113 section 7
	FD     uint64   // target, 0 when FDs is set
	FDs    []uint64 // targets of a list
	Data   []byte   // KindPush: payload. KindClose: reason. KindLog: text. KindResponse: a piece of the body
	Head   []byte   // KindResponse: with a status the reason, then header lines; without one trailer lines
	File   string   // KindLog: where it was raised, "" if unknown
	Line   int
	Job    *job.Job // KindTask, KindPipeMessage
	UID    int64    // KindConnection with ConnBind
	Op     *ops.Op
}

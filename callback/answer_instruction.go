package callback

import (
	"encoding/json"
	"fmt"
	"math"
	"unicode/utf8"
)

// The keys of an instruction in a plain answer, as bits.
const (
	keyDo = 1 << iota
	keyFD
	keyData
	keyBase64
	keyOpcode
	keyCode
	keyReason
)

// The opcodes that a plain push may have, and the first code of an application.
const (
	opcodeText   = 1
	opcodeBinary = 2
	opcodePing   = 9
	opcodePong   = 10
	closeNormal  = 1000
	closeOwn     = 3000
)

// plainInstruction is one instruction as far as its keys were read; "do" may be the last one.
type plainInstruction struct {
	seen    uint8
	do      string
	at      int64 // of the instruction
	doAt    int64
	dataAt  int64
	valueAt int64 // of the opcode or code
	out     Instruction
	opcode  uint64
	code    uint64
	reason  string
}

// instruction reads one object of the list.
func (d *answerDecoder) instruction() error {
	in := plainInstruction{at: d.next(), out: Instruction{FD: d.event.FD}}
	if err := d.delim('{', "an instruction"); err != nil {
		return err
	}
	for d.tokens.More() {
		at := d.next()
		key, err := d.str("a key")
		if err != nil {
			return err
		}
		bit := instructionKey(key)
		switch {
		case bit == 0:
			return &answerError{at, fmt.Sprintf("unknown key %.40q", key)}
		case in.seen&bit != 0:
			return &answerError{at, fmt.Sprintf("key %q for the second time", key)}
		}
		in.seen |= bit
		if err := d.value(&in, bit, at); err != nil {
			return err
		}
	}
	if err := d.delim('}', "the end of the instruction"); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	d.reply.instrs = append(d.reply.instrs, in.out)
	return nil
}

func instructionKey(key string) uint8 {
	switch key {
	case "do":
		return keyDo
	case "fd":
		return keyFD
	case "data":
		return keyData
	case "data_base64":
		return keyBase64
	case "opcode":
		return keyOpcode
	case "code":
		return keyCode
	case "reason":
		return keyReason
	}
	return 0
}

// value reads the value of a key that stands at keyAt.
func (d *answerDecoder) value(in *plainInstruction, key uint8, keyAt int64) (err error) {
	switch key {
	case keyDo:
		in.doAt = d.next()
		in.do, err = d.str(`"push" or "close"`)
	case keyFD:
		err = d.fd(in)
	case keyData:
		var s string
		in.dataAt = keyAt
		s, err = d.str("a string")
		in.out.Data = []byte(s)
	case keyBase64:
		var s string
		in.dataAt = d.next()
		if s, err = d.str("a string"); err != nil {
			return err
		}
		if in.out.Data, err = decodeBase64(s); err != nil {
			return &answerError{in.dataAt, "not base64"}
		}
	case keyReason:
		at := d.next()
		if in.reason, err = d.str("a string"); err == nil && len(in.reason) > maxReason {
			err = &answerError{at, fmt.Sprintf("a reason of %d bytes, at most %d are allowed", len(in.reason), maxReason)}
		}
	case keyOpcode, keyCode:
		var tok json.Token
		if tok, in.valueAt, err = d.token("an integer"); err != nil {
			return err
		}
		var n uint64
		n, err = integer(tok, in.valueAt, "an integer", math.MaxInt64)
		if key == keyOpcode {
			in.opcode = n
		} else {
			in.code = n
		}
	}
	return err
}

// fd reads an integer or a list of them.
func (d *answerDecoder) fd(in *plainInstruction) error {
	const what = "an fd: an integer that is not negative"
	tok, at, err := d.token(what)
	if err != nil {
		return err
	}
	if tok != json.Delim('[') {
		in.out.FD, err = integer(tok, at, what+", or a list of them", math.MaxInt64)
		return err
	}
	start := len(d.reply.fds)
	for d.tokens.More() {
		if tok, at, err = d.token(what); err != nil {
			return err
		}
		fd, err := integer(tok, at, what, math.MaxInt64)
		if err != nil {
			return err
		}
		d.reply.fds = append(d.reply.fds, fd)
	}
	// An empty list is a list too: nobody, and not the event's own fd.
	in.out.FD, in.out.FDs = 0, d.reply.fds[start:len(d.reply.fds):len(d.reply.fds)]
	if in.out.FDs == nil {
		in.out.FDs = []uint64{}
	}
	return d.delim(']', "the end of the list")
}

// check looks at the instruction as a whole and completes it.
func (in *plainInstruction) check() error {
	var allowed uint8
	switch in.do {
	case "push":
		allowed = keyDo | keyFD | keyData | keyBase64 | keyOpcode
	case "close":
		allowed = keyDo | keyFD | keyCode | keyReason
	default:
		if in.seen&keyDo == 0 {
			return &answerError{in.at, `an instruction without "do"`}
		}
		return &answerError{in.doAt, fmt.Sprintf("unknown instruction %.40q", in.do)}
	}
	if extra := in.seen &^ allowed; extra != 0 {
		return &answerError{in.at, fmt.Sprintf("a key that %s does not have", in.do)}
	}
	if in.do == "push" {
		return in.checkPush()
	}
	return in.checkClose()
}

func (in *plainInstruction) checkPush() error {
	both := in.seen & (keyData | keyBase64)
	if both == 0 || both == keyData|keyBase64 {
		return &answerError{in.at, "a push has either data or data_base64"}
	}
	if in.seen&keyOpcode == 0 {
		in.opcode = opcodeText
		if both == keyBase64 {
			in.opcode = opcodeBinary
		}
	}
	in.out.Kind, in.out.Flags = KindPush, FlagFIN
	switch in.opcode {
	case opcodeText:
		if both == keyBase64 && !utf8.Valid(in.out.Data) {
			return &answerError{in.dataAt, "a text that is not valid UTF-8"}
		}
	case opcodeBinary:
	case opcodePing, opcodePong:
		if len(in.out.Data) > maxControl {
			return &answerError{in.dataAt, fmt.Sprintf("a ping or pong of %d bytes, at most %d are allowed", len(in.out.Data), maxControl)}
		}
	default:
		return &answerError{in.valueAt, fmt.Sprintf("opcode %d: want 1, 2, 9 or 10", in.opcode)}
	}
	in.out.Opcode = uint8(in.opcode) //nolint:gosec // one of the above
	return nil
}

func (in *plainInstruction) checkClose() error {
	if in.seen&keyCode == 0 {
		in.code = closeNormal
	}
	switch c := in.code; {
	case c == 1000, c == 1001, c == 1003, c >= 1007 && c <= 1014, c >= closeOwn && c <= maxCloseCode:
	default:
		return &answerError{in.valueAt, fmt.Sprintf("code %d: want 1000, 1001, 1003, 1007-1014 or 3000-4999", c)}
	}
	in.out.Kind, in.out.Code = KindClose, uint16(in.code) //nolint:gosec // one of the above
	in.out.Data = []byte(in.reason)
	return nil
}

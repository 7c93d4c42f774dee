package callback

import (
	"unicode/utf8"

	"github.com/fpmbridge/fpmbridge/callback/scan"
	"github.com/fpmbridge/fpmbridge/internal/ops"
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
	keyUID
	keyGroup
	keyAll
	keyExcept
	keyAttributes
)

// The opcodes that a plain push may have, and the first code of an application.
const (
	opcodeText   = 1
	opcodeBinary = 2
	opcodePing   = 9
	opcodePong   = 10
	closeNormal  = 1000
	closeOwn     = 3000
	closeOwnEnd  = 4999
)

// plainInstruction is one instruction as far as its keys were read; "do" may be the last one.
type plainInstruction struct {
	out    Instruction
	to     ops.Set // uid and group
	except ops.Set
	all    bool
	seen   uint16
	// attributes as they stand there
	attributes []byte
	do         []byte
	opcode     uint64
	code       uint64
	// where things stand
	at, doAt, dataAt, valueAt int
}

// instruction reads one object of the list.
func (d *answerDecoder) instruction() error {
	in := plainInstruction{at: d.At(), out: Instruction{FD: d.event.FD}}
	err := d.object("an instruction", instructionKey, func(key uint16, keyAt int) error {
		in.seen |= key
		return d.value(&in, key, keyAt)
	})
	if err == nil {
		err = in.check()
	}
	if err == nil {
		d.reply.instrs = append(d.reply.instrs, in.out)
	}
	return err
}

func instructionKey(key []byte) uint16 {
	switch string(key) {
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
	case "uid":
		return keyUID
	case "group":
		return keyGroup
	case "all":
		return keyAll
	case "except":
		return keyExcept
	case "attributes":
		return keyAttributes
	}
	return 0
}

// value reads the value of a key that stands at keyAt.
func (d *answerDecoder) value(in *plainInstruction, key uint16, keyAt int) (err error) {
	at := d.At()
	switch key {
	case keyDo:
		in.doAt = at
		in.do, err = d.Str(`"push", "close" or the like`)
	case keyFD:
		err = d.fd(in)
	case keyData:
		in.dataAt = keyAt
		in.out.Data, err = d.Str("a string")
	case keyBase64:
		in.dataAt = keyAt
		var s []byte
		if s, err = d.Str("a string"); err != nil {
			return err
		}
		if in.out.Data, err = decodeBase64(s); err != nil {
			return scan.Wrong(at, "not base64")
		}
	case keyReason:
		if in.out.Data, err = d.Str("a string"); err == nil && len(in.out.Data) > maxReason {
			err = scan.Wrong(at, "a reason of %d bytes, at most %d are allowed", len(in.out.Data), maxReason)
		}
	case keyOpcode:
		in.valueAt = at
		in.opcode, err = d.Integer("an integer")
	case keyCode:
		in.valueAt = at
		in.code, err = d.Integer("an integer")
	case keyAttributes:
		in.attributes, err = d.Raw()
	case keyUID, keyGroup, keyAll, keyExcept:
		err = d.targets(in, key)
	}
	return err
}

// fd reads an integer or a list of them.
func (d *answerDecoder) fd(in *plainInstruction) (err error) {
	if d.Peek() != '[' {
		in.out.FD, err = d.Integer("an fd, which is an integer and not negative, or a list of them")
		return err
	}
	start := len(d.reply.fds)
	err = d.list(func() error {
		fd, err := d.Integer("an fd, which is an integer and not negative")
		d.reply.fds = append(d.reply.fds, fd)
		return err
	})
	// An empty list is a list too: nobody, and not the event's own fd.
	in.out.FD, in.out.FDs = 0, d.reply.fds[start:len(d.reply.fds):len(d.reply.fds)]
	if in.out.FDs == nil {
		in.out.FDs = []uint64{}
	}
	return err
}

// check looks at the instruction as a whole and completes it.
func (in *plainInstruction) check() error {
	if in.seen&keyDo == 0 {
		return scan.Wrong(in.at, `an instruction without "do"`)
	}
	kind, allowed := allowedKeys(in.do)
	if kind == 0 {
		return scan.Wrong(in.doAt, "unknown instruction %.40q", in.do)
	}
	if extra := in.seen &^ (allowed | keyDo); extra != 0 {
		return scan.Wrong(in.at, "a key that %s does not have", in.do)
	}
	var err error
	switch kind {
	case ops.Push:
		err = in.checkPush()
	case ops.Close:
		err = in.checkClose()
	default:
	}
	if err == nil && (in.seen&(keyUID|keyGroup|keyAll|keyExcept) != 0 || kind > ops.Close) {
		err = in.operation(kind)
	}
	return err
}

func (in *plainInstruction) checkPush() error {
	both := in.seen & (keyData | keyBase64)
	if both == 0 || both == keyData|keyBase64 {
		return scan.Wrong(in.at, "a push has either data or data_base64")
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
			return scan.Wrong(in.dataAt, "a text that is not valid UTF-8")
		}
	case opcodeBinary:
	case opcodePing, opcodePong:
		if len(in.out.Data) > maxControl {
			return scan.Wrong(in.dataAt, "a ping or pong of %d bytes, at most %d are allowed", len(in.out.Data), maxControl)
		}
	default:
		return scan.Wrong(in.valueAt, "opcode %d: want 1, 2, 9 or 10", in.opcode)
	}
	in.out.Opcode = uint8(in.opcode)
	return nil
}

func (in *plainInstruction) checkClose() error {
	if in.seen&keyCode == 0 {
		in.code = closeNormal
	}
	switch c := in.code; {
	case c == 1000, c == 1001, c == 1003, c >= 1007 && c <= 1014, c >= closeOwn && c <= closeOwnEnd:
	default:
		return scan.Wrong(in.valueAt, "code %d: want 1000, 1001, 1003, 1007-1014 or 3000-4999", c)
	}
	in.out.Kind, in.out.Code = KindClose, uint16(in.code)
	return nil
}

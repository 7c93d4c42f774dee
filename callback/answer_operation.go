package callback

import (
	"errors"

	"github.com/fpmbridge/fpmbridge/callback/scan"
	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// allowedKeys says what an instruction of a plain answer is, and which keys it may have; 0: there is no such one.
func allowedKeys(do []byte) (kind ops.Kind, keys uint16) {
	const target = keyFD | keyUID | keyGroup | keyAll | keyExcept
	switch string(do) {
	case "push":
		return ops.Push, target | keyData | keyBase64 | keyOpcode
	case "close":
		return ops.Close, target | keyCode | keyReason
	case "join":
		return ops.Join, target
	case "leave":
		return ops.Leave, target
	case "dissolve":
		return ops.Dissolve, keyGroup
	case "bind":
		return ops.Bind, keyFD | keyUID | keyCode | keyReason
	case "unbind":
		return ops.Unbind, target
	case "set_attributes":
		return ops.SetAttributes, target | keyAttributes
	case "merge_attributes":
		return ops.MergeAttributes, target | keyAttributes
	}
	return 0, 0
}

// targets reads the value of uid, group, all or except.
func (d *answerDecoder) targets(in *plainInstruction, key uint16) (err error) {
	switch key {
	case keyUID:
		in.to.UIDs, err = d.names()
	case keyGroup:
		in.to.Groups, err = d.names()
	case keyAll:
		in.all = true
		err = d.Literal("true")
	case keyExcept:
		err = d.object("an object", instructionKey, func(key uint16, keyAt int) error {
			var err error
			switch key {
			case keyFD:
				in.except.FDs, err = d.exceptFDs()
			case keyUID:
				in.except.UIDs, err = d.names()
			case keyGroup:
				in.except.Groups, err = d.names()
			default:
				err = scan.Wrong(keyAt, "except has fd, uid and group")
			}
			return err
		})
	}
	return err
}

// names reads a name or a list of them.
func (d *answerDecoder) names() ([]string, error) {
	if d.Peek() != '[' {
		name, err := d.name()
		return []string{name}, err
	}
	list := []string{}
	err := d.list(func() error {
		name, err := d.name()
		list = append(list, name)
		return err
	})
	return list, err
}

// name reads a string, or {"base64":"…"} for a name that is not UTF-8.
func (d *answerDecoder) name() (string, error) {
	at := d.At()
	if d.Peek() != '{' {
		s, err := d.Str(`a name: a string, or {"base64":"…"}`)
		if err == nil && (len(s) == 0 || len(s) > ops.MaxName) {
			err = scan.Wrong(at, "a name of %d bytes: want 1 to %d", len(s), ops.MaxName)
		}
		return string(s), err
	}
	var name []byte
	err := d.object("a name", func(key []byte) uint16 {
		if string(key) == "base64" {
			return 1
		}
		return 0
	}, func(uint16, int) error {
		s, err := d.Str("a string")
		if err != nil {
			return err
		}
		if name, err = decodeBase64(s); err != nil {
			return scan.Wrong(at, "not base64")
		}
		return nil
	})
	if err == nil && (len(name) == 0 || len(name) > ops.MaxName) {
		err = scan.Wrong(at, "a name of %d bytes: want 1 to %d", len(name), ops.MaxName)
	}
	return string(name), err
}

// exceptFDs reads an fd or a list of them.
func (d *answerDecoder) exceptFDs() (list []uint64, err error) {
	one := func() error {
		fd, err := d.Integer("an fd, which is an integer and not negative, or a list of them")
		list = append(list, fd)
		return err
	}
	if d.Peek() == '[' {
		err = d.list(one)
	} else {
		err = one()
	}
	return list, err
}

// operation makes the instruction one on users and groups. Without a target it is for the sender.
func (in *plainInstruction) operation(kind ops.Kind) error {
	op := &ops.Op{Kind: kind, All: in.all, To: in.to, Except: in.except}
	switch kind {
	case ops.Push:
		op.Opcode, op.Data = in.out.Opcode, in.out.Data
	case ops.Close:
		op.Code, op.Reason = in.out.Code, string(in.out.Data)
	case ops.Join, ops.Leave, ops.Dissolve:
		op.Groups, op.To.Groups = in.to.Groups, nil
	case ops.Bind:
		if len(in.to.UIDs) != 1 {
			return scan.Wrong(in.at, "bind has one uid")
		}
		op.UID, op.To.UIDs = in.to.UIDs[0], nil
		if in.code > maxCloseCode {
			return scan.Wrong(in.valueAt, "code %d", in.code)
		}
		op.Code, op.Reason = uint16(in.code), string(in.out.Data)
	case ops.SetAttributes, ops.MergeAttributes:
		op.Attributes = in.attributes
	case ops.Unbind:
	}
	targets := uint16(keyFD | keyUID | keyAll)
	switch kind {
	case ops.Push, ops.Close, ops.Unbind, ops.SetAttributes, ops.MergeAttributes:
		targets |= keyGroup
	case ops.Bind:
		targets = keyFD
	default:
	}
	switch {
	case kind == ops.Dissolve:
	case in.out.FDs != nil:
		op.To.FDs = append([]uint64{}, in.out.FDs...)
	case in.seen&keyFD != 0 || in.seen&targets == 0:
		op.To.FDs = []uint64{in.out.FD} // the sender, if it names nobody
	}
	// An empty list is a list, too: nobody.
	nobody := kind != ops.Dissolve && !op.All && op.To.Len() == 0
	if nobody {
		op.To.FDs = []uint64{0}
	}
	if bad, ok := errors.AsType[*ops.Error](op.Check()); ok {
		return scan.Wrong(in.at, "%s: %s", bad.Field, bad.What)
	}
	if nobody {
		op.To.FDs = nil
	}
	in.out = Instruction{Kind: KindOp, Op: op}
	return nil
}

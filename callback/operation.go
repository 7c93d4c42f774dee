package callback

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// Gateway carries out operations on connections, rooms and users, and answers questions about them. Its methods get what was checked
// and are called from many goroutines at a time.
type Gateway interface {
	// Do may leave something to be done: nil if it does not.
	Do(op *ops.Op) (ops.Result, ops.Rest)
	Ask(q *ops.Query) ops.Answer
}

// The tags of names in the meta of operations; docs/protocol.md section 12.
const (
	tagFD          = 1
	tagUID         = 2
	tagGroup       = 3
	tagExceptFD    = 4
	tagExceptUID   = 5
	tagExceptGroup = 6
	tagInto        = 7 // a group to join, leave or dissolve; the uid to bind
	tagWait        = 8 // 4 bytes, milliseconds: a push waits until it was written
	opAll          = 1 // flag
)

var errItems = errors.New("meta is not a list of names")

// parseOp decodes an instruction 80 or a query 150 into op. Its names are copies, its data points into the frame.
func parseOp(op *ops.Op, f *frame) error {
	op.Reset(ops.Kind(f.opcode))
	op.All = f.flags&opAll != 0
	if f.flags&^opAll != 0 {
		return fmt.Errorf("operation with flags %#x", f.flags)
	}
	if f.fd != 0 {
		op.To.FDs = append(op.To.FDs, f.fd)
	}
	err := eachItem(f.meta, func(tag byte, b []byte) error {
		switch tag {
		case tagFD, tagExceptFD:
			if len(b) != fdLen {
				return errItems
			}
			list := &op.To.FDs
			if tag == tagExceptFD {
				list = &op.Except.FDs
			}
			*list = append(*list, binary.BigEndian.Uint64(b))
		case tagUID:
			op.To.UIDs = append(op.To.UIDs, string(b))
		case tagGroup:
			op.To.Groups = append(op.To.Groups, string(b))
		case tagExceptUID:
			op.Except.UIDs = append(op.Except.UIDs, string(b))
		case tagExceptGroup:
			op.Except.Groups = append(op.Except.Groups, string(b))
		case tagWait:
			if len(b) != 4 || op.Wait != 0 {
				return errItems
			}
			if op.Wait = time.Duration(binary.BigEndian.Uint32(b)) * time.Millisecond; op.Wait == 0 {
				return errItems
			}
		case tagInto:
			if op.Kind != ops.Bind {
				op.Groups = append(op.Groups, string(b))
				break
			}
			if op.UID != "" {
				return errItems
			}
			op.UID = string(b)
		default:
			return errItems
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch op.Kind {
	case ops.Push:
		if f.code > maxOpcode {
			return fmt.Errorf("push with opcode %d", f.code)
		}
		op.Opcode, op.Data = uint8(f.code), f.payload
	case ops.SetAttributes, ops.MergeAttributes:
		op.Code, op.Attributes = uint16(min(f.code, maxCloseCode)), f.payload
	default:
		if f.code > maxCloseCode {
			return fmt.Errorf("code %d", f.code)
		}
		op.Code, op.Reason = uint16(f.code), string(f.payload)
	}
	return op.Check()
}

// eachItem reads a list of: tag, length, bytes.
func eachItem(b []byte, item func(tag byte, b []byte) error) error {
	for len(b) > 0 {
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return errItems
		}
		n := 2 + int(b[1])
		if err := item(b[0], b[2:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// operation appends an instruction 80.
func (r *Reply) operation(f *frame) error {
	op := new(ops.Op)
	err := parseOp(op, f)
	if err == nil && op.Wait != 0 {
		err = errors.New("an instruction does not wait")
	}
	if err == nil {
		r.instrs = append(r.instrs, Instruction{Kind: KindOp, Op: op})
	}
	return err
}

// operate answers a query 150.
func (p *peer) operate(f *frame) error {
	op := &p.op
	err := parseOp(op, f)
	switch {
	case err != nil:
		p.reply(f.id, codeMalformed, err.Error())
		return nil
	case !p.scope.Allows(op):
		p.reply(f.id, codeForbidden, "this key may not "+op.Kind.String())
		return nil
	}
	var res ops.Result
	var rest ops.Rest
	if op.Wait > 0 {
		err = p.blocking(func(ctx context.Context) {
			op.Stop = ctx.Done()
			res, rest = p.server.opts.Gateway.Do(op)
		})
	} else {
		res, rest = p.server.opts.Gateway.Do(op)
	}
	if rest != nil {
		p.rests = append(p.rests, rest)
	}
	if err != nil {
		return err
	}
	start := len(p.out)
	reply := frame{typ: frameReply, id: f.id}
	p.out = reply.appendHeader(p.out)
	for _, n := range res.Count {
		p.out = binary.BigEndian.AppendUint32(p.out, uint32(n))
	}
	for _, out := range res.Each {
		p.out = append(p.out, byte(out))
	}
	finishFrame(p.out, start, start+frameHeaderLen)
	op.Reset(0)
	op.To.FDs = kept(op.To.FDs, keptItems)
	return nil
}

const (
	askMore       = 1 // flag of a reply: the list goes on
	askAttributes = 1 // flag of a question about members
)

// parseQuery decodes a query 151.
func parseQuery(f *frame) (*ops.Query, error) {
	q := &ops.Query{Ask: ops.Ask(f.opcode), Limit: int(f.code), Name: string(f.meta)}
	if q.Attributes = f.flags == askAttributes && q.Ask == ops.AskMembers; f.flags != 0 && !q.Attributes {
		return nil, fmt.Errorf("question with flags %#x", f.flags)
	}
	switch q.Ask {
	case ops.AskConnection, ops.AskAttributes:
		q.FD = f.fd
	default:
		q.After = f.fd
	}
	q.AfterName = string(f.payload)
	return q, q.Check()
}

// ask answers a query 151.
func (p *peer) ask(f *frame) {
	if f.opcode == askUsers {
		p.askUsers(f)
		return
	}
	q, err := parseQuery(f)
	switch {
	case err != nil:
		p.reply(f.id, codeMalformed, err.Error())
		return
	case !p.scope.Read:
		p.reply(f.id, codeForbidden, "this key may not read")
		return
	}
	a := p.server.opts.Gateway.Ask(q)
	if !a.Found {
		p.reply(f.id, codeNotFound, "no such connection")
		return
	}
	start := len(p.out)
	reply := frame{typ: frameReply, id: f.id, fd: uint64(a.Total)}
	if a.More {
		reply.flags = askMore
	}
	p.out = append(reply.appendHeader(p.out), a.Info...)
	payload := len(p.out)
	for _, fd := range a.FDs {
		p.out = binary.BigEndian.AppendUint64(p.out, fd)
	}
	for _, l := range a.Lines {
		p.out = append(append(p.out, byte(len(l.Name))), l.Name...)
		p.out = binary.BigEndian.AppendUint32(p.out, uint32(l.Count))
	}
	if q.Ask == ops.AskConnection {
		p.out = append(append(p.out, byte(len(a.UID))), a.UID...)
		for _, g := range a.Groups {
			p.out = append(append(p.out, byte(len(g))), g...)
		}
	}
	for i := range a.Members {
		p.out = appendMember(p.out, &a.Members[i])
	}
	finishFrame(p.out, start, payload)
}

// appendMember appends a line of the answer to AskMembers.
func appendMember(dst []byte, m *ops.Member) []byte {
	dst = binary.BigEndian.AppendUint64(dst, m.FD)
	dst = append(append(dst, byte(len(m.UID))), m.UID...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(m.Groups)))
	for _, g := range m.Groups {
		dst = append(append(dst, byte(len(g))), g...)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(m.Attributes)))
	return append(dst, m.Attributes...)
}

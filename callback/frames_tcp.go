package callback

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// uidLen is the payload of an instruction that binds a uid.
const uidLen = 8

// send decodes raw bytes for one connection.
func (r *Reply) send(f *frame) error {
	if len(f.meta) > 0 || f.flags != 0 || f.opcode != 0 {
		return errors.New("send with a meta, flags or an opcode")
	}
	r.instrs = append(r.instrs, Instruction{Kind: KindSend, FD: f.fd, Data: f.payload})
	return nil
}

// connection decodes what is to change about one connection.
func (r *Reply) connection(f *frame) error {
	in := Instruction{Kind: KindConnection, Opcode: f.opcode, FD: f.fd}
	payload := 0
	switch f.opcode {
	case ConnProtect:
		if f.code > 1 {
			return fmt.Errorf("protect with code %d", f.code)
		}
		in.Code = uint16(f.code)
	case ConnPause, ConnResume:
	case ConnBind:
		payload = uidLen
	default:
		return fmt.Errorf("connection with opcode %d", f.opcode)
	}
	if len(f.payload) != payload || len(f.meta) > 0 || f.flags != 0 {
		return fmt.Errorf("connection with opcode %d and %d bytes of payload, %d of meta", f.opcode, len(f.payload), len(f.meta))
	}
	if payload > 0 {
		in.UID = int64(binary.BigEndian.Uint64(f.payload))
	}
	r.instrs = append(r.instrs, in)
	return nil
}

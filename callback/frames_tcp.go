package callback

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	uidLen   = 8       // the payload of an instruction that binds a uid
	pingLen  = 8       // the most of a ping
	maxDebug = 1 << 10 // the most of GOAWAY's text
)

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
	least, most := 0, 0
	switch f.opcode {
	case ConnProtect:
		if f.code > 1 {
			return fmt.Errorf("protect with code %d", f.code)
		}
		in.Code = uint16(f.code)
	case ConnPause, ConnResume:
	case ConnBind:
		least, most = uidLen, uidLen
	case ConnPing:
		in.Data, most = f.payload, pingLen
	case ConnGoAway:
		in.Error, in.Data, most = f.code, f.payload, maxDebug
	default:
		return fmt.Errorf("connection with opcode %d", f.opcode)
	}
	if n := len(f.payload); n < least || n > most || len(f.meta) > 0 || f.flags != 0 {
		return fmt.Errorf("connection with opcode %d and %d bytes of payload, %d of meta", f.opcode, n, len(f.meta))
	}
	if f.opcode == ConnBind {
		in.UID = int64(binary.BigEndian.Uint64(f.payload))
	}
	r.instrs = append(r.instrs, in)
	return nil
}

package callback

import (
	"encoding/binary"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

const (
	// askUsers is the question about the connections of several users: as AskUID for each of them, in one frame.
	askUsers = 11
	// usersBytes is how much of an answer to it stands in one reply.
	usersBytes = 1 << 20
)

// askUsers answers: for each uid N how many connections it has, N how many of them follow, and those.
func (p *peer) askUsers(f *frame) {
	var uids []string
	err := eachItem(f.meta, func(tag byte, b []byte) error {
		if uids = append(uids, string(b)); tag != tagUID || len(b) == 0 {
			return errItems
		}
		return nil
	})
	if err == nil && (f.code > ops.MaxPage || f.flags != 0 || f.fd != 0 || len(f.payload) > 0) {
		err = errItems
	}
	switch {
	case err != nil:
		p.reply(f.id, codeMalformed, err.Error())
		return
	case !p.scope.Read:
		p.reply(f.id, codeForbidden, "this key may not read")
		return
	}
	start := len(p.out)
	reply := frame{typ: frameReply, id: f.id, fd: uint64(len(uids))}
	p.out = reply.appendHeader(p.out)
	payload := len(p.out)
	q := ops.Query{Ask: ops.AskUID, Limit: int(f.code)}
	for i := range uids {
		if len(p.out)-payload >= usersBytes {
			reply.flags, reply.fd = askMore, uint64(i)
			break
		}
		q.Name = uids[i]
		a := p.server.opts.Gateway.Ask(&q)
		p.out = binary.BigEndian.AppendUint32(p.out, uint32(a.Total))
		p.out = binary.BigEndian.AppendUint32(p.out, uint32(len(a.FDs)))
		for _, fd := range a.FDs {
			p.out = binary.BigEndian.AppendUint64(p.out, fd)
		}
	}
	reply.appendHeader(p.out[:start])
	finishFrame(p.out, start, payload)
}

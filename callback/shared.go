package callback

import (
	"context"
	"errors"
	"fmt"
)

// SharedQuery is one operation on a table, an atomic or a lock; docs/protocol.md section 10.
type SharedQuery struct {
	Owner   uint64 // the connection that asks: locks belong to it
	Kind    uint8  // the frame's type
	Op      uint8
	Key     uint64
	Code    uint32
	Payload []byte // valid during the call
}

// SharedReply answers a SharedQuery.
type SharedReply struct {
	Code  uint32 // of the reply
	Value uint64
	Wait  bool   // Do did nothing, since it would have to wait
	Error string // for people
}

// SharedMemory holds what PHP runs share. Its methods are called from many goroutines.
type SharedMemory interface {
	// Do carries out a query without blocking and appends the reply's payload to dst.
	Do(q SharedQuery, dst []byte) (SharedReply, []byte)
	// Wait carries out a query that Do said Wait to. It blocks until that is done, or ctx ends.
	Wait(ctx context.Context, q SharedQuery) SharedReply
	// Leave takes back what an owner holds. It is called when the owner's last call has returned.
	Leave(owner uint64)
}

// shared answers a query about shared memory.
func (p *peer) shared(f *frame) error {
	m := p.server.opts.Shared
	switch {
	case m == nil:
		p.reply(f.id, codeUnknown, "unknown query")
		return nil
	case len(f.meta) > 0 || f.flags != 0 || f.attempt != 0:
		p.reply(f.id, codeMalformed, "flags, attempt and meta are 0 and empty")
		return nil
	}
	start := len(p.out)
	reply := frame{typ: frameReply, id: f.id}
	p.out = reply.appendHeader(p.out)
	q := SharedQuery{Owner: p.owner, Kind: f.typ, Op: f.opcode, Key: f.fd, Code: f.code, Payload: f.payload}
	result, out := m.Do(q, p.out)
	p.out = out
	var err error
	if result.Wait {
		p.out = p.out[:start]
		err = p.blocking(func(ctx context.Context) { result = p.server.opts.Shared.Wait(ctx, q) })
		start, p.out = len(p.out), reply.appendHeader(p.out)
	}
	reply.code, reply.fd = result.Code, result.Value
	reply.appendHeader(p.out[:start])
	payload := start + frameHeaderLen
	if result.Error != "" {
		p.out = append(p.out[:payload], `{"error":`...)
		p.out = append(appendJSONString(p.out, result.Error), '}')
		payload = len(p.out)
	}
	finishFrame(p.out, start, payload)
	return err
}

// leave is called when the connection is over.
func (p *peer) leave() {
	if p.server.opts.Shared != nil {
		p.server.opts.Shared.Leave(p.owner)
	}
}

// errSharedDefine is what can be wrong with the payload of a description.
var errSharedDefine = errors.New("it is not a list of definitions")

// defineShared carries out the queries in the payload of a description: they define what the script shares, with what it
// put in before start(). What is there already stays as it is.
func (s *Script) defineShared(b []byte) error {
	if s.opts.Shared == nil {
		return nil
	}
	for len(b) > 0 {
		f, n, err := parseFrame(b, maxFrame)
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w: %w", ErrBadAnswer, errSharedDefine, err)
		case f.opcode != 0 || f.typ != frameTable && f.typ != frameAtomic && f.typ != frameLock || len(f.meta) > 0:
			return fmt.Errorf("%w: %w: type %d, opcode %d", ErrBadAnswer, errSharedDefine, f.typ, f.opcode)
		}
		reply, _ := s.opts.Shared.Do(SharedQuery{Kind: f.typ, Key: f.fd, Code: f.code, Payload: f.payload}, nil)
		switch {
		case reply.Code == codeMalformed:
			return fmt.Errorf("%w: %w: %s", ErrBadAnswer, errSharedDefine, reply.Error)
		case reply.Code != codeOK && reply.Error != "":
			return errors.New(reply.Error)
		}
		b = b[n:]
	}
	return nil
}

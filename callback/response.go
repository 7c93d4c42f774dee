package callback

import (
	"encoding/binary"
	"fmt"
)

// Responses takes what must not wait for the end of an event: parts of HTTP responses, and questions about a request's body. Its
// methods are called from many goroutines at a time. Respond and SendFile block while the client is slow, which holds up
// nobody but the PHP process that asked; they keep none of the bytes.
type Responses interface {
	// Respond carries out a KindResponse instruction. It is false if the response is over or its client has gone.
	Respond(in *Instruction) bool
	// SendFile answers with n bytes (0: all) of a file from offset on.
	SendFile(in *Instruction, file string, offset, n int64) FileResult
	// Body returns up to n bytes of the body of the request that fd (and its stream) is in, from offset on; false: there is none.
	Body(fd uint64, stream uint16, offset, n int) ([]byte, bool)
}

// FileResult is what became of a file that PHP wants to send.
type FileResult uint8

// The closed set of results.
const (
	FileTaken      FileResult = iota // the bridge sends it
	FileUnreadable                   // the bridge cannot read it, or must not: PHP may send its bytes
	FileGone                         // the response is over or its client has gone
)

const (
	// maxResponse bounds a piece of a response on the callback socket.
	maxResponse = 1<<20 + maxQuery
	// maxStatus is the largest status that three digits can say.
	maxStatus     = 999
	responseFlags = ResponseEnd | ResponseDetach
	// opcodeBody in a response query asks for the request's body instead.
	opcodeBody = 1
	maxBody    = 1 << 20
	// fileHead is offset and length before the path.
	fileHead = 16
	// The stream stands above the status, or in the payload of a question.
	streamShift = 16
	streamMask  = 1<<streamShift - 1
	streamLen   = 2
)

// responseOf decodes a part of a response.
func responseOf(f *frame) (Instruction, error) {
	switch {
	case f.flags&^responseFlags != 0:
		return Instruction{}, fmt.Errorf("response with flags %#x", f.flags)
	case f.code&streamMask > maxStatus:
		return Instruction{}, fmt.Errorf("response with status %d", f.code&streamMask)
	case f.fd == 0:
		return Instruction{}, fmt.Errorf("response without an fd")
	}
	return Instruction{Kind: KindResponse, Flags: f.flags, Code: uint16(f.code), Stream: uint16(f.code >> streamShift), FD: f.fd, Head: f.meta, Data: f.payload}, nil
}

// respond answers the queries about responses.
func (p *peer) respond(f *frame) {
	all := p.server.opts.Responses
	switch {
	case all == nil:
		p.reply(f.id, codeUnknown, "unknown query")
	case f.typ == frameResponse && f.opcode == opcodeBody:
		p.bodyReply(f)
	case f.typ == frameResponse:
		in, err := responseOf(f)
		switch {
		case err != nil:
			p.reply(f.id, codeMalformed, err.Error())
		case all.Respond(&in):
			p.reply(f.id, codeOK, "")
		default:
			p.reply(f.id, codeGone, "")
		}
	default:
		p.fileReply(f)
	}
}

func (p *peer) bodyReply(f *frame) {
	var stream uint16
	if len(f.payload) == streamLen {
		stream = binary.BigEndian.Uint16(f.payload)
	}
	piece, ok := p.server.opts.Responses.Body(f.fd, stream, int(f.code), maxBody)
	if !ok {
		p.reply(f.id, codeGone, "")
		return
	}
	reply := frame{typ: frameReply, id: f.id, payload: piece}
	p.out = reply.append(p.out)
}

func (p *peer) fileReply(f *frame) {
	if len(f.payload) <= fileHead {
		p.reply(f.id, codeMalformed, "a file without a name")
		return
	}
	offset, n := binary.BigEndian.Uint64(f.payload), binary.BigEndian.Uint64(f.payload[8:])
	name := string(f.payload[fileHead:])
	f.payload = nil
	in, err := responseOf(f)
	if err != nil || in.Code == 0 || offset > maxFileSize || n > maxFileSize {
		p.reply(f.id, codeMalformed, "not a file's head")
		return
	}
	switch p.server.opts.Responses.SendFile(&in, name, int64(offset), int64(n)) {
	case FileTaken:
		p.reply(f.id, codeOK, "")
	case FileUnreadable:
		p.reply(f.id, codeNotFound, "")
	case FileGone:
		p.reply(f.id, codeGone, "")
	}
}

const maxFileSize = 1 << 62

package inlet

import (
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/rawio"
)

// chunkSize is how much is read ahead at most.
const chunkSize = 4 << 10

// chunks is what sockets are read into. It is process-wide, as sync.Pools of plain buffers are: no connection's state survives in it.
var chunks = sync.Pool{New: func() any { b := make([]byte, chunkSize); return &b }}

// read waits for the client, and puts what came into ahead or, of a long payload, to where it belongs. It is where a
// connection spends its life, so it waits with next to nothing: no buffer, and a short stack.
//
// The first try of RawConn.Read is in vain after most messages, and cannot be left out: before it waits, Go's poller forgets
// that the descriptor became readable (internal/poll.(*FD).RawRead, prepareRead), and epoll is edge-triggered. Without the try, what arrived since the
// last read would be noticed with the next byte only. To stay inside of one RawConn.Read would keep the descriptor's
// lock, for which Close waits, through calls into PHP.
func (in *Inlet) read() error {
	in.into = in.room()
	var err error
	if in.raw != nil {
		if err = in.raw.Read(in.try); err == nil {
			err = in.err
		}
	} else {
		in.readBlocking()
		err = in.err
	}
	if err != nil || in.n == 0 {
		in.drop()
		in.into = nil
		return err
	}
	in.seen.Store(time.Now().UnixNano())
	if in.into == nil {
		in.ahead = (*in.chunk)[:in.n]
		return nil
	}
	p := in.into[:in.n]
	in.into = nil
	in.key = unmask(p, p, in.key)
	in.left -= uint64(in.n)
	b := in.target()
	*b = (*b)[:len(*b)+in.n]
	if b == in.dst {
		return in.check()
	}
	return nil
}

// target is the buffer that the payload of the data frame which is being read goes to; nil: none.
func (in *Inlet) target() *[]byte {
	switch {
	case !in.payload || in.first&bitsCtrl != 0 || in.dst == nil:
		return nil
	case in.opening&bitRSV1 != 0:
		return in.packed
	}
	return in.dst
}

// room is the free end of a payload's buffer, if so much of the frame is to come that reading past the chunks saves a copy.
// A short rest is read as a chunk: the next frame may be behind it.
func (in *Inlet) room() []byte {
	b := in.target()
	if b == nil || in.left < chunkSize {
		return nil
	}
	p := *b
	if cap(p)-len(p) < chunkSize {
		if len(p) < chunkSize {
			return nil // so little has come that a chunk will do
		}
		*b = grown(p, chunkSize, in.left-chunkSize)
		p = *b
	}
	free := p[len(p):cap(p)]
	return free[:min(uint64(len(free)), in.left)]
}

// tryRead is called by the runtime's poller; false: wait until there is something.
func (in *Inlet) tryRead(fd uintptr) bool {
	p := in.into
	if p == nil {
		in.chunk, _ = chunks.Get().(*[]byte)
		p = *in.chunk
	}
	for {
		var errno syscall.Errno
		in.n, errno = rawio.Read(fd, p)
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			in.drop()
			return false
		case errno != 0:
			in.err = errno
		case in.n == 0:
			in.err = io.EOF
		default:
			in.err = nil
		}
		return true
	}
}

// readBlocking reads where only a blocking read tells that there is something: between messages one byte, so that nobody waits with a chunk.
func (in *Inlet) readBlocking() {
	if p := in.into; p == nil {
		if !in.payload && in.got == 0 {
			in.n, in.err = in.conn.Read(in.header[:1])
			in.chunk, _ = chunks.Get().(*[]byte)
			(*in.chunk)[0] = in.header[0]
		} else {
			in.chunk, _ = chunks.Get().(*[]byte)
			in.n, in.err = in.conn.Read(*in.chunk)
		}
	} else {
		in.n, in.err = in.conn.Read(p)
	}
	if in.n > 0 {
		in.err = nil // it comes again
	}
}

// drop gives the chunk back, if there is one.
func (in *Inlet) drop() {
	if in.chunk != nil {
		chunks.Put(in.chunk)
		in.chunk = nil
	}
}

package shm

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The kinds of objects: the frame types of docs/protocol.md section 4.
const (
	KindTable  = 140
	KindAtomic = 141
	KindLock   = 142
)

// The codes of replies; docs/protocol.md section 10.
const (
	CodeOK        = 0
	CodeMalformed = 400
	CodeNotHolder = 403 // unlock by somebody who does not hold the lock
	CodeNotFound  = 404 // no such row; peek: no such atomic
	CodeTimeout   = 408 // waited in vain
	CodeConflict  = 409 // cmpset: another value; wait: neither 0 nor 1; lock: it would wait for itself
	CodeGone      = 410 // the object was destroyed
	CodeUndefined = 412 // no table with this key and definition: define it and ask again
	CodeLocked    = 423 // somebody else holds the lock, and the query does not wait
	CodeFull      = 507 // no room: value 1 the table is full, 2 the limit of all shared memory is reached
)

// The values of a reply with CodeFull.
const (
	fullTable = 1
	fullLimit = 2
)

// opDefine is the one operation that all kinds have.
const opDefine = 0

// Query is one operation on one object.
type Query struct {
	Owner   uint64 // who asks: locks belong to it
	Kind    uint8  // KindTable, KindAtomic or KindLock
	Op      uint8
	Key     uint64 // the object
	Code    uint32 // table: CRC-32 of the definition; atomic: 32 or 64; lock: its type
	Payload []byte
}

// Reply answers a Query.
type Reply struct {
	Code  uint32
	Value uint64 // a number, see docs/protocol.md
	Wait  bool   // nothing was done yet: call Wait
	Error string // with CodeMalformed and CodeFull, for people
}

func malformed(err error) Reply { return Reply{Code: CodeMalformed, Error: err.Error()} }

var (
	errShort    = errors.New("the payload breaks off")
	errTrailing = errors.New("the payload has trailing bytes")
)

// reader takes fields out of a payload. After an error all it returns is zero.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n uint64) []byte {
	if r.err != nil || n > uint64(len(r.b)) {
		if r.err == nil {
			r.err = errShort
		}
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) u8() uint8 {
	if v := r.take(1); v != nil {
		return v[0]
	}
	return 0
}

func (r *reader) u16() uint16 {
	if v := r.take(2); v != nil {
		return binary.BigEndian.Uint16(v)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if v := r.take(4); v != nil {
		return binary.BigEndian.Uint32(v)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if v := r.take(8); v != nil {
		return binary.BigEndian.Uint64(v)
	}
	return 0
}

// maxKey is the longest key of a row: 63 bytes as in Swoole, and 16 that tell longer keys apart.
const maxKey = 79

func (r *reader) key() []byte {
	n := r.u8()
	if r.err == nil && n > maxKey {
		r.err = fmt.Errorf("a key of %d bytes, at most %d are allowed", n, maxKey)
	}
	return r.take(uint64(n))
}

// end returns what went wrong; bytes that nobody took are wrong, too.
func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		return errTrailing
	}
	return r.err
}

package inlet

import (
	"compress/flate"
	"errors"
	"io"
	"sync"
)

// tail is what a sender cuts off (RFC 7692 section 7.2.1), and a last block, so that the inflater knows that it is done.
const tail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

// inflater inflates one message at a time: nothing is taken over from one to the next.
type inflater struct {
	r    io.ReadCloser // and a flate.Resetter
	data []byte
	tail string
}

// inflaters is process-wide: an inflater is 44 KB and holds nothing of its user's between messages.
var inflaters = sync.Pool{New: func() any {
	f := &inflater{}
	f.r = flate.NewReader(f)
	return f
}}

// Read implements io.Reader.
func (f *inflater) Read(p []byte) (int, error) {
	n := copy(p, f.data)
	f.data = f.data[n:]
	m := copy(p[n:], f.tail)
	f.tail = f.tail[m:]
	if n += m; n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// ReadByte implements io.ByteReader: the inflater would buffer otherwise.
func (f *inflater) ReadByte() (byte, error) {
	if len(f.data) > 0 {
		b := f.data[0]
		f.data = f.data[1:]
		return b, nil
	}
	if f.tail == "" {
		return 0, io.EOF
	}
	b := f.tail[0]
	f.tail = f.tail[1:]
	return b, nil
}

// inflate appends p, inflated, to dst, and stops at the limit and at what is no text. Nothing at all is an empty message: zlib makes it
// of one, where RFC 7692 section 7.2.3.6 has a byte.
func (in *Inlet) inflate(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	f, ok := inflaters.Get().(*inflater)
	if !ok {
		return ErrInflate
	}
	defer inflaters.Put(f)
	f.data, f.tail = p, tail
	defer func() { f.data = nil }()
	if err := f.r.(flate.Resetter).Reset(f, nil); err != nil { //nolint:forcetypeassert // flate.NewReader promises it
		return ErrInflate
	}
	for {
		b := grown(*in.dst, 1, uint64(max(in.limits.Inflated-len(*in.dst), 1)))
		n, err := f.r.Read(b[len(b):cap(b)])
		*in.dst = b[:len(b)+n]
		if len(*in.dst) > in.limits.Inflated {
			return ErrTooBig
		}
		if bad := in.check(); bad != nil {
			return bad
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return ErrInflate
		}
	}
}

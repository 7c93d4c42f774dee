// Package split cuts the bytes of a TCP connection into the packets that a script asked for with Swoole's settings
// open_eof_check, open_eof_split, open_length_check, open_mqtt_protocol and open_redis_protocol.
//
// Three names to know: [Options], [Rule] and [Splitter]. It reads nothing: who has bytes feeds them. The rules are those of
// swoole-src/src/protocol/base.cc, mqtt.cc and redis.cc.
package split

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// What a client can do wrong: the connection is closed.
var (
	ErrTooBig = errors.New("split: the packet is longer than package_max_length")
	ErrLength = errors.New("split: the packet has no valid length")
)

const (
	maxEOF    = 8 // SW_DATA_EOF_MAXLEN
	maxOffset = 65535
	maxMQTT   = 4       // bytes that hold a length
	keep      = 4 << 10 // the largest buffer that an idle connection keeps, in bytes
)

// Options say what a packet is. One of EOF, LengthType, MQTT and Redis is set.
type Options struct {
	// EOF ends a packet, 1 to 8 bytes. It is part of the packet.
	EOF []byte
	// Each ends a packet at each EOF; without it only at one that ends what was read so far: several may be in a packet.
	Each bool

	// LengthType is a letter of PHP's pack(): one of cCsSnvlLNVqQJP. Machine byte order is little-endian.
	LengthType byte
	// LengthOffset is where the length stands, BodyOffset where the bytes begin that it counts; both from the packet's start.
	LengthOffset, BodyOffset int

	// MQTT packets have a byte, and their length behind it in 1 to 4 bytes of 7 bits, the lowest first.
	MQTT bool

	// Redis packets are requests of that protocol: an array of strings.
	Redis bool

	Max int // bytes in a packet
}

// Rule is Options that were checked. It does not change and may be used by many connections.
type Rule struct {
	o    Options
	size int // of the length, in bytes
}

// New checks the options.
func New(o Options) (*Rule, error) {
	r := &Rule{o: o}
	switch {
	case o.Max < 1:
		return nil, fmt.Errorf("split: package_max_length %d: want 1 or more", o.Max)
	case (o.MQTT || o.Redis) && (o.LengthType != 0 || len(o.EOF) > 0 || o.MQTT && o.Redis):
		return nil, errors.New("split: open_mqtt_protocol, open_redis_protocol, package_eof and package_length_type exclude each other")
	case o.MQTT, o.Redis:
		return r, nil
	case o.LengthType == 0 && len(o.EOF) == 0:
		return nil, errors.New("split: package_eof cannot be an empty string")
	case len(o.EOF) > maxEOF:
		return nil, fmt.Errorf("split: package_eof has %d bytes, at most %d are allowed", len(o.EOF), maxEOF)
	case o.LengthType == 0:
		return r, nil
	case len(o.EOF) > 0:
		return nil, errors.New("split: package_eof and package_length_type exclude each other")
	}
	if r.size = lengthSize(o.LengthType); r.size == 0 {
		return nil, fmt.Errorf("split: package_length_type %q: want one of c C s S n v l L N V q Q J P", o.LengthType)
	}
	for _, offset := range [...]int{o.LengthOffset, o.BodyOffset} {
		if offset < 0 || offset > maxOffset {
			return nil, fmt.Errorf("split: package_length_offset or package_body_offset %d: want 0 to %d", offset, maxOffset)
		}
	}
	return r, nil
}

func lengthSize(letter byte) int {
	switch letter {
	case 'c', 'C':
		return 1
	case 's', 'S', 'n', 'v':
		return 2
	case 'l', 'L', 'N', 'V':
		return 4
	case 'q', 'Q', 'J', 'P':
		return 8
	}
	return 0
}

// length decodes p, which has the letter's size. Values that no packet can have come out negative.
func length(letter byte, p []byte) int64 {
	le, be := binary.LittleEndian, binary.BigEndian
	var u uint64
	switch letter {
	case 'c':
		return int64(int8(p[0]))
	case 'C':
		u = uint64(p[0])
	case 's':
		return int64(int16(le.Uint16(p)))
	case 'S', 'v':
		u = uint64(le.Uint16(p))
	case 'n':
		u = uint64(be.Uint16(p))
	case 'l':
		return int64(int32(le.Uint32(p)))
	case 'L', 'V':
		u = uint64(le.Uint32(p))
	case 'N':
		u = uint64(be.Uint32(p))
	case 'q', 'Q', 'P':
		u = le.Uint64(p)
	case 'J':
		u = be.Uint64(p)
	}
	return int64(u) // above MaxInt64 it is negative, which is as wrong
}

// Splitter holds what came of a packet that is not whole. One goroutine at a time owns it.
type Splitter struct {
	rule  *Rule
	buf   []byte
	start int // of what was not given yet
	seen  int // bytes behind start that hold no EOF's begin; of a Redis request: that are read
	left  int // strings of a Redis request that follow
	err   error
}

// Init prepares the splitter.
func (s *Splitter) Init(r *Rule) { s.rule = r }

// Feed takes bytes as they came. They are the caller's again when it returns.
func (s *Splitter) Feed(p []byte) {
	if s.start > 0 {
		s.buf = s.buf[:copy(s.buf, s.buf[s.start:])]
		s.start = 0
	}
	s.buf = append(s.buf, p...)
}

// Next returns the next packet that is whole, or nil. It is valid until the next call of Feed. An error is final.
func (s *Splitter) Next() ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	rest := s.buf[s.start:]
	if len(rest) == 0 {
		if cap(s.buf) > keep {
			s.buf = nil
		}
		s.buf, s.start = s.buf[:0], 0
		return nil, nil
	}
	var n int
	switch o := &s.rule.o; {
	case o.MQTT:
		n, s.err = mqtt(rest)
	case o.Redis:
		n, s.err = s.redis(rest)
	case o.LengthType != 0:
		n, s.err = s.byLength(rest)
	case o.Each:
		n = s.byEachEOF(rest)
	case bytes.HasSuffix(rest, o.EOF):
		n = len(rest)
	}
	switch {
	case s.err != nil:
		return nil, s.err
	case n > s.rule.o.Max, n == 0 && len(rest) >= s.rule.o.Max:
		s.err = ErrTooBig
		return nil, s.err
	case n == 0 || n > len(rest):
		return nil, nil
	}
	s.start += n
	s.seen = 0
	return rest[:n:n], nil
}

// byLength returns the packet's size, or 0 if it cannot be known yet.
func (s *Splitter) byLength(p []byte) (int, error) {
	o := &s.rule.o
	if len(p) < o.LengthOffset+s.rule.size {
		return 0, nil
	}
	n := length(o.LengthType, p[o.LengthOffset:])
	switch {
	case n < 0:
		return 0, ErrLength
	case n > math.MaxInt32 || int(n)+o.BodyOffset > o.Max:
		return 0, ErrTooBig
	case n == 0 && o.BodyOffset == 0:
		return 0, ErrLength // it would never end
	}
	return int(n) + o.BodyOffset, nil
}

// mqtt returns the size of the packet that p begins with, or 0 if it cannot be known yet.
func mqtt(p []byte) (int, error) {
	n := 0
	for i := range maxMQTT {
		if len(p) < i+2 {
			return 0, nil
		}
		b := p[i+1]
		if n |= int(b&0x7f) << (7 * i); b&0x80 == 0 {
			return n + i + 2, nil
		}
	}
	return 0, ErrLength
}

// byEachEOF returns the size of the packet that ends with the first EOF, or 0.
func (s *Splitter) byEachEOF(p []byte) int {
	eof := s.rule.o.EOF
	i := bytes.Index(p[s.seen:], eof)
	if i < 0 {
		s.seen = max(0, len(p)-len(eof)+1)
		return 0
	}
	return s.seen + i + len(eof)
}

package shm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"
)

// The types of columns, as Swoole\Table numbers them.
const (
	typeInt    = 1
	typeFloat  = 2
	typeString = 3
)

const (
	minSize    = 64
	maxSize    = 1 << 31
	numberSize = 8
	lengthSize = 4 // before each string
)

// column is one column of a table.
type column struct {
	name string
	typ  uint8
	size uint32 // the longest string, in bytes
	// at is where a number stands in a row, or the how-manieth string it is.
	at int
}

// layout is a table's definition. A row is stored as it travels: all numbers, 8 bytes each, then all strings, each
// with its length in 4 bytes; both in the order of the columns.
type layout struct {
	hash    uint32
	size    uint32 // a power of two
	slices  uint32 // Swoole's places for collisions: rows that the table holds beyond size
	columns []column
	numbers int // bytes of all numbers
	strings []*column
}

// parseLayout decodes a definition: N size, N slices, then for each column C type, N size, n length of its name, name.
func parseLayout(def []byte) (*layout, error) {
	r := reader{b: def}
	l := &layout{hash: crc32.ChecksumIEEE(def), size: r.u32(), slices: r.u32()}
	if r.err == nil && (bits.OnesCount32(l.size) != 1 || l.size < minSize || l.slices > l.size) {
		return nil, fmt.Errorf("a table of %d rows and %d slices: want a power of two from %d to %d, and at most as many slices", l.size, l.slices, minSize, uint32(maxSize))
	}
	for r.err == nil && len(r.b) > 0 {
		c := column{typ: r.u8(), size: r.u32()}
		c.name = string(r.take(uint64(r.u16())))
		switch {
		case r.err != nil:
		case c.typ == typeInt || c.typ == typeFloat:
			c.at, l.numbers = l.numbers, l.numbers+numberSize
		case c.typ == typeString && c.size > 0:
		default:
			return nil, fmt.Errorf("column %q has type %d and size %d", c.name, c.typ, c.size)
		}
		l.columns = append(l.columns, c)
		if len(l.columns) > math.MaxUint16 {
			return nil, errors.New("too many columns")
		}
	}
	for i := range l.columns {
		if c := &l.columns[i]; c.typ == typeString {
			c.at = len(l.strings)
			l.strings = append(l.strings, c)
		}
	}
	return l, r.err
}

func (l *layout) capacity() int { return int(l.size) + int(l.slices) }

// rowSize is a row's size when all strings are as long as they may be.
func (l *layout) rowSize() int64 {
	n := int64(l.numbers)
	for _, c := range l.strings {
		n += lengthSize + int64(c.size)
	}
	return n
}

// empty is the size of a row of zeros and empty strings.
func (l *layout) empty() int { return l.numbers + lengthSize*len(l.strings) }

// str returns the i-th string of a row.
func (l *layout) str(row []byte, i int) []byte {
	row = row[l.numbers:]
	for ; i > 0; i-- {
		row = row[lengthSize+binary.BigEndian.Uint32(row):]
	}
	return row[lengthSize : lengthSize+binary.BigEndian.Uint32(row)]
}

// value is one given column of a set.
type value struct {
	column *column
	number uint64
	str    []byte
}

// values decodes what set gives: for each value n column, then J number, or N length and the string.
func (l *layout) values(r *reader, dst []value) ([]value, error) {
	for r.err == nil && len(r.b) > 0 {
		c, err := l.column(r)
		if err != nil {
			return nil, err
		}
		v := value{column: c}
		if c.typ == typeString {
			v.str = r.take(uint64(r.u32()))
			if len(v.str) > int(c.size) {
				return nil, fmt.Errorf("%d bytes for column %q, which has %d", len(v.str), c.name, c.size)
			}
		} else {
			v.number = r.u64()
		}
		dst = append(dst, v)
	}
	return dst, r.err
}

func (l *layout) column(r *reader) (*column, error) {
	i := int(r.u16())
	switch {
	case r.err != nil:
		return nil, r.err
	case i >= len(l.columns):
		return nil, fmt.Errorf("column %d of %d", i, len(l.columns))
	}
	return &l.columns[i], nil
}

// update returns row with the given values, in place if all strings keep their length. A nil row is one of zeros.
func (l *layout) update(row []byte, values []value) []byte {
	if row == nil {
		row = make([]byte, l.empty())
	}
	moved := 0
	for _, v := range values {
		if v.column.typ != typeString {
			binary.BigEndian.PutUint64(row[v.column.at:], v.number)
			continue
		}
		if old := l.str(row, v.column.at); len(old) == len(v.str) {
			copy(old, v.str)
			continue
		}
		moved++
	}
	if moved == 0 {
		return row
	}
	fresh := make([][]byte, len(l.strings))
	size := l.numbers
	for i := range fresh {
		fresh[i] = l.str(row, i)
	}
	for _, v := range values {
		if v.column.typ == typeString {
			fresh[v.column.at] = v.str
		}
	}
	for _, s := range fresh {
		size += lengthSize + len(s)
	}
	next := append(make([]byte, 0, size), row[:l.numbers]...)
	for _, s := range fresh {
		next = append(binary.BigEndian.AppendUint32(next, uint32(len(s))), s...)
	}
	return next
}

// row decodes one whole row of a definition's seed.
func (l *layout) row(r *reader) []byte {
	start := r.b
	r.take(uint64(l.numbers))
	for _, c := range l.strings {
		n := r.u32()
		if r.err == nil && n > c.size {
			r.err = fmt.Errorf("%d bytes for column %q, which has %d", n, c.name, c.size)
		}
		r.take(uint64(n))
	}
	return start[:len(start)-len(r.b)]
}

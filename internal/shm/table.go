package shm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
)

// The operations on tables.
const (
	tableSet     = 1
	tableGet     = 2
	tableField   = 3
	tableIncr    = 4
	tableDecr    = 5
	tableDel     = 6
	tableExists  = 7
	tableCount   = 8
	tableRows    = 9
	tableStats   = 10
	tableDestroy = 11
)

const (
	// rowCost is what a row takes beside its key and data: its slot, its place in the index, and what the allocator adds.
	rowCost = 96
	// tableCost is the same for a table.
	tableCost = 512
	// rowsChunk is how much of a table goes into one reply.
	rowsChunk = 1 << 20
)

type row struct {
	key  string
	data []byte // nil: a free slot
}

// table is one table in one layout.
type table struct {
	memory *Memory
	layout *layout
	used   atomic.Int64 // when it was asked last, in unix seconds; only kept while another layout is there

	mu        sync.Mutex
	destroyed bool
	index     map[string]uint32 // key => slot
	rows      []row
	free      []uint32
	bytes     int64 // counted in Memory
	inserts   uint64
	updates   uint64
	deletes   uint64
	conflicts uint64
}

func newTable(m *Memory, l *layout) *table {
	return &table{memory: m, layout: l, index: make(map[string]uint32), bytes: tableCost}
}

// seed puts the rows of a definition into a table that nobody knows yet.
func (t *table) seed(r *reader) error {
	for r.err == nil && len(r.b) > 0 {
		key := r.key()
		data := t.layout.row(r)
		if r.err != nil {
			break
		}
		if code, what := t.insert(key, bytes.Clone(data)); code != 0 {
			return fmt.Errorf("the script's own rows do not fit: %s", what)
		}
	}
	return r.end()
}

func (t *table) do(op uint8, payload, dst []byte) (Reply, []byte) {
	r := reader{b: payload}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.destroyed {
		return Reply{Code: CodeGone}, dst
	}
	switch op {
	case tableSet:
		return t.set(&r), dst
	case tableIncr, tableDecr:
		return t.incr(&r, op == tableDecr, dst)
	case tableGet, tableField, tableDel, tableExists:
		return t.row(&r, op, dst)
	case tableRows:
		cursor := r.u64()
		if err := r.end(); err != nil {
			return malformed(err), dst
		}
		return t.page(cursor, dst)
	}
	if err := r.end(); err != nil {
		return malformed(err), dst
	}
	switch op {
	case tableCount:
		return Reply{Value: uint64(len(t.index))}, dst
	case tableStats:
		return Reply{}, t.stats(dst)
	case tableDestroy:
		t.destroy()
		return Reply{}, dst
	}
	return malformed(fmt.Errorf("unknown operation %d on a table", op)), dst
}

// row is what asks about one row that is there.
func (t *table) row(r *reader, op uint8, dst []byte) (Reply, []byte) {
	key := r.key()
	var c *column
	if op == tableField {
		var err error
		if c, err = t.layout.column(r); err != nil {
			return malformed(err), dst
		}
	}
	if err := r.end(); err != nil {
		return malformed(err), dst
	}
	slot, ok := t.index[string(key)]
	if !ok {
		return Reply{Code: CodeNotFound}, dst
	}
	data := t.rows[slot].data
	switch {
	case op == tableGet:
		dst = append(dst, data...)
	case op == tableDel:
		t.remove(slot)
	case c == nil:
	case c.typ == typeString:
		dst = append(dst, t.layout.str(data, c.at)...)
	default:
		dst = append(dst, data[c.at:c.at+numberSize]...)
	}
	return Reply{}, dst
}

func (t *table) set(r *reader) Reply {
	key := r.key()
	var buf [16]value
	values, err := t.layout.values(r, buf[:0])
	if err != nil {
		return malformed(err)
	}
	return t.store(key, values)
}

// store changes a row, or makes it.
func (t *table) store(key []byte, values []value) Reply {
	slot, ok := t.index[string(key)]
	if !ok {
		if code, what := t.insert(key, t.layout.update(nil, values)); code != 0 {
			return Reply{Code: CodeFull, Value: code, Error: what}
		}
		return Reply{}
	}
	old := t.rows[slot].data
	more := int64(0)
	for _, v := range values {
		if v.column.typ == typeString {
			more += int64(len(v.str) - len(t.layout.str(old, v.column.at)))
		}
	}
	if more > 0 && !t.memory.reserve(more) {
		return Reply{Code: CodeFull, Value: fullLimit, Error: t.memory.limitText()}
	}
	data := t.layout.update(old, values)
	// A column that was given twice counts once.
	if exact := int64(len(data) - len(old)); more > 0 {
		t.memory.release(more - exact)
		t.bytes += exact
	} else {
		t.memory.release(-exact)
		t.bytes += exact
	}
	t.rows[slot].data = data
	t.updates++
	return Reply{}
}

// insert adds a row that is not there; data belongs to the table from now on. code is a value of CodeFull, or 0.
func (t *table) insert(key, data []byte) (code uint64, what string) {
	if slot, ok := t.index[string(key)]; ok { // twice in a seed
		t.remove(slot)
	}
	if len(t.index) >= t.layout.capacity() {
		return fullTable, fmt.Sprintf("the table is full: it holds %d rows", t.layout.capacity())
	}
	cost := rowCost + int64(len(key)+len(data))
	if !t.memory.reserve(cost) {
		return fullLimit, t.memory.limitText()
	}
	t.bytes += cost
	name := string(key)
	if len(data) == 0 {
		data = []byte{} // a table without columns: nil is a free slot
	}
	var slot uint32
	if n := len(t.free); n > 0 {
		slot, t.free = t.free[n-1], t.free[:n-1]
		t.rows[slot] = row{name, data}
	} else {
		slot = uint32(len(t.rows))
		t.rows = append(t.rows, row{name, data})
	}
	t.index[name] = slot
	t.inserts++
	if len(t.index) > int(t.layout.size) {
		t.conflicts++
	}
	return 0, ""
}

func (t *table) remove(slot uint32) {
	gone := t.rows[slot]
	delete(t.index, gone.key)
	t.rows[slot] = row{}
	t.free = append(t.free, slot)
	cost := rowCost + int64(len(gone.key)+len(gone.data))
	t.memory.release(cost)
	t.bytes -= cost
	t.deletes++
}

// incr adds to a number; integers wrap. A row that is not there is made.
func (t *table) incr(r *reader, minus bool, dst []byte) (Reply, []byte) {
	key := r.key()
	c, err := t.layout.column(r)
	if err != nil {
		return malformed(err), dst
	}
	by := r.u64()
	if err := r.end(); err != nil {
		return malformed(err), dst
	}
	if c.typ == typeString {
		return malformed(errors.New("a string cannot be incremented")), dst
	}
	old := uint64(0)
	if slot, ok := t.index[string(key)]; ok {
		old = binary.BigEndian.Uint64(t.rows[slot].data[c.at:])
	}
	sum := old + by
	switch {
	case c.typ == typeFloat && minus:
		sum = math.Float64bits(math.Float64frombits(old) - math.Float64frombits(by))
	case c.typ == typeFloat:
		sum = math.Float64bits(math.Float64frombits(old) + math.Float64frombits(by))
	case minus:
		sum = old - by
	}
	reply := t.store(key, []value{{column: c, number: sum}})
	if reply.Code == CodeOK {
		dst = binary.BigEndian.AppendUint64(dst, sum)
	}
	return reply, dst
}

// page appends rows from a slot on: for each C length of its key, key, row. Value is where the next page begins, 0 after
// the last one.
func (t *table) page(cursor uint64, dst []byte) (Reply, []byte) {
	start := len(dst)
	for i := cursor; i < uint64(len(t.rows)); i++ {
		if t.rows[i].data == nil {
			continue
		}
		if len(dst)-start >= rowsChunk {
			return Reply{Value: i}, dst
		}
		dst = append(append(dst, byte(len(t.rows[i].key))), t.rows[i].key...)
		dst = append(dst, t.rows[i].data...)
	}
	return Reply{}, dst
}

// stats appends J num, conflict_count, conflict_max_level, insert_count, update_count, delete_count,
// available_slice_num, total_slice_num.
func (t *table) stats(dst []byte) []byte {
	inSlices := uint64(max(len(t.index)-int(t.layout.size), 0))
	level := uint64(0)
	if t.conflicts > 0 {
		level = 1
	}
	for _, n := range [...]uint64{
		uint64(len(t.index)), t.conflicts, level, t.inserts, t.updates, t.deletes,
		uint64(t.layout.slices) - inSlices, uint64(t.layout.slices),
	} {
		dst = binary.BigEndian.AppendUint64(dst, n)
	}
	return dst
}

// destroy frees the rows.
func (t *table) destroy() {
	t.destroyed = true
	t.memory.release(t.bytes - tableCost)
	t.bytes = tableCost
	t.index, t.rows, t.free = nil, nil, nil
}

// drop frees all that it counts.
func (t *table) drop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.destroyed {
		t.destroy()
	}
	t.memory.release(tableCost)
	t.bytes = 0
}

package shm_test

import (
	"encoding/binary"
	"hash/crc32"
	"testing"

	"go.uber.org/goleak"

	"github.com/fpmbridge/fpmbridge/internal/shm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// what the operations are called in docs/protocol.md section 10
const (
	define = 0

	get, set, add, sub, cmpset, wait, wakeup, peek = 1, 2, 3, 4, 5, 6, 7, 8

	rowSet, rowGet, rowField, rowIncr, rowDecr, rowDel, rowExists, rowCount, rowPage, rowStats, destroyTable = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11

	exclusive, sharedLock, unlock, release, destroyLock = 1, 2, 3, 4, 5

	mutex, rwlock = 3, 1
)

func memory(t testing.TB, o shm.Options) *shm.Memory {
	t.Helper()
	m, err := shm.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func u64(values ...int64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	return b
}

func str(s string) []byte { return append(binary.BigEndian.AppendUint32(nil, uint32(len(s))), s...) }

func key(s string) []byte { return append([]byte{byte(len(s))}, s...) }

func join(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

type col struct {
	name string
	typ  uint8
	size uint32
}

func definition(size, slices uint32, cols ...col) []byte {
	b := binary.BigEndian.AppendUint32(nil, size)
	b = binary.BigEndian.AppendUint32(b, slices)
	for _, c := range cols {
		b = append(b, c.typ)
		b = binary.BigEndian.AppendUint32(b, c.size)
		b = binary.BigEndian.AppendUint16(b, uint16(len(c.name)))
		b = append(b, c.name...)
	}
	return b
}

// table asks about one table.
type table struct {
	t    testing.TB
	m    *shm.Memory
	key  uint64
	code uint32
}

func newTable(t testing.TB, m *shm.Memory, key uint64, def []byte, rows ...[]byte) *table {
	t.Helper()
	tab := &table{t, m, key, crc32.ChecksumIEEE(def)}
	payload := join(append([][]byte{str(string(def))}, rows...)...)
	if r, _ := tab.do(define, payload); r.Code != shm.CodeOK {
		t.Fatalf("define: %+v", r)
	}
	return tab
}

func (tab *table) do(op uint8, payload []byte) (shm.Reply, string) {
	r, out := tab.m.Do(shm.Query{Kind: shm.KindTable, Op: op, Key: tab.key, Code: tab.code, Payload: payload}, nil)
	return r, string(out)
}

// want carries out an operation whose reply has that code and payload.
func (tab *table) want(op uint8, payload []byte, code uint32, out []byte) {
	tab.t.Helper()
	r, got := tab.do(op, payload)
	if r.Code != code || got != string(out) {
		tab.t.Fatalf("operation %d: %+v %q; want code %d and %q", op, r, got, code, out)
	}
}

func (tab *table) count() uint64 {
	r, _ := tab.do(rowCount, nil)
	return r.Value
}

func crcOf(def []byte) uint32 { return crc32.ChecksumIEEE(def) }

package shm_test

import (
	"encoding/binary"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/shm"
)

// Whatever comes, nothing panics, nothing blocks, and what is counted stays within the limit. A sequence of queries:
// for each kind, operation, key, code (0: the right one of the definition), n length of the payload, payload.
func FuzzDo(f *testing.F) {
	def := people()
	query := func(kind, op, key, code byte, payload []byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{kind, op, key, code}, uint16(len(payload))), payload...)
	}
	f.Add(join(
		query(shm.KindTable, define, 1, 0, join(str(string(def)), key("a"), person(1, 2, "n", "c"))),
		query(shm.KindTable, rowSet, 1, 0, join(key("b"), given(0, str("x")), given(1, u64(1)))),
		query(shm.KindTable, rowIncr, 1, 0, join(key("b"), []byte{0, 1}, u64(1))),
		query(shm.KindTable, rowGet, 1, 0, key("b")),
		query(shm.KindTable, rowField, 1, 0, join(key("b"), []byte{0, 3})),
		query(shm.KindTable, rowPage, 1, 0, u64(0)),
		query(shm.KindTable, rowDel, 1, 0, key("b")),
		query(shm.KindTable, destroyTable, 1, 0, nil),
	))
	f.Add(join(query(shm.KindAtomic, add, 1, 32, u64(0, 1)), query(shm.KindAtomic, wait, 1, 32, u64(0, -1)), query(shm.KindAtomic, cmpset, 2, 64, u64(0, 1, 2))))
	f.Add(join(query(shm.KindLock, exclusive, 1, 3, u64(0)), query(shm.KindLock, sharedLock, 2, 1, u64(-1)), query(shm.KindLock, release, 0, 0, nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := shm.New(shm.Options{Limit: 2048})
		if err != nil {
			t.Fatal(err)
		}
		newTable(t, m, 1, def)
		for len(b) >= 6 {
			n := min(int(binary.BigEndian.Uint16(b[4:])), len(b)-6)
			q := shm.Query{Owner: 1, Kind: b[0], Op: b[1], Key: uint64(b[2]), Code: uint32(b[3]), Payload: b[6 : 6+n]}
			if q.Kind == shm.KindTable && q.Code == 0 {
				q.Code = crcOf(def)
				if q.Op == define && n >= 4 {
					if size := int(binary.BigEndian.Uint32(q.Payload)); size <= n-4 {
						q.Code = crcOf(q.Payload[4 : 4+size])
					}
				}
			}
			b = b[6+n:]
			dst := []byte("before")
			reply, out := m.Do(q, dst)
			if string(out[:len(dst)]) != "before" || reply.Code != 0 && len(out) > len(dst) {
				t.Fatalf("%+v: %+v %q", q, reply, out)
			}
			if s := m.Stats(); s.Bytes < 0 || s.Bytes > s.Limit {
				t.Fatalf("%+v: %+v", q, s)
			}
		}
	})
}

package shm_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/shm"
)

// people has one column of each type, strings first and last.
func people() []byte {
	return definition(64, 12, col{"name", 3, 8}, col{"age", 1, 8}, col{"score", 2, 8}, col{"city", 3, 16})
}

// person is a row as it is stored: numbers first.
func person(age int64, score float64, name, city string) []byte {
	return join(u64(age, int64(math.Float64bits(score))), str(name), str(city))
}

func given(column uint16, value []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, column), value...)
}

func TestRows(t *testing.T) {
	tab := newTable(t, memory(t, shm.Options{}), 1, people())
	tab.want(rowGet, key("ann"), shm.CodeNotFound, nil)
	tab.want(rowSet, key("ann"), 0, nil) // nothing given: zeros
	tab.want(rowGet, key("ann"), 0, person(0, 0, "", ""))
	tab.want(rowSet, join(key("ann"), given(3, str("Bonn")), given(0, str("Ann")), given(1, u64(-7))), 0, nil)
	tab.want(rowGet, key("ann"), 0, person(-7, 0, "Ann", "Bonn"))
	tab.want(rowSet, join(key("ann"), given(3, str("Köln")), given(2, u64(int64(math.Float64bits(1.5))))), 0, nil)
	tab.want(rowGet, key("ann"), 0, person(-7, 1.5, "Ann", "Köln"))
	tab.want(rowSet, join(key("ann"), given(0, str("Anna")), given(0, str("A")), given(1, u64(1)), given(1, u64(2))), 0, nil)
	tab.want(rowGet, key("ann"), 0, person(2, 1.5, "A", "Köln"))
	tab.want(rowField, join(key("ann"), []byte{0, 3}), 0, []byte("Köln"))
	tab.want(rowField, join(key("ann"), []byte{0, 1}), 0, u64(2))
	tab.want(rowField, join(key("bob"), []byte{0, 1}), shm.CodeNotFound, nil)
	tab.want(rowExists, key("ann"), 0, nil)
	tab.want(rowSet, join(key("\x00\xff"), given(3, str("\x00\n\xff"))), 0, nil)
	tab.want(rowField, join(key("\x00\xff"), []byte{0, 3}), 0, []byte("\x00\n\xff"))
	tab.want(rowSet, join(key(""), given(1, u64(5))), 0, nil)
	tab.want(rowField, join(key(""), []byte{0, 1}), 0, u64(5))
	if n := tab.count(); n != 3 {
		t.Errorf("%d rows", n)
	}
	tab.want(rowDel, key("ann"), 0, nil)
	tab.want(rowDel, key("ann"), shm.CodeNotFound, nil)
	tab.want(rowExists, key("ann"), shm.CodeNotFound, nil)
	tab.want(rowStats, nil, 0, u64(2, 0, 0, 3, 3, 1, 12, 12))
}

func TestIncrements(t *testing.T) {
	tab := newTable(t, memory(t, shm.Options{}), 1, people())
	tab.want(rowIncr, join(key("a"), []byte{0, 1}, u64(5)), 0, u64(5)) // makes the row
	tab.want(rowDecr, join(key("a"), []byte{0, 1}, u64(7)), 0, u64(-2))
	tab.want(rowSet, join(key("a"), given(1, u64(math.MaxInt64))), 0, nil)
	tab.want(rowIncr, join(key("a"), []byte{0, 1}, u64(1)), 0, u64(math.MinInt64))
	tab.want(rowDecr, join(key("a"), []byte{0, 1}, u64(math.MinInt64)), 0, u64(0))
	half := u64(int64(math.Float64bits(0.5)))
	tab.want(rowDecr, join(key("a"), []byte{0, 2}, half), 0, u64(int64(math.Float64bits(-0.5))))
	tab.want(rowIncr, join(key("a"), []byte{0, 2}, half), 0, u64(int64(math.Float64bits(0))))
	tab.want(rowIncr, join(key("a"), []byte{0, 0}, u64(1)), shm.CodeMalformed, nil)
}

func TestMalformedQueriesChangeNothing(t *testing.T) {
	m := memory(t, shm.Options{})
	tab := newTable(t, m, 1, people())
	long := strings.Repeat("k", 80)
	for name, q := range map[string]struct {
		op      uint8
		payload []byte
	}{
		"no key":                 {rowSet, nil},
		"a key that breaks off":  {rowSet, []byte{5, 'a'}},
		"a key too long":         {rowSet, key(long)},
		"a column too many":      {rowSet, join(key("x"), given(4, u64(1)))},
		"a string too long":      {rowSet, join(key("x"), given(1, u64(1)), given(0, str("123456789")))},
		"a value that breaks":    {rowSet, join(key("x"), given(1, u64(1)), given(1, []byte{1}))},
		"bytes after a key":      {rowGet, join(key("x"), []byte{0})},
		"a field of no column":   {rowField, key("x")},
		"an increment too short": {rowIncr, join(key("x"), []byte{0, 1}, []byte{1})},
		"a count of something":   {rowCount, []byte{1}},
		"a page without cursor":  {rowPage, nil},
		"an unknown operation":   {99, nil},
	} {
		if r, _ := tab.do(q.op, q.payload); r.Code != shm.CodeMalformed || r.Error == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for name, def := range map[string][]byte{
		"empty":              nil,
		"too small":          definition(32, 0),
		"no power of two":    definition(100, 0),
		"too many slices":    definition(64, 65),
		"an unknown type":    definition(64, 0, col{"x", 4, 8}),
		"an empty string":    definition(64, 0, col{"x", 3, 0}),
		"a broken column":    append(definition(64, 0), 1),
		"a seed that breaks": people(),
	} {
		payload := str(string(def))
		if strings.Contains(name, "seed") {
			payload = append(payload, 9)
		}
		tab := &table{t, m, 2, crcOf(def)}
		if r, _ := tab.do(define, payload); r.Code != shm.CodeMalformed {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if r, _ := (&table{t, m, 2, 1}).do(define, str(string(people()))); r.Code != shm.CodeMalformed {
		t.Errorf("a hash of another definition: %+v", r)
	}
	if r, _ := m.Do(shm.Query{Kind: 1}, nil); r.Code != shm.CodeMalformed {
		t.Errorf("a kind that is none: %+v", r)
	}
	if n := tab.count(); n != 0 {
		t.Errorf("%d rows", n)
	}
	if s := m.Stats(); s.Bytes != 512 || s.Tables != 1 {
		t.Errorf("%+v", s)
	}
}

func TestATableIsFull(t *testing.T) {
	m := memory(t, shm.Options{})
	tab := newTable(t, m, 1, definition(64, 12, col{"n", 1, 8}))
	for i := range 76 {
		tab.want(rowSet, key(fmt.Sprint(i)), 0, nil)
	}
	tab.want(rowSet, key("one more"), shm.CodeFull, nil)
	tab.want(rowIncr, join(key("one more"), []byte{0, 0}, u64(1)), shm.CodeFull, nil)
	tab.want(rowSet, join(key("5"), given(0, u64(6))), 0, nil)
	tab.want(rowStats, nil, 0, u64(76, 12, 1, 76, 1, 0, 0, 12))
	tab.want(rowDel, key("7"), 0, nil)
	tab.want(rowSet, key("one more"), 0, nil)
	tab.want(destroyTable, nil, 0, nil)
	tab.want(rowGet, key("5"), shm.CodeGone, nil)
	if s := m.Stats(); s.Bytes != 512 || s.Rows != 0 {
		t.Errorf("%+v", s)
	}
}

func TestTheLimitOfAllMemory(t *testing.T) {
	m := memory(t, shm.Options{Limit: 4096})
	tab := newTable(t, m, 1, definition(1<<20, 0, col{"s", 3, 1 << 20}))
	tab.want(rowSet, join(key("a"), given(0, str(strings.Repeat("x", 3000)))), 0, nil)
	tab.want(rowSet, join(key("b"), given(0, str(strings.Repeat("x", 3000)))), shm.CodeFull, nil)
	tab.want(rowSet, join(key("a"), given(0, str(strings.Repeat("x", 5000)))), shm.CodeFull, nil)
	tab.want(rowField, join(key("a"), []byte{0, 0}), 0, []byte(strings.Repeat("x", 3000)))
	if r := atomically(m, 32, get); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	if r := atomically(m, 64, get); r.Code != shm.CodeFull || !strings.Contains(r.Error, "shared_memory.limit") {
		t.Errorf("%+v", r)
	}
	tab.want(rowDel, key("a"), 0, nil)
	if s := m.Stats(); s.Bytes != 512+256 || s.Limit != 4096 {
		t.Errorf("%+v", s)
	}
	tab.want(rowSet, join(key("b"), given(0, str(strings.Repeat("x", 3000)))), 0, nil)
}

// Rows are counted as they come and go, whatever is done to them.
func TestWhatIsCountedIsGivenBack(t *testing.T) {
	m := memory(t, shm.Options{})
	tab := newTable(t, m, 1, people())
	for i := range 200 {
		k := key(fmt.Sprint(i % 20))
		tab.do(rowSet, join(k, given(0, str("12345678"[:i%9])), given(3, str("abc"[:i%4])), given(3, str("abc"[:i%3]))))
		if i%7 == 0 {
			tab.do(rowDel, k)
		}
	}
	for i := range 20 {
		tab.do(rowDel, key(fmt.Sprint(i)))
	}
	if s := m.Stats(); s.Bytes != 512 {
		t.Errorf("%+v", s)
	}
}

func TestADefinitionSeedsOnce(t *testing.T) {
	m := memory(t, shm.Options{})
	seed := join(key("ann"), person(30, 0, "Ann", "Bonn"))
	tab := newTable(t, m, 1, people(), seed)
	tab.want(rowGet, key("ann"), 0, person(30, 0, "Ann", "Bonn"))
	tab.want(rowDel, key("ann"), 0, nil)
	newTable(t, m, 1, people(), seed)
	tab.want(rowGet, key("ann"), shm.CodeNotFound, nil)
	if r, _ := (&table{t, m, 1, 5}).do(rowCount, nil); r.Code != shm.CodeUndefined {
		t.Errorf("%+v", r)
	}
	small := memory(t, shm.Options{Limit: 600})
	r, _ := (&table{t, small, 1, crcOf(people())}).do(define, join(str(string(people())), seed, join(key("bob"), person(1, 1, "Bob", ""))))
	if r.Code != shm.CodeFull || small.Stats().Bytes != 0 {
		t.Errorf("%+v %+v", r, small.Stats())
	}
}

// A deploy with another layout begins an empty table; runs of the old code keep the old one until they are over.
func TestALayoutThatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		m := memory(t, shm.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		old := newTable(t, m, 1, people())
		old.want(rowSet, key("ann"), 0, nil)
		fresh := newTable(t, m, 1, definition(128, 12, col{"n", 1, 8}))
		if !strings.Contains(log.String(), "definition changed") || !strings.Contains(log.String(), "rows=1") {
			t.Errorf("log: %s", &log)
		}
		fresh.want(rowGet, key("ann"), shm.CodeNotFound, nil)
		old.want(rowExists, key("ann"), 0, nil)
		time.Sleep(50 * time.Second)
		old.want(rowExists, key("ann"), 0, nil)
		time.Sleep(50 * time.Second)
		fresh.want(rowExists, key("ann"), shm.CodeNotFound, nil)
		old.want(rowExists, key("ann"), 0, nil)
		time.Sleep(62 * time.Second)
		fresh.want(rowExists, key("ann"), shm.CodeNotFound, nil)
		old.want(rowExists, key("ann"), shm.CodeUndefined, nil)
		if s := m.Stats(); s.Bytes != 512 {
			t.Errorf("%+v", s)
		}
		newTable(t, m, 1, people())
		newTable(t, m, 1, definition(256, 0))
		if s := m.Stats(); s.Bytes != 2*512 {
			t.Errorf("more than two layouts of a table: %+v", s)
		}
	})
}

func TestPages(t *testing.T) {
	tab := newTable(t, memory(t, shm.Options{}), 1, definition(4096, 0, col{"s", 3, 4096}))
	fat := strings.Repeat("x", 4000)
	for i := range 1000 {
		tab.want(rowSet, join(key(fmt.Sprint(i)), given(0, str(fat))), 0, nil)
	}
	seen, pages := map[string]bool{}, 0
	for cursor := int64(0); ; {
		r, out := tab.do(rowPage, u64(cursor))
		pages++
		for b := []byte(out); len(b) > 0; {
			k := string(b[1 : 1+b[0]])
			seen[k] = true
			b = b[1+int(b[0])+4+len(fat):]
			tab.want(rowDel, key(k), 0, nil) // deleting while iterating
		}
		if cursor = int64(r.Value); cursor == 0 {
			break
		}
	}
	if len(seen) != 1000 || pages < 3 || tab.count() != 0 {
		t.Errorf("%d rows in %d pages, %d left", len(seen), pages, tab.count())
	}
	r, out := tab.do(rowPage, u64(-1))
	if r.Code != 0 || out != "" {
		t.Errorf("%+v %q", r, out)
	}
}

func TestConcurrentUse(t *testing.T) {
	m := memory(t, shm.Options{})
	tab := newTable(t, m, 1, people())
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 300 {
				tab.do(rowIncr, join(key("sum"), []byte{0, 1}, u64(1)))
				k := key(fmt.Sprint(g, i%10))
				tab.do(rowSet, join(k, given(0, str("12345678"[:i%9]))))
				tab.do(rowGet, k)
				tab.do(rowPage, u64(0))
				tab.do(rowDel, k)
				m.Stats()
			}
		})
	}
	all.Wait()
	tab.want(rowField, join(key("sum"), []byte{0, 1}), 0, u64(8*300))
}

package fcgi_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

// markPHP writes down that a request ran, before anything can go wrong with its answer. Without LOCK_EX: the signal of a
// reload interrupts the wait for the lock, and nothing is written then.
const markPHP = `file_put_contents(__DIR__ . '/ran', $_SERVER['BRIDGE_ID'] . "\n", FILE_APPEND); echo $_SERVER['BRIDGE_ID'];`

// ledger says for each id how often it ran and what its client was told.
type ledger struct {
	mu   sync.Mutex
	next int
	errs map[int]error
}

// id returns the next one, up to n of them.
func (l *ledger) id(n int) (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	return l.next, l.next <= n
}

func (l *ledger) fail(id int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errs[id] = err
}

// load sends n requests from eight goroutines.
func (s *site) load(c *fcgi.Client, n int, method string) *ledger {
	s.script("mark.php", markPHP)
	l := &ledger{errs: make(map[int]error)}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				id, more := l.id(n)
				if !more {
					return
				}
				r := s.get("mark.php")
				if method == "POST" {
					r = s.post("mark.php", []byte("body"))
				}
				r.Extra = encode(s.t, "BRIDGE_ID", strconv.Itoa(id))
				res, err := c.Do(background, r)
				switch {
				case err != nil:
					l.fail(id, err)
				case string(res.Body) != strconv.Itoa(id):
					s.t.Errorf("request %d got the answer %q", id, res.Body)
				}
				res.Release()
			}
		})
	}
	all.Wait()
	return l
}

// batch takes the outcomes of a DoEach of requests that have these ids.
type batch struct {
	s   *site
	l   *ledger
	ids []int
	n   int
}

func (b *batch) Answer(i int, res *fcgi.Response, err error) {
	switch {
	case i != b.n:
		b.s.t.Errorf("outcome %d comes as number %d", i, b.n)
	case err != nil:
		b.l.fail(b.ids[i], err)
	case string(res.Body) != strconv.Itoa(b.ids[i]):
		b.s.t.Errorf("request %d got the answer %q", b.ids[i], res.Body)
	}
	b.n++
	res.Release()
}

// loadAhead is load, with up to six requests at a time.
func (s *site) loadAhead(c *fcgi.Client, n int, method string) *ledger {
	s.script("mark.php", markPHP)
	l := &ledger{errs: make(map[int]error)}
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for size := g; ; size++ {
				b := batch{s: s, l: l}
				var reqs []fcgi.Request
				for range size%6 + 1 {
					id, more := l.id(n)
					if !more {
						break
					}
					r := s.get("mark.php")
					if method == "POST" {
						r = s.post("mark.php", []byte("body"))
					}
					r.Extra = encode(s.t, "BRIDGE_ID", strconv.Itoa(id))
					reqs, b.ids = append(reqs, *r), append(b.ids, id)
				}
				if len(reqs) == 0 {
					return
				}
				doAll(c, reqs, &b)
				if b.n != len(reqs) {
					s.t.Errorf("%d outcomes of %d requests", b.n, len(reqs))
				}
			}
		})
	}
	all.Wait()
	return l
}

// check holds what the clients were told against what ran, and returns how many failed.
func (l *ledger) check(s *site, n int) int {
	s.t.Helper()
	ran := make(map[int]int)
	log, err := os.ReadFile(filepath.Join(s.dir, "ran"))
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range bytes.FieldsSeq(log) {
		id, err := strconv.Atoi(string(line))
		if err != nil {
			s.t.Fatal(err)
		}
		ran[id]++
	}
	for id := 1; id <= n; id++ {
		err := l.errs[id]
		var e *fcgi.Error
		switch errors.As(err, &e); {
		case ran[id] > 1:
			s.t.Errorf("request %d ran %d times", id, ran[id])
		case err == nil && ran[id] != 1:
			s.t.Errorf("request %d was answered and did not run", id)
		case err != nil && ran[id] == 1 && !e.Started:
			s.t.Errorf("request %d ran, and its error says it did not start: %v", id, err)
		}
	}
	return len(l.errs)
}

// pm.max_requests ends children all the time, each with a request on its kept connection that it will not read.
func TestNothingIsLostOrDoubledWhenChildrenAreRecycled(t *testing.T) {
	const n = 3000
	for _, listen := range []string{"", fpm.ListenTCP} {
		for _, method := range []string{"GET", "POST"} {
			t.Run(listen+method, func(t *testing.T) {
				s := startSite(t, fpm.Options{MaxChildren: 5, MaxRequests: 50, Listen: listen})
				c := s.client(fcgi.Options{MaxConns: 4, EOFMeansUnread: true})
				for _, load := range []func(*fcgi.Client, int, string) *ledger{s.load, s.loadAhead} {
					l := load(c, n, method)
					if failures := l.check(s, n); failures > 0 {
						t.Errorf("%d requests failed: %v", failures, errors.Join(values(l.errs)...))
					}
					t.Logf("%+v", c.Stats())
					if err := os.Remove(filepath.Join(s.dir, "ran")); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

// A reload replaces all children under load. What they run they finish; a request that a leaving child has not read
// is reset by the kernel like one that was running, so its client is told that it may have started. That is at most
// one for each connection; all others get their answer.
func TestReloadUnderLoad(t *testing.T) {
	t.Run("one at a time", func(t *testing.T) { reloadUnderLoad(t, (*site).load) })
	t.Run("sent ahead", func(t *testing.T) { reloadUnderLoad(t, (*site).loadAhead) })
}

func reloadUnderLoad(t *testing.T, load func(*site, *fcgi.Client, int, string) *ledger) {
	t.Helper()
	const n, conns, reloads = 4000, 4, 10
	s := startSite(t, fpm.Options{MaxChildren: conns + 1, ProcessControlTimeout: 10 * time.Second})
	s.script("meet.php", `meet();`)
	c := s.client(fcgi.Options{MaxConns: conns, EOFMeansUnread: true})
	var reloading sync.WaitGroup
	reloading.Go(func() {
		// A script that runs says that the new generation serves, and paces the reloads.
		other := s.client(fcgi.Options{MaxConns: 1, IdleTimeout: -1})
		for range reloads {
			reloading.Go(func() { s.meet().letGo() })
			body(t, other, s.get("meet.php"))
			reload(s, guest{})
		}
	})
	l := load(s, c, n, "POST")
	reloading.Wait()
	failures := l.check(s, n)
	t.Logf("%d of %d requests failed in %d reloads, %+v", failures, n, reloads, c.Stats())
	if failures > conns*reloads {
		t.Errorf("%d failures of %d connections in %d reloads", failures, conns, reloads)
	}
	for _, err := range l.errs {
		failed(t, err, fcgi.ErrReset, true)
	}
}

func values(m map[int]error) []error {
	var all []error
	for _, err := range m {
		all = append(all, err)
	}
	return all
}

package fcgi_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

// outcomes writes down what a DoEach says, one line per request.
type outcomes struct {
	t     testing.TB
	lines []string
	hook  func(i int)
}

func (o *outcomes) Answer(i int, res *fcgi.Response, err error) {
	if i != len(o.lines) {
		o.t.Errorf("outcome %d comes as number %d", i, len(o.lines))
	}
	if o.hook != nil {
		o.hook(i)
	}
	line := fmt.Sprint(err)
	if errors.Is(err, fcgi.ErrDeadline) {
		line = "fcgi: deadline passed"
	}
	if err == nil {
		line = fmt.Sprintf("%d %.20s", res.Status, res.Body)
	}
	o.lines = append(o.lines, line)
	res.Release()
}

// doAll goes on after requests that had no answer in time.
func doAll(c *fcgi.Client, reqs []fcgi.Request, to fcgi.Answers) {
	for done := 0; done < len(reqs); {
		done += c.DoEach(background, reqs[done:], behind{to, done})
	}
}

type behind struct {
	fcgi.Answers

	done int
}

func (b behind) Answer(i int, res *fcgi.Response, err error) { b.Answers.Answer(b.done+i, res, err) }

func each(t testing.TB, c *fcgi.Client, reqs ...fcgi.Request) []string {
	t.Helper()
	o := outcomes{t: t}
	doAll(c, reqs, &o)
	if len(o.lines) != len(reqs) {
		t.Errorf("%d outcomes of %d requests", len(o.lines), len(reqs))
	}
	return o.lines
}

// What scripts do to those that wait behind them on a connection of a real php-fpm: nothing.
func TestRequestsBehindEachOther(t *testing.T) {
	s := startSite(t, fpm.Options{MaxChildren: 1, INI: []string{"display_errors=0"}})
	c := s.client(fcgi.Options{MaxConns: 1, MaxAnswer: 16 << 20, EOFMeansUnread: true})
	s.script("hello.php", `echo 'hello ', strlen(file_get_contents('php://input'));`)
	s.script("unread.php", `echo 'unread';`)
	s.script("fatal.php", `nothing_like_this();`)
	s.script("exit.php", `echo 'bye'; exit(3);`)
	s.script("early.php", `echo 'early'; fastcgi_finish_request(); usleep(20000); file_get_contents('php://input'); echo 'late';`)
	s.script("noise.php", `error_log('noise'); echo 'noisy'; flush(); error_log('more');`)
	s.script("large.php", `echo str_repeat('x', 3 << 20);`)
	ten := bytes.Repeat([]byte("b"), 10<<10)
	body(t, c, s.get("hello.php")) // the connection is a kept one then
	got := each(t, c,
		*s.post("unread.php", ten), *s.post("hello.php", ten), *s.get("gone.php"), *s.get("fatal.php"), *s.get("exit.php"),
		*s.post("early.php", []byte("b")), *s.get("noise.php"), *s.get("large.php"), *s.post("hello.php", []byte("b")),
		*s.post("hello.php", bytes.Repeat(ten, 10)), *s.get("hello.php"))
	want := "200 unread|200 hello 10240|404 File not found.\n|500 |200 bye|200 early|200 noisy|200 xxxxxxxxxxxxxxxxxxxx|200 hello 1|200 hello 102400|200 hello 0"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
	if st := c.Stats(); st.Dials != 1 || st.Retries != 0 || st.InFlight != 0 {
		t.Errorf("got %+v", st)
	}
}

// A request that takes its connection with it costs the others nothing: they run once, on another one.
func TestTheOthersRunOnce(t *testing.T) {
	s := startSite(t, fpm.Options{MaxChildren: 3, INI: []string{"output_buffering=0"}})
	s.script("mark.php", markPHP)
	mark := func(id int) fcgi.Request {
		r := *s.post("mark.php", []byte("body"))
		r.Extra = encode(t, "BRIDGE_ID", strconv.Itoa(id))
		return r
	}
	const late = `file_put_contents(__DIR__ . '/ran', "late\n", FILE_APPEND);`
	for i, tc := range []struct {
		name, code string
		during     func(guest)
		want       string
		timeout    time.Duration
	}{
		{name: "killed", code: `meet();`, during: func(g guest) { kill(s, g) }, want: "fcgi: connection ended before an answer: connection reset by peer (may have started)"},
		{name: "killed with half an answer", code: `echo 'half'; flush(); meet();`, during: func(g guest) { kill(s, g) }, want: "fcgi: truncated answer: connection reset by peer (may have started)"},
		{name: "too slow", code: `meet(); ` + late, timeout: 300 * time.Millisecond, want: "fcgi: deadline passed"},
		{name: "too slow, in the middle", code: `echo str_repeat('x', 100000); flush(); meet(); echo 'y'; ` + late, timeout: 300 * time.Millisecond, want: "fcgi: deadline passed"},
		{name: "too large", code: `ignore_user_abort(true); echo str_repeat('x', 5 << 20);` + late, want: "fcgi: answer too large (may have started)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := s.client(fcgi.Options{MaxConns: 1, MaxAnswer: 1 << 20, EOFMeansUnread: true})
			defer c.Close() // its children are needed
			_ = os.Remove(filepath.Join(s.dir, "ran"))
			script := "bad" + strconv.Itoa(i) + ".php"
			s.script(script, tc.code)
			bad := *s.get(script)
			if tc.timeout > 0 {
				bad.Timeout = tc.timeout
			}
			o := outcomes{t: t}
			var running sync.WaitGroup
			running.Go(func() { doAll(c, []fcgi.Request{mark(1), bad, mark(2), mark(3), mark(4)}, &o) })
			var g guest
			if strings.Contains(tc.code, "meet") {
				g = s.meet()
			}
			if tc.during != nil {
				tc.during(g)
			}
			running.Wait()
			if got := strings.Join(o.lines, "|"); got != "200 1|"+tc.want+"|200 2|200 3|200 4" {
				t.Errorf("got %q", got)
			}
			if tc.during == nil {
				if g.Conn != nil {
					g.letGo()
				}
				// The slow one goes on, and must not find the others on its connection.
				for end := time.Now().Add(meetTimeout); !strings.Contains(read(s, "ran"), "late"); time.Sleep(time.Millisecond) {
					if time.Now().After(end) {
						t.Fatal("the slow script does not end")
					}
				}
				body(t, s.client(fcgi.Options{MaxConns: 1, IdleTimeout: -1}), func() *fcgi.Request { r := mark(5); return &r }())
			}
			for id := 1; id <= 4; id++ {
				if n := strings.Count("\n"+read(s, "ran"), "\n"+strconv.Itoa(id)+"\n"); n != 1 {
					t.Errorf("request %d ran %d times", id, n)
				}
			}
		})
	}
}

func read(s *site, name string) string {
	b, _ := os.ReadFile(filepath.Join(s.dir, name))
	return string(b)
}

// Deadlines that pass when an answer is about to come: whatever wins, nothing runs twice, and what is said not to have run has not.
func TestDeadlinesRaceWithAnswers(t *testing.T) {
	const n = 400
	s := startSite(t, fpm.Options{MaxChildren: 12})
	s.script("mark.php", `usleep(random_int(0, 2500)); `+markPHP+` usleep(random_int(0, 2500));`)
	l := &ledger{errs: make(map[int]error)}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			c := s.client(fcgi.Options{MaxConns: 1, EOFMeansUnread: true})
			for {
				b := batch{s: s, l: l}
				var reqs []fcgi.Request
				for range 4 {
					id, more := l.id(n)
					if !more {
						return
					}
					r := s.post("mark.php", []byte("body"))
					r.Timeout = 3 * time.Millisecond
					r.Extra = encode(t, "BRIDGE_ID", strconv.Itoa(id))
					reqs, b.ids = append(reqs, *r), append(b.ids, id)
				}
				doAll(c, reqs, &b)
			}
		})
	}
	all.Wait()
	// Those that were given up go on for a moment.
	last := ""
	for still := 0; still < 20; time.Sleep(5 * time.Millisecond) {
		if now := read(s, "ran"); now == last {
			still++
		} else {
			last, still = now, 0
		}
	}
	failures := l.check(s, n)
	t.Logf("%d of %d were given up", failures, n)
	if failures == 0 || failures == n {
		t.Errorf("%d of %d were given up: nothing was raced", failures, n)
	}
}

// An answer that is given up for what it says has its end there already, and the next one behind it.
func TestBadAnswersAreReadToTheirEnd(t *testing.T) {
	s := startSite(t, fpm.Options{MaxChildren: 1})
	c := s.client(fcgi.Options{MaxConns: 1, MaxAnswer: 100 << 10, EOFMeansUnread: true})
	s.script("mark.php", markPHP)
	s.script("status.php", `header('Status: abc'); echo 'x';`)
	s.script("headers.php", `foreach (range(1, 40) as $i) { header("X-$i: " . str_repeat('y', 4000)); } echo 'x';`)
	s.script("large.php", `echo str_repeat('x', 150 << 10);`)
	var reqs []fcgi.Request
	for id, script := range []string{"status.php", "headers.php", "large.php"} {
		r := *s.post("mark.php", []byte("body"))
		r.Extra = encode(t, "BRIDGE_ID", strconv.Itoa(id))
		reqs = append(reqs, *s.get(script), r)
	}
	const want = "fcgi: bad answer: malformed Status header (may have started)|200 0|fcgi: CGI header block too large (may have started)|200 1|fcgi: answer too large (may have started)|200 2"
	if got := strings.Join(each(t, c, reqs...), "|"); got != want {
		t.Errorf("got %q", got)
	}
	if got := read(s, "ran"); got != "0\n1\n2\n" {
		t.Errorf("ran: %q", got)
	}
}

// Those behind a request that had no answer in time are given back: who knows how long they have waited.
func TestTheLateEndABurst(t *testing.T) {
	s := startSite(t, fpm.Options{MaxChildren: 2})
	c := s.client(fcgi.Options{MaxConns: 1, EOFMeansUnread: true})
	s.script("quick.php", `echo 'ok';`)
	s.script("slow.php", `sleep(1);`)
	late := *s.get("slow.php")
	late.Timeout = 50 * time.Millisecond
	o := outcomes{t: t}
	n := c.DoEach(background, []fcgi.Request{*s.get("quick.php"), late, *s.get("quick.php"), *s.get("quick.php")}, &o)
	if n != 2 || strings.Join(o.lines, "|") != "200 ok|fcgi: deadline passed" {
		t.Errorf("%d: %q", n, o.lines)
	}
}

// Answers in one stretch, cut off at each byte, and byte by byte.
func TestAnswersOfManyRequests(t *testing.T) {
	three := strings.Repeat(okReply, 3)
	reqs := make([]fcgi.Request, 3)
	for _, step := range []int{0, 1, 7} {
		for cut := range len(three) + 1 {
			peer := canned(three[:cut])
			peer.step = step
			c := dialing(t, fcgi.Options{EOFMeansUnread: true}, peer, canned(three))
			got := each(t, c, reqs...)
			for i, line := range got {
				from, to := i*len(okReply), (i+1)*len(okReply)
				want := "200 ok"
				switch {
				case i == 0 && cut == 0:
					want = "fcgi: connection ended before an answer: EOF" // a fresh connection is tried once
				case cut > from && cut < to:
					want = "fcgi: truncated answer: EOF (may have started)"
				}
				if line != want {
					t.Errorf("step %d, cut at %d: request %d: %s, want %s", step, cut, i, line, want)
				}
			}
			if peer.writes != 1 {
				t.Errorf("%d writes", peer.writes)
			}
		}
	}
}

// Only what fits a socket's buffer goes ahead, and nothing where the end of a connection proves nothing.
func TestHowManyGoAhead(t *testing.T) {
	kib := fcgi.Request{Body: make([]byte, 10<<10)}
	bad := fcgi.Request{Params: append([]byte{0x80, 1, 0x11, 0x70, 0}, make([]byte, 70000)...)}
	for name, tc := range map[string]struct {
		o       fcgi.Options
		reqs    []fcgi.Request
		answers int // that the first connection gives
		writes  int // to it
		want    string
	}{
		"small ones":           {fcgi.Options{EOFMeansUnread: true}, make([]fcgi.Request, 4), 4, 1, "200 ok|200 ok|200 ok|200 ok"},
		"three of them fit":    {fcgi.Options{EOFMeansUnread: true}, []fcgi.Request{kib, kib, kib, kib}, 3, 2, "200 ok|200 ok|200 ok|200 ok"},
		"a bad one":            {fcgi.Options{EOFMeansUnread: true}, []fcgi.Request{{}, bad, {}}, 1, 2, "200 ok|fcgi: name/value pair too large|200 ok"},
		"a proxy between":      {fcgi.Options{EOFMeansUnread: false}, make([]fcgi.Request, 2), 1, 2, "200 ok|fcgi: connection ended before an answer: EOF (may have started)"},
		"connections not kept": {fcgi.Options{EOFMeansUnread: true, IdleTimeout: -1}, make([]fcgi.Request, 2), 1, 1, "200 ok|200 ok"},
	} {
		t.Run(name, func(t *testing.T) {
			peers := []*cannedConn{canned(strings.Repeat(okReply, tc.answers)), canned(okReply)}
			c := dialing(t, tc.o, peers[0], peers[1])
			if got := strings.Join(each(t, c, tc.reqs...), "|"); !strings.HasPrefix(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if peers[0].writes != tc.writes {
				t.Errorf("%d writes, want %d", peers[0].writes, tc.writes)
			}
			if st := c.Stats(); st.InFlight != 0 {
				t.Errorf("got %+v", st)
			}
		})
	}
}

// A client that is closed in the middle gives each request an outcome.
func TestCloseAmongMany(t *testing.T) {
	c := serving(t, fcgi.Options{MaxConns: 1, EOFMeansUnread: true}, func(nc net.Conn) {
		for range 3 {
			_, _ = readRequest(nc)
		}
		_, _ = nc.Write([]byte(okReply))
		waitForClose(nc)
	})
	o := outcomes{t: t, hook: func(i int) {
		if i == 0 {
			_ = c.Close()
		}
	}}
	c.DoEach(background, make([]fcgi.Request, 3), &o)
	if len(o.lines) != 3 || o.lines[0] != "200 ok" || !strings.Contains(o.lines[1], "closed") {
		t.Errorf("got %q", o.lines)
	}
}

type releasing struct{ n int }

func (r *releasing) Answer(_ int, res *fcgi.Response, err error) {
	if err == nil && res.Status == 200 {
		r.n++
	}
	res.Release()
}

func TestRequestsAheadAllocateNothing(t *testing.T) {
	r, n := usual(t)
	c := unixPeerOf(t, n, fcgi.Options{EOFMeansUnread: true})
	reqs, to := []fcgi.Request{*r, *r, *r, *r}, new(releasing)
	c.DoEach(background, reqs, to)
	// The race detector makes sync.Pool forget at random, which costs an allocation now and then.
	if n := testing.AllocsPerRun(1000, func() { c.DoEach(background, reqs, to) }) / float64(len(reqs)); n >= 1 || to.n != 4008 {
		t.Errorf("%v allocations per request, %d answers", n, to.n)
	}
}

// FuzzLeftover takes bytes in two ways of cutting them: what stands behind a record is found the same.
func FuzzLeftover(f *testing.F) {
	f.Add(uint16(0), []byte(okReply), uint8(1))
	f.Add(uint16(5), []byte("xxxxx"+stdout("y")+end(0, 0)), uint8(3))
	f.Add(uint16(9), []byte(stdout("y")), uint8(2))
	f.Fuzz(func(t *testing.T, skip uint16, b []byte, step uint8) {
		whole := fcgi.EndIn(int(skip), b)
		var pieces [][]byte
		for rest := b; len(rest) > 0; {
			k := min(int(step)+1, len(rest))
			pieces, rest = append(pieces, rest[:k]), rest[k:]
		}
		if parts := fcgi.EndIn(int(skip), pieces...); parts != whole {
			t.Errorf("at once %v, in pieces %v", whole, parts)
		}
	})
}

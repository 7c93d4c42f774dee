package bridge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

func takesBatches(s *fakeScript) *fakeScript {
	d := *s.Description()
	d.Batch = true
	s.describe(d)
	return s
}

// sizes returns the sizes of the requests since the last time.
func (s *fakeScript) sizes() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.batches
	s.batches = nil
	return list
}

// busy makes a bridge whose workers are all blocked by messages until release is closed.
func busy(t *testing.T, workers int, script *fakeScript, release chan struct{}) *fixture {
	t.Helper()
	script.answer = func(ev *callback.Event) callback.Result {
		if string(ev.Payload) == "block" {
			<-release
		}
		return echo(ev)
	}
	f := newFixture(t, script, func(o *Options) { o.Workers, o.Batch = workers, 8 })
	for range workers {
		c := f.dial()
		synctest.Wait()
		c.text("block")
		synctest.Wait()
	}
	return f
}

func TestNoBatchWithAFreeWorker(t *testing.T) {
	bubble(t, echo, nil, func(f *fixture) {
		takesBatches(f.script)
		var clients []*client
		for range 4 {
			clients = append(clients, f.dial())
		}
		synctest.Wait()
		f.script.sizes()
		for range 10 {
			for _, c := range clients {
				c.text("x")
			}
			for _, c := range clients {
				c.wantText("x")
			}
		}
		if got := f.script.sizes(); slices.Max(got) != 1 {
			t.Errorf("batches of %v with as many workers as events", got)
		}
	})
}

// 20 events wait when 4 workers get free: each takes its share, not the first one all.
func TestBatchIsAWorkersFairShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		script := takesBatches(newFakeScript(nil))
		f := busy(t, 4, script, release)
		script.sizes()
		for range 20 { // their open events wait
			f.dial()
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		got := script.sizes()
		total := 0
		for _, n := range got {
			total += n
		}
		if total != 20 || slices.Max(got) > 5 || slices.Max(got) == 1 {
			t.Errorf("batches %v of 20 events for 4 workers", got)
		}
	})
}

func TestBatchHasAtMostBatchEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		script := takesBatches(newFakeScript(nil))
		f := busy(t, 1, script, release)
		script.sizes()
		for range 50 {
			f.dial()
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		if got := script.sizes(); slices.Max(got) != 8 {
			t.Errorf("batches %v, want at most 8", got)
		}
	})
}

// Two messages of one connection never travel together: the second waits for the first one's answer.
func TestBatchHasOneEventOfAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		script := takesBatches(newFakeScript(nil))
		f := busy(t, 1, script, release)
		var clients []*client
		for range 6 {
			c := f.dial()
			c.raw([]byte(masked(text, "1") + masked(text, "2") + masked(text, "3")))
			clients = append(clients, c)
		}
		synctest.Wait()
		close(release)
		for _, c := range clients {
			c.wantText("1")
			c.wantText("2")
			c.wantText("3")
		}
		// fakeScript itself complains of two events of one fd at a time.
	})
}

func TestPlainScriptsGetNoBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		script := newFakeScript(nil)
		f := busy(t, 1, script, release)
		for range 20 {
			f.dial()
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		if got := script.sizes(); slices.Max(got) != 1 {
			t.Errorf("batches %v", got)
		}
	})
}

func TestBatchIsOfOneRoute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		a := takesBatches(newFakeScript(func(ev *callback.Event) callback.Result {
			if string(ev.Payload) == "block" {
				<-release
			}
			return do(push(ev.FD, "a"))
		}))
		b := takesBatches(newFakeScript(func(ev *callback.Event) callback.Result { return do(push(ev.FD, "b")) }))
		f := newFixture(t, a, func(o *Options) {
			o.Workers = 1
			o.Routes = []Route{{Path: "/a", Script: a}, {Path: "/b", Script: b}}
		})
		first := f.ask(handshake("/a"))
		first.wantText("a")
		first.text("block")
		synctest.Wait()
		a.sizes()
		clients := map[string][]*client{}
		for range 6 {
			for _, name := range []string{"a", "b"} {
				clients[name] = append(clients[name], f.ask(handshake("/"+name)))
			}
		}
		synctest.Wait()
		close(release)
		for name, list := range clients {
			for _, c := range list {
				c.wantText(name)
			}
		}
		if sa, sb := a.sizes(), b.sizes(); len(sa) > 2 || len(sb) > 2 {
			t.Errorf("batches %v and %v: they were not merged", sa, sb)
		}
	})
}

// A batch breaks at its first event: the rest is sent again at once, and php-fpm is not taken for being down.
func TestRestOfABrokenBatchIsSentAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		script := takesBatches(newFakeScript(nil))
		f := busy(t, 1, script, release)
		for range 5 {
			f.dial()
		}
		synctest.Wait()
		start := time.Now()
		broken := 0
		script.whole = func(_ context.Context, events []*callback.Event, reply *callback.Reply) {
			for i := range events {
				if len(events) > 1 && i == 0 {
					broken++
					reply.Results[i] = callback.Result{Outcome: callback.Failed, Err: callback.ErrTruncated}
				} else if len(events) > 1 {
					reply.Results[i] = callback.Result{Outcome: callback.NotStarted, Err: callback.ErrTruncated}
				}
			}
		}
		close(release)
		synctest.Wait()
		if got := f.script.sorted(); strings.Count(got, "open") != 6 || broken == 0 {
			t.Errorf("PHP heard %s after %d broken batches", got, broken)
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("the rest waited %v", took)
		}
		if strings.Contains(f.logged.String(), "takes no requests") {
			t.Error("the log says that php-fpm is down")
		}
	})
}

// All 16 workers meet the outage at the same moment: that is one refusal, not sixteen, and php-fpm is asked again soon.
func TestOneOutageOnePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p := &fpm{}
		script := newFakeScript(nil)
		script.whole = func(ctx context.Context, events []*callback.Event, reply *callback.Reply) {
			if string(events[0].Payload) == "block" && events[0].Attempt == 1 {
				<-release
			}
			p.call(ctx, events, reply)
		}
		f := newFixture(t, script, func(o *Options) { o.Workers = 16 })
		var clients []*client
		for range 16 {
			c := f.dial()
			synctest.Wait()
			c.text("block")
			synctest.Wait()
			clients = append(clients, c)
		}
		p.down()
		close(release)
		synctest.Wait()
		p.up()
		start := time.Now()
		for _, c := range clients {
			c.wantText("block")
		}
		if took := time.Since(start); took > 30*time.Millisecond {
			t.Errorf("the events waited %v, want the first pause", took)
		}
		if n := f.b.Stats().EventsRetried; n != 16 {
			t.Errorf("%d retries", n)
		}
	})
}

// A crowd in the queue, and somebody leaves from its head, middle and end: the rest is served, in order.
func TestQueueKeepsItsOrder(t *testing.T) {
	d := newDispatcher(&Bridge{}, 1, 1)
	s := make([]*mailbox, 5)
	for i := range s {
		s[i] = &mailbox{fd: uint64(i + 1), route: &route{script: newFakeScript(nil)}}
	}
	order := func() string {
		var list []string
		n := 0
		for q := d.events.head; q != nil; q = q.nextReady {
			list = append(list, fmt.Sprint(q.fd))
			n++
			if q.nextReady == nil && d.events.tail != q {
				t.Error("the tail is not the last one")
			}
		}
		if n != d.events.n || (n == 0) != (d.events.tail == nil) {
			t.Errorf("%d are queued, %d counted", n, d.events.n)
		}
		return strings.Join(list, " ")
	}
	for _, step := range []struct {
		what func()
		want string
	}{
		{func() { d.events.pushBack(s[0]) }, "1"},
		{func() { d.events.pushBack(s[1]); d.events.pushFront(s[2]) }, "3 1 2"},
		{func() { d.events.unlink(s[2], s[0]) }, "3 2"},
		{func() { d.events.unlink(s[2], s[1]) }, "3"},
		{func() { d.events.unlink(nil, s[2]) }, ""},
		{func() { d.events.pushFront(s[3]) }, "4"},
		{func() { d.events.pushBack(s[4]) }, "4 5"},
		{func() { d.events.unlink(nil, s[3]) }, "5"},
	} {
		step.what()
		if got := order(); got != step.want {
			t.Fatalf("queue %q, want %q", got, step.want)
		}
	}
}

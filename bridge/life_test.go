package bridge

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/memnet"
)

func TestSilentClientIsPingedAndLivesWhenItAnswers(t *testing.T) {
	bubble(t, nil, nil, func(f *fixture) {
		c := f.dial()
		start := time.Now()
		for time.Since(start) < 10*time.Minute {
			if fr := c.read(); fr.first != bitFIN|opPing || len(fr.payload) != 0 {
				t.Fatalf("got %v, want a ping", fr)
			}
			c.frame(bitFIN|opPong, "")
		}
		if n := f.b.Stats().Closed["dead"]; n != 0 {
			t.Error("it answered and was taken for dead")
		}
	})
}

func TestClientThatDoesNotAnswerIsDead(t *testing.T) {
	bubble(t, nil, nil, func(f *fixture) {
		c := f.dial()
		start := time.Now()
		pings := 0
		for {
			fr, err := c.readFrame()
			if err != nil {
				break
			}
			if fr.first != bitFIN|opPing {
				t.Fatalf("got %v", fr)
			}
			pings++
		}
		if took := time.Since(start); took < 60*time.Second || took > 91*time.Second || pings == 0 {
			t.Errorf("cut after %v and %d pings, want ping.timeout and at most an interval more", took, pings)
		}
		f.wantStory("1:open 1:close(1006 dead)")
	})
}

// A timeout just above the interval: still nobody is dead who was not asked.
func TestNobodyIsDeadWithoutAPing(t *testing.T) {
	for _, timeout := range []time.Duration{31, 40, 44, 46, 60, 300} {
		bubble(t, nil, func(o *Options) { o.PingTimeout = timeout * time.Second }, func(f *fixture) {
			for range 10 { // in different shards, connecting at different times of the cycle
				c := f.dial()
				go func() {
					for {
						fr, err := c.readFrame()
						if err != nil {
							return
						}
						if fr.first == bitFIN|opPing {
							if _, err := c.conn.Write([]byte(masked(bitFIN|opPong, ""))); err != nil {
								return
							}
						}
					}
				}()
				time.Sleep(3700 * time.Millisecond)
			}
			time.Sleep(20 * time.Minute)
			if n := f.b.Stats().Closed["dead"]; n != 0 {
				t.Errorf("timeout %ds: %d of 10 that answer every ping were taken for dead", timeout, n)
			}
		})
	}
}

// 640 clients that came at once are not pinged at once.
func TestPingsAreSpreadOverTheInterval(t *testing.T) {
	bubble(t, nil, nil, func(f *fixture) {
		var at []time.Duration
		pings := make(chan time.Duration)
		start := time.Now()
		for range 640 {
			c := f.dial()
			go func() {
				if _, err := c.readFrame(); err == nil {
					pings <- time.Since(start)
				}
			}()
		}
		for range 640 {
			at = append(at, <-pings)
		}
		most := 0
		for from := time.Duration(0); from < 60*time.Second; from += time.Second {
			n := 0
			for _, d := range at {
				if d >= from && d < from+time.Second {
					n++
				}
			}
			most = max(most, n)
		}
		if most > 60 {
			t.Errorf("%d of 640 pings in one second of a 30 s interval", most)
		}
	})
}

func TestTalkingClientsAreNotPinged(t *testing.T) {
	bubble(t, echo, nil, func(f *fixture) {
		c := f.dial()
		for range 100 {
			c.text("x")
			c.wantText("x")
			time.Sleep(5 * time.Second)
		}
	})
}

func TestPingsCanBeTurnedOff(t *testing.T) {
	bubble(t, echo, func(o *Options) { o.PingInterval = -1 }, func(f *fixture) {
		c := f.dial()
		time.Sleep(time.Hour)
		c.text("x")
		c.wantText("x")
	})
}

// A shutdown tells PHP first and the clients then, spread over time; nobody new gets in.
func TestShutdown(t *testing.T) {
	slowPHP := func(*callback.Event) callback.Result {
		time.Sleep(10 * time.Millisecond)
		return callback.Result{}
	}
	bubble(t, slowPHP, nil, func(f *fixture) {
		const n = 40
		clients := make([]*client, n)
		for i := range clients {
			clients[i] = f.dial()
		}
		time.Sleep(time.Second)
		start := time.Now()
		f.stop()
		closed := make(chan time.Duration, n)
		for _, c := range clients {
			go func() {
				c.wantClose(1001)
				closed <- time.Since(start)
				c.close(1001, "")
				c.wantEOF()
				_ = c.conn.Close()
			}()
		}
		time.Sleep(time.Millisecond)
		if conn, err := f.ln.Dial("192.0.2.1"); err == nil {
			_ = conn.Close()
			t.Error("a new connection was let in")
		}
		var at []time.Duration
		for range n {
			at = append(at, <-closed)
		}
		if first, last := slices.Min(at), slices.Max(at); first > 200*time.Millisecond || last < 1500*time.Millisecond || last > 2500*time.Millisecond {
			t.Errorf("closed between %v and %v, want 2 s of spread", first, last)
		}
		synctest.Wait()
		if got := f.script.sorted(); strings.Count(got, "close(1001 shutdown)") != n {
			t.Errorf("PHP heard %s", got)
		}
	})
}

// The close event comes before the client is told: a client that is back at once must not overtake its own close.
func TestShutdownTellsPHPBeforeTheClient(t *testing.T) {
	bubble(t, func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Close {
			time.Sleep(3 * time.Second)
			return do(push(ev.FD, "a last word of the close event"))
		}
		return callback.Result{}
	}, nil, func(f *fixture) {
		c := f.dial()
		synctest.Wait()
		start := time.Now()
		f.stop()
		c.wantClose(1001)
		if took := time.Since(start); took < 3*time.Second {
			t.Errorf("told after %v, before PHP had handled the close event", took)
		}
	})
}

// A client that says goodbye while the shutdown waits for PHP gets its answer.
func TestClientThatLeavesDuringShutdown(t *testing.T) {
	bubble(t, func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Close {
			time.Sleep(3 * time.Second)
		}
		return callback.Result{}
	}, nil, func(f *fixture) {
		c := f.dial()
		synctest.Wait()
		f.stop()
		time.Sleep(time.Second)
		c.close(1000, "")
		c.wantClose(1000)
		c.wantEOF()
		_ = c.conn.Close()
		time.Sleep(5 * time.Second)
		f.wantStory("1:open 1:close(1001 shutdown)")
	})
}

// PHP is stuck: after the shutdown timeout its calls are aborted, the clients are sent away, and Run returns.
func TestShutdownWithAStuckPHP(t *testing.T) {
	aborted := false
	synctest.Test(t, func(t *testing.T) {
		abort := make(chan struct{})
		script := newFakeScript(func(ev *callback.Event) callback.Result {
			if ev.Type == callback.Message {
				<-abort
				return callback.Result{Outcome: callback.Failed, Err: callback.ErrClosed}
			}
			return callback.Result{}
		})
		f := newFixture(t, script, func(o *Options) { o.Workers, o.Abort = 1, func() { aborted = true; close(abort) } })
		f.unclosed = true
		stuck, waits := f.dial(), f.dial()
		synctest.Wait()
		stuck.text("x")
		synctest.Wait()
		start := time.Now()
		f.stop()
		waits.wantClose(1001)
		stuck.wantClose(1001)
		if took := time.Since(start); took < 10*time.Second || took > 11*time.Second {
			t.Errorf("sent away after %v, want the shutdown timeout", took)
		}
		err := <-f.done
		f.done <- err
		if took := time.Since(start); took > 11*time.Second {
			t.Errorf("Run returned after %v", took)
		}
		if !aborted || !strings.Contains(f.logged.String(), "shutdown took too long") {
			t.Error("not aborted, or not logged")
		}
	})
}

func TestShutdownWhilePHPIsDown(t *testing.T) {
	withFPM(t, nil, func(f *fixture, p *fpm) {
		f.unclosed = true
		a := f.dial()
		synctest.Wait()
		p.down()
		b := f.dial()
		start := time.Now()
		f.stop()
		a.wantClose(1001)
		if fr := b.read(); fr.first != bitFIN|opClose {
			t.Errorf("got %v", fr)
		}
		err := <-f.done
		f.done <- err
		if took := time.Since(start); took > 16*time.Second {
			t.Errorf("Run returned after %v", took)
		}
	})
}

// A client that reads nothing and never closes must not hold the shutdown up.
func TestShutdownWithAClientThatDoesNotRead(t *testing.T) {
	large := strings.Repeat("x", 900_000)
	bubble(t, commands(map[string]callback.Result{"go": do(push(1, large))}), nil, func(f *fixture) {
		c := f.dial()
		c.text("go")
		synctest.Wait()
		start := time.Now()
		f.stop()
		err := <-f.done
		f.done <- err
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("Run returned after %v", took)
		}
	})
}

func TestRunSaysWhichListenerFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := newFakeScript(nil)
		b, err := New(Options{Routes: []Route{{Path: "/", Script: script}}})
		if err != nil {
			t.Fatal(err)
		}
		good, bad := memnet.Listen(), memnet.Listen()
		_ = bad.Close()
		err = b.Run(t.Context(), []net.Listener{good, bad})
		if err == nil || !strings.Contains(err.Error(), "127.0.0.1:9501") {
			t.Errorf("got %v", err)
		}
	})
}

func TestListenersAreToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := newFakeScript(nil)
		b, err := New(Options{Routes: []Route{{Path: "/", Script: script}}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		listeners := []*memnet.Listener{memnet.Listen(), memnet.Listen()}
		done := make(chan error, 1)
		go func() { done <- b.Run(ctx, []net.Listener{listeners[0], listeners[1]}) }()
		for i, l := range listeners {
			conn, err := l.Dial("192.0.2.1")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			newClient(t, conn, handshake("/"))
			synctest.Wait()
			if info, _ := b.Info(uint64(i + 1)); info.Listener != i {
				t.Errorf("connection %d: listener %d", i, info.Listener)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// Whatever is wrong with the options is said at once.
func TestNewNamesAllProblems(t *testing.T) {
	_, err := New(Options{
		Routes: []Route{
			{Path: "chat", Script: newFakeScript(nil)},
			{Path: "/a", Script: newFakeScript(nil)},
			{Path: "/a/", Script: newFakeScript(nil)},
			{Path: "/b"},
			{Path: "/c", Script: &fakeScript{}},
		},
		Workers: -1, OutboxBytes: -5, MaxConnections: -1, PingInterval: time.Minute, PingTimeout: time.Minute,
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`route "chat": a path starts with /`, `route "/a/": there are two of it`, `route "/b": no script`, `route "/c": its script is not described`,
		"Workers -1", "OutboxBytes -5", "MaxConnections", "PingTimeout 1m0s",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	if _, err := New(Options{}); err == nil || !strings.Contains(err.Error(), "nothing to serve") {
		t.Errorf("got %v", err)
	}
}

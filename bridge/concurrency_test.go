package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// atMost has a script that answers a request when its path is let go, and as many requests under way as most.
func atMost(t *testing.T, most int, run func(f *fixture, answer chan struct{})) {
	t.Helper()
	var answer chan struct{}
	bubble(t, func(ev *callback.Event) callback.Result {
		switch ev.Type {
		case callback.Request:
			<-answer
			return do(respond(ev.FD, callback.ResponseEnd, 200, "\r\n", "done"))
		case callback.Handshake:
			<-answer
			return do(respond(ev.FD, callback.ResponseEnd, 403, "\r\n", ""))
		default:
			return echo(ev)
		}
	}, func(o *Options) { o.Workers, o.MaxConcurrency = 8, most }, func(f *fixture) {
		answer = make(chan struct{})
		f.unopened = true
		dropIn("request")(f)
		run(f, answer)
	})
}

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// A request above max_concurrency is refused, and its connection ends, until one of those under way is answered.
func TestMoreRequestsThanMayBe(t *testing.T) {
	atMost(t, 2, func(f *fixture, answer chan struct{}) {
		a, b := f.open(get), f.open(get)
		synctest.Wait()
		for range 2 {
			c := f.open(get)
			resp, _ := c.next("GET")
			if resp.StatusCode != 503 || !resp.Close || resp.Header.Get("Retry-After") == "" {
				t.Errorf("%d %v", resp.StatusCode, resp.Header)
			}
			if _, err := c.br.ReadByte(); err == nil {
				t.Error("the connection is still open")
			}
		}
		if c := f.ask(handshake("/")); c.resp.StatusCode != 503 {
			t.Errorf("an upgrade gets %d", c.resp.StatusCode)
		}
		if n := f.b.Stats().Refused["concurrency"]; n != 3 {
			t.Errorf("%d are counted as refused", n)
		}
		if n := f.b.ServerStats("test.php").Running; n != 2 {
			t.Errorf("%d are under way", n)
		}
		answer <- struct{}{}
		synctest.Wait()
		// There is room for one: an upgrade, which does not count, and then a request.
		ws := f.dial()
		c := f.open(get)
		synctest.Wait()
		if n := f.b.underway.Count(); n != 2 {
			t.Errorf("%d are under way", n)
		}
		ws.text("hi")
		ws.wantText("hi")
		answer <- struct{}{}
		answer <- struct{}{}
		for _, c := range []*client{a, b, c} {
			if resp, body := c.next("GET"); resp.StatusCode != 200 || body != "done" {
				t.Errorf("%d %q", resp.StatusCode, body)
			}
		}
		if n := f.b.underway.Count(); n != 0 {
			t.Errorf("%d are under way", n)
		}
	})
}

// A client that leaves does not make room: its request is still with PHP.
func TestRequestsOfThoseWhoLeft(t *testing.T) {
	atMost(t, 1, func(f *fixture, answer chan struct{}) {
		gone := f.open(get)
		synctest.Wait()
		_ = gone.conn.Close()
		synctest.Wait()
		if resp, _ := f.open(get).next("GET"); resp.StatusCode != 503 {
			t.Errorf("%d", resp.StatusCode)
		}
		answer <- struct{}{}
		synctest.Wait()
		if n := f.b.underway.Count(); n != 0 {
			t.Errorf("%d are under way", n)
		}
	})
}

// A handshake that the script answers counts while it does.
func TestHandshakesThatTheScriptAnswers(t *testing.T) {
	atMost(t, 1, func(f *fixture, answer chan struct{}) {
		dropIn("request", "handshake")(f)
		a := f.open(handshake("/"))
		synctest.Wait()
		if resp, _ := f.open(get).next("GET"); resp.StatusCode != 503 {
			t.Errorf("%d", resp.StatusCode)
		}
		answer <- struct{}{}
		if resp, _ := a.next("GET"); resp.StatusCode != 403 {
			t.Errorf("%d", resp.StatusCode)
		}
		if n := f.b.underway.Count(); n != 0 {
			t.Errorf("%d are under way", n)
		}
	})
}

// A response that outlives its event counts until it is over, and so does one that nobody ends.
func TestResponsesThatOutliveTheirEvents(t *testing.T) {
	bubble(t, func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Request {
			return do(respond(ev.FD, callback.ResponseDetach, 0, "", ""))
		}
		return callback.Result{}
	}, func(o *Options) { o.MaxConcurrency, o.DetachTimeout = 1, time.Minute }, func(f *fixture) {
		f.unopened = true
		dropIn("request")(f)
		a := f.open(get)
		synctest.Wait()
		if resp, _ := f.open(get).next("GET"); resp.StatusCode != 503 {
			t.Errorf("%d", resp.StatusCode)
		}
		in := respond(1, callback.ResponseEnd, 200, "\r\n", "late")
		if !f.b.Respond(&in) {
			t.Error("the response comes too late")
		}
		if n := f.b.underway.Count(); n != 0 {
			t.Errorf("%d are under way", n)
		}
		if _, body := a.next("GET"); body != "late" {
			t.Errorf("%q", body)
		}
		never := f.open(get)
		if resp, _ := never.next("GET"); resp.StatusCode != 504 || f.b.underway.Count() != 0 {
			t.Errorf("%d, %d are under way", resp.StatusCode, f.b.underway.Count())
		}
		left := f.open(get)
		synctest.Wait()
		_ = left.conn.Close()
		synctest.Wait()
		if n := f.b.underway.Count(); n != 0 {
			t.Errorf("%d are under way", n)
		}
	})
}

// A stream of HTTP/2 counts as a request does; the connection stays where one is refused.
func TestStreamsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan struct{})
		script := newFakeScript(func(ev *callback.Event) callback.Result {
			if ev.Type == callback.Request {
				<-answer
				return do(part2(ev, callback.ResponseEnd, 200, "\r\n", "done"))
			}
			return callback.Result{}
		})
		f := newFixture(t, script, on2(func(o *Options) { o.MaxConcurrency = 1 }))
		f.unopened = true
		dropIn("request")(f)
		c := f.browser()
		first := make(chan string, 1)
		go func() {
			_, body, err := fetch(c, "GET", "/a", "")
			if err != nil {
				body = err.Error()
			}
			first <- body
		}()
		synctest.Wait()
		for range 2 {
			if resp, _, err := fetch(c, "GET", "/b", ""); err != nil || resp.StatusCode != 503 {
				t.Fatal(resp, err)
			}
		}
		answer <- struct{}{}
		if body := <-first; body != "done" {
			t.Errorf("%q", body)
		}
		close(answer)
		if resp, _, err := fetch(c, "GET", "/c", ""); err != nil || resp.StatusCode != 200 {
			t.Error(resp, err)
		}
		if n, sockets := f.b.underway.Count(), f.b.fds.Load(); n != 0 || sockets != 1 {
			t.Errorf("%d requests are under way, and there were %d connections", n, sockets)
		}
	})
}

package bridge

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// said is a plain script's answer to a handshake.
func said(status int, body string, headers ...string) callback.Result {
	return callback.Result{Answer: &callback.Answer{
		Status: status, JSON: strings.HasPrefix(body, "{"), Body: []byte(body), Headers: func(yield func(name, value []byte) bool) {
			for _, h := range headers {
				if name, value, _ := strings.Cut(h, ": "); !yield([]byte(name), []byte(value)) {
					return
				}
			}
		},
	}}
}

// gated is a bubble whose one script is plain and decides about handshakes.
func gated(t *testing.T, answer func(f *fixture, ev *callback.Event) callback.Result, set func(o *Options), run func(f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var f *fixture
		script := newFakeScript(func(ev *callback.Event) callback.Result {
			if ev.Type == callback.Handshake {
				return answer(f, ev)
			}
			return echo(ev)
		})
		script.describe(callback.Description{Kind: callback.KindPlain, Encoding: callback.Plain, Events: []string{"open", "message", "close"}})
		f = newFixture(t, script, func(o *Options) {
			o.Routes[0].Authorize = true
			if set != nil {
				set(o)
			}
		})
		f.unopened = true
		run(f)
	})
}

// What the script's answer says stands when the open event comes; nobody finds the connection before.
func TestAPlainScriptLetsAClientIn(t *testing.T) {
	const answer = `{"uid":"7","groups":["a","b","a",{"base64":"/w=="}],"attributes":{"name":"Ann"},"subprotocol":"v2","headers":{"X-A":"1","Set-Cookie":["a=b","c=d"]}}`
	gated(t, func(f *fixture, ev *callback.Event) callback.Result {
		if _, known := f.b.Info(ev.FD); known || ev.Conn == nil || len(ev.Conn.Env) == 0 {
			t.Errorf("known %v, %+v", known, ev.Conn)
		}
		if res := f.op(textOp("too early", ops.Set{FDs: []uint64{ev.FD}})); res.Count[ops.Done] != 0 {
			t.Errorf("%+v", res)
		}
		return said(200, answer)
	}, func(o *Options) { o.Routes[0].Subprotocols = []string{"v1"} }, func(f *fixture) {
		c := f.dial("Sec-WebSocket-Protocol: v1, v2")
		h := c.resp.Header
		if h.Get("Sec-Websocket-Protocol") != "v2" || h.Get("X-A") != "1" || len(h["Set-Cookie"]) != 2 {
			t.Errorf("%v", h)
		}
		for _, to := range []ops.Set{{UIDs: []string{"7"}}, {Groups: []string{"a"}}, {Groups: []string{"\xff"}}} {
			if res := f.op(textOp("hello", to)); res.Count[ops.Done] != 1 {
				t.Errorf("%+v: %+v", to, res)
			}
			c.wantText("hello")
		}
		f.wantStory("1:handshake 1:open")
		if last := f.script.last(); string(last.Attributes) != `{"name":"Ann"}` {
			t.Errorf("%s", last.Attributes)
		}
		c.close(1000, "")
		c.wantClose(1000)
		f.wantStory("1:handshake 1:open 1:close(1000 client)")
	})
}

func TestAPlainScriptRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		res    callback.Result
		status int
		body   string
		log    string
	}{
		"a page":                 {said(403, "go away", "X-A: 1", "Connection: upgrade", "Content-Length: 99", "Sec-WebSocket-Accept: x", "Transfer-Encoding: chunked", "X-B: a\rb"), 403, "go away", ""},
		"a redirect":             {said(302, "", "Location: /login", "X-A: 1"), 302, "", ""},
		"an error of its own":    {said(503, "later", "Retry-After: 7", "X-A: 1"), 503, "later", "failed with status 503"},
		"no status":              {said(101, ""), 500, "The script failed.\n", "status that is none"},
		"a large page":           {said(403, strings.Repeat("x", 1<<20)), 500, "The script failed.\n", "too large"},
		"an error that it shows": {said(200, "Fatal error: in line 3"), 500, "The script failed.\n", "not application/json"},
		"broken JSON":            {said(200, `{"uid":`), 500, "The script failed.\n", "byte 7"},
		"an unknown key":         {said(200, `{"user":"7"}`), 500, "The script failed.\n", "unknown key"},
		"not offered":            {said(200, `{"subprotocol":"v9"}`), 500, "The script failed.\n", "does not offer"},
		"a header of ours":       {said(200, `{"headers":{"Upgrade":"h2c"}}`), 500, "The script failed.\n", "Upgrade"},
		"two header lines":       {said(200, `{"headers":{"X-A":"1\r\nX-B: 2"}}`), 500, "The script failed.\n", "control character"},
		"a failure":              {callback.Result{Outcome: callback.Failed, Err: callback.ErrScript}, 500, "The script failed.\n", "event failed"},
		"a timeout":              {callback.Result{Outcome: callback.Failed, Err: fmt.Errorf("x: %w", callback.ErrTimeout)}, 504, "The script failed.\n", "event failed"},
	} {
		t.Run(name, func(t *testing.T) {
			gated(t, func(*fixture, *callback.Event) callback.Result { return tc.res }, nil, func(f *fixture) {
				c := f.ask(handshake("/"))
				body, _ := io.ReadAll(c.resp.Body)
				if c.resp.StatusCode != tc.status || string(body) != tc.body || !c.resp.Close {
					t.Errorf("%d %.100q", c.resp.StatusCode, body)
				}
				h := c.resp.Header
				if strings.HasPrefix(name, "a page") && (h.Get("X-A") != "1" || h.Get("Sec-Websocket-Accept") != "" || h.Get("X-B") != "" || h.Get("Upgrade") != "") {
					t.Errorf("%v", h)
				}
				if _, err := c.br.ReadByte(); err == nil {
					t.Error("the connection is still open")
				}
				f.wantStory("1:handshake")
				if tc.log != "" && !strings.Contains(f.logged.String(), tc.log) {
					t.Errorf("no %q", tc.log)
				}
				if n := f.b.Stats().Refused["script"]; n != 1 {
					t.Errorf("%d refusals", n)
				}
			})
		})
	}
}

// Who leaves while the event waits costs no PHP; who leaves while it runs has no other event. Neither holds a place.
func TestClientsThatLeaveBeforeTheVerdict(t *testing.T) {
	gated(t, func(*fixture, *callback.Event) callback.Result {
		time.Sleep(10 * time.Second)
		return said(200, "")
	}, func(o *Options) { o.Workers, o.MaxConnections = 1, 50 }, func(f *fixture) {
		for range 40 {
			c := f.open(handshake("/"))
			synctest.Wait()
			_ = c.conn.Close()
		}
		time.Sleep(time.Second)
		if n := f.b.gate.Count(); n != 0 {
			t.Errorf("%d places are taken", n)
		}
		if n := f.b.asking.Load() + f.b.exchanging.Load() + int64(f.b.dispatcher.queued()); n != 0 {
			t.Errorf("%d are left", n)
		}
		time.Sleep(10 * time.Second)
		f.wantStory("1:handshake")
		c := f.dial()
		c.text("hi")
		c.wantText("hi")
	})
}

func TestHandshakesThatWaitTooLong(t *testing.T) {
	for name, set := range map[string]func(o *Options){
		"busy": func(o *Options) { o.Workers, o.QueueTimeout = 1, 3*time.Second },
		"down": nil,
	} {
		t.Run(name, func(t *testing.T) {
			gated(t, func(*fixture, *callback.Event) callback.Result {
				if name == "down" {
					return callback.Result{Outcome: callback.Down, Err: callback.ErrDown}
				}
				time.Sleep(10 * time.Second)
				return said(200, "")
			}, set, func(f *fixture) {
				first := f.open(handshake("/"))
				synctest.Wait()
				c := f.ask(handshake("/"))
				if c.resp.StatusCode != 503 || c.resp.Header.Get("Retry-After") == "" {
					t.Errorf("%s", c.resp.Status)
				}
				_ = first.conn.Close()
				time.Sleep(20 * time.Second)
				for _, h := range f.script.events() {
					if h.FD != 1 {
						t.Errorf("%v", h)
					}
				}
			})
		})
	}
}

func TestHandshakesThatWaitAreBounded(t *testing.T) {
	gated(t, func(*fixture, *callback.Event) callback.Result { return said(200, "") }, nil, func(f *fixture) {
		f.b.asking.Store(maxHandshakes)
		c := f.ask(handshake("/"))
		if c.resp.StatusCode != 503 || c.resp.Header.Get("Retry-After") == "" || f.b.Stats().Refused["handshakes"] != 1 {
			t.Errorf("%s %v", c.resp.Status, f.b.Stats().Refused)
		}
		f.b.asking.Store(0)
		f.dial()
	})
}

// A handshake that could never be one is not PHP's business.
func TestBrokenHandshakesAreNotAskedAbout(t *testing.T) {
	gated(t, func(*fixture, *callback.Event) callback.Result { return said(200, "") }, nil, func(f *fixture) {
		c := f.ask(strings.Replace(handshake("/"), wsKey, "short", 1))
		if c.resp.StatusCode != 400 {
			t.Errorf("%s", c.resp.Status)
		}
		f.wantStory("")
	})
}

func TestShutdownDuringAVerdict(t *testing.T) {
	gated(t, func(*fixture, *callback.Event) callback.Result {
		time.Sleep(20 * time.Second)
		return said(200, "")
	}, func(o *Options) { o.Workers = 1 }, func(f *fixture) {
		for range 5 {
			f.open(handshake("/"))
		}
		synctest.Wait()
		start := time.Now()
		f.stop()
		err := <-f.done
		f.done <- err
		if took := time.Since(start); took > 25*time.Second {
			t.Errorf("%v", took)
		}
	})
}

// A connection that a Swoole server heard of is its own until another route's script has let it in.
func TestARefusedConnectionStaysWhoseItWas(t *testing.T) {
	plain := newFakeScript(func(*callback.Event) callback.Result { return said(403, "no") })
	plain.describe(callback.Description{Kind: callback.KindPlain, Encoding: callback.Plain, Events: []string{"open", "message", "close"}})
	bubble(t, echo, func(o *Options) {
		o.Routes = append(o.Routes, Route{Path: "/plain", Script: plain, Authorize: true})
	}, func(f *fixture) {
		dropIn("connect")(f)
		f.unopened = true
		c := f.ask(handshake("/plain"))
		_, _ = io.Copy(io.Discard, c.conn)
		if c.resp.StatusCode != 403 {
			t.Errorf("%s", c.resp.Status)
		}
		f.wantStory("1:connect 1:close(1006 server)")
		if s := plain.story(); s != "1:handshake" {
			t.Errorf("%s", s)
		}
	})
}

func TestAuthorizeIsForPlainScripts(t *testing.T) {
	script := newFakeScript(nil)
	if _, err := New(Options{Routes: []Route{{Path: "/", Script: script, Authorize: true}}}); err == nil || !strings.Contains(err.Error(), "plain") {
		t.Errorf("%v", err)
	}
	gated(t, func(*fixture, *callback.Event) callback.Result { return said(200, "") }, nil, func(f *fixture) {
		f.script.describe(callback.Description{Kind: callback.KindPlain, Encoding: callback.Framed, Events: []string{"open", "close"}}) // a deploy
		if c := f.ask(handshake("/")); c.resp.StatusCode != 500 {
			t.Errorf("%s", c.resp.Status)
		}
		f.wantStory("")
	})
}

// fakeTickets lets in who shows its name.
type fakeTickets struct{ expires time.Duration }

func (k fakeTickets) Check(r *http.Request) (told *http.Request, who Identity, refusal, challenge string) {
	uid := r.URL.Query().Get("me")
	if uid == "" {
		return r, who, "missing", "Bearer"
	}
	who = Identity{UID: uid, Groups: []string{"members"}, Attributes: []byte(`{"a":1,"b":2}`)}
	if k.expires > 0 {
		who.Expires = time.Now().Add(k.expires)
	}
	told = r.Clone(r.Context())
	told.URL.RawQuery, told.RequestURI = "", r.URL.Path
	return told, who, "", ""
}

// A ticket comes before the script; what the script says wins, and comes on top.
func TestTicketThenScript(t *testing.T) {
	gated(t, func(_ *fixture, ev *callback.Event) callback.Result {
		if string(ev.Attributes) != `{"a":1,"b":2}` || strings.Contains(string(ev.Conn.Env), "me=") {
			t.Errorf("%s %q", ev.Attributes, ev.Conn.Env)
		}
		return said(200, `{"groups":["more"],"attributes":{"b":3}}`)
	}, func(o *Options) { o.Routes[0].Tickets = fakeTickets{} }, func(f *fixture) {
		c := f.ask(handshake("/"))
		if c.resp.StatusCode != 401 || c.resp.Header.Get("Www-Authenticate") != "Bearer" || f.b.Stats().Refused["ticket"] != 1 {
			t.Errorf("%s %v", c.resp.Status, c.resp.Header)
		}
		f.wantStory("")
		c = f.ask(handshake("/?me=ann"))
		if c.resp.StatusCode != 101 {
			t.Fatalf("%s", c.resp.Status)
		}
		for _, to := range []ops.Set{{UIDs: []string{"ann"}}, {Groups: []string{"members"}}, {Groups: []string{"more"}}} {
			f.op(textOp("x", to))
			c.wantText("x")
		}
		synctest.Wait()
		if last := f.script.last(); string(last.Attributes) != `{"a":1,"b":3}` {
			t.Errorf("%s", last.Attributes)
		}
	})
}

// A script that answers handshakes itself has what the ticket says in that event, and what it changes stays. A refused one leaves nothing.
func TestTicketBeforeAScriptsOwnHandshake(t *testing.T) {
	for _, event := range []string{"handshake", "beforehandshakeresponse"} {
		refuse := false
		shaker(t, event, func(f *fixture, ev *callback.Event) callback.Result {
			if string(ev.Attributes) != `{"a":1,"b":2}` || f.b.Users() != 1 {
				t.Errorf("%s, %d users", ev.Attributes, f.b.Users())
			}
			if refuse {
				return callback.Result{Outcome: callback.Failed, Err: callback.ErrScript}
			}
			return do(callback.Instruction{Kind: callback.KindOp, Op: &ops.Op{Kind: ops.Bind, To: ops.Set{FDs: []uint64{ev.FD}}, UID: "bob"}},
				respond(ev.FD, callback.ResponseEnd, 101, "", ""))
		}, func(o *Options) { o.Routes[0].Tickets = fakeTickets{} }, func(f *fixture) {
			c := f.ask(handshake("/?me=ann"))
			f.op(textOp("x", ops.Set{UIDs: []string{"bob"}}))
			c.wantText("x")
			_ = c.conn.Close()
			synctest.Wait()
			refuse = true
			if c = f.ask(handshake("/?me=ann")); c.resp.StatusCode != 500 {
				t.Errorf("%s", c.resp.Status)
			}
			_ = c.conn.Close()
			synctest.Wait()
			if f.b.Users() != 0 || f.b.Groups() != 0 {
				t.Errorf("%d users, %d groups are left", f.b.Users(), f.b.Groups())
			}
		})
	}
}

// The sweeper ends who came with a ticket that is over: in time, and nobody else.
func TestExpiredTickets(t *testing.T) {
	tickets := &fakeTickets{}
	bubble(t, echo, func(o *Options) {
		o.PingInterval = -1
		o.Routes[0].Tickets, o.Routes[0].ExpiryCode = tickets, 4401
		o.Routes = append(o.Routes, Route{Path: "/free", Script: o.Routes[0].Script, Tickets: fakeTickets{10 * time.Second}})
	}, func(f *fixture) {
		var list []*client
		for i := range 5 {
			tickets.expires = time.Duration(i) * 10 * time.Second // the first never
			list = append(list, f.ask(handshake("/?me=x")))
		}
		free := f.ask(handshake("/free?me=y"))
		for i, c := range list[1:] {
			time.Sleep(9 * time.Second)
			synctest.Wait()
			if f.b.Count() != 6-i {
				t.Errorf("%d of %d are left", f.b.Count(), 6-i)
			}
			time.Sleep(1200 * time.Millisecond)
			c.wantClose(4401)
			_ = c.conn.Close()
		}
		if n := f.b.Stats().Closed["expired"]; n != 4 {
			t.Errorf("%d expired", n)
		}
		if f.b.nextExpiry.Load() != 0 {
			t.Error("the sweeper still looks for some")
		}
		for _, c := range []*client{list[0], free} {
			c.text("hi")
			c.wantText("hi")
		}
		if last := f.script.events(); len(last) == 0 {
			t.Error("no events")
		}
	})
}

func TestHeartbeatsCostNoPHP(t *testing.T) {
	bubble(t, echo, func(o *Options) {
		o.PingInterval = -1
		o.Routes[0].Heartbeats = []Heartbeat{
			{Message: []byte("ping"), Reply: []byte("pong")},
			{Message: []byte("quiet"), Swallow: true},
			{Message: nil, Reply: nil},
			{Message: []byte("ping"), Reply: []byte("\xff"), Binary: true},
		}
		o.HeartbeatInterval, o.HeartbeatIdle = 5*time.Second, 20*time.Second
		o.Compression = true
	}, func(f *fixture) {
		c := f.dial()
		for range 10 { // longer than the idle time
			c.text("ping")
			c.wantText("pong")
			time.Sleep(10 * time.Second)
		}
		c.text("quiet")
		c.text("")
		c.wantText("")
		c.frame(bitFIN|opBinary, "ping")
		c.want(bitFIN|opBinary, "\xff")
		c.frame(opText, "pi") // in fragments
		c.frame(bitFIN, "ng")
		c.wantText("pong")
		c.text("Ping")
		c.wantText("Ping")
		c.frame(bitFIN|opBinary, "quiet")
		c.want(bitFIN|opBinary, "quiet")
		f.wantStory("1:open 1:message(Ping) 1:message(quiet)")
		// Heartbeats do not wait for PHP; what was pushed before them comes before them.
		f.op(textOp("pushed", ops.Set{FDs: []uint64{1}}))
		c.text("ping")
		c.wantText("pushed")
		c.wantText("pong")
		if s := f.b.Stats(); s.Heartbeats != 15 || s.MessagesIn != 17 {
			t.Errorf("%d of %d", s.Heartbeats, s.MessagesIn)
		}
	})
}

func TestBadHeartbeats(t *testing.T) {
	script := newFakeScript(nil)
	for name, list := range map[string][]Heartbeat{
		"twice": {{Message: []byte("a")}, {Message: []byte("a")}},
		"long":  {{Message: make([]byte, 1025)}},
		"text":  {{Message: []byte("\xff")}},
	} {
		if _, err := New(Options{Routes: []Route{{Path: "/", Script: script, Heartbeats: list}}}); err == nil {
			t.Errorf("%s is allowed", name)
		}
	}
}

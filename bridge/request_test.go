package bridge

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// respond is a part of a response.
func respond(fd uint64, flags uint8, status uint16, head, data string) callback.Instruction {
	return callback.Instruction{Kind: callback.KindResponse, FD: fd, Flags: flags, Code: status, Head: []byte(head), Data: []byte(data)}
}

// site is a script that answers requests with what page says.
func site(t *testing.T, page func(f *fixture, ev *callback.Event) callback.Result, set func(o *Options), run func(f *fixture)) {
	t.Helper()
	var f *fixture
	bubble(t, func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Request {
			return page(f, ev)
		}
		return echo(ev)
	}, set, func(fx *fixture) {
		f = fx
		dropIn("request")(f)
		f.unopened = true
		run(f)
	})
}

// ok answers with the request's path and body.
func ok(_ *fixture, ev *callback.Event) callback.Result {
	target := strings.Fields(string(ev.Head))[1]
	return do(respond(ev.FD, callback.ResponseEnd, 200, "\r\n", target+" "+string(ev.Payload)))
}

// next reads one more response.
func (c *client) next(method string) (*http.Response, string) {
	c.t.Helper()
	resp, err := http.ReadResponse(c.br, &http.Request{Method: method})
	if err != nil {
		c.t.Fatalf("no response: %v", err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("body: %v", err)
	}
	return resp, string(body)
}

// open connects and sends, without waiting for an answer.
func (f *fixture) open(request string) *client {
	f.t.Helper()
	conn, err := f.ln.Dial("192.0.2.1")
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = conn.Close() })
	c := &client{t: f.t, conn: conn, br: bufio.NewReader(conn)}
	c.raw([]byte(request))
	return c
}

func TestRequestsOfOneConnection(t *testing.T) {
	site(t, ok, nil, func(f *fixture) {
		c := f.open("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
		resp, body := c.next("GET")
		if resp.StatusCode != 200 || body != "/a " || resp.Header.Get("Server") != "swoole-http-server" || resp.Header.Get("Connection") != "keep-alive" {
			t.Errorf("%d %q %v", resp.StatusCode, body, resp.Header)
		}
		// Pipelined, with both kinds of bodies.
		c.raw([]byte("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcPOST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"))
		if _, body = c.next("POST"); body != "/b abc" {
			t.Errorf("%q", body)
		}
		if _, body = c.next("POST"); body != "/c de" {
			t.Errorf("%q", body)
		}
		c.raw([]byte("HEAD /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
		resp, body = c.next("HEAD")
		if body != "" || resp.ContentLength != 3 || !resp.Close {
			t.Errorf("%q %d %v", body, resp.ContentLength, resp.Close)
		}
		if _, err := c.br.ReadByte(); err == nil {
			t.Error("the connection is still open")
		}
		synctest.Wait()
		if want := "1:request 1:request 1:request 1:request 1:close(1006 server)"; f.script.story() != want {
			t.Errorf("%s", f.script.story())
		}
	})
}

func TestHeadsAreAsTheScriptSaysThem(t *testing.T) {
	head := "Very Odd\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\nDate: today\r\nbad name: x\r\n: x\r\nX-Lf: a\nInjected: b\r\n"
	site(t, func(_ *fixture, ev *callback.Event) callback.Result {
		return do(respond(ev.FD, callback.ResponseEnd, 299, head, "hi"))
	}, nil, func(f *fixture) {
		c := f.open("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		got, err := io.ReadAll(c.br)
		if err != nil {
			t.Fatal(err)
		}
		want := "HTTP/1.1 299 Very Odd\r\nX-B: 1\r\nX-B: 3\r\nx-a: 2\r\nDate: today\r\nX-Lf: a Injected: b\r\nServer: swoole-http-server\r\n" +
			"Connection: close\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"
		if string(got) != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// What leaves before the event is over comes over the callback socket, piece by piece.
func TestPiecesLeaveAtOnce(t *testing.T) {
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		for i, piece := range []string{"one", "two"} {
			in := respond(ev.FD, 0, uint16(200*(1-i)), "", piece)
			if !f.b.Respond(&in) {
				t.Error("refused")
			}
			time.Sleep(time.Second)
		}
		in := respond(ev.FD, callback.ResponseEnd, 0, "\r\nX-Sum: 7\r\n", "")
		if !f.b.Respond(&in) || f.b.Respond(&in) {
			t.Error("the end must be taken once")
		}
		return callback.Result{}
	}, nil, func(f *fixture) {
		c := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		start := time.Now()
		resp, err := http.ReadResponse(c.br, nil)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 10)
		for i, want := range []string{"one", "two"} {
			n, _ := resp.Body.Read(b)
			if string(b[:n]) != want || time.Since(start) != time.Duration(i)*time.Second {
				t.Errorf("%q after %v", b[:n], time.Since(start))
			}
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		if resp.Trailer.Get("X-Sum") != "7" {
			t.Errorf("%v", resp.Trailer)
		}
	})
}

func TestAnswersThatPHPDoesNotGive(t *testing.T) {
	for name, tc := range map[string]struct {
		res    callback.Result
		status int
	}{
		"nothing": {callback.Result{}, 500},
		"failure": {callback.Result{Outcome: callback.Failed, Err: callback.ErrScript}, 500},
		"busy":    {callback.Result{Outcome: callback.NotStarted, Err: callback.ErrNotRun}, 503},
		"down":    {callback.Result{Outcome: callback.Down, Err: callback.ErrDown}, 503},
	} {
		t.Run(name, func(t *testing.T) {
			site(t, func(*fixture, *callback.Event) callback.Result {
				time.Sleep(time.Second) // or it is tried without end in no time
				return tc.res
			}, nil, func(f *fixture) {
				f.unclosed = true
				c := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				resp, _ := c.next("GET")
				if resp.StatusCode != tc.status || (resp.Header.Get("Retry-After") != "") != (tc.status == 503) {
					t.Errorf("%d %v", resp.StatusCode, resp.Header)
				}
			})
		})
	}
}

// PHP died behind its first piece: the client must not take the rest for all.
func TestBrokenResponsesAreNoWholeOnes(t *testing.T) {
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		in := respond(ev.FD, 0, 200, "", "some")
		f.b.Respond(&in)
		return callback.Result{Outcome: callback.Failed, Err: callback.ErrReset}
	}, nil, func(f *fixture) {
		c := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		resp, err := http.ReadResponse(c.br, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err == nil || string(body) != "some" {
			t.Errorf("%q %v", body, err)
		}
	})
}

func TestDetachedResponses(t *testing.T) {
	site(t, func(_ *fixture, ev *callback.Event) callback.Result {
		return do(respond(ev.FD, callback.ResponseDetach, 0, "", ""))
	}, nil, func(f *fixture) {
		c := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		time.Sleep(time.Minute)
		in := respond(1, callback.ResponseEnd, 201, "", "late")
		if !f.b.Respond(&in) {
			t.Error("refused")
		}
		if resp, body := c.next("GET"); resp.StatusCode != 201 || body != "late" {
			t.Errorf("%d %q", resp.StatusCode, body)
		}
		if f.b.Respond(&in) {
			t.Error("a response that is over took more")
		}
		c.raw([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
		if resp, _ := c.next("GET"); resp.StatusCode != 504 {
			t.Errorf("%d for a response that nobody gives", resp.StatusCode)
		}
	})
}

// A client that leaves is noticed while PHP works, and PHP hears of it.
func TestClientThatLeaves(t *testing.T) {
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		time.Sleep(10 * time.Second)
		in := respond(ev.FD, 0, 200, "", "x")
		if f.b.Respond(&in) {
			t.Error("taken for a client that has gone")
		}
		return do(respond(ev.FD, callback.ResponseEnd, 200, "", "y"))
	}, nil, func(f *fixture) {
		c := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		time.Sleep(time.Second)
		_ = c.conn.Close()
		time.Sleep(20 * time.Second)
		f.wantStory("1:request 1:close(1006 gone)")
	})
}

// A client that does not read, and for whom nothing more is kept, holds up the PHP that writes to it for a bounded time, and nobody else.
func TestSlowReaders(t *testing.T) {
	piece := strings.Repeat("x", 1<<20)
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		start := time.Now()
		for n := 0; ; n++ {
			in := respond(ev.FD, 0, 200, "", piece)
			if !f.b.Respond(&in) {
				if n < 4 || n > 12 || time.Since(start) > 20*time.Second {
					t.Errorf("%d pieces in %v", n, time.Since(start))
				}
				return callback.Result{}
			}
		}
	}, func(o *Options) { o.MaxResponse = 4 << 20 }, func(f *fixture) {
		f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		c := f.dial()
		c.text("hi")
		c.wantText("hi")
		time.Sleep(time.Minute)
		if n := f.b.spool.Bytes(); n != 0 {
			t.Errorf("%d bytes are still on disk", n)
		}
	})
}

// Ten clients read nothing of their 3 MiB while two slots serve others; then they get all of it. PHP is done with them at once.
func TestSlowReadersHoldNoSlot(t *testing.T) {
	const pieces = 3
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		for n := range pieces {
			in := respond(ev.FD, 0, 200, "", strings.Repeat(string(rune('a'+n)), 1<<20))
			if !f.b.Respond(&in) {
				t.Error("refused")
			}
		}
		return do(respond(ev.FD, callback.ResponseEnd, 0, "", "z"))
	}, func(o *Options) { o.Workers = 2 }, func(f *fixture) {
		start := time.Now()
		var slow []*client
		for range 10 {
			slow = append(slow, f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
		}
		c := f.dial()
		for range 10 {
			c.text("hi")
			c.wantText("hi")
		}
		synctest.Wait()
		if d := time.Since(start); d > 0 {
			t.Errorf("others waited for %v", d)
		}
		for _, c := range slow {
			_, body := c.next("GET")
			if len(body) != pieces<<20+1 {
				t.Fatalf("%d bytes", len(body))
			}
			for n := range pieces {
				if at := body[n<<20 : (n+1)<<20]; strings.Trim(at, string(rune('a'+n))) != "" {
					t.Fatalf("piece %d is another one", n)
				}
			}
		}
		synctest.Wait()
		if n := f.b.spool.Bytes(); n != 0 {
			t.Errorf("%d bytes are still on disk", n)
		}
	})
}

// Where all of the disk's share is taken, who has most of it gives it up.
func TestTheSlowestReaderMakesRoom(t *testing.T) {
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		n := 8
		if ev.FD == 1 {
			n = 16
		}
		for range n {
			in := respond(ev.FD, 0, 200, "", strings.Repeat("x", 1<<20))
			if !f.b.Respond(&in) {
				t.Error("refused")
			}
		}
		return do(respond(ev.FD, callback.ResponseEnd, 0, "", "z"))
	}, func(o *Options) { o.SpoolBytes = 20 << 20 }, func(f *fixture) {
		greedy := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		synctest.Wait()
		modest := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		synctest.Wait()
		if _, body := modest.next("GET"); len(body) != 8<<20+1 {
			t.Errorf("%d bytes", len(body))
		}
		resp, err := http.ReadResponse(greedy.br, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); err == nil || n > 15<<20 {
			t.Errorf("the greedy one got %d bytes, %v", n, err)
		}
		synctest.Wait()
		if got := f.script.sorted(); got != "1:request 1:close(1006 slow) 2:request" {
			t.Errorf("PHP heard %s", got)
		}
	})
}

func TestLargeResponses(t *testing.T) {
	whole := strings.Repeat("0123456789", 800<<10)
	site(t, func(_ *fixture, ev *callback.Event) callback.Result {
		return do(respond(ev.FD, callback.ResponseEnd, 200, "", whole))
	}, nil, func(f *fixture) {
		c := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, body := c.next("GET"); body != whole {
			t.Errorf("%d bytes", len(body))
		}
	})
}

func TestBodiesThatAreRefused(t *testing.T) {
	site(t, ok, func(o *Options) { o.MaxMessage = 100 }, func(f *fixture) {
		for request, want := range map[string]int{
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n":                                                          413,
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + strings.Repeat("x", 101) + "\r\n0\r\n\r\n":                        413,
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n":                                                                     400,
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc":                                                                                408,
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd":                                                           400,
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n\r\nabc":                                             501,
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + strings.Repeat("y", 100):                                                       200,
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n":               200,
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 101\r\n\r\n":                                 413,
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=" + strings.Repeat("b", 9000) + "\r\nContent-Length: 2\r\n\r\nxx": 400,
		} {
			resp, _ := f.open(request).next("POST")
			if resp.StatusCode != want {
				t.Errorf("%d, want %d, for\n%s", resp.StatusCode, want, request)
			}
		}
	})
}

// A form that may carry files is more than a message: it waits in a file, not in memory.
func TestUploads(t *testing.T) {
	body := "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n" + strings.Repeat("x", 1<<20) + "\r\n--b--\r\n"
	site(t, func(f *fixture, ev *callback.Event) callback.Result {
		piece, ok := f.b.Body(ev.FD, 0, 1<<20, 1<<20)
		if ev.Form != "multipart/form-data; boundary=b" || string(ev.Payload) != body || !ok || string(piece) != body[1<<20:] {
			t.Errorf("%q %d bytes %v", ev.Form, len(ev.Payload), ok)
		}
		return ok200(ev.FD)
	}, func(o *Options) { o.Routes[0].HTTP.MaxUpload = 4 << 20; o.MaxMessage = 1000 }, func(f *fixture) {
		c := f.open(fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
		if resp, _ := c.next("POST"); resp.StatusCode != 200 {
			t.Errorf("%d", resp.StatusCode)
		}
		synctest.Wait() // net/http is done with the request a moment after its client
		if _, ok := f.b.Body(1, 0, 0, 1); ok {
			t.Error("there is a body behind the event")
		}
	})
}

func ok200(fd uint64) callback.Result { return do(respond(fd, callback.ResponseEnd, 200, "", "")) }

// close($fd) behind end(): the response leaves, then the connection ends.
func TestCloseBehindAResponse(t *testing.T) {
	whole := strings.Repeat("x", 300<<10)
	site(t, func(_ *fixture, ev *callback.Event) callback.Result {
		return do(respond(ev.FD, callback.ResponseEnd, 200, "", whole), closeFD(ev.FD, 0, "", callback.CloseBare))
	}, nil, func(f *fixture) {
		c := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, body := c.next("GET"); body != whole {
			t.Errorf("%d bytes", len(body))
		}
		if _, err := c.br.ReadByte(); err == nil {
			t.Error("the connection is still open")
		}
		f.wantStory("1:request 1:close(1006 server)")
	})
}

func TestCompressedResponses(t *testing.T) {
	site(t, func(_ *fixture, ev *callback.Event) callback.Result {
		return do(respond(ev.FD, callback.ResponseEnd, 200, "", strings.Repeat("a", 100)))
	}, nil, func(f *fixture) {
		for accept, want := range map[string]string{
			"gzip": "gzip", "deflate": "deflate", "deflate, GZIP;q=0.5": "gzip", "gzip;q=0, deflate": "deflate", "gzip, br": "br", "br;q=0, gzip": "gzip", "zstd": "", "*": "", "": "",
		} {
			c := f.open("GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: " + accept + "\r\n\r\n")
			resp, body := c.next("GET")
			if resp.Header.Get("Content-Encoding") != want || (len(body) < 100) != (want != "") {
				t.Errorf("%q: %q, %d bytes", accept, resp.Header.Get("Content-Encoding"), len(body))
			}
		}
	})
}

// Connections that are kept between requests do not keep strangers out.
func TestIdleConnectionsLeaveTheGate(t *testing.T) {
	site(t, ok, nil, func(f *fixture) {
		c := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		c.next("GET")
		synctest.Wait()
		if n := len(f.b.handshakes); n != 0 {
			t.Errorf("%d tokens taken", n)
		}
		time.Sleep(59 * time.Second)
		c.raw([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
		c.next("GET")
		time.Sleep(61 * time.Second)
		if _, err := c.br.ReadByte(); err == nil {
			t.Error("the connection is still open")
		}
	})
}

// A request that is with PHP when the bridge ends gets its answer.
func TestShutdownWaitsForRequests(t *testing.T) {
	site(t, func(_ *fixture, ev *callback.Event) callback.Result {
		time.Sleep(2 * time.Second)
		return ok200(ev.FD)
	}, nil, func(f *fixture) {
		c := f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		time.Sleep(time.Second)
		f.stop()
		if resp, _ := c.next("GET"); resp.StatusCode != 200 {
			t.Errorf("%d", resp.StatusCode)
		}
	})
}

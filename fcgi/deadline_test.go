package fcgi_test

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// stuckPeers are all the ways in which a server can leave a request hanging.
var stuckPeers = map[string]func(net.Conn){
	"never reads":              waitForClose,
	"reads PARAMS only":        func(nc net.Conn) { _, _ = io.ReadFull(nc, make([]byte, 24)); waitForClose(nc) },
	"never answers":            func(nc net.Conn) { _, _ = readRequest(nc); waitForClose(nc) },
	"stops in a record header": stopsAfter(okReply[:3]),
	"stops in the body":        stopsAfter(okReply[:40]),
	"never ends":               stopsAfter(stdout(okAnswer)),
	"says nothing for ever": func(nc net.Conn) {
		_, _ = readRequest(nc)
		for {
			if _, err := io.WriteString(nc, stdout("")); err != nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	},
}

func stopsAfter(s string) func(net.Conn) {
	return func(nc net.Conn) {
		_, _ = readRequest(nc)
		_, _ = io.WriteString(nc, s)
		_, _ = io.Copy(io.Discard, nc)
	}
}

// Each of them ends at the deadline, with a connection that nobody gets again and a slot that somebody does.
func TestStuckPeers(t *testing.T) {
	bodies := map[string][]byte{"": nil, ", large body": make([]byte, 1<<20)}
	for name, peer := range stuckPeers {
		for suffix, content := range bodies {
			t.Run(name+suffix, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := serving(t, fcgi.Options{MaxConns: 1}, func(nc net.Conn) {
						if connNumber(nc) == 1 {
							peer(nc)
							return
						}
						answering(okReply)(nc)
					})
					start := time.Now()
					res, err := c.Do(background, &fcgi.Request{Timeout: 10 * time.Second, Body: content})
					res.Release()
					if name == "never reads" {
						failed(t, err, fcgi.ErrDeadline, false)
					} else if !errors.Is(err, fcgi.ErrDeadline) {
						t.Errorf("got %v", err)
					}
					if took := time.Since(start); took < 10*time.Second || took > 10500*time.Millisecond {
						t.Errorf("took %v", took)
					}
					body(t, c, small())
					if s := c.Stats(); s.Dials != 2 || s.InFlight != 0 {
						t.Errorf("got %+v", s)
					}
				})
			})
		}
	}
}

func TestCancellation(t *testing.T) {
	for name, tc := range map[string]struct {
		ctx   func() (context.Context, context.CancelFunc)
		kind  error
		cause error
	}{
		"canceled": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(background)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, fcgi.ErrCanceled, context.Canceled},
		"deadline of the context": {func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(background, time.Second)
		}, fcgi.ErrDeadline, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := serving(t, fcgi.Options{MaxConns: 1}, slowBy(time.Minute))
				ctx, cancel := tc.ctx()
				defer cancel()
				start := time.Now()
				_, err := c.Do(ctx, &fcgi.Request{Timeout: time.Hour})
				failed(t, err, tc.kind, true)
				if !errors.Is(err, tc.cause) {
					t.Errorf("%v does not wrap %v", err, tc.cause)
				}
				if took := time.Since(start); took != time.Second {
					t.Errorf("took %v", took)
				}
				if s := c.Stats(); s.Idle != 0 || s.InFlight != 0 {
					t.Errorf("the connection was kept: %+v", s)
				}
			})
		})
	}
}

// A context that ends after the answer takes nothing away from it.
func TestACancelAfterTheAnswerLeavesTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, fcgi.Options{}, answering(okReply))
		for range 3 {
			ctx, cancel := context.WithCancel(background)
			res, err := c.Do(ctx, small())
			if err != nil {
				t.Fatal(err)
			}
			cancel()
			synctest.Wait()
			res.Release()
		}
		if s := c.Stats(); s.Dials != 1 {
			t.Errorf("got %+v", s)
		}
	})
}

// slowBy answers d after each request.
func slowBy(d time.Duration) func(net.Conn) {
	return func(nc net.Conn) {
		for {
			if _, err := readRequest(nc); err != nil {
				return
			}
			time.Sleep(d)
			if _, err := io.WriteString(nc, okReply); err != nil {
				return
			}
		}
	}
}

// A deadline that stays from one request to the next is never early, also when the timeouts differ.
func TestDeadlinesOfAKeptConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, fcgi.Options{IdleTimeout: 10 * time.Hour}, slowBy(time.Second))
		for _, timeout := range []time.Duration{
			2 * time.Second, 1100 * time.Millisecond, time.Minute, 2 * time.Second, 0, 1010 * time.Millisecond, 0,
			1010 * time.Millisecond, 1010 * time.Millisecond, time.Hour, 1010 * time.Millisecond,
		} {
			body(t, c, &fcgi.Request{Timeout: timeout})
			time.Sleep(timeout) // past the deadline that was set
		}
		start := time.Now()
		_, err := c.Do(background, &fcgi.Request{Timeout: 900 * time.Millisecond})
		failed(t, err, fcgi.ErrDeadline, true)
		if late := time.Since(start) - 900*time.Millisecond; late < 0 || late > 50*time.Millisecond {
			t.Errorf("late by %v", late)
		}
		if s := c.Stats(); s.Dials != 1 {
			t.Errorf("got %+v", s)
		}
	})
}

// The time of a request includes the dial.
func TestADeadlineDuringTheDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dialingWith(t, fcgi.Options{DialTimeout: time.Hour}, func(ctx context.Context) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		_, err := c.Do(background, &fcgi.Request{Timeout: time.Second})
		failed(t, err, fcgi.ErrDeadline, false)
		ctx, cancel := context.WithCancel(background)
		time.AfterFunc(time.Second, cancel)
		_, err = c.Do(ctx, small())
		failed(t, err, fcgi.ErrCanceled, false)
	})
}

// The queue of a busy server's Unix socket is full now and then; that is not the end.
func TestABusySocketIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		c := dialingWith(t, fcgi.Options{}, func(context.Context) (net.Conn, error) {
			if attempts++; attempts < 10 {
				return nil, syscall.EAGAIN
			}
			return canned(okReply), nil
		})
		body(t, c, small())

		c = dialingWith(t, fcgi.Options{DialTimeout: time.Second}, func(context.Context) (net.Conn, error) {
			return nil, syscall.EAGAIN
		})
		start := time.Now()
		_, err := c.Do(background, small())
		failed(t, err, syscall.EAGAIN, false)
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// A context that is over costs neither a request nor a connection.
func TestAContextThatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, fcgi.Options{}, answering(okReply))
		body(t, c, small())
		ctx, cancel := context.WithCancel(background)
		cancel()
		_, err := c.Do(ctx, small())
		failed(t, err, fcgi.ErrCanceled, false)
		body(t, c, small())
		if s := c.Stats(); s.Dials != 1 || s.Reuses != 1 {
			t.Errorf("got %+v", s)
		}
	})
}

// A server that answers without reading a large body is heard, and its connection not used again.
func TestAnAnswerBeforeTheBodyIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, fcgi.Options{}, func(nc net.Conn) {
			_, _ = io.ReadFull(nc, make([]byte, 24))
			_, _ = io.WriteString(nc, okReply)
			waitForClose(nc)
		})
		start := time.Now()
		if got := body(t, c, &fcgi.Request{Body: make([]byte, 10<<20)}); got != "ok" {
			t.Errorf("got %q", got)
		}
		if took := time.Since(start); took > time.Second/10 {
			t.Errorf("took %v", took)
		}
		if s := c.Stats(); s.Idle != 0 {
			t.Errorf("got %+v", s)
		}
	})
}

// A server that answers while it reads must not wait for us, nor we for it.
func TestAnAnswerWhileTheBodyIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, fcgi.Options{}, func(nc net.Conn) {
			_, _ = io.ReadFull(nc, make([]byte, 24))
			_, _ = io.WriteString(nc, stdout("\n"))
			buf := make([]byte, 1000)
			for left := 10<<20 + 161*8 + 8; left > 0; {
				n, err := nc.Read(buf)
				if err != nil {
					return
				}
				left -= n
				_, _ = io.WriteString(nc, stdout("12345678"))
			}
			_, _ = io.WriteString(nc, end(0, 0))
			answering(okReply)(nc)
		})
		res, err := c.Do(background, &fcgi.Request{Body: make([]byte, 10<<20)})
		if err != nil {
			t.Fatal(err)
		}
		res.Release()
		body(t, c, small())
		if s := c.Stats(); s.Dials != 1 {
			t.Errorf("got %+v", s)
		}
	})
}

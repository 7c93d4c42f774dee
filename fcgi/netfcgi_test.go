package fcgi_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	netfcgi "net/http/fcgi"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// pipes is a listener whose connections are pipes.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return nil }

// netHTTP returns a client of Go's own FastCGI server, which shares no code with ours.
func netHTTP(t *testing.T, o fcgi.Options, h http.HandlerFunc) *fcgi.Client {
	p := pipes{make(chan net.Conn), make(chan struct{})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = netfcgi.Serve(p, h)
	}()
	c := dialingWith(t, o, func(context.Context) (net.Conn, error) {
		ours, theirs := net.Pipe()
		p.conns <- theirs
		return ours, nil
	})
	t.Cleanup(func() {
		_ = c.Close()
		close(p.done)
		<-ended
	})
	return c
}

func TestGoServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := netHTTP(t, fcgi.Options{}, func(w http.ResponseWriter, r *http.Request) {
			in, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			w.Header().Set("X-Env", netfcgi.ProcessEnv(r)["BRIDGE_FD"])
			w.WriteHeader(http.StatusAccepted)
			_, _ = fmt.Fprintf(w, "%s %s %d ", r.Method, r.URL.Path, len(in))
			_, _ = w.Write(in)
		})
		for _, size := range []int{0, 1, 1000, 16 << 10, 16<<10 + 1, 65528, 1 << 20} {
			for _, streamed := range []bool{false, true} {
				content := bytes.Repeat([]byte("b"), size)
				r := &fcgi.Request{
					Params:  encode(t, "REQUEST_METHOD", "POST", "REQUEST_URI", "/x", "SERVER_PROTOCOL", "HTTP/1.1"),
					Extra:   encode(t, "CONTENT_LENGTH", fmt.Sprint(size), "BRIDGE_FD", strings.Repeat("7", 300)),
					Timeout: time.Minute,
				}
				if streamed {
					r.Stdin = bytes.NewReader(content)
				} else {
					r.Body = content
				}
				res, err := c.Do(background, r)
				if err != nil {
					t.Fatal(err)
				}
				if want := fmt.Sprintf("POST /x %d %s", size, content); string(res.Body) != want || res.Status != 202 {
					t.Errorf("%d bytes: status %d, body %.40q", size, res.Status, res.Body)
				}
				if len(res.Header("x-env")) != 300 {
					t.Errorf("X-Env is %q", res.Header("x-env"))
				}
				res.Release()
			}
		}
		if s := c.Stats(); s.Dials != 1 {
			t.Errorf("got %+v", s)
		}
	})
}

// A PHP that takes 30 s costs the test no time, and nothing else waits for it.
func TestGoServerTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := netHTTP(t, fcgi.Options{MaxConns: 2}, func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				time.Sleep(30 * time.Second)
			}
		})
		request := func(path string, timeout time.Duration) *fcgi.Request {
			return &fcgi.Request{Timeout: timeout, Params: encode(t,
				"REQUEST_METHOD", "GET", "REQUEST_URI", path, "SERVER_PROTOCOL", "HTTP/1.1", "CONTENT_LENGTH", "0")}
		}
		done := make(chan struct{})
		start := time.Now()
		go func() {
			defer close(done)
			body(t, c, request("/slow", time.Minute))
		}()
		synctest.Wait()
		for range 3 {
			body(t, c, request("/quick", time.Minute))
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("quick requests took %v", took)
		}
		_, err := c.Do(background, request("/slow", 20*time.Second))
		failed(t, err, fcgi.ErrDeadline, true)
		<-done
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("took %v", took)
		}
		time.Sleep(time.Minute) // the handler whose client left ends, too
	})
}

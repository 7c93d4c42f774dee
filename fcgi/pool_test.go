package fcgi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// slow answers a second after each request.
func slow(nc net.Conn) {
	for {
		if _, err := readRequest(nc); err != nil {
			return
		}
		time.Sleep(time.Second)
		if _, err := io.WriteString(nc, okReply); err != nil {
			return
		}
	}
}

func TestSlotsAreGivenInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, fcgi.Options{MaxConns: 2}, slow)
		start := time.Now()
		var all sync.WaitGroup
		var mu sync.Mutex
		var order []int
		for i := range 8 {
			all.Go(func() {
				body(t, c, small())
				mu.Lock()
				order = append(order, i/2)
				mu.Unlock()
			})
			synctest.Wait()
		}
		if s := c.Stats(); s.InFlight != 2 || s.Waiting != 6 || s.Idle != 0 || s.Dials != 2 {
			t.Errorf("busy: %+v", s)
		}
		all.Wait()
		if got := fmt.Sprint(order); got != "[0 0 1 1 2 2 3 3]" {
			t.Errorf("order %s", got)
		}
		if took := time.Since(start); took != 4*time.Second {
			t.Errorf("took %v", took)
		}
		if s := c.Stats(); s.InFlight != 0 || s.Waiting != 0 || s.Idle != 2 || s.Dials != 2 || s.Reuses != 6 {
			t.Errorf("after: %+v", s)
		}
	})
}

func TestWaitingForASlotObeysTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, fcgi.Options{MaxConns: 1}, slow)
		go body(t, c, small())
		synctest.Wait()

		ctx, cancel := context.WithTimeout(background, time.Second/2)
		defer cancel()
		_, err := c.Do(ctx, small())
		failed(t, err, fcgi.ErrNoSlot, false)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v does not wrap the context's error", err)
		}
		_, err = c.Do(ctx, small()) // over before it began
		failed(t, err, fcgi.ErrNoSlot, false)

		// Who gave up is out of the queue, wherever it stood, and the others still get their turn.
		var rest sync.WaitGroup
		canceled, giveUp := context.WithCancel(background)
		for i := range 5 {
			ctx := background
			if i%2 == 0 {
				ctx = canceled
			}
			rest.Go(func() {
				res, err := c.Do(ctx, small())
				if ctx == canceled {
					failed(t, err, fcgi.ErrNoSlot, false)
				} else if err != nil {
					t.Error(err)
				}
				res.Release()
			})
			synctest.Wait()
		}
		giveUp()
		synctest.Wait()
		if s := c.Stats(); s.Waiting != 2 {
			t.Errorf("got %+v", s)
		}
		rest.Wait()
	})
}

// The room of a connection that died goes to who waits for it: nobody waits for a connection to come back.
func TestAWaiterGetsTheRoomOfADeadConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, fcgi.Options{MaxConns: 1}, func(nc net.Conn) {
			if connNumber(nc) == 1 {
				_, _ = readRequest(nc)
				time.Sleep(time.Second)
				return
			}
			answering(okReply)(nc)
		})
		go func() {
			_, err := c.Do(background, small())
			failed(t, err, fcgi.ErrReset, true)
		}()
		synctest.Wait()
		body(t, c, small())
		if s := c.Stats(); s.Dials != 2 || s.InFlight != 0 {
			t.Errorf("got %+v", s)
		}
	})
}

// The same for a connection that could not be made.
func TestAWaiterGetsTheRoomOfAFailedDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dialingWith(t, fcgi.Options{MaxConns: 1}, func(ctx context.Context) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		start := time.Now()
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				_, err := c.Do(background, small())
				if _, ok := errors.AsType[*fcgi.DialError](err); !ok {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("three dials of at most a second took %v", took)
		}
	})
}

func TestIdleConnectionsAreGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan time.Time, 3)
		c := serving(t, fcgi.Options{IdleTimeout: 4 * time.Second}, func(nc net.Conn) {
			slow(nc)
			gone <- time.Now()
		})
		start := time.Now()
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { body(t, c, small()) })
		}
		all.Wait()
		// One stays in use: the last that was put back is the first to be taken.
		for range 3 {
			time.Sleep(2 * time.Second)
			body(t, c, small())
		}
		if s := c.Stats(); s.Idle != 1 || s.Dials != 3 {
			t.Errorf("got %+v", s)
		}
		for range 2 {
			if life := (<-gone).Sub(start); life < 5*time.Second || life > 5*time.Second+500*time.Millisecond {
				t.Errorf("given back after %v, want 4s after the first second", life)
			}
		}
		time.Sleep(5 * time.Second)
		if s := c.Stats(); s.Idle != 0 {
			t.Errorf("got %+v", s)
		}
		// The sweeper starts again.
		body(t, c, small())
		time.Sleep(5 * time.Second)
		if s := c.Stats(); s.Idle != 0 {
			t.Errorf("got %+v", s)
		}
	})
}

func TestCloseEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		var ends sync.WaitGroup
		c := dialingWith(t, fcgi.Options{MaxConns: 3, DialTimeout: time.Hour}, func(ctx context.Context) (net.Conn, error) {
			if dials.Add(1) == 3 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			ours, theirs := net.Pipe()
			ends.Go(func() { slow(theirs) })
			return ours, nil
		})
		// One idle, one active, one dialing, two waiting.
		var all sync.WaitGroup
		all.Go(func() { body(t, c, small()) })
		go body(t, c, small())
		time.Sleep(3 * time.Second)
		for i := range 5 {
			all.Go(func() {
				_, err := c.Do(background, small())
				failed(t, err, fcgi.ErrClosed, i < 2)
			})
			synctest.Wait()
		}
		if s := c.Stats(); s.InFlight != 3 || s.Waiting != 2 {
			t.Errorf("got %+v", s)
		}
		for range 2 {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
		all.Wait()
		ends.Wait()
		_, err := c.Do(background, small())
		failed(t, err, fcgi.ErrClosed, false)
		if s := c.Stats(); s.InFlight != 0 || s.Waiting != 0 || s.Idle != 0 {
			t.Errorf("got %+v", s)
		}
	})
}

func TestOptionsAreChecked(t *testing.T) {
	_, err := fcgi.New(fcgi.Options{MaxConns: -1, MaxAnswer: -1, MaxHeader: -1, MaxStderr: -1, DialTimeout: -1})
	const want = `fcgi: network "": want unix or tcp
fcgi: no address
fcgi: MaxConns -1: want 0 or more
fcgi: MaxAnswer -1: want 0 or more
fcgi: MaxHeader -1: want 0 or more
fcgi: MaxStderr -1: want 0 or more
fcgi: DialTimeout -1ns: want 0 or more`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

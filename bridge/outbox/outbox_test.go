package outbox

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/memnet"
)

// box is an outbox on a connection whose other end the test reads.
type box struct {
	Outbox

	peer    net.Conn
	wg      sync.WaitGroup
	failure chan bool // stalled
}

// memBox has a socket that cannot be tried without blocking: the flusher writes. For bubbles.
func memBox(capacity, limit int) *box {
	peer, conn := memnet.Pipe(capacity)
	b := &box{peer: peer, failure: make(chan bool, 1)}
	b.Init(conn, limit, 10*time.Second, &b.wg, func(stalled bool) { b.failure <- stalled })
	return b
}

// tcpBox has a real socket with small buffers: writes are tried first.
func tcpBox(t *testing.T, limit int, timeout time.Duration) *box {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	peer, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.(*net.TCPConn).SetWriteBuffer(64 << 10)
	_ = peer.(*net.TCPConn).SetReadBuffer(256 << 10)
	_ = peer.SetReadDeadline(time.Now().Add(20 * time.Second))
	b := &box{peer: peer, failure: make(chan bool, 1)}
	b.Init(conn, limit, timeout, &b.wg, func(stalled bool) { b.failure <- stalled })
	if b.raw == nil {
		t.Fatal("a TCP socket is not tried")
	}
	t.Cleanup(func() {
		b.Abort()
		_ = conn.Close()
		_ = peer.Close()
		b.wg.Wait()
	})
	return b
}

// both runs a test with both kinds of sockets. run must not need time to pass.
func both(t *testing.T, limit int, run func(t *testing.T, b *box)) {
	t.Helper()
	t.Run("tried", func(t *testing.T) { run(t, tcpBox(t, limit, 10*time.Second)) })
	t.Run("flushed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := memBox(8<<10, limit)
			run(t, b)
			b.Abort()
			_ = b.conn.Close()
			_ = b.peer.Close()
			b.wg.Wait()
		})
	})
}

func (b *box) wantRead(t *testing.T, want []byte) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(b.peer, got); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("read %d of %d bytes, equal %v: %v", n, len(want), bytes.Equal(got, want), err)
	}
}

func TestFramesLeaveInOrderWhateverTheirSize(t *testing.T) {
	both(t, 64<<20, func(t *testing.T, b *box) {
		var want []byte
		var frames [][]byte
		for i, n := range []int{1, 100, copyBelow, copyBelow + 1, chunk - 1, chunk, chunk + 1, 100_000, 3, 1 << 20, 5} {
			frames = append(frames, bytes.Repeat([]byte{byte('a' + i)}, n))
		}
		var sending sync.WaitGroup
		for range 3 {
			for i, p := range frames {
				want = append(append(want, 'H', byte('0'+i)), p...)
			}
		}
		sending.Go(func() {
			for round := range 3 {
				for i, p := range frames {
					head := []byte{'H', byte('0' + i)}
					var res Result
					if round == 1 { // collected, as an answer of several pushes
						res = b.Add(head, p, true)
					} else {
						res = b.Send(head, p, i%2 == 0)
					}
					if res != OK {
						t.Errorf("frame %d: %d", i, res)
					}
				}
				b.Flush()
			}
		})
		b.wantRead(t, want)
		sending.Wait()
	})
}

// An idle client's frame is written by its sender, before Send returns: no goroutine, nothing queued.
func TestSendWritesAtOnce(t *testing.T) {
	b := tcpBox(t, 1<<20, time.Second)
	for i := range 100 {
		p := fmt.Appendf(nil, "frame %d", i)
		if b.Send(nil, p, false) != OK || b.Bytes() != 0 || b.writing {
			t.Fatal("it is still queued")
		}
		b.wantRead(t, p)
	}
}

// Many frames that were collected leave in one write.
func TestBurstIsOneWrite(t *testing.T) {
	b := tcpBox(t, 1<<20, time.Second)
	writes := 0
	try := b.try
	b.try = func(fd uintptr) bool { writes++; return try(fd) }
	var want []byte
	for i := range 50 {
		p := bytes.Repeat([]byte{byte(i)}, 50)
		want = append(want, p...)
		b.Add(nil, p, false)
	}
	large := bytes.Repeat([]byte("L"), copyBelow+1)
	b.Add([]byte("h"), large, true)
	want = append(append(want, 'h'), large...)
	b.Flush()
	b.wantRead(t, want)
	if writes != 1 {
		t.Errorf("%d writes", writes)
	}
}

// The kernel takes 1024 pieces in one call; an outbox with a higher limit holds more.
func TestMorePiecesThanTheKernelTakesAtOnce(t *testing.T) {
	both(t, 64<<20, func(t *testing.T, b *box) {
		var want []byte
		for i := range 2000 {
			p := bytes.Repeat([]byte{byte(i)}, copyBelow+1)
			want = append(append(want, 'h'), p...)
			if b.Add([]byte("h"), p, true) != OK {
				t.Fatal("not taken")
			}
		}
		go b.Flush()
		b.wantRead(t, want)
		select {
		case <-b.failure:
			t.Error("the connection was given up")
		default:
		}
	})
}

func TestOverTheLimitIsSlow(t *testing.T) {
	both(t, 100<<10, func(t *testing.T, b *box) {
		frame := bytes.Repeat([]byte("x"), 10<<10)
		n := 0
		var res Result
		for ; res == OK && n < 10_000; n++ {
			res = b.Send(nil, frame, false)
		}
		if res != Slow || b.Bytes() > 100<<10 {
			t.Errorf("after %d frames: %d, %d bytes queued", n, res, b.Bytes())
		}
		// What was taken comes, when the client reads.
		b.wantRead(t, bytes.Repeat([]byte("x"), (n-1)*len(frame)))
	})
}

func TestOneFrameOverTheLimitFitsAnEmptyOutbox(t *testing.T) {
	both(t, 10, func(t *testing.T, b *box) {
		large := bytes.Repeat([]byte("x"), 8<<20)
		if res := b.Send(nil, large, false); res != OK {
			t.Fatalf("got %d", res)
		}
		if res := b.Send(nil, []byte("y"), false); res != Slow {
			t.Errorf("the next one: %d, want slow", res)
		}
		b.wantRead(t, large)
	})
}

// The buffer of a frame that is not shared may change as soon as Send has returned.
func TestSendersBufferIsFreeAfterwards(t *testing.T) {
	both(t, 10<<20, func(t *testing.T, b *box) {
		var want []byte
		buf := make([]byte, 100_000)
		for i := range 20 {
			for k := range buf {
				buf[k] = byte(i)
			}
			want = append(want, buf...)
			b.Send(nil, buf, false)
		}
		clear(buf)
		b.wantRead(t, want)
	})
}

func TestFinishComesAfterAllThatIsQueued(t *testing.T) {
	both(t, 10<<20, func(t *testing.T, b *box) {
		data := bytes.Repeat([]byte("x"), 1<<20)
		b.Send(nil, data, false)
		b.Finish([]byte("close frame"))
		if res := b.Send(nil, []byte("late"), false); res != Closed {
			t.Errorf("after Finish: %d", res)
		}
		b.Finish([]byte("another"))
		b.Last([]byte("and one more"))
		waited := make(chan struct{})
		go func() { b.Wait(); close(waited) }()
		got, err := io.ReadAll(b.peer)
		if err != nil || !bytes.Equal(got, append(data, "close frame"...)) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		<-waited
	})
}

func TestLastLetsNothingIn(t *testing.T) {
	both(t, 1<<20, func(t *testing.T, b *box) {
		b.Add(nil, []byte("first "), false)
		b.Last([]byte("close"))
		if b.Add(nil, []byte("x"), false) != Closed || b.Send(nil, []byte("x"), false) != Closed {
			t.Error("a frame after the close frame")
		}
		b.Finish([]byte("second close"))
		b.Wait()
		if got, _ := io.ReadAll(b.peer); string(got) != "first close" {
			t.Errorf("got %q", got)
		}
	})
}

func TestWaitEndsWhenTheOutboxIsAborted(t *testing.T) {
	both(t, 10<<20, func(t *testing.T, b *box) {
		b.Send(nil, bytes.Repeat([]byte("x"), 5<<20), false)
		b.Finish(nil)
		waited := make(chan struct{})
		go func() { b.Wait(); close(waited) }()
		b.Abort()
		<-waited
		b.Wait() // and again
		if b.Bytes() != 0 || b.Send(nil, []byte("x"), false) != Closed {
			t.Error("an aborted outbox holds or takes something")
		}
		b.Flush()
		b.Finish(nil)
	})
}

// A client that reads nothing is given up after the write timeout, and its sender is told why.
func TestStalledClientIsGivenUp(t *testing.T) {
	t.Run("flushed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := memBox(8<<10, 1<<20)
			start := time.Now()
			b.Send(nil, make([]byte, 100_000), false)
			if stalled := <-b.failure; !stalled || time.Since(start) != 10*time.Second {
				t.Errorf("stalled %v after %v", stalled, time.Since(start))
			}
			b.Wait()
			_ = b.conn.Close()
			b.wg.Wait()
		})
	})
	t.Run("tried", func(t *testing.T) {
		b := tcpBox(t, 10<<20, 50*time.Millisecond)
		b.Send(nil, make([]byte, 8<<20), false)
		if stalled := <-b.failure; !stalled {
			t.Error("not stalled")
		}
		b.Wait()
	})
}

// The timeout is for 64 KiB: a client that reads steadily but slowly keeps its connection however much waits.
func TestSlowButSteadyClientIsNotStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memBox(1<<10, 10<<20)
		data := bytes.Repeat([]byte("x"), 1<<20)
		b.Send(nil, data, false)
		var got int
		buf := make([]byte, 16<<10)
		for got < len(data) {
			time.Sleep(100 * time.Millisecond) // 1 KiB each: 64 KiB in 6.4 s, all in 100 s
			n, err := b.peer.Read(buf)
			if err != nil {
				t.Fatalf("after %d bytes: %v", got, err)
			}
			got += n
		}
		_ = b.conn.Close()
		b.wg.Wait()
	})
}

func TestBrokenSocketIsReportedOnce(t *testing.T) {
	both(t, 10<<20, func(t *testing.T, b *box) {
		_ = b.peer.Close()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for b.Send(nil, make([]byte, 1000), false) != Closed {
					continue
				}
			})
		}
		wg.Wait()
		if stalled := <-b.failure; stalled {
			t.Error("a reset is no stall")
		}
		select {
		case <-b.failure:
			t.Error("reported twice")
		default:
		}
		b.Wait()
	})
}

// Many senders, a reader, and an end in between: for the race detector.
func TestManySendersAtOnce(t *testing.T) {
	both(t, 64<<20, func(t *testing.T, b *box) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for k := range 200 {
					p := bytes.Repeat([]byte{byte('a' + i)}, 1+k*7%3000)
					if k%3 == 0 {
						b.Add([]byte{'[', byte(len(p) >> 8), byte(len(p))}, p, false)
						b.Flush()
					} else {
						b.Send([]byte{'[', byte(len(p) >> 8), byte(len(p))}, p, k%2 == 0)
					}
				}
			})
		}
		done := make(chan error, 1)
		go func() {
			for range 8 * 200 {
				var h [3]byte
				if _, err := io.ReadFull(b.peer, h[:]); err != nil {
					done <- err
					return
				}
				p := make([]byte, int(h[1])<<8|int(h[2]))
				if _, err := io.ReadFull(b.peer, p); err != nil || h[0] != '[' || !bytes.Equal(p, bytes.Repeat(p[:1], len(p))) {
					done <- fmt.Errorf("torn frame %v: %w", h, err)
					return
				}
			}
			done <- nil
		}()
		wg.Wait()
		if err := <-done; err != nil {
			t.Error(err)
		}
		b.Finish(nil)
		b.Wait()
	})
}

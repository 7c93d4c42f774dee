package load

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/sys/unix"
)

// Sink opens connections, says so, and counts the messages that come until done is closed, from the first to the last of them. It rests
// between two looks at them.
func Sink(port int, path string, n int, rest time.Duration, ready func(), done <-chan struct{}) (Result, error) {
	fds, err := Dial(port, path, n)
	defer func() {
		for _, fd := range fds {
			_ = unix.Close(fd)
		}
	}()
	if err != nil {
		return Result{}, err
	}
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return Result{}, err
	}
	defer unix.Close(ep)
	cut := make(map[int32][]byte, n)
	for _, fd := range fds {
		if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			return Result{}, err
		}
		cut[int32(fd)] = nil
	}
	ready()
	events := make([]unix.EpollEvent, 256)
	buf := make([]byte, 64<<10)
	var first, last time.Time
	count := 0
	for {
		k, err := unix.EpollWait(ep, events, 100)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return Result{}, err
		}
		now := time.Now()
		for _, ev := range events[:max(k, 0)] {
			m, errno := raw(unix.SYS_READ, int(ev.Fd), buf)
			if errno != 0 || m == 0 {
				return Result{}, errors.New("a connection broke")
			}
			// Of most reads nothing is left over.
			b := buf[:m]
			if left := cut[ev.Fd]; len(left) > 0 {
				b = append(left, b...)
			}
			frames, used := skip(b)
			cut[ev.Fd] = append(cut[ev.Fd][:0], b[used:]...)
			if frames > 0 {
				if count == 0 {
					first = now
				}
				count += frames
				last = now
			}
		}
		time.Sleep(rest) //nolint:forbidigo // it is what rest is for
		select {
		case <-done:
			if k <= 0 {
				seconds := last.Sub(first).Seconds()
				return Result{Messages: count, Seconds: seconds, PerSecond: float64(count) / seconds}, nil
			}
		default:
		}
	}
}

// Bare is the least that a broadcast costs in Go: it takes n WebSockets on ln, calls ready, and writes one prepared frame of payload
// bytes to each of them in a loop until ctx ends. A Sink counts; hold ends when it has.
func Bare(ctx, hold context.Context, ln net.Listener, n, payload int, ready func()) error {
	conns := make([]net.Conn, 0, n)
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	for range n {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		conns = append(conns, c)
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return err
		}
		if _, err := c.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")); err != nil {
			return err
		}
	}
	ready()
	prepared := prepare(payload)
	for ctx.Err() == nil {
		for _, c := range conns {
			if _, err := c.Write(prepared); err != nil {
				return err
			}
		}
	}
	<-hold.Done()
	return nil
}

// prepare makes an unmasked text frame.
func prepare(n int) []byte {
	b := frame(n)
	head := len(b) - n - 4
	b[1] &= 0x7f
	return append(b[:head:head], b[head+4:]...)
}

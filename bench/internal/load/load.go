// Package load is a WebSocket load client that costs little: one thread, one epoll loop, no goroutine per connection, so
// that on two cores the server under test gets what is left, as with wrk.
package load

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Options of a run.
type Options struct {
	Port        int // on 127.0.0.1
	Path        string
	Connections int
	Outstanding int // messages without an answer, per connection
	Payload     int // bytes per message
	Warmup      time.Duration
	Duration    time.Duration
}

// Result of a run.
type Result struct {
	Messages  int
	Seconds   float64
	P50, P99  time.Duration // of answers; with one outstanding message only
	PerSecond float64
}

type conn struct {
	fd   int
	in   []byte
	sent time.Time
}

// Dial opens WebSocket connections without reading more than the handshake.
func Dial(port int, path string, n int) ([]int, error) {
	fds := make([]int, 0, n)
	for range n {
		fd, err := dial(port, path)
		if err != nil {
			return fds, err
		}
		fds = append(fds, fd)
	}
	return fds, nil
}

func dial(port int, path string) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	head := "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	if _, err := unix.Write(fd, []byte(head)); err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	buf := make([]byte, 0, 1024)
	for !strings.Contains(string(buf), "\r\n\r\n") {
		n, err := unix.Read(fd, buf[len(buf):cap(buf)])
		if err != nil || n == 0 {
			return -1, errors.Join(fmt.Errorf("handshake broke off: %q", buf), err, unix.Close(fd))
		}
		buf = buf[:len(buf)+n]
	}
	if !strings.HasPrefix(string(buf), "HTTP/1.1 101") {
		return -1, errors.Join(fmt.Errorf("handshake refused: %q", buf), unix.Close(fd))
	}
	return fd, nil
}

// frame is a masked text frame of n bytes; the mask is zero, which is a mask all the same.
func frame(n int) []byte {
	b := []byte{0x81}
	switch {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	b = append(b, 0, 0, 0, 0)
	for i := range n {
		b = append(b, byte('a'+i%26))
	}
	return b
}

// skip returns the number of whole unmasked frames at b's start and their length.
func skip(b []byte) (frames, used int) {
	for {
		rest := b[used:]
		if len(rest) < 2 {
			return frames, used
		}
		n, head := int(rest[1]&0x7f), 2
		switch n {
		case 126:
			if len(rest) < 4 {
				return frames, used
			}
			n, head = int(binary.BigEndian.Uint16(rest[2:])), 4
		case 127:
			if len(rest) < 10 {
				return frames, used
			}
			n, head = int(binary.BigEndian.Uint64(rest[2:])), 10
		}
		if len(rest) < head+n {
			return frames, used
		}
		if rest[0]&0x0f < 8 {
			frames++
		}
		used += head + n
	}
}

// raw is a read or write that the Go scheduler does not hear of: the client should cost as little as one in C.
func raw(trap uintptr, fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall(trap, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p))) //nolint:gosec // p lives until the call returns
	return int(n), errno
}

// wait waits for events for at most a second, and lets the Go scheduler not hear of that either: its monitor thread would take the processor of
// a loop that sleeps longer than 20 us away, look every 20 us from then on, and wake another thread (6 system calls per message). Nothing else
// needs the processor, if there is no garbage to collect.
func wait(ep int, events []unix.EpollEvent) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(ep), uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), 1000, 0, 0) //nolint:gosec // events live until the call returns
	return int(n), errno
}

// Run sends messages and counts the messages that come back: each answer is followed by the next message.
func Run(o Options) (Result, error) {
	fds, err := Dial(o.Port, o.Path, o.Connections)
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
	conns := make(map[int32]*conn, len(fds))
	one := frame(o.Payload)
	burst := slices.Repeat(one, o.Outstanding)
	for _, fd := range fds {
		if err := unix.SetNonblock(fd, true); err != nil {
			return Result{}, err
		}
		if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			return Result{}, err
		}
		conns[int32(fd)] = &conn{fd: fd, sent: time.Now()}
		if _, err := unix.Write(fd, burst); err != nil {
			return Result{}, err
		}
	}
	var (
		events  = make([]unix.EpollEvent, 256)
		buf     = make([]byte, 64<<10)
		lats    = make([]time.Duration, 0, 1<<20)
		begin   = time.Now().Add(o.Warmup)
		end     = begin.Add(o.Duration)
		count   = 0
		counted = time.Time{}
	)
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for {
		n, errno := wait(ep, events)
		now := time.Now()
		if now.After(end) {
			secs := now.Sub(counted).Seconds()
			r := Result{Messages: count, Seconds: secs, PerSecond: float64(count) / secs}
			if len(lats) > 0 {
				slices.Sort(lats)
				r.P50, r.P99 = lats[len(lats)/2], lats[len(lats)*99/100]
			}
			return r, nil
		}
		if errno != 0 && errno != unix.EINTR {
			return Result{}, errno
		}
		measuring := now.After(begin)
		if measuring && counted.IsZero() {
			counted, count = now, 0
		}
		for _, ev := range events[:max(n, 0)] {
			c := conns[ev.Fd]
			got, errno := raw(unix.SYS_READ, c.fd, buf)
			if errno == unix.EAGAIN {
				continue
			}
			if errno != 0 || got == 0 {
				return Result{}, fmt.Errorf("connection lost after %d messages: %w", count, errno)
			}
			data := buf[:got]
			if len(c.in) > 0 {
				c.in = append(c.in, data...)
				data = c.in
			}
			frames, used := skip(data)
			c.in = append(c.in[:0], data[used:]...)
			if frames == 0 {
				continue
			}
			count += frames
			if measuring && o.Outstanding == 1 && len(lats) < cap(lats) {
				lats = append(lats, time.Since(c.sent))
			}
			c.sent = time.Now()
			if _, errno := raw(unix.SYS_WRITE, c.fd, burst[:frames*len(one)]); errno != 0 {
				return Result{}, errno
			}
		}
	}
}

package load

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ErrSilent is a server that sends nothing for ten seconds.
var ErrSilent = errors.New("load: the server sends nothing any more")

// Broadcast opens n connections, calls opened, has the first of them send rounds messages of size bytes, which the server is to send to all, with so many ahead of what
// has come everywhere, and returns how
// long it took until all had all. size is below 126.
func Broadcast(port int, path string, n, ahead, rounds, size int, opened func()) (time.Duration, error) {
	fds, err := Dial(port, path, n)
	defer func() {
		for _, fd := range fds {
			_ = unix.Close(fd)
		}
	}()
	if err != nil {
		return 0, err
	}
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return 0, err
	}
	defer unix.Close(ep)
	for _, fd := range fds {
		if err := unix.SetNonblock(fd, true); err != nil {
			return 0, err
		}
		if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			return 0, err
		}
	}
	one := frame(size)
	buf, events := make([]byte, 64<<10), make([]unix.EpollEvent, 256)
	opened()
	round := n * (2 + size) // bytes that the clients get of one
	sent, got := 0, 0
	start := time.Now()
	for got < rounds*round {
		for sent < rounds && sent*round < got+ahead*round {
			if _, err := unix.Write(fds[0], one); err != nil {
				return 0, err
			}
			sent++
		}
		k, err := unix.EpollWait(ep, events, 10000)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || k == 0 {
			return 0, errors.Join(ErrSilent, err)
		}
		for _, ev := range events[:k] {
			m, err := unix.Read(int(ev.Fd), buf)
			if err == nil && m == 0 {
				err = io.ErrUnexpectedEOF
			}
			if err != nil && !errors.Is(err, unix.EAGAIN) {
				return 0, err
			}
			got += max(m, 0)
		}
	}
	return time.Since(start), nil
}

// Flood has conns connections send each messages of size bytes, to which the server says nothing, and one of one byte, to which it says something.
func Flood(port int, path string, conns, each, size int) error {
	fds, err := Dial(port, path, conns)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, len(fds))
	for i, fd := range fds {
		wg.Go(func() {
			f := os.NewFile(uintptr(fd), "")
			defer f.Close()
			one := frame(size)
			var burst []byte
			for range 16 {
				burst = append(burst, one...)
			}
			for range each / 16 {
				if _, errs[i] = f.Write(burst); errs[i] != nil {
					return
				}
			}
			if _, errs[i] = f.Write(frame(1)); errs[i] == nil {
				_, errs[i] = f.Read(make([]byte, 64))
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Loop serves WebSockets as simply as Go can: what a client sends is written to all, as one prepared frame, one after the other. It never returns.
func Loop(ln net.Listener, size int) error {
	var mu sync.Mutex
	var all []net.Conn
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		go func() {
			buf := make([]byte, 4096)
			if _, err := c.Read(buf); err != nil {
				return
			}
			mu.Lock()
			all = append(all, c) // before it can know that it is open, and have somebody write to all
			mu.Unlock()
			_, _ = c.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"))
			in := make([]byte, 6+size)
			for {
				if _, err := io.ReadFull(c, in); err != nil {
					return
				}
				prepared := append([]byte{0x81, byte(size)}, in[6:]...)
				mu.Lock()
				for _, to := range all {
					_, _ = to.Write(prepared)
				}
				mu.Unlock()
			}
		}()
	}
}

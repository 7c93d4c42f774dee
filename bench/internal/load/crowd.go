package load

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Rush opens n connections at once and returns how long it took until each had its 101.
func Rush(port int, path string, n int) (time.Duration, error) {
	var wg sync.WaitGroup
	errs := make([]error, n)
	conns := make([]net.Conn, n)
	start := time.Now()
	for i := range n {
		wg.Go(func() { conns[i], errs[i] = handshake(port, path) })
	}
	wg.Wait()
	took := time.Since(start)
	for _, c := range conns {
		if c != nil {
			_ = c.Close()
		}
	}
	for _, err := range errs {
		if err != nil {
			return took, err
		}
	}
	return took, nil
}

func handshake(port int, path string) (net.Conn, error) {
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)) //nolint:noctx // bounded by the deadline below
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	_, err = c.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
	if err != nil {
		return c, err
	}
	buf := make([]byte, 1024)
	k, err := c.Read(buf)
	if err != nil {
		return c, err
	}
	if !strings.HasPrefix(string(buf[:k]), "HTTP/1.1 101") {
		return c, fmt.Errorf("handshake refused: %q", buf[:k])
	}
	return c, nil
}

// Idle opens n connections one after the other, says so, and holds them until done is closed.
func Idle(port int, path string, n int, ready func(), done <-chan struct{}) error {
	fds, err := Dial(port, path, n)
	if err == nil {
		ready()
		<-done
	}
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
	return err
}

package load

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"
)

// Gateway passes messages of WebSockets to a php-fpm and back, as the bridge does, with nothing in between: one thread, one epoll, one read and
// one write for each socket and event, no checks, and answers whose text is not looked at. It is what the bridge's system calls cost
// without a bridge. It says its port to ready and runs until an error ends it.
func Gateway(fpm, script string, children int, ready func(port int)) error {
	g := &gateway{peers: make(map[int32]*peer), buf: make([]byte, 64<<10), params: parameters(script)}
	var err error
	if g.ep, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	for range children {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			err = unix.Connect(fd, &unix.SockaddrUnix{Name: fpm})
		}
		if err == nil {
			err = g.watch(fd, unix.EPOLLET)
		}
		if err != nil {
			return err
		}
		p := &peer{fd: fd}
		g.peers[int32(fd)] = p
		g.free = append(g.free, p)
	}
	if g.ln, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	err = unix.Bind(g.ln, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	if err == nil {
		err = unix.Listen(g.ln, 1024)
	}
	if err == nil {
		err = g.watch(g.ln, 0)
	}
	if err != nil {
		return err
	}
	sa, err := unix.Getsockname(g.ln)
	if err != nil {
		return err
	}
	ready(sa.(*unix.SockaddrInet4).Port) //nolint:forcetypeassert // as bound
	return g.run()
}

type gateway struct {
	ep, ln int
	params []byte
	peers  map[int32]*peer
	free   []*peer
	queue  []message
	buf    []byte
	out    []byte
}

// peer is a connection to php-fpm. An answer stays in it until the next question is out, see fcgi/peek_linux.go.
type peer struct{ fd, client, unread int }

type message struct {
	fd      int
	payload []byte
}

func (g *gateway) watch(fd int, how uint32) error {
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	return unix.EpollCtl(g.ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | how, Fd: int32(fd)})
}

func (g *gateway) run() error {
	events := make([]unix.EpollEvent, 256)
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // see wait; a run of the bench leaves some megabytes
	for {
		k, errno := wait(g.ep, events)
		if errno != 0 && errno != unix.EINTR {
			return errno
		}
		for _, ev := range events[:max(k, 0)] {
			if err := g.event(int(ev.Fd)); err != nil {
				return err
			}
		}
	}
}

func (g *gateway) event(fd int) error {
	if fd == g.ln {
		c, _, err := unix.Accept4(g.ln, unix.SOCK_CLOEXEC)
		if err != nil {
			return err
		}
		_ = unix.SetsockoptInt(c, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		return g.watch(c, 0)
	}
	if p := g.peers[int32(fd)]; p != nil {
		n, _, err := unix.Recvfrom(fd, g.buf, unix.MSG_PEEK)
		if err != nil {
			return err
		}
		p.unread = n
		return g.answer(p, g.buf[:n])
	}
	n, errno := raw(unix.SYS_READ, fd, g.buf)
	if errno == unix.EAGAIN {
		return nil
	}
	if errno != 0 {
		return errno
	}
	switch {
	case n == 0:
		return unix.Close(fd)
	case g.buf[0] == 'G': // a handshake
		_, errno = raw(unix.SYS_WRITE, fd, []byte(switching))
	default:
		// One short masked frame, as Run sends it.
		size := int(g.buf[1] & 0x7f)
		p := bytes.Clone(g.buf[6 : 6+size])
		for i := range p {
			p[i] ^= g.buf[2+i%4]
		}
		g.queue = append(g.queue, message{fd, p})
		errno = g.ask()
	}
	if errno != 0 {
		return errno
	}
	return nil
}

const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

// answer takes one that came in one piece; the next question goes out first.
func (g *gateway) answer(p *peer, b []byte) error {
	_, text, ok := bytes.Cut(b, []byte(`"data":"`))
	if !ok {
		return fmt.Errorf("php-fpm answered %q", b)
	}
	text, _, _ = bytes.Cut(text, []byte(`"`))
	text = bytes.Clone(text) // the buffer is used again
	client := p.client
	g.free = append(g.free, p)
	if errno := g.ask(); errno != 0 {
		return errno
	}
	g.out = append(append(g.out[:0], 0x81, byte(len(text))), text...)
	if _, errno := raw(unix.SYS_WRITE, client, g.out); errno != 0 {
		return errno
	}
	return nil
}

// ask sends the oldest message, if a connection is free.
func (g *gateway) ask() unix.Errno {
	if len(g.free) == 0 || len(g.queue) == 0 {
		return 0
	}
	p, m := g.free[len(g.free)-1], g.queue[0]
	g.free, g.queue = g.free[:len(g.free)-1], g.queue[1:]
	p.client = m.fd
	g.out = g.request(g.out[:0], m.payload)
	_, errno := raw(unix.SYS_WRITE, p.fd, g.out)
	if p.unread > 0 && errno == 0 {
		_, errno = raw(unix.SYS_READ, p.fd, g.buf[:p.unread])
		p.unread = 0
	}
	return errno
}

// request appends a FastCGI request of about the size that the bridge's have.
func (g *gateway) request(b, body []byte) []byte {
	b = record(b, 1, []byte{0, 1, 1, 0, 0, 0, 0, 0})
	b = record(b, 4, g.params)
	b = record(b, 4, nil)
	b = record(b, 5, body)
	return record(b, 5, nil)
}

func record(b []byte, kind byte, content []byte) []byte {
	b = append(b, 1, kind, 0, 1)
	b = binary.BigEndian.AppendUint16(b, uint16(len(content)))
	return append(append(b, 0, 0), content...)
}

func pair(b []byte, name, value string) []byte {
	return append(append(append(b, byte(len(name)), byte(len(value))), name...), value...)
}

// parameters are the same for all requests: the body has one length.
func parameters(script string) []byte {
	b := pair(nil, "SCRIPT_FILENAME", script)
	b = pair(b, "REQUEST_METHOD", "POST")
	b = pair(b, "CONTENT_LENGTH", "64")
	b = pair(b, "BRIDGE_EVENT", "message")
	for i := range 20 {
		b = pair(b, fmt.Sprintf("BRIDGE_VARIABLE_%d", i), strings.Repeat("v", 20))
	}
	return b
}

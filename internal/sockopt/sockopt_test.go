package sockopt

import (
	"net"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// get reads an option of a socket.
func get(t *testing.T, of any, level, name int) int {
	t.Helper()
	sc, ok := of.(syscall.Conn)
	if !ok {
		t.Fatalf("%T has no socket", of)
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	var failed error
	if err := raw.Control(func(fd uintptr) { n, failed = unix.GetsockoptInt(int(fd), level, name) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return n
}

// pair is a listener with the options, and a connection that it accepted.
func pair(t *testing.T, o *Options) (net.Listener, net.Conn) {
	t.Helper()
	config := net.ListenConfig{Control: o.Control}
	bare, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := o.Listener(bare)
	t.Cleanup(func() { _ = l.Close() })
	var d net.Dialer
	client, err := d.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if o.DeferAccept > 0 {
		if _, err := client.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return l, c
}

// What the kernel says of the sockets, with each option and without it.
func TestOptions(t *testing.T) {
	on, off := true, false
	all := &Options{
		NoDelay: true, KeepAlive: &on, KeepIdle: 77 * time.Second, KeepInterval: 11 * time.Second, KeepCount: 3, UserTimeout: 4321,
		RecvBuffer: 64 << 10, SendBuffer: 32 << 10, Backlog: 7, DeferAccept: 3, ReusePort: true, FastOpen: true,
	}
	none := &Options{KeepAlive: &off}
	plain := &Options{NoDelay: true, KeepAlive: &on}
	const tcp, socket = unix.IPPROTO_TCP, unix.SOL_SOCKET
	for name, c := range map[string]struct {
		listener            bool
		level, option       int
		all, none, defaults int // -1: whatever the system has
	}{
		"open_tcp_nodelay":   {false, tcp, unix.TCP_NODELAY, 1, 0, 1},
		"open_tcp_keepalive": {false, socket, unix.SO_KEEPALIVE, 1, 0, 1},
		"tcp_keepidle":       {false, tcp, unix.TCP_KEEPIDLE, 77, -1, 3600},
		"tcp_keepinterval":   {false, tcp, unix.TCP_KEEPINTVL, 11, -1, 60},
		"tcp_keepcount":      {false, tcp, unix.TCP_KEEPCNT, 3, -1, 5},
		"tcp_user_timeout":   {false, tcp, unix.TCP_USER_TIMEOUT, 4321, 0, 0},
		// Linux doubles what is asked for, for its own use.
		"kernel_socket_recv_buffer_size": {false, socket, unix.SO_RCVBUF, 128 << 10, -1, -1},
		"kernel_socket_send_buffer_size": {false, socket, unix.SO_SNDBUF, 64 << 10, -1, -1},
		"enable_reuse_port":              {true, socket, unix.SO_REUSEPORT, 1, 0, 0},
		"tcp_fastopen":                   {true, tcp, unix.TCP_FASTOPEN, fastOpenQueue, 0, 0},
		"tcp_defer_accept":               {true, tcp, unix.TCP_DEFER_ACCEPT, 3, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			for _, row := range []struct {
				options *Options
				want    int
			}{{all, c.all}, {none, c.none}, {plain, c.defaults}} {
				l, conn := pair(t, row.options)
				var of any = conn
				if c.listener {
					of = l
				}
				if got := get(t, of, c.level, c.option); row.want >= 0 && got != row.want {
					t.Errorf("%d, want %d", got, row.want)
				}
			}
		})
	}
}

// The queue of a listener (backlog), which the kernel tells of as tcpi_sacked.
func TestBacklog(t *testing.T) {
	l, _ := pair(t, &Options{Backlog: 7})
	raw, err := l.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var info *unix.TCPInfo
	var failed error
	if err := raw.Control(func(fd uintptr) { info, failed = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	if info.Sacked != 7 {
		t.Errorf("%d, want 7", info.Sacked)
	}
}

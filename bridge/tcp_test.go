package bridge

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/socket"
	"github.com/fpmbridge/fpmbridge/callback"
)

// tcpScript is a fake Swoole\Server that listens to TCP and wants all of it.
func tcpScript(answer func(ev *callback.Event) callback.Result) *fakeScript {
	s := newFakeScript(answer)
	events := []string{"connect", "receive", "close", "bufferfull", "bufferempty"}
	s.describe(callback.Description{
		Kind: callback.KindTCP, Encoding: callback.Framed, Events: events,
		Listeners: []callback.Listener{{Port: 9501, Type: 1, Protocol: callback.KindTCP, Events: events}},
	})
	return s
}

func tcpBubble(t *testing.T, answer func(ev *callback.Event) callback.Result, set func(o *Options), run func(f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		run(newFixture(t, tcpScript(answer), func(o *Options) {
			o.Listeners = []Listener{{Protocol: ProtocolTCP}}
			if set != nil {
				set(o)
			}
		}))
	})
}

func sendBytes(fd uint64, p string) callback.Instruction {
	return callback.Instruction{Kind: callback.KindSend, FD: fd, Data: []byte(p)}
}

func change(fd uint64, what uint8, code uint16) callback.Instruction {
	return callback.Instruction{Kind: callback.KindConnection, Opcode: what, FD: fd, Code: code}
}

func echoBytes(ev *callback.Event) callback.Result {
	if ev.Type != callback.Receive {
		return callback.Result{}
	}
	return do(sendBytes(ev.FD, string(ev.Payload)))
}

func (f *fixture) tcp() net.Conn {
	f.t.Helper()
	c, err := f.ln.Dial("192.0.2.1")
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = c.Close() })
	return c
}

func say(t *testing.T, c net.Conn, what string) {
	t.Helper()
	if _, err := c.Write([]byte(what)); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("read %q %v, want %q", got[:n], err, want)
	}
}

func TestBytesOfATCPPort(t *testing.T) {
	tcpBubble(t, echoBytes, nil, func(f *fixture) {
		a, b := f.tcp(), f.tcp()
		say(t, a, "one")
		hear(t, a, "one")
		say(t, b, "two\x00\xff")
		hear(t, b, "two\x00\xff")
		big := strings.Repeat("x", 200<<10)
		go func() { _, _ = io.WriteString(a, big) }()
		hear(t, a, big)
		_ = a.Close()
		_ = b.Close()
		synctest.Wait()
		for _, h := range f.script.events() {
			if h.Type == callback.Receive && len(h.Payload) > socket.Chunk {
				t.Errorf("an event of %d bytes", len(h.Payload))
			}
		}
		if got := f.script.sorted(); !strings.HasPrefix(got, "1:connect 1:receive") || !strings.HasSuffix(got, "2:connect 2:receive 2:close(1006 gone)") {
			t.Error(got)
		}
	})
}

func TestPacketsOfATCPPort(t *testing.T) {
	set := func(o *Options) { o.Listeners[0].Split = &SplitOptions{LengthType: 'N', BodyOffset: 4, Max: 1 << 10} }
	tcpBubble(t, echoBytes, set, func(f *fixture) {
		c := f.tcp()
		in := "\x00\x00\x00\x02hi\x00\x00\x00\x00\x00\x00\x00\x01z"
		for i := range in {
			say(t, c, in[i:i+1])
			synctest.Wait()
		}
		hear(t, c, in)
		say(t, c, in+in)
		hear(t, c, in+in)
		say(t, c, "\x00\x00\xff\xff")
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("after a packet that is too big: %v", err)
		}
		f.wantStory("1:connect " + strings.Repeat("1:receive ", 9) + "1:close(1006 too_big)")
	})
}

// Who closes its half after the last word still gets the answer: printf hello | nc.
func TestHalfClosedTCPConnectionGetsItsAnswer(t *testing.T) {
	slow := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Receive {
			time.Sleep(time.Second)
		}
		return echoBytes(ev)
	}
	tcpBubble(t, slow, nil, func(f *fixture) {
		c := f.tcp()
		say(t, c, "hello")
		if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(c); err != nil || string(got) != "hello" {
			t.Fatalf("%q %v", got, err)
		}
		_ = c.Close()
		f.wantStory("1:connect 1:receive 1:close(1006 gone)")
	})
}

// A PHP that is slow holds the client back, by TCP, and stops no close.
func TestTCPBackPressure(t *testing.T) {
	stuck := func(ev *callback.Event) callback.Result {
		if ev.Type == callback.Receive {
			time.Sleep(2 * time.Minute)
		}
		return callback.Result{}
	}
	set := func(o *Options) { o.InboxMessages = 2 }
	tcpBubble(t, stuck, set, func(f *fixture) {
		c := f.tcp()
		written := 0
		_ = c.SetWriteDeadline(time.Now().Add(time.Minute))
		for err := error(nil); err == nil; {
			var n int
			n, err = c.Write(bytes.Repeat([]byte("x"), 32<<10))
			if written += n; errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
		}
		if info, _ := f.b.Info(1); info.InboxBytes > 3*socket.Chunk || written < 64<<10 {
			t.Errorf("%d bytes in the inbox, %d written", info.InboxBytes, written)
		}
		_ = c.Close()
		time.Sleep(time.Hour)
	})
}

func TestPauseAndResume(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		switch {
		case ev.FD == 1 && string(ev.Payload) == "pause":
			return do(change(1, callback.ConnPause, 0))
		case ev.FD == 2 && ev.Type == callback.Receive:
			return do(change(1, callback.ConnResume, 0))
		case ev.FD == 2:
			return callback.Result{}
		}
		return echoBytes(ev)
	}
	tcpBubble(t, answer, nil, func(f *fixture) {
		a, b := f.tcp(), f.tcp()
		say(t, a, "pause")
		synctest.Wait()
		say(t, a, "later")
		_ = a.SetReadDeadline(time.Now().Add(time.Hour))
		if n, err := a.Read(make([]byte, 9)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%d bytes of a paused connection, %v", n, err)
		}
		_ = a.SetReadDeadline(time.Time{})
		say(t, b, "resume")
		hear(t, a, "later")
	})
}

func TestEndsOfTCPConnections(t *testing.T) {
	answer := func(ev *callback.Event) callback.Result {
		if ev.Type != callback.Receive {
			return callback.Result{}
		}
		if string(ev.Payload) == "reset" {
			return do(sendBytes(ev.FD, "never"), closeFD(ev.FD, 0, "", callback.CloseBare|callback.CloseReset))
		}
		return do(sendBytes(ev.FD, "bye"), closeFD(ev.FD, 0, "", callback.CloseBare), sendBytes(ev.FD, "too late"))
	}
	tcpBubble(t, answer, nil, func(f *fixture) {
		c := f.tcp()
		say(t, c, "end")
		if got, err := io.ReadAll(c); err != nil || string(got) != "bye" {
			t.Errorf("%q %v", got, err)
		}
		_ = c.Close()
		synctest.Wait()
		d := f.tcp()
		say(t, d, "reset")
		_, _ = io.ReadAll(d)
		f.wantStory("1:connect 1:receive 1:close(1006 server) 2:connect 2:receive 2:close(1006 server)")
		f.tcp()
		synctest.Wait()
		f.stop()
		synctest.Wait()
		if got := f.script.last().String(); got != "3:close(1001 shutdown)" {
			t.Error(got)
		}
	})
}

func TestTCPLimits(t *testing.T) {
	set := func(o *Options) { o.MaxConnections = 1 }
	tcpBubble(t, echoBytes, set, func(f *fixture) {
		a := f.tcp()
		synctest.Wait()
		b := f.tcp()
		if _, err := b.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("one too many: %v", err)
		}
		say(t, a, "x")
		hear(t, a, "x")
	})
}

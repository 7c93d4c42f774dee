package bridge

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

func TestAskAboutConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := newFixture(t, newFakeScript(func(ev *callback.Event) callback.Result {
			if ev.Type == callback.Close && ev.FD == 2 {
				<-release
			}
			return echo(ev)
		}), nil)
		var clients []*client
		for range 5 {
			clients = append(clients, f.dial())
			synctest.Wait()
		}
		clients[1].close(1000, "")
		clients[1].wantClose(1000)
		_ = clients[1].conn.Close()
		synctest.Wait()
		// The close event of fd 2 runs: info and count know it, the lists do not.
		if info, ok := f.b.Info(2); !ok || info.Status != callback.StatusClosing {
			t.Errorf("info %+v %v", info, ok)
		}
		list := func(after uint64, limit int) string {
			got, ok := f.b.List(after, limit, nil)
			var fds []uint64
			for _, s := range got {
				fds = append(fds, s.FD)
				if s.Status != callback.StatusActive {
					t.Errorf("status %d", s.Status)
				}
			}
			return fmt.Sprint(fds, ok)
		}
		for _, c := range []struct {
			after uint64
			limit int
			want  string
		}{
			{0, 0, "[1 3 4 5] true"},
			{0, 2, "[1 3] true"},
			{1, 0, "[3 4 5] true"},
			{3, 1, "[4] true"},
			{5, 0, "[] true"},
			{2, 0, "[] false"},
			{6, 0, "[] false"},
			{1 << 60, 0, "[] false"},
		} {
			if got := list(c.after, c.limit); got != c.want {
				t.Errorf("list after %d, at most %d: %s, want %s", c.after, c.limit, got, c.want)
			}
		}
		if f.b.Count() != 5 {
			t.Errorf("count %d, want 5", f.b.Count())
		}
		close(release)
		synctest.Wait()
		if _, ok := f.b.Info(2); ok || f.b.Count() != 4 {
			t.Error("fd 2 is still known")
		}
	})
}

func TestInfoTellsWhatIsKnown(t *testing.T) {
	bubble(t, echo, nil, func(f *fixture) {
		before := time.Now()
		c := f.dial()
		time.Sleep(time.Second)
		c.text("x")
		c.wantText("x")
		synctest.Wait()
		info, ok := f.b.Info(1)
		if !ok {
			t.Fatal("unknown")
		}
		want := callback.ConnInfo{
			FD: 1, Status: callback.StatusActive, RemoteAddr: "192.0.2.1", RemotePort: 50001, ServerAddr: "127.0.0.1", ServerPort: 9501,
			Connected: info.Connected, Received: info.Received, Sent: info.Sent, Dispatched: info.Dispatched,
		}
		if info.Place < 1 || info.Place > 4 {
			t.Errorf("slot %d of 4", info.Place)
		}
		if want.Place = info.Place; info != want {
			t.Errorf("got  %+v\nwant %+v", info, want)
		}
		for name, at := range map[string]time.Time{"received": info.Received, "sent": info.Sent, "dispatched": info.Dispatched} {
			if !at.Equal(before.Add(time.Second)) {
				t.Errorf("%s at %v", name, at)
			}
		}
		if !info.Connected.Equal(before) {
			t.Errorf("connected at %v", info.Connected)
		}
	})
}

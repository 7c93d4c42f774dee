package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
)

// stuck is a PHP that takes its time for everything and hears no abort: what is queued behind an event never reaches it.
func stuck(*callback.Event) callback.Result {
	time.Sleep(20 * time.Second)
	return callback.Result{}
}

func impatient(o *Options) {
	o.Workers, o.ShutdownTimeout, o.ShutdownSpread = 1, 3*time.Second, -1
}

// A client that closes its half waits for PHP's answer. The bridge shut down, PHP never got the bytes, and Run waited for the reader for ever.
func TestShutdownEndsReadersThatWaitForPHP(t *testing.T) {
	tcpBubble(t, stuck, impatient, func(f *fixture) {
		f.script.describe(callback.Description{Kind: callback.KindTCP, Encoding: callback.Framed, Events: []string{"receive"}})
		f.unclosed = true
		for range 3 {
			c := f.tcp()
			say(t, c, "hello")
			synctest.Wait()
			if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		f.stop() // the fixture's cleanup waits for Run
	})
}

// A handshake that waited for the script's connect event kept the door from closing, for ever.
func TestShutdownEndsHandshakesThatWaitForPHP(t *testing.T) {
	bubble(t, stuck, impatient, func(f *fixture) {
		dropIn("connect")(f)
		f.unclosed = true
		for range 3 {
			f.open(handshake("/"))
		}
		synctest.Wait()
		f.stop()
	})
}

// A request that PHP still had when the time for shutting down was over crashed the bridge: a connection that is no WebSocket has no outbox yet.
func TestShutdownCutsRequestsThatPHPHas(t *testing.T) {
	bubble(t, stuck, impatient, func(f *fixture) {
		dropIn("request")(f)
		f.unclosed, f.unopened = true, true
		for range 3 {
			f.open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		}
		synctest.Wait()
		f.stop()
	})
}

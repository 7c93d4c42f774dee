package e2e_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// sharedScript runs the PHP code that a client sends, and answers with what it returned.
const sharedScript = `<?php
use Swoole\WebSocket\Server;

$atomic = new Swoole\Atomic(5);
$atomic->add(2);
$big = new Swoole\Atomic\Long(PHP_INT_MAX);
$wake = new swoole_atomic();
$server = new Server('127.0.0.1', 9501);
$server->on('message', function (Server $server, $frame) use ($atomic, $big, $wake) {
    $code = $frame->data;
    $server->push($frame->fd, json_encode(eval($code)));
});
$server->start();
`

// ask sends PHP code and wants what it returns, as JSON.
func (c *client) ask(code, want string) {
	c.t.Helper()
	c.send(code)
	c.want(want)
}

func TestSharedAtomics(t *testing.T) {
	p := serve(t, []string{"BRIDGE_WORKERS=4"}, write(t, "server.php", sharedScript))
	a, b := p.dial("/"), p.dial("/")
	a.ask("return $atomic->get();", "7")
	a.ask("return $atomic->add(3);", "10")
	b.ask("return [$atomic->get(), $atomic->sub(11), $atomic->add(), $atomic->cmpset(0, 4), $atomic->cmpset(0, 5), $atomic->get()];",
		"[10,4294967295,0,true,false,4]")
	a.ask("$atomic->set(-5); return $atomic->get();", "4294967291")
	b.ask("return [$big->get(), $big->add(1), $big->cmpset(PHP_INT_MIN, -1), $big->get()];",
		"[9223372036854775807,-9223372036854775808,true,-1]")
	a.ask("$own = new Swoole\\Atomic(1); return [$own->add(), $own->cmpset(2, 3), $own->get()];", "[2,true,3]")

	t.Run("wait and wakeup", func(_ *testing.T) {
		a.ask("return $wake->wait(0.01);", "false")
		a.send("return $wake->wait(10);")
		eventuallyAsks(b, "usleep(20000); $wake->wakeup(); return $wake->get();", "0")
		a.want("true")
		b.ask("$wake->wakeup(); return [$wake->get(), $wake->wait(), $wake->get()];", "[1,true,0]")
		b.ask("$wake->set(2); return $wake->wait(5);", "false")
	})
	t.Run("no update is lost", func(_ *testing.T) {
		a.ask("$atomic->set(0); return 0;", "0")
		var all sync.WaitGroup
		const clients, messages, adds = 4, 20, 50
		for range clients {
			c := p.dial("/")
			all.Go(func() {
				for range messages {
					c.send(fmt.Sprintf("for ($i = 0; $i < %d; $i++) { $atomic->add(); } return 1;", adds))
					c.want("1")
				}
			})
		}
		all.Wait()
		a.ask("return $atomic->get();", itoa(clients*messages*adds))
	})
	if s := p.stderr.String(); strings.Contains(s, "failed") {
		t.Error(s)
	}
}

// eventuallyAsks asks until the answer is the wanted one.
func eventuallyAsks(c *client, code, want string) {
	c.t.Helper()
	eventually(c.t, code+" answers "+want, func() bool {
		c.send(code)
		_, got, err := c.read()
		return err == nil && got == want
	})
}

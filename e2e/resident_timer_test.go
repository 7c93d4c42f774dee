package e2e_test

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

const timerScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$first = null;
$server->on('start', function () { Swoole\Timer::tick(10, function () { echo "never\n"; }); });
$server->on('workerStart', function ($server) use (&$first) {
    $first = Swoole\Timer::tick(50, function ($id, $word) use ($server) {
        foreach ($server->connections as $fd) { $server->push($fd, "$word $id"); }
    }, 'tick');
});
$server->on('message', function ($server, $frame) use (&$first) {
    $fd = $frame->fd;
    $say = function ($value) use ($server, $fd) { $server->push($fd, json_encode($value)); };
    switch ($frame->data) {
        case 'clear': $say([Swoole\Timer::clear($first), Swoole\Timer::clear($first), Swoole\Timer::exists($first)]); break;
        case 'after': $say(swoole_timer_after(20, function (...$args) use ($say) { $say($args); echo "after ran\n"; }, 1, 'two')); break;
        case 'old': $say($server->after(1, function () use ($say, $server) { $say('old'); $server->defer(function () use ($say) { $say('deferred'); }); })); break;
        case 'self':
            $n = 0;
            $id = Swoole\Timer::tick(5, function ($id) use (&$n, $say) {
                if (++$n === 3) { $say([Swoole\Timer::clear($id), Swoole\Timer::exists($id), $n]); }
            });
            $say(Swoole\Timer::info($id)['interval']);
            break;
        case 'block': usleep(300000); $say('blocked'); break;
        case 'throw': Swoole\Timer::after(1, function () { throw new RuntimeException('in a timer'); }); break;
        case 'list': $say([iterator_to_array(Swoole\Timer::list()), Swoole\Timer::stats()['num']]); break;
        case 'bad': $say(@Swoole\Timer::tick(0, 'strlen')); break;
        default: $server->push($fd, substr($frame->data, 5));
    }
});
$server->start();
`

func TestResidentTimers(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", timerScript), "--mode", "resident")
	p.wantLog("this callback runs in a request of its own") // the timer in onStart
	if out := p.stdout.String(); strings.Contains(out, "request mode") {
		t.Error(out)
	}
	c := p.dial("/")
	started := time.Now()
	for range 10 {
		c.want("tick 1")
	}
	if took := time.Since(started); took < 430*time.Millisecond {
		t.Errorf("10 ticks of 50 ms took %v", took)
	}
	// Missed ticks are dropped.
	c.send("block")
	c.until(`"blocked"`)
	c.want("tick 1")
	c.send("clear")
	c.until("[true,false,false]")
	c.send("after")
	c.want("2")
	c.want(`[1,"two"]`)
	p.wantLog("after ran")
	c.send("self")
	c.want("5")
	c.want("[true,false,3]")
	c.send("old")
	c.want("4")
	c.want(`"old"`)
	c.want(`"deferred"`)
	c.send("list")
	c.want("[[],0]")
	c.send("bad")
	c.want("false")
	c.talk("hi")
	c.send("throw")
	p.wantLog("in a timer")
	c.want("tick 1") // of the next worker
}

// until reads messages up to one.
func (c *client) until(s string) {
	c.t.Helper()
	for i := 0; ; i++ {
		_, got, err := c.read()
		if err != nil {
			c.t.Fatal(err)
		}
		if got == s {
			return
		}
		if i > 100 {
			c.t.Fatal("not among 100 messages: " + strconv.Quote(s))
		}
	}
}

package e2e_test

import (
	"testing"
	"time"
)

const residentCoroutines = `<?php
use Swoole\Coroutine;
use Swoole\Coroutine\Channel;
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->set(['enable_coroutine' => true]);
$channel = null;
$server->on('workerStart', function ($server) use (&$channel) {
    $channel = new Channel(1);
    go(function () use ($server) { while (true) { Co::sleep(0.05); $GLOBALS['beats'] = ($GLOBALS['beats'] ?? 0) + 1; } });
    Co::sleep(0.01);
    echo "workerStart is over\n";
});
$server->on('message', function ($server, $frame) use (&$channel) {
    $fd = $frame->fd;
    [$word, $rest] = explode(' ', $frame->data . ' ', 2);
    switch ($word) {
        case 'sleep': Co::sleep((float) $rest); $server->push($fd, "slept $fd " . $server->exists($fd)); break;
        case 'beats': $server->push($fd, (string) min(2, $GLOBALS['beats'] ?? 0)); break;
        case 'pop': $server->push($fd, 'got ' . $channel->pop(5)); break;
        case 'push': $channel->push(trim($rest)); $server->push($fd, 'pushed'); break;
        case 'go':
            $n = 0;
            go(function () use ($server, $fd) { defer(function () use ($server, $fd) { $server->push($fd, 'deferred'); }); Co::sleep(0.1); $server->push($fd, 'later'); });
            $server->push($fd, 'first');
            break;
        case 'wait':
            $wg = new Coroutine\WaitGroup();
            for ($i = 0; $i < 3; $i++) { $wg->add(); go(function () use ($wg) { Co::sleep(0.1); $wg->done(); }); }
            $t = microtime(true); $wg->wait(); $server->push($fd, microtime(true) - $t < 0.25 ? 'together' : 'one by one'); break;
        case 'timer': Swoole\Timer::after(1, function () use ($server, $fd) { Co::sleep(0.05); $server->push($fd, 'timer ' . (Co::getCid() > 0)); }); break;
        case 'throw': go(function () { Co::sleep(0.01); throw new RuntimeException('in a coroutine'); }); break;
        case 'echo': $server->push($fd, trim($rest)); break;
    }
});
$server->on('close', function () {});
$server->start();
`

func TestResidentCoroutines(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", residentCoroutines), "--mode", "resident")
	p.wantLog("workerStart is over")
	a, b := p.dial("/"), p.dial("/")
	// Others go on while a callback sleeps, and so does the connection's next event.
	started := time.Now()
	a.send("sleep 0.4")
	a.talk("me meanwhile")
	b.talk("meanwhile")
	b.send("sleep 0.3")
	if took := time.Since(started); took > 290*time.Millisecond {
		t.Errorf("it took %v", took)
	}
	b.want("slept 2 1")
	a.want("slept 1 1")
	a.send("pop")
	b.send("push hello")
	a.want("got hello")
	b.want("pushed")
	a.send("go")
	for _, s := range []string{"first", "later", "deferred"} {
		a.want(s)
	}
	a.send("wait")
	a.want("together")
	a.send("timer")
	a.talk("before")
	a.want("timer 1")
	a.send("beats")
	a.want("2")
	// Many that wait.
	for range 200 {
		a.send("sleep 0.1")
	}
	for range 200 {
		a.want("slept 1 1")
	}
	// One that leaves while its callback sleeps.
	c := p.dial("/")
	c.send("sleep 0.2")
	c.leave()
	a.send("sleep 0.3")
	a.want("slept 1 1")
	b.send("throw")
	p.wantLog("in a coroutine")
	a.talk("after")
}

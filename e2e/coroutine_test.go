package e2e_test

import (
	"strings"
	"testing"
)

// An old script under its old names: coroutines, timers in workerStart, and words that it misspelt.
const oldScript = `<?php
class Chat
{
    private $server;

    public function __construct()
    {
        $this->server = new swoole_websocket_server('0.0.0.0', 9501, SWOOLE_PROCESS);
        $this->server->set(['work_num' => 4, 'daemonize' => false, 'pid_file' => '/run/chat.pid']);
        $this->server->on('WorkerStart', [$this, 'onWorkerStart']);
        $this->server->on('Open', function (swoole_server $server, swoole_http_request $request) {
            $server->push($request->fd, 'hello ' . $request->fd);
        });
        $this->server->on('Message', [$this, 'onMessage']);
        $this->server->on('Colse', 'var_dump');
        $this->server->start();
    }

    public function onWorkerStart($server, $id)
    {
        $server->tick(1000, function () {
        });
    }

    private function onMessage($server, swoole_websocket_frame $frame)
    {
        if ($frame->data === 'timer') {
            swoole_timer_after(10, 'var_dump');
        }
        if ($frame->data === 'forever') {
            (new chan())->pop();
        }
        $found = new Swoole\Coroutine\Channel(2);
        foreach ([20, 1] as $ms) {
            go(function () use ($found, $ms) {
                Co::sleep($ms / 1000);
                $found->push($ms);
            });
        }
        $server->push($frame->fd, $found->pop() . ' before ' . $found->pop());
        $server->defer(function () use ($server, $frame) {
            $server->push($frame->fd, 'last');
        });
    }
}
new Chat();
`

func TestOldScriptWithCoroutines(t *testing.T) {
	script := write(t, "server.php", oldScript)
	p := serve(t, nil, script)
	for _, note := range []string{
		"unknown event types[Colse]: did you mean close?",
		"unsupported option [work_num]: did you mean worker_num?",
	} {
		if !strings.Contains(p.stdout.String(), "note: "+note) {
			t.Errorf("not said at boot: %s\n%s", note, p.stdout.String())
		}
	}
	p.wantLog("kind=timer at=" + script + ":21 what=\"$server->tick(): it is left out\"")
	c := p.dial("/")
	c.want("hello 1")
	c.send("x")
	c.want("1 before 20")
	c.want("last")
	c.send("forever")
	p.wantLog("all coroutines (count: 1) are asleep - deadlock!")
	c.send("timer")
	p.wantLog("Swoole\\\\Timer::after(): the timer is not set, it needs a PHP process that stays: use --mode resident")
	c.want("1 before 20")
}

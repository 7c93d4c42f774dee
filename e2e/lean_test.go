package e2e_test

import (
	"strings"
	"testing"
	"time"
)

// What is made only for scripts that look at it is there for them: after a while, too, when the bridge knows the script.
func TestPropertiesForThoseWhoLook(t *testing.T) {
	for what, code := range map[string]string{
		"pids":        `$server->worker_pid > 1 && $server->manager_pid > 1 && $server->master_pid > 1`,
		"connections": `count($server->connections) === 1`,
		"by name":     `$server->{'connec' . 'tions'} !== null && $server->{'worker_' . 'pi' . 'd'} > 1`,
		"dump":        `strpos(print_r($server, true), 'Iterator') > 0`,
	} {
		t.Run(what, func(t *testing.T) {
			script := write(t, "server.php", strings.Replace(`<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->on('message', function ($server, $frame) { $server->push($frame->fd, CODE ? 'yes' : 'no'); });
$server->start();
`, "CODE", code, 1))
			p := serve(t, nil, script)
			c := p.dial("/")
			for range 8 { // the script's key comes with a second description
				c.send("?")
				c.want("yes")
				time.Sleep(300 * time.Millisecond) // nothing tells when
			}
		})
	}
}

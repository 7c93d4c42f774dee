package e2e_test

import (
	"bytes"
	"testing"

	"github.com/coder/websocket"
)

// A script that allows messages of 16 MiB (Autobahn's largest) echoes them: its answer was over fpm.max_answer, and the message was lost.
func TestLargeMessages(t *testing.T) {
	p := serve(t, nil, write(t, "large.php", `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->set(['package_max_length' => 32 << 20]);
$server->on('message', function ($server, $frame) { $server->push($frame->fd, $frame->data, $frame->opcode); });
$server->start();
`))
	c := p.dial("/")
	c.ws.SetReadLimit(32 << 20)
	sent := bytes.Repeat([]byte("*"), 16<<20)
	if err := c.ws.Write(t.Context(), websocket.MessageBinary, sent); err != nil {
		t.Fatal(err)
	}
	if typ, got, err := c.ws.Read(t.Context()); err != nil || typ != websocket.MessageBinary || !bytes.Equal(got, sent) {
		t.Errorf("%v, %d bytes, %v", typ, len(got), err)
	}
}

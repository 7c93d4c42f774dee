<?php
/*
 * A chat of 2015: underscore names, a class with a $server property, [$this, 'method'], broadcast over $server->connections.
 *
 * open a /
 * a< text {"type":"welcome","fd":1}
 * open b /
 * b< text {"type":"welcome","fd":2}
 * a> text {"text":"hi all"}
 * a< text {"from":1,"text":"hi all"}
 * b< text {"from":1,"text":"hi all"}
 * drop b
 * a< text {"type":"left","fd":2}
 * log client 2 closed
 */
class Chat
{
    public $server;

    public function __construct()
    {
        $this->server = new swoole_websocket_server("0.0.0.0", 9501);
        $this->server->on('open', array($this, 'onOpen'));
        $this->server->on('message', array($this, 'onMessage'));
        $this->server->on('close', array($this, 'onClose'));
        $this->server->start();
    }

    public function onOpen(swoole_websocket_server $server, swoole_http_request $request)
    {
        echo "server: handshake success with fd{$request->fd}\n";
        $server->push($request->fd, json_encode(array('type' => 'welcome', 'fd' => $request->fd)));
    }

    public function onMessage(swoole_websocket_server $server, swoole_websocket_frame $frame)
    {
        $data = json_decode($frame->data, true);
        foreach ($this->server->connections as $fd) {
            $this->server->push($fd, json_encode(array('from' => $frame->fd, 'text' => $data['text'])));
        }
    }

    public function onClose($ser, $fd)
    {
        echo "client {$fd} closed\n";
        foreach ($this->server->connections as $other) {
            if ($other != $fd) {
                $this->server->push($other, json_encode(array('type' => 'left', 'fd' => $fd)));
            }
        }
    }
}

new Chat();

<?php
/*
 * Long polling: responses kept in an array are answered by another request.
 *
 * mode resident
 * tcp p
 * p> raw "GET /poll HTTP/1.1\r\nHost: x\r\n\r\n"
 * wait 50ms
 * POST /publish
 *   Content-Type: application/x-www-form-urlencoded
 *   | text=hello
 * body 1
 * p< answer
 * body hello
 * open w /
 * w< text hello
 */
$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
$waiting = [];
$history = [];
$server->on('message', function () {});
$server->on('open', function ($s, $r) use (&$history) { foreach ($history as $h) $s->push($r->fd, $h); });
$server->on('request', function ($req, $res) use (&$waiting, &$history) {
    if ($req->server['path_info'] === '/poll') { $waiting[] = $res; return; }
    $history[] = $req->post['text'];
    $n = 0;
    foreach ($waiting as $w) { if ($w->isWritable()) { $w->end($req->post['text']); $n++; } }
    $waiting = [];
    $res->end((string) $n);
});
$server->start();

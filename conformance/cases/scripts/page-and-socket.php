<?php
/*
 * A page and its WebSocket on one port: the page is read relative to the working directory, the request broadcasts.
 *
 * GET /
 * status 200
 * header Content-Type: text/html; charset=utf-8
 * body <h1>chat</h1>
 * open a /ws
 * POST /send
 *   Content-Type: application/x-www-form-urlencoded
 *   | message=from+the+form
 * body {"sent":1}
 * a< text from the form
 * GET /favicon.ico
 * status 404
 */
file_put_contents('index.html', '<h1>chat</h1>');
$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
$server->on('request', function ($request, $response) {
    global $server;
    if ($request->server['path_info'] == '/favicon.ico') {
        $response->status(404);
        $response->end();
        return;
    }
    if ($request->server['request_method'] == 'POST') {
        $sent = 0;
        foreach ($server->connections as $fd) {
            if ($server->isEstablished($fd)) {
                $server->push($fd, $request->post['message']);
                $sent++;
            }
        }
        $response->header('Content-Type', 'application/json');
        $response->end(json_encode(['sent' => $sent]));
        return;
    }
    $response->header("Content-Type", "text/html; charset=utf-8");
    $response->end(file_get_contents('index.html'));
});
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, 'ok');
});
$server->start();

<?php
/*
 * send() on a connection that speaks HTTP: the bytes go out as they are, behind detach() as the response.
 *
 * GET /raw
 * status 299
 * header X-Raw: 1
 * body hello
 * b GET /closed
 * status 298
 * body bye
 * b< eof
 * c GET /
 * status 200
 * body page
 * c GET /raw
 * status 299
 * tcp d
 * d< raw welcome
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('connect', function ($server, $fd) {
    if ($fd === 4) {
        note(var_export($server->send($fd, 'welcome'), true));
    }
});
$server->on('message', function () {
});
$server->on('request', function ($request, $response) use ($server) {
    if ($request->server['path_info'] === '/') {
        $response->end('page');
        return;
    }
    $response->detach();
    if ($request->server['path_info'] === '/raw') {
        $server->send($request->fd, "HTTP/1.1 299 Raw\r\nX-Raw: 1\r\nContent-Length: 5\r\n\r\nhello");
        return;
    }
    $server->send($request->fd, "HTTP/1.1 298 Raw\r\nContent-Length: 3\r\n\r\n");
    $server->send($request->fd, 'bye');
    $server->close($request->fd);
});
$server->start();

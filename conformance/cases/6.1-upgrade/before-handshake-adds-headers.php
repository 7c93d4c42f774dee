<?php
/*
 * What onBeforeHandshakeResponse adds stands between the protocol's headers and Server; cookies behind it.
 *
 * open a /
 * header X-Added: yes
 * header Set-Cookie: session=1
 * order Upgrade, Connection, Sec-WebSocket-Accept, Sec-WebSocket-Version, X-Added, Server, Set-Cookie, Date
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('beforeHandshakeResponse', function ($server, $request, $response) {
    $response->header('x-added', 'yes');
    $response->cookie('session', '1');
});
$server->on('message', function () {
});
$server->start();

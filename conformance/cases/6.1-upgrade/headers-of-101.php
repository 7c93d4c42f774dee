<?php
/*
 * The headers of the 101 and their order.
 *
 * open a /
 * header Upgrade: websocket
 * header Connection: Upgrade
 * header Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
 * header Sec-WebSocket-Version: 13
 * header Server: swoole-http-server
 * no header Content-Length
 * no header Content-Type
 * order Upgrade, Connection, Sec-WebSocket-Accept, Sec-WebSocket-Version, Server, Date
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->start();

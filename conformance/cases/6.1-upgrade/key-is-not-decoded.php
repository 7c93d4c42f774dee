<?php
/*
 * A key is 24 characters; what they are is not looked at.
 *
 * differs: a key has 16 bytes in base64, as RFC 6455 4.2.1 has it
 * a GET /
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: 123456789012345678901234
 * status 400
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->start();

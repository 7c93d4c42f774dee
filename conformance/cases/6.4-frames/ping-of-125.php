<?php
/*
 * Ping of 125.
 *
 * differs: pings up to 125 bytes are answered, as RFC 6455 has it; Swoole cuts the line over 120
 * open a /
 * a> ping times 125 x
 * a< pong times 125 x
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->start();

<?php
/*
 * A WebSocket server without onMessage does not start.
 *
 * refuses require onMessage callback
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('open', function () {
});
$server->start();

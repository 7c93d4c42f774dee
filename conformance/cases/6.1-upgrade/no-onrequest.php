<?php
/*
 * A plain request is answered with a 400 page and the end of the line if there is no onRequest.
 *
 * a GET /
 * status 400
 * header Connection: close
 * a< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->start();

<?php
/*
 * max_connection is max_conn: more connections are not taken.
 *
 * differs: one too many is told 503 before it is closed
 * open a /
 * GET /
 * status 503
 * a> text still here
 * a< text "\"still here\""
 */
require __DIR__ . '/conform.php';
$server = server(['max_connection' => 1]);
answers($server, function ($server, $frame) {
    return $frame->data;
});
$server->start();

<?php
/*
 * An empty message is a message.
 *
 * open a /
 * a> text
 * a< text string 0
 * a> binary
 * a< text string 0
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, gettype($frame->data) . ' ' . strlen($frame->data));
});
$server->start();

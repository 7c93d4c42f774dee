<?php
/*
 * open is over before the first message of that connection begins, for a script that does not wait in it.
 *
 * open a /
 * a> text 1
 * a> text 2
 * note open
 * note message 1
 * note message 2
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('open', function () {
    note('open');
});
$server->on('message', function ($server, $frame) {
    note('message', $frame->data);
});
$server->start();

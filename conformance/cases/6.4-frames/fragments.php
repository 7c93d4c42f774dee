<?php
/*
 * Fragments become one message with the opcode of the first.
 *
 * open a /
 * a> frame 02 "one "
 * a> frame 00 "two "
 * a> frame 80 "three"
 * a< text "one two three 2 33 true"
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, "$frame->data $frame->opcode $frame->flags " . json_encode($frame->finish));
});
$server->start();

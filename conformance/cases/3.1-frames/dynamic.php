<?php
/*
 * A frame takes properties of the script's own.
 *
 * open a /
 * a> text hi
 * a< text {"fd":1,"data":"hi","opcode":1,"flags":33,"finish":true,"user":"bob","tags":["x"]}
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    $frame->user = 'bob';
    $frame->tags[] = 'x';
    return $frame;
});
$server->start();

<?php
/*
 * json_encode() of a message's frame.
 *
 * open a /
 * a> text hi
 * a< text {"fd":1,"data":"hi","opcode":1,"flags":33,"finish":true}
 * a> binary yo
 * a< text {"fd":1,"data":"yo","opcode":2,"flags":33,"finish":true}
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    return $frame;
});
$server->start();

<?php
/*
 * send(): an empty text, a bad fd and unknown ones are refused, each in its way.
 *
 * open a /
 * a> text empty
 * a< text false | the data sent must not be empty | 550
 * a> text zero
 * a< text false | invalid fd[0] | 503
 * a> text unknown
 * a< text false | 1005
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    switch ($frame->data) {
        case 'empty':
            return $server->send($frame->fd, '');
        case 'zero':
            return $server->send(0, 'x');
    }
    return $server->send(99, 'x');
});
$server->start();

<?php
/*
 * Callbacks may be names of functions, methods of objects and of classes.
 *
 * open a /
 * a> text x
 * a< text opened
 * a< text x
 * drop a
 * note closed 1
 */
require __DIR__ . '/conform.php';
$server = server();
class Handler
{
    public $word = 'opened';

    public function open($server, $request)
    {
        $server->push($request->fd, $this->word);
    }

    public static function close($server, $fd)
    {
        note('closed', $fd);
    }
}
function onMessage($server, $frame)
{
    $server->push($frame->fd, $frame->data);
}
$server->on('open', [new Handler(), 'open']);
$server->on('message', 'onMessage');
$server->on('close', 'Handler::close');
$server->start();

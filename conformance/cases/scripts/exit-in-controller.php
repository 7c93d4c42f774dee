<?php
/*
 * exit() in the middle of a handler, as controllers do it.
 *
 * mode request
 * open a /
 * a> text login
 * a< text {"code":401}
 * a> text other
 * a< text {"code":200}
 * GET /
 * status 200
 * body partial
 */
$ws = new swoole_websocket_server('0.0.0.0', 9501);
function reply($ws, $fd, $code)
{
    $ws->push($fd, json_encode(['code' => $code]));
    exit;
}
$ws->on('message', function ($ws, $frame) {
    if ($frame->data === 'login') {
        reply($ws, $frame->fd, 401);
    }
    reply($ws, $frame->fd, 200);
});
$ws->on('request', function ($req, $res) {
    $res->end('partial');
    die();
});
$ws->start();

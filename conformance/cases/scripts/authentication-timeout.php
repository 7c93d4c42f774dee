<?php
/*
 * A client that is wrong is disconnected with a code, its neighbours hear it.
 *
 * open a /
 * open b /?token=x
 * b< close 4401 bad token
 * b< eof
 * a< text {"left":2}
 * a> text kick
 * a< eof
 */
$server = new Swoole\WebSocket\Server('0.0.0.0', 9501, SWOOLE_PROCESS);
$server->on('open', function ($server, $request) {
    if (isset($request->get['token'])) {
        return $server->disconnect($request->fd, 4401, 'bad token');
    }
});
$server->on('message', function ($server, $frame) {
    $server->close($frame->fd);
});
$server->on('close', function ($server, $fd) {
    foreach ($server->getClientList() ?: [] as $other) {
        $server->push($other, json_encode(['left' => $fd]));
    }
});
$server->start();

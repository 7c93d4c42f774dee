<?php
/*
 * unpack() reads the first frame and ignores what follows; a cut one is false and 508.
 *
 * open a /
 * a> text go
 * a< text {"fd":0,"data":"hi","opcode":1,"flags":1,"finish":true}
 * a> text masked
 * a< text {"fd":0,"data":"hi","opcode":2,"flags":33,"finish":true}
 * a> text close
 * a< text {"fd":0,"data":"","opcode":8,"flags":1,"finish":true,"code":4000,"reason":"why"}
 * a> text cut
 * a< text false | 508
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    switch ($frame->data) {
        case 'masked':
            return Swoole\WebSocket\Server::unpack(Swoole\WebSocket\Server::pack('hi', 2, SWOOLE_WEBSOCKET_FLAG_FIN | SWOOLE_WEBSOCKET_FLAG_MASK));
        case 'close':
            $close = new Swoole\WebSocket\CloseFrame();
            $close->code = 4000;
            $close->reason = 'why';
            return Swoole\WebSocket\Frame::unpack((string) $close);
        case 'cut':
            return Swoole\WebSocket\Server::unpack("\x81\x05hi");
    }
    return Swoole\WebSocket\Server::unpack("\x81\x02hi\x81\x05more");
});
$server->start();

<?php
/*
 * max_queued_bytes: the server stops reading what nobody handles yet.
 *
 * differs: it is of each connection, and not of all together
 * open a /
 * open b /
 * a> text slow
 * a> text times 3000 x
 * a> text times 3000 x
 * a> text times 3000 x
 * a> text times 3000 x
 * wait 200ms
 * b> text ask
 * b< text few
 * a< text done
 */
require __DIR__ . '/conform.php';
$server = server(['worker_num' => 2, 'max_queued_bytes' => 4000]);
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'slow') {
        sleep(1);
        $server->push($frame->fd, 'done');
    } elseif ($frame->data === 'ask') {
        $queued = $server->getClientInfo(1)['recv_queued_bytes'];
        $server->push($frame->fd, $queued > 0 && $queued < 8000 ? 'few' : (string) $queued);
    }
});
$server->start();

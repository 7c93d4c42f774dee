<?php
/*
 * A Table of users by fd, filled at open from the query, shown to all, emptied at close.
 *
 * open a /?name=ann
 * a< text ["ann"]
 * open b /?name=bob
 * a< text ["ann","bob"]
 * b< text ["ann","bob"]
 * drop a
 * b< text ["bob"]
 */
$table = new swoole_table(1024);
$table->column('fd', swoole_table::TYPE_INT);
$table->column('name', swoole_table::TYPE_STRING, 255);
$table->create();

$ws = new swoole_websocket_server("127.0.0.1", 9501);
$ws->user = $table;
function online($ws)
{
    $names = [];
    foreach ($ws->user as $u) {
        $names[] = $u['name'];
    }
    sort($names);
    foreach ($ws->user as $u) {
        $ws->push($u['fd'], json_encode($names));
    }
}
$ws->on('open', function ($ws, $req) {
    $ws->user->set($req->fd, array('fd' => $req->fd, 'name' => $req->get['name']));
    online($ws);
});
$ws->on('message', function ($ws, $frame) {
});
$ws->on('close', function ($ws, $fd) {
    $ws->user->del($fd);
    online($ws);
});
$ws->start();

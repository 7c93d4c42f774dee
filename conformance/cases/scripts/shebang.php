#!/usr/bin/env php
<?php
/*
 * A script that can be executed itself: its first line is no output, and does not come before the namespace. Lines keep their numbers.
 *
 * open a /
 * a< text hello from 22
 * a> text x
 * a< text Shebang shebang.php
 * no log env php
 */
declare(strict_types=1);

namespace Shebang;

use Swoole\WebSocket\Server;

require __DIR__ . '/conform.php';

$server = new Server('0.0.0.0', 9501);
$server->on('open', function (Server $server, $request): void {
    $server->push($request->fd, 'hello from ' . __LINE__);
});
$server->on('message', __NAMESPACE__ . '\message');
$server->start();

function message(Server $server, \Swoole\WebSocket\Frame $frame): void
{
    $server->push($frame->fd, __NAMESPACE__ . ' shebang.php');
}

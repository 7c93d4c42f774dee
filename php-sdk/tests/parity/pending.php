<?php

/**
 * What is not there yet: id => what it belongs to. Empty before a release. To land one, delete its line, and name its
 * test in works.php if none of the `*` there does; or say in differs.php what differs.
 */

declare(strict_types=1);

$tcp = 'raw TCP and more listeners';
$control = 'control and statistics';
$memory = 'shared memory';

return [
    'Swoole\Server::listen()' => $tcp,
    'Swoole\Server::addlistener()' => $tcp,
    'Swoole\Server::send()' => $tcp,
    'Swoole\Server::sendfile()' => $tcp,
    'Swoole\Server::sendwait()' => $tcp,
    'Swoole\Server::protect()' => $control,
    'Swoole\Server::bind()' => $control,
    'Swoole\Server::pause()' => $control,
    'Swoole\Server::resume()' => $control,
    'Swoole\Server::confirm()' => $control,
    'Swoole\Server::heartbeat()' => $control,
    'Swoole\Atomic::*' => $memory,
    'Swoole\Atomic\Long::*' => $memory,
    'Swoole\Lock::*' => $memory,
    'Swoole\Table::*' => $memory,
    'swoole_table()' => $memory,
];

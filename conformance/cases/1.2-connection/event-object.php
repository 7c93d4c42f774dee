<?php
/*
 * With event_object connect and close get an object.
 *
 * open a /
 * drop a
 * note connect Swoole\Server\Event 1 true
 * note close Swoole\Server\Event 1 true
 */
require __DIR__ . '/conform.php';
$server = server(['event_object' => true]);
$server->on('connect', function ($server, $event) {
    note('connect', get_class($event), $event->fd, $event->dispatch_time > 0);
});
$server->on('message', function () {
});
$server->on('close', function ($server, $event) {
    note('close', get_class($event), $event->fd, $event->reactor_id >= 0);
});
$server->start();

<?php
/*
 * var_dump() and print_r() show callbacks: private properties onStart … of the server, onConnect … of a port, before all
 * others.
 *
 * open a /
 * a> text go
 * a< text ~ ^\["\[onStart:Swoole\\+Server:private\]","\[onBeforeShutdown:.*"\[onPipeMessage:Swoole\\+Server:private\]","\[setting\]"
 * a< text ~ ^\["\[onConnect:Swoole\\+Server\\+Port:private\]","\[onReceive:.*"\[onMessage:Swoole\\+Server\\+Port:private\]".*"\[host\]","\[port\]"
 * a< text [true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
function answer($server, $frame): void
{
    foreach ([$server, $server->ports[0]] as $object) {
        preg_match_all('/^    (\[[\w:\\\\]+\]) =>/m', print_r($object, true), $found);
        $server->push($frame->fd, json_encode($found[1]));
    }
    $server->push($frame->fd, json_encode([
        strpos(print_r($server->ports[0], true), '[onMessage:Swoole\Server\Port:private] => answer') !== false,
        !isset($server->onStart) && !property_exists($server, 'onMessage'),
    ]));
}
$server->on('message', 'answer');
$server->start();

<?php
/*
 * Requests, responses, servers, ports and connections can be neither cloned nor serialized; a response that somebody
 * tried to clone is still there to be ended.
 *
 * GET /
 * status 200
 * body 0 tmpfiles
 * note Error 0: Trying to clone an uncloneable object of class Swoole\Http\Request
 * note Exception 0: Serialization of 'Swoole\Http\Request' is not allowed
 * note Error 0: Trying to clone an uncloneable object of class Swoole\Http\Response
 * note Exception 0: Serialization of 'Swoole\Http\Response' is not allowed
 * note Error 0: Trying to clone an uncloneable object of class Swoole\WebSocket\Server
 * note Exception 0: Serialization of 'Swoole\WebSocket\Server' is not allowed
 * note Error 0: Trying to clone an uncloneable object of class Swoole\Server\Port
 * note Exception 0: Serialization of 'Swoole\Server\Port' is not allowed
 * note Error 0: Trying to clone an uncloneable object of class Swoole\Connection\Iterator
 * note Exception 0: Serialization of 'Swoole\Connection\Iterator' is not allowed
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($request, $response) use ($server) {
    foreach ([$request, $response, $server, $server->ports[0], $server->connections] as $object) {
        note(tried(function () use ($object) {
            return clone $object;
        }));
        note(tried(function () use ($object) {
            return serialize($object);
        }));
    }
    $response->end(count((array) $request->tmpfiles) . ' tmpfiles');
});
$server->start();

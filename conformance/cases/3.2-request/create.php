<?php
/*
 * Request::create() parses without a server; parse() says how many bytes it took.
 *
 * GET /
 * body [true,"GET",{"x":"1"},"a"]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $request = Swoole\Http\Request::create();
    $text = "GET /p?x=1 HTTP/1.1\r\nHost: a\r\n\r\n";
    $n = $request->parse($text);
    $response->end(json_encode([$n === strlen($text) && $request->isCompleted(), $request->getMethod(), $request->get, $request->header['host']]));
});
$server->start();

<?php
/*
 * The values: the path is raw in request_uri and decoded in path_info; the query is in neither.
 *
 * POST /a%20b?x=%20y
 * body ["x=%20y","POST","\/a%20b","\/a b","HTTP\/1.1","127.0.0.1","127.0.0.1",true,true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $s = $r->server;
    $response->end(json_encode([
        $s['query_string'], $s['request_method'], $s['request_uri'], $s['path_info'], $s['server_protocol'], $s['remote_addr'], $s['server_addr'],
        is_int($s['request_time']), is_float($s['request_time_float']), is_int($s['remote_port']) && $s['server_port'] > 0,
    ]));
});
$server->start();

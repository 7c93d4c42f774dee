<?php
/*
 * The keys of $request->server, in order, and their types.
 *
 * GET /a%20b?x=1
 * body ["query_string","request_method","request_uri","path_info","request_time","request_time_float","server_protocol","server_port","remote_port","server_addr","remote_addr","master_time"]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode(array_keys($r->server)));
});
$server->start();

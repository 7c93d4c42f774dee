<?php
/*
 * The request of open has the same parts.
 *
 * open a /room/1?name=bob&tags[]=x&tags[]=y
 *   Cookie: session=abc
 *   X-Custom: yes
 * a< text ["\/room\/1","name=bob&tags[]=x&tags[]=y",{"name":"bob","tags":["x","y"]},{"session":"abc"},"yes","GET"]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('open', function ($server, $r) {
    $server->push($r->fd, json_encode([$r->server['request_uri'], $r->server['query_string'], $r->get, $r->cookie, $r->header['x-custom'], $r->getMethod()]));
});
$server->on('message', function () {
});
$server->start();

<?php
/*
 * sendfile(): the type by extension, a part by offset and length; what is not there is false with a warning.
 *
 * a GET /
 * status 200
 * header Content-Type: text/css
 * body body{}
 * a GET /part
 * body dy
 * a GET /missing
 * body ~ ^false \|
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    file_put_contents(__DIR__ . '/style.css', 'body{}');
    switch ($r->server['request_uri']) {
        case '/part':
            $response->sendfile(__DIR__ . '/style.css', 2, 2);
            break;
        case '/missing':
            $response->end(tried(function () use ($response) {
                return $response->sendfile(__DIR__ . '/missing.css');
            }));
            break;
        default:
            $response->sendfile(__DIR__ . '/style.css');
    }
});
$server->start();

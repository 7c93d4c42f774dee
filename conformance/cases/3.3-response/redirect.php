<?php
/*
 * redirect() is 302 with Location, or the code given.
 *
 * a GET /
 * status 302
 * header Location: /there
 * a GET /moved
 * status 301
 * header Location: https://example.com/
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $r->server['request_uri'] === '/' ? $response->redirect('/there') : $response->redirect('https://example.com/', 301);
});
$server->start();

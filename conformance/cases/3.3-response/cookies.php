<?php
/*
 * cookie(): the value is encoded, expires adds Max-Age, an empty value deletes; rawCookie() does not encode.
 *
 * GET /
 * header Set-Cookie: ~ ^a=x(\+|%20)y \|\| b=x y \|\| c=1; expires=\w{3}, \d\d-\w{3}-\d{4} \d\d:\d\d:\d\d GMT; Max-Age=\d+; path=/p; domain=example.com; secure; HttpOnly; SameSite=Lax \|\| d=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->cookie('a', 'x y');
    $response->rawcookie('b', 'x y');
    $response->setCookie('c', '1', time() + 3600, '/p', 'example.com', true, true, 'Lax');
    $response->cookie('d', '');
    $response->end('x');
});
$server->start();

<?php
/*
 * cookie(): a part that would begin another one is refused with a warning; what the parts look like.
 *
 * a GET /good
 * header Set-Cookie: n=v || n=0 || p=v; path=/ || all=a+b%3Bc; path=/p; domain=d.com; secure; HttpOnly; SameSite=Lax; Priority=High; Partitioned || past=v
 * body [true,true,true,true,true]
 * a GET /raw
 * header Set-Cookie: n=a%20b || m=x/y=z; path=/; HttpOnly; SameSite=None
 * body [true,true]
 * a GET /bad
 * no header Set-Cookie
 * note ~ ^false \| The name cannot contain .* \| 503$
 * note ~ ^false \| The name cannot contain .* \| 503$
 * note ~ ^false \| The name cannot be empty \| 503$
 * note ~ ^false \| The value cannot contain .* \| 503$
 * note ~ ^false \| The value cannot contain .* \| 503$
 * note ~ ^false \| The path option cannot contain .* \| 503$
 * note ~ ^false \| The domain option cannot contain .* \| 503$
 * note ~ ^false \| The expires cannot have a year greater than 9999 \| 503$
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    switch ($request->server['request_uri']) {
        case '/good':
            $said = [
                $response->cookie('n', 'v'),
                $response->cookie('n', '0'),
                $response->cookie('p', 'v', 0, '/'),
                $response->cookie('all', 'a b;c', 0, '/p', 'd.com', true, true, 'Lax', 'High', true),
                $response->cookie('past', 'v', -1),
            ];
            break;
        case '/raw':
            $said = [
                $response->rawcookie('n', 'a%20b'),
                $response->rawcookie('m', 'x/y=z', 0, '/', '', false, true, 'None'),
            ];
            break;
        default:
            $said = [];
            foreach (
                [
                    ['cookie', 'a b', 'v'], ['cookie', 'a=b', 'v'], ['cookie', '', 'v'],
                    ['rawcookie', 'a', "v\r\nX: y"], ['rawcookie', 'a', 'v; path=/'], ['cookie', 'a', 'v', 0, '/;x'],
                    ['cookie', 'a', 'v', 0, '/', 'a b'], ['cookie', 'a', 'v', 253402300800],
                ] as $call
            ) {
                note(tried(function () use ($response, $call) {
                    return $response->{$call[0]}(...array_slice($call, 1));
                }));
            }
    }
    $response->end(json_encode($said));
});
$server->start();

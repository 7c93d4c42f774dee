<?php
/*
 * Swoole\Http\Cookie is a cookie as an object, for cookie() and rawcookie().
 *
 * a GET /
 * header Set-Cookie: ~ ^a=x%2Fy; expires=\w{3}, \d\d-\w{3}-\d{4} \d\d:\d\d:\d\d GMT; Max-Age=\d+; path=/p; domain=example\.com; secure; HttpOnly; SameSite=None; Priority=High; Partitioned \|\| b=x/y \|\| c=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0$
 * body [true,true,true]
 * a GET /array
 * body {"name":"t","value":"v","path":"/p","domain":"","sameSite":"None","priority":"","encode":true,"expires":0,"secure":true,"httpOnly":false,"partitioned":false}
 * a GET /reset
 * body {"name":"","value":"","path":"","domain":"","sameSite":"","priority":"","encode":true,"expires":0,"secure":false,"httpOnly":false,"partitioned":false}
 * a GET /string
 * body ["t=a+b; path=/","t=a%20b"]
 * a GET /nameless
 * no header Set-Cookie
 * body false | The name cannot be empty | 503
 */
require __DIR__ . '/conform.php';
use Swoole\Http\Cookie;

$server = server();
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $full = (new Cookie())->withName('t')->withValue('v')->withPath('/p')->withSameSite('None')->withSecure(true);
    switch ($request->server['request_uri']) {
        case '/array':
            $said = json_encode($full->toArray(), JSON_UNESCAPED_SLASHES);
            break;
        case '/reset':
            $full->reset();
            $said = json_encode($full->toArray());
            break;
        case '/string':
            $said = json_encode([
                (new Cookie())->withName('t')->withValue('a b')->withPath('/')->toString(),
                (new Cookie(false))->withName('t')->withValue('a%20b')->toString(),
            ], JSON_UNESCAPED_SLASHES);
            break;
        case '/nameless':
            $said = tried(function () use ($response) {
                return $response->cookie((new Cookie())->withValue('v'));
            });
            break;
        default:
            $cookie = (new Cookie())->withName('a')->withValue('x/y')->withExpires(time() + 60)->withPath('/p')
                ->withDomain('example.com')->withSecure(true)->withHttpOnly(true)->withSameSite('None')
                ->withPriority('High')->withPartitioned(true);
            $said = json_encode([
                $response->cookie($cookie),
                $response->rawcookie((new Cookie(false))->withName('b')->withValue('x/y')),
                $response->setCookie((new Cookie())->withName('c')),
            ]);
    }
    $response->end($said);
});
$server->start();

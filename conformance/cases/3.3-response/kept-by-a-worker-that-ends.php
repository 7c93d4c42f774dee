<?php
/*
 * A response that the script keeps is answered with 500 when its worker ends.
 *
 * mode resident
 * tcp a
 * a> raw "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"
 * tcp b
 * b> raw "GET /write HTTP/1.1\r\nHost: x\r\n\r\n"
 * wait 100ms
 * GET /stop
 * body stopping
 * a< answer
 * status 500
 * b< answer
 * status 200
 * body part
 * GET /hello
 * body hello
 * tcp c
 * c> raw "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"
 * wait 100ms
 * GET /throw
 * status 500
 * c< answer
 * status 500
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$waiting = [];
$server->on('request', function ($request, $response) use ($server, &$waiting) {
    switch ($request->server['request_uri']) {
        case '/write':
            $response->write('part');
            // as /wait
        case '/wait':
            $waiting[] = $response;
            break;
        case '/stop':
            $response->end('stopping');
            $server->stop();
            break;
        case '/throw':
            throw new RuntimeException('on purpose');
        default:
            $response->end('hello');
    }
});
$server->start();

<?php
/*
 * Server-sent events: a coroutine that writes and sleeps; another by a timer.
 *
 * mode resident
 * GET /sse
 * header Content-Type: text/event-stream
 * body "data: 1\n\ndata: 2\n\ndata: 3\n\n"
 * GET /timer
 * body "tick 1\ntick 2\ntick 3\n"
 * tcp g
 * g> raw "GET /forever HTTP/1.1\r\nHost: x\r\n\r\n"
 * wait 80ms
 * drop g
 * log gone
 * GET /x
 * body x
 */
$http = new Swoole\Http\Server('0.0.0.0', 9501);
$http->on('request', function ($request, $response) {
    $uri = $request->server['request_uri'];
    if ($uri === '/sse') {
        $response->header('Content-Type', 'text/event-stream');
        $response->header('Cache-Control', 'no-cache');
        for ($i = 1; $i <= 3; $i++) { $response->write("data: $i\n\n"); Co::sleep(0.02); }
        $response->end();
    } elseif ($uri === '/timer') {
        $i = 0;
        Swoole\Timer::tick(20, function ($id) use ($response, &$i) {
            $i++;
            $response->write("tick $i\n");
            if ($i === 3) { Swoole\Timer::clear($id); $response->end(); }
        });
    } elseif ($uri === '/forever') {
        while (true) {
            if (!$response->write("data: x\n\n")) { echo "gone\n"; break; }
            Swoole\Coroutine::sleep(0.02);
        }
    } else {
        $response->end('x');
    }
});
$http->start();

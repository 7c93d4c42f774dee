<?php
/*
 * onHandshake checks a token of the query, as the manual has it.
 *
 * a GET /?token=bad
 *   Upgrade: websocket
 *   Connection: Upgrade
 *   Sec-WebSocket-Version: 13
 *   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
 * status 401
 * a< eof
 * open b /?token=good
 *   Sec-WebSocket-Protocol: chat
 * header Sec-Websocket-Protocol: chat
 * b> text x
 * b< text x
 */
$server = new Swoole\WebSocket\Server("0.0.0.0", 9501);
$server->on('handshake', function (\Swoole\Http\Request $request, \Swoole\Http\Response $response) {
    if (($request->get['token'] ?? '') !== 'good') {
        $response->status(401);
        $response->end();
        return false;
    }
    $secWebSocketKey = $request->header['sec-websocket-key'];
    $patten = '#^[+/0-9A-Za-z]{21}[AQgw]==$#';
    if (0 === preg_match($patten, $secWebSocketKey) || 16 !== strlen(base64_decode($secWebSocketKey))) {
        $response->end();
        return false;
    }
    $key = base64_encode(sha1($request->header['sec-websocket-key'] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
    $headers = [
        'Upgrade' => 'websocket',
        'Connection' => 'Upgrade',
        'Sec-WebSocket-Accept' => $key,
        'Sec-WebSocket-Version' => '13',
    ];
    if (isset($request->header['sec-websocket-protocol'])) {
        $headers['Sec-WebSocket-Protocol'] = $request->header['sec-websocket-protocol'];
    }
    foreach ($headers as $key => $val) {
        $response->header($key, $val);
    }
    $response->status(101);
    $response->end();
});
$server->on('message', function (Swoole\WebSocket\Server $server, $frame) {
    $server->push($frame->fd, $frame->data);
});
$server->on('close', function ($ser, $fd) {
    echo "client {$fd} closed\n";
});
$server->start();

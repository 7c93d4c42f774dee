<?php
/*
 * Constants that scripts name, with their values; the parity tests have the rest.
 *
 * open a /
 * a> text go
 * a< text []
 */
require __DIR__ . '/conform.php';
$server = server();
const WANTED = [
    'STATUS_CONNECTION' => 1, 'STATUS_HANDSHAKE' => 2, 'STATUS_ACTIVE' => 3, 'STATUS_CLOSING' => 4,
    'OPCODE_CONTINUATION' => 0, 'OPCODE_TEXT' => 1, 'OPCODE_BINARY' => 2, 'OPCODE_CLOSE' => 8, 'OPCODE_PING' => 9,
    'OPCODE_PONG' => 10, 'CLOSE_NORMAL' => 1000, 'CLOSE_GOING_AWAY' => 1001, 'CLOSE_PROTOCOL_ERROR' => 1002,
    'CLOSE_DATA_ERROR' => 1003, 'CLOSE_STATUS_ERROR' => 1005, 'CLOSE_ABNORMAL' => 1006, 'CLOSE_MESSAGE_ERROR' => 1007,
    'CLOSE_POLICY_ERROR' => 1008, 'CLOSE_MESSAGE_TOO_BIG' => 1009, 'CLOSE_EXTENSION_MISSING' => 1010,
    'CLOSE_SERVER_ERROR' => 1011, 'CLOSE_CLOSE_SERVICE_RESTART' => 1012, 'CLOSE_TRY_AGAIN_LATER' => 1013,
    'CLOSE_BAD_GATEWAY' => 1014, 'CLOSE_TLS' => 1015,
];
const ALONE = [
    'WEBSOCKET_STATUS_FRAME' => 3, 'WEBSOCKET_STATUS_HANDSHAKE_FAILED' => 5, 'SWOOLE_WEBSOCKET_FLAG_MASK' => 32,
    'SWOOLE_SOCK_SYNC' => false, 'SWOOLE_SOCK_ASYNC' => true, 'SWOOLE_TIMER_MAX_MS' => PHP_INT_MAX,
    'SWOOLE_TIMER_MIN_SEC' => 0.001, 'FILE_LOCK' => 2, 'SWOOLE_CORO_INIT' => 0, 'SWOOLE_CORO_WAITING' => 1,
    'SWOOLE_CORO_RUNNING' => 2, 'SWOOLE_CORO_END' => 3, 'SWOOLE_VERSION' => '6.2.1', 'SWOOLE_VERSION_ID' => 60201,
    'SWOOLE_ERROR_WEBSOCKET_PACK_FAILED' => 8505, 'SWOOLE_ERROR_SESSION_NOT_EXIST' => 1005,
];
answers($server, function () {
    $wanted = ALONE;
    foreach (WANTED as $name => $value) {
        $wanted["WEBSOCKET_$name"] = $wanted["SWOOLE_WEBSOCKET_$name"] = $value;
    }
    return array_keys(array_filter($wanted, function ($value, $name) {
        return !defined($name) || constant($name) !== $value;
    }, ARRAY_FILTER_USE_BOTH));
});
$server->start();

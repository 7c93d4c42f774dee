<?php
/*
 * Window bits of an offer.
 *
 * differs: a window of the server that the client asks for is kept, and an offer with what RFC 7692 does not have is declined; Swoole ignores both
 * open a /
 *   Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=10
 * header Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover
 * open b /
 *   Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=15
 * header Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=15
 * open c /
 *   Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9
 * header Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=9
 * open d /
 *   Sec-WebSocket-Extensions: permessage-deflate; bogus=1
 * no header Sec-WebSocket-Extensions
 * open e /
 *   Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7, permessage-deflate
 * header Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover
 * open f /
 *   Sec-WebSocket-Extensions: x-webkit-deflate-frame
 * no header Sec-WebSocket-Extensions
 */
require __DIR__ . '/conform.php';
$server = server(['websocket_compression' => true]);
$server->on('message', function () {
});
$server->start();

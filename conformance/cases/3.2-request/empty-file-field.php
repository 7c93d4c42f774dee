<?php
/*
 * A file field without a file has error 4.
 *
 * POST /
 *   Content-Type: multipart/form-data; boundary=B
 *   | "--B\r\nContent-Disposition: form-data; name=\"up\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--B--\r\n"
 * body [4,"",0]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $up = $r->files['up'];
    $response->end(json_encode([$up['error'], $up['tmp_name'], $up['size']]));
});
$server->start();

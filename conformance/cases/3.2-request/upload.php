<?php
/*
 * A form with a file: files has five keys each, nesting is kept per file.
 *
 * POST /
 *   Content-Type: multipart/form-data; boundary=B
 *   | "--B\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nvalue\r\n"
 *   | "--B\r\nContent-Disposition: form-data; name=\"up\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
 *   | "--B\r\nContent-Disposition: form-data; name=\"form[file]\"; filename=\"b.txt\"\r\nContent-Type: text/css\r\n\r\nworld!\r\n--B--\r\n"
 * body [{"field":"value"},["name","type","tmp_name","error","size"],"a.txt","text\/plain",0,5,"hello","b.txt",6,true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $up = $r->files['up'];
    $nested = $r->files['form']['file'];
    $response->end(json_encode([
        $r->post, array_keys($up), $up['name'], $up['type'], $up['error'], $up['size'], file_get_contents($up['tmp_name']),
        $nested['name'], $nested['size'], copy($up['tmp_name'], __DIR__ . '/copy.txt'), rename($nested['tmp_name'], __DIR__ . '/kept.txt'),
    ]));
});
$server->start();

<?php
/*
 * http_parse_files: several files of one name are in the layout of $_FILES.
 *
 * POST /
 *   Content-Type: multipart/form-data; boundary=B
 *   | "--B\r\nContent-Disposition: form-data; name=\"f[]\"; filename=\"a.txt\"\r\n\r\none\r\n"
 *   | "--B\r\nContent-Disposition: form-data; name=\"f[]\"; filename=\"b.txt\"\r\n\r\nthree\r\n--B--\r\n"
 * status 200
 * body ["a.txt","b.txt"] [3,5]
 */
require __DIR__ . '/conform.php';
$server = server(['http_parse_files' => true]);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end(json_encode($request->files['f']['name']) . ' ' . json_encode($request->files['f']['size']));
});
$server->start();

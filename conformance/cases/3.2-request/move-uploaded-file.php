<?php
/*
 * PHP knows the files of a form.
 *
 * mode request
 * POST /
 *   Content-Type: multipart/form-data; boundary=B
 *   | "--B\r\nContent-Disposition: form-data; name=\"up\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--B--\r\n"
 * body [true,true,false]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $file = $request->files['up']['tmp_name'];
    $response->end(json_encode([is_uploaded_file($file), move_uploaded_file($file, __DIR__ . '/kept.txt'), is_file($file)]));
});
$server->start();

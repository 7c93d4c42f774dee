<?php
/*
 * A resident worker gets the files of a form, but PHP does not know them.
 *
 * mode resident
 * differs: PHP notes the uploads of its own request only; said at boot, rename() and copy() work
 * log move-uploaded-file-resident.php:19 is always false in a resident worker
 * POST /
 *   Content-Type: multipart/form-data; boundary=B
 *   | "--B\r\nContent-Disposition: form-data; name=\"up\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--B--\r\n"
 * body [false,false,true]
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

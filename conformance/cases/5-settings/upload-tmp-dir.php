<?php
/*
 * Files of forms are in upload_tmp_dir, until the event is over.
 *
 * mode resident
 * POST /
 *   Content-Type: multipart/form-data; boundary=B
 *   | "--B\r\nContent-Disposition: form-data; name=\"up\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--B--\r\n"
 * body [true,0,"hello",true,1]
 * GET /
 * body 0
 */
require __DIR__ . '/conform.php';
@mkdir(__DIR__ . '/uploads');
$server = server(['upload_tmp_dir' => __DIR__ . '/uploads']);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $kept = count(glob(__DIR__ . '/uploads/*'));
    if ($request->files === null) {
        $response->end((string) $kept);
        return;
    }
    $up = $request->files['up'];
    $response->end(json_encode([
        dirname($up['tmp_name']) === __DIR__ . '/uploads', $up['error'], file_get_contents($up['tmp_name']),
        $request->tmpfiles === [$up['tmp_name']], $kept,
    ]));
});
$server->start();

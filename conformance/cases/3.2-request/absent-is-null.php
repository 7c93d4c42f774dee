<?php
/*
 * Parts of a request that are not there are null; header and server are arrays.
 *
 * GET /
 * body [1,0,null,null,null,null,null,true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$server->on('request', function ($r, $response) {
    $response->end(json_encode([$r->fd, $r->streamId, $r->cookie, $r->get, $r->post, $r->files, $r->tmpfiles, is_array($r->header), is_array($r->server)]));
});
$server->start();

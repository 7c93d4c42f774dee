<?php
/*
 * STDOUT and STDERR are there, and what is written to them is in the log, not in an answer. STDIN is at its end.
 *
 * log starting with 1
 * open a /
 * a> text hello
 * a< text "\"\""
 * log got hello
 * log failed: hello
 * GET /
 * body page
 * log served
 */
require __DIR__ . '/conform.php';
fwrite(STDOUT, "starting with 1\n");
$server = server();
$server->on('message', function ($server, $frame) {
    fwrite(STDOUT, "got $frame->data\n");
    fprintf(STDERR, "%s: %s\n", 'failed', $frame->data);
    $server->push($frame->fd, json_encode((string) fgets(STDIN)));
});
$server->on('request', function ($request, $response) {
    ob_start();
    echo 'page';
    fputs(STDERR, "served\n");
    $response->end(ob_get_clean());
});
$server->start();

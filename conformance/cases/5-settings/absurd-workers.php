<?php
/*
 * More workers than any machine has work for are refused.
 *
 * differs: the extension warns, and takes a thousand for each CPU
 * refuses worker_num: 3000000: want at most 10000 (
 */
require __DIR__ . '/conform.php';
$server = server(['worker_num' => 3000000]);
$server->on('message', function () {
});
$server->start();

<?php
/*
 * task_worker_num without onTask does not start.
 *
 * refuses require 'onTask' callback
 */
require __DIR__ . '/conform.php';
$server = server(['task_worker_num' => 1]);
$server->on('message', function () {
});
$server->start();

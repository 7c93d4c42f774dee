<?php
/*
 * A setting that is not known is kept, and named when the server starts.
 *
 * differs: the name that was probably meant is in the log, and there is no backtrace
 *
 * log work_num
 * open a /
 * a> text go
 * a< text 4
 */
require __DIR__ . '/conform.php';
$server = server(['work_num' => 4]);
answers($server, function ($server) {
    return $server->setting['work_num'];
});
$server->start();

<?php
/*
 * set() accumulates, and unknown keys are kept.
 *
 * open a /
 * a> text go
 * a< text [true,2,"kept",100]
 */
require __DIR__ . '/conform.php';
$server = server();
$result = @$server->set(['worker_num' => 2, 'my_own_key' => 'kept']);
$server->set(['max_conn' => 100]);
answers($server, function ($server) use ($result) {
    return [$result, $server->setting['worker_num'], $server->setting['my_own_key'], $server->setting['max_conn']];
});
$server->start();

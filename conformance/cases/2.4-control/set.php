<?php
/*
 * set() accumulates, each key where it was set first, and unknown keys are kept.
 *
 * open a /
 * a> text go
 * a< text [true,{"worker_num":2,"my_own_key":"kept","max_conn":100}]
 */
require __DIR__ . '/conform.php';
$server = server();
$result = @$server->set(['worker_num' => 2, 'my_own_key' => 'kept']);
$server->set(['max_conn' => 100]);
$setting = $server->setting;
answers($server, function () use ($result, $setting) {
    return [$result, $setting];
});
$server->start();

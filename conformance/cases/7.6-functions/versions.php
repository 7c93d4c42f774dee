<?php
/*
 * The version and its relatives.
 *
 * open a /
 * a> text go
 * a< text ["6.2.1","6.2.1",60201,true,true]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function () {
    return [swoole_version(), SWOOLE_VERSION, SWOOLE_VERSION_ID, swoole_cpu_num() > 0, is_array(swoole_get_local_ip())];
});
$server->start();

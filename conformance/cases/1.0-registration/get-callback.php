<?php
/*
 * getCallback() gives what was given, and null otherwise.
 *
 * open a /
 * a> text x
 * a< text ["strtolower",null,null,true]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('close', 'strtolower');
answers($server, function ($server, $frame) {
    return [$server->getCallback('close'), $server->getCallback('open'), $server->getCallback('nonsense'), $server->getCallback('Message') instanceof Closure];
});
$server->start();

<?php
/*
 * What cannot be called ends the script with an error at once.
 *
 * refuses function 'no_such_function' is not callable
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', 'no_such_function');
$server->start();

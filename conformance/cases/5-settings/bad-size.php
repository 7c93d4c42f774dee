<?php
/*
 * A size that cannot be read ends the script.
 *
 * refuses failed to parse 'much' to size
 */
require __DIR__ . '/conform.php';
$server = server(['package_max_length' => 'much']);
$server->on('message', function () {
});
$server->start();

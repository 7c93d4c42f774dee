<?php
/*
 * A setting that cannot be carried out refuses the server, and the line of its set() is said.
 *
 * differs: the extension takes what PHP makes of it
 * refuses setting backlog: "many" is no number (
 */
require __DIR__ . '/conform.php';
$server = server(['backlog' => 'many']);
$server->on('message', function () {
});
$server->start();

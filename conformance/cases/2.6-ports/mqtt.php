<?php
/*
 * A port with open_mqtt_protocol gets whole MQTT packets, one by one; a length that cannot be ends the connection.
 *
 * ports 2
 * tcp m:2
 * m> raw "\x10\x03abc\xc0\x00\x30"
 * note 1003616263
 * note c000
 * m> raw "\x01x"
 * note 300178
 * m> raw "\x30\xff\xff\xff\xff\x01"
 * m< eof
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function () {
});
$port = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
$port->set(['open_mqtt_protocol' => true]);
$port->on('receive', function ($server, $fd, $reactor, $data) {
    note(bin2hex($data));
});
$server->start();

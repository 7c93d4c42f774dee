<?
$server = new swoole_websocket_server("127.0.0.1", 9501);
$server->on("message", "strlen");
$server->start();

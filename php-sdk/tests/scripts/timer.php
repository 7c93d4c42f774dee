<?php

$server = new swoole_websocket_server('0.0.0.0', 9501);
$server->tick(1000, 'strlen');

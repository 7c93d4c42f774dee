<?php

$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
$server->on('message', 'no_such_function');

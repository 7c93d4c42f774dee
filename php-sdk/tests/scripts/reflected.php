<?php

$extension = new ReflectionExtension('swoole');
$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);

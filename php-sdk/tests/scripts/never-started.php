<?php

$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);

<?php

$server = new Swoole\WebSocket\Server('0.0.0.0', 9501);
function database()
{
    throw new RuntimeException("no database\nanywhere");
}
database();

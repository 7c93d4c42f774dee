<?php

$table = new Swoole\Table(1024);
$table->set('a', []);

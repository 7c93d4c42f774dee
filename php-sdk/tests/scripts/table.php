<?php

$table = new Swoole\Table(1024);

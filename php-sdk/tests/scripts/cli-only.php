<?php

if (PHP_SAPI !== 'cli' || !extension_loaded('swoole')) {
    exit("only for the command line\n");
}

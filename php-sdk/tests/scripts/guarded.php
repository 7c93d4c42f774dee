<?php

if (php_sapi_name() !== 'cli') {
    exit("not on the command line\n");
}
if (!extension_loaded('swoole') || !extension_loaded('OPENSWOOLE') || extension_loaded('swoole2')) {
    exit("no extension\n");
}
if (version_compare(phpversion('swoole'), '6', '<') || phpversion() !== PHP_VERSION || phpversion('swoole2')) {
    exit("too old\n");
}
// What cannot be answered is named.
if (PHP_SAPI !== 'cli') {
    exit("really not on the command line\n");
}

<?php
/*
 * What a server's settings ask for and is not carried out is named when it starts.
 *
 * differs: the extension carries it out
 * log open_http2_protocol: 
 * log log_level: 
 * log log_rotation: 
 * log log_date_format: 
 * log log_date_with_microseconds: 
 * log url_rewrite_rules: 
 * log open_redis_protocol: 
 * log log_file: 
 * log user: 
 * log group: 
 * log chroot: 
 * open a /
 * a> text hello
 * a< text "\"hello\""
 */
require __DIR__ . '/conform.php';
$server = server([
    'open_http2_protocol' => true,
    'log_level' => SWOOLE_LOG_WARNING,
    'log_rotation' => SWOOLE_LOG_ROTATION_DAILY,
    'log_date_format' => '%Y',
    'log_date_with_microseconds' => true,
    'log_file' => __DIR__ . '/server.log',
    'user' => 'nobody',
    'group' => 'nogroup',
    'chroot' => '/',
    'open_redis_protocol' => true,
    'url_rewrite_rules' => ['/a' => '/b'],
]);
answers($server, function ($server, $frame) {
    return $frame->data;
});
$server->start();

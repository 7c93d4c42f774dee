<?php
/*
 * What a server's settings ask for and is not carried out is named when it starts.
 *
 * differs: the extension carries it out
 * log user: 
 * log group: 
 * log chroot: 
 * open a /
 * a> text hello
 * a< text "\"hello\""
 */
require __DIR__ . '/conform.php';
$server = server([
    'user' => 'nobody',
    'group' => 'nogroup',
    'chroot' => '/',
]);
answers($server, function ($server, $frame) {
    return $frame->data;
});
$server->start();

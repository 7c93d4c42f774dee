<?php
/*
 * pause() stops reading, resume() goes on; an unknown fd is false and 1005.
 *
 * open a /
 * open b /
 * a> text pause
 * a< text true
 * b> text x
 * b< nothing
 * a> text resume
 * a< text true
 * b< text null
 * a> text unknown
 * a< text false | 1005
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    switch ($frame->data) {
        case 'pause':
            return $server->pause(2);
        case 'resume':
            return $server->resume(2);
        case 'unknown':
            return $server->pause(99);
    }
    return null;
});
$server->start();

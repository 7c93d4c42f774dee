<?php
/*
 * What is said of settings and events at boot names file and line.
 *
 * differs: the extension names the line of a warning only
 * log ~ unsupported option \[work_num\]: did you mean worker_num\? \(.*\.php:1[78]\)
 * log ~ chroot: .* \(.*\.php:2[12]\)
 * log ~ task_worker_num: -1 is no number of workers.* \(.*\.php:2[12]\)
 * log ~ dispatch_mode: there is no mode 77, 2 is used \(.*\.php:1[78]\)
 * log ~ unknown event types\[mesage\]: did you mean message\? \(.*\.php:2[5-7]\)
 * open a /
 * a> text hello
 * a< text "\"hello\""
 */
require __DIR__ . '/conform.php';
$server = server();
$server->set([
    'work_num' => 4,
    'dispatch_mode' => 77,
]);
$server->set([
    'chroot' => '/srv',
    'task_worker_num' => -1,
]);
$server->on(
    'mesage',
    function () {
    }
);
answers($server, function ($server, $frame) {
    return $frame->data;
});
$server->start();

<?php
/*
 * The functions of Swoole's PHP library, and those that look into the engine, which say so.
 *
 * differs: swoole_get_vm_status() throws
 * open a /
 * a> text go
 * a< text ["abc",3,"a",1,2,"b\u00e4c",["Swoole\\MultibyteStringObject","Swoole\\ArrayObject"],true]
 * a> text engine
 * a< text "FpmBridge\\Unsupported 0: swoole_get_vm_status() looks into the engine, which only an extension can: use memory_get_usage() and count(get_resources())"
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server, $frame) {
    if ($frame->data === 'engine') {
        return swoole_get_vm_status();
    }
    $multibyte = swoole_mbstring('cäb');
    return [
        (string) swoole_string('abc'), $multibyte->length(), (string) _string('a'), count(_array([7])), count(swoole_array_list(1, 2)),
        (string) $multibyte->reverse(), [get_class($multibyte), get_class(swoole_array([]))], swoole_container_cpu_num() > 0,
    ];
});
$server->start();

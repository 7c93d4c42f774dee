<?php
/*
 * A handler of the script gets the extension's warnings as E_WARNING, with its own file and line; @ shows in error_reporting().
 *
 * open a /
 * a> text go
 * a< text [[2,"Swoole\\WebSocket\\Server::push(): session#99 does not exists","server.php",24,true],[2,"Swoole\\WebSocket\\Server::ping(): session#98 does not exists","server.php",25,false]]
 * a> text throw
 * a< text [2,"Swoole\\Coroutine::sleep(): Timer must be greater than or equal to 0.001",36]
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    if ($frame->data === 'throw') {
        $server->push($frame->fd, json_encode(thrown()));
        return;
    }
    $seen = [];
    set_error_handler(function (int $level, string $text, string $file, int $line) use (&$seen) {
        $name = dirname($file) === __DIR__ ? 'server.php' : $file;
        $seen[] = [$level, $text, $name, $line, (error_reporting() & E_WARNING) !== 0];
        return true;
    });
    $server->push(99, 'x');
    @$server->ping(98);
    restore_error_handler();
    $server->push($frame->fd, json_encode($seen));
});

function thrown(): array
{
    set_error_handler(function (int $level, string $text, string $file, int $line) {
        throw new ErrorException($text, 0, $level, $file, $line);
    });
    try {
        Swoole\Coroutine::sleep(0);
    } catch (ErrorException $e) {
        return [$e->getSeverity(), $e->getMessage(), $e->getLine()];
    } finally {
        restore_error_handler();
    }
    return [];
}
$server->start();

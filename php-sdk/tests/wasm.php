<?php

/**
 * The core and the drop-in without PHPUnit, for PHP versions that have none here: `PHP=7.4 npx php-wasm-cli wasm.php`.
 * Prints OK and exits 0.
 */

declare(strict_types=1);

error_reporting(E_ALL);
ini_set('display_errors', '1');
set_error_handler(static function (int $type, string $message, string $file, int $line): bool {
    throw new ErrorException($message, 0, $type, $file, $line);
});

require dirname(__DIR__) . '/autoload.php';

use FpmBridge\App;
use FpmBridge\Event;
use FpmBridge\Handshake;
use FpmBridge\Reply;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Wire;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

/**
 * @param mixed $expected
 * @param mixed $actual
 */
function same($expected, $actual, string $what): void
{
    if ($expected !== $actual) {
        echo "FAILED: $what\nexpected ", var_export($expected, true), "\ngot ", var_export($actual, true), "\n";
        exit(1);
    }
}

$files = 0;
foreach (['src', 'compat'] as $folder) {
    $root = dirname(__DIR__) . "/$folder";
    foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($root)) as $file) {
        if ($file->getExtension() !== 'php') {
            continue;
        }
        $files++;
        $name = strtr(substr($file->getPathname(), strlen($root) + 1, -4), '/', '\\');
        if ($folder === 'src' || strncmp($name, 'Swoole\\', 7) === 0) {
            $class = $folder === 'src' ? "FpmBridge\\$name" : $name;
            same(true, class_exists($class) || interface_exists($class) || trait_exists($class), "$class is loaded");
        }
    }
}
same(true, $files > 20, 'all files were found');

$contract = dirname(__DIR__, 2) . '/callback/testdata/contract/frames.json';
foreach (is_file($contract) ? json_decode((string) file_get_contents($contract), true) : [] as $frame) {
    $event = Wire::read((string) hex2bin($frame['hex']))[0];
    $bytes = Wire::pack(
        $event->type,
        $event->flags,
        $event->opcode,
        $event->attempt,
        $event->id,
        $event->fd,
        $event->code | $event->listener << 16,
        $event->meta,
        $event->data
    );
    same($frame['hex'], bin2hex($bytes), $frame['name']);
}

same(
    ['a' => '1', 'b' => ['c' => 'x y'], 'd_e' => ''],
    (new Handshake("GET / HTTP/1.1\r\ncookie: a=1; a=2; b[c]=x%20y; d.e\r\n\r\n"))->cookies(),
    'cookies'
);

$bridge = FakeBridge::app((new App())->onMessage(static function (Event $event, Reply $reply): void {
    $reply->send($event->data)->close();
}));
$result = $bridge->message($bridge->connect()->fd, 'hello');
same(['hello'], $result->pushed(1), 'native echo');
same(1000, $result->closes[0]['code'], 'native close');
FakeBridge::stop();

same([], FpmBridge\Compat\Names::named('<?php new Swoole\WebSocket\Server();'), 'a script that names none');
same('81026869', bin2hex(Frame::pack('hi')), 'pack');
same('hello', Frame::unpack(Frame::pack('hello', 1, 33))->data, 'unpack');
same('{"fd":0,"data":"","opcode":1,"flags":1,"finish":null}', json_encode(new Frame()), 'Frame');

$story = [];
$bridge = FakeBridge::serving(static function () use (&$story): void {
    $server = new Server('0.0.0.0', 9501);
    $server->on('message', static function () use (&$story): void {
        $channel = new Swoole\Coroutine\Channel(1);
        go(static function () use (&$story, $channel): void {
            Co::sleep(0.001);
            $channel->push('x');
            $story[] = 'coroutine';
        });
        $story[] = $channel->pop();
        $group = new Co\WaitGroup(1);
        go([$group, 'done']);
        $story[] = $group->wait();
        Swoole\Event::defer(static function () use (&$story): void {
            $story[] = 'deferred';
        });
    });
    $server->start();
});
if (PHP_VERSION_ID < 80100) {
    // Without fibers; this build of PHP 8.5 cannot switch them. CoroutineTest has the rest.
    $bridge->message($bridge->connect()->fd, 'x');
    same(['coroutine', 'x', true, 'deferred'], $story, 'coroutines');
}
FakeBridge::stop();

$seen = [];
$bridge = FakeBridge::serving(static function () use (&$seen): void {
    $server = new swoole_websocket_server('0.0.0.0', 9501, SWOOLE_PROCESS);
    $server->table = [];
    $server->on('open', static function (Server $server, swoole_http_request $request) use (&$seen): void {
        $server->table[] = $request->fd;
        $seen[] = [$request->get, $request->header['host'], $request->server['path_info']];
    });
    $server->on('message', static function (Server $server, swoole_websocket_frame $frame) use (&$seen): void {
        $frame->own = true;
        foreach ($server->connections as $key => $fd) {
            $server->push($fd, $frame->data);
            $seen[] = [$key, $fd, isset($server->connections[$fd]), $server->connections[$fd]['remote_ip']];
        }
        $server->disconnect($frame->fd, 4000, 'bye');
    });
    $server->on('close', static function (Server $server, int $fd, int $reactor) use (&$seen): void {
        $seen[] = [$server->table, count($server->connections), $reactor];
    });
    $server->start();
});
$bridge->connect('/a?x=1');
$bridge->connect('/b');
$result = $bridge->message(2, 'all');
same([['fds' => [1, 2], 'data' => 'all', 'opcode' => 1, 'flags' => 3]], $result->pushes, 'broadcast');
same([['fd' => 2, 'code' => 4000, 'reason' => 'bye', 'flags' => 4]], $result->closes, 'disconnect');
$bridge->close(2, 4000, '', 'server');
same([
    [['x' => '1'], '127.0.0.1:9501', '/a'],
    [null, '127.0.0.1:9501', '/b'],
    [1, 1, true, '127.0.0.1'],
    [2, 2, true, '127.0.0.1'],
    [[1, 2], 2, -1],
], $seen, 'Swoole callbacks');

class Events
{
    public static function onMessage(string $client_id, string $message): void
    {
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        GatewayWorker\Lib\Gateway::joinGroup($client_id, 'room');
        GatewayWorker\Lib\Gateway::sendToGroup('room', "{$_SESSION['n']} $message");
    }
}
$bridge = FakeBridge::serving(static function (): void {
    FpmBridge\GatewayWorker::serve();
});
$fd = $bridge->connect()->fd;
same(['1 a'], $bridge->message($fd, 'a')->pushed($fd), 'GatewayWorker');
same(['2 b'], $bridge->message($fd, 'b')->pushed($fd), '$_SESSION');
same(['n' => 2], GatewayClient\Gateway::getSession($fd), 'GatewayClient');
same(true, $bridge->client()->pushToGroup('room', 'c')->any(), 'from outside');
same(['1 a', '2 b', 'c'], $bridge->received($fd), 'all that came');
FakeBridge::stop();

require __DIR__ . '/Support/Corpus.php';
$scripts = FpmBridge\Tests\Support\Corpus::all();
same(true, count($scripts) > 60, 'scripts to analyse');
foreach ($scripts as $name => [$body]) {
    [$expected, $found] = FpmBridge\Tests\Support\Corpus::check($body);
    same($expected, $found, "analysis of: $name");
}

echo 'OK ', PHP_VERSION, "\n";

<?php

// One handler for everything EntryTest asks for.

use Swoole\Http\Request;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

echo "at the top\n";
$server = new Server('0.0.0.0', 9501);
$server->set(['worker_num' => 2]);
$counter = 0;

class Noisy
{
    public function __destruct()
    {
        echo "destructed\n";
    }
}

$server->on('workerStart', function (Server $server, int $id) {
    echo "worker $id";
});
$server->on('task', 'strlen');
$server->on('open', function (Server $server, Request $request) {
    $server->push($request->fd, json_encode([
        'fd' => $request->fd, 'get' => $request->get, 'cookie' => $request->cookie,
    ]));
});
$server->on('close', function ($server, $fd, $reactor) {
    echo "closed $fd $reactor\n";
});
$server->on('message', function (Server $server, Frame $frame) {
    global $counter;
    switch ($frame->data) {
        case 'environment':
            $own = array_diff(array_keys($GLOBALS), [
                '_GET', '_POST', '_COOKIE', '_FILES', '_SERVER', '_ENV', '_REQUEST', 'GLOBALS',
            ]);
            $server->push($frame->fd, json_encode([
                'cwd' => getcwd(), 'file' => $_SERVER['SCRIPT_FILENAME'], 'self' => $_SERVER['PHP_SELF'],
                'argv' => $GLOBALS['argv'], 'argc' => $_SERVER['argc'],
                'bridge' => preg_grep('/^BRIDGE_/', array_keys($_SERVER + $_ENV)),
                'globals' => array_values(array_intersect(['server', 'counter', 'argv', 'argc'], $own))
                    + array_values(array_diff($own, ['server', 'counter', 'argv', 'argc'])),
                'relative' => trim(file_get_contents('relative.txt')),
            ], JSON_UNESCAPED_SLASHES));
            break;
        case 'count':
            $server->push($frame->fd, (string) ++$counter);
            break;
        case 'print':
            echo "one\n\ntwo\r\n";
            register_shutdown_function(function () {
                echo "shutdown\n";
            });
            $GLOBALS['noisy'] = new Noisy();
            ob_start();
            echo "three\n";
            break;
        case 'warn':
            $x = $nothing;
            $f = @fopen('/nonexistent/file', 'r');
            $server->push($frame->fd, 'suppressed: ' . explode('(', error_get_last()['message'])[0]);
            $server->push(0, 'x');
            trigger_error('my own', E_USER_WARNING);
            break;
        case 'handler':
            set_error_handler(function ($type, $message) use ($server, $frame) {
                $server->push($frame->fd, "caught $message");
                return true;
            });
            $x = $nothing;
            restore_error_handler();
            break;
        case 'throw':
            $server->push($frame->fd, 'never');
            throw new RuntimeException('boom');
        case 'nested':
            $server->push($frame->fd, 'before the end');
            throw new LogicException('outer', 0, new RuntimeException('inner'));
        case 'exit':
            $server->push($frame->fd, 'before the end');
            exit;
        case 'exit text':
            $server->push($frame->fd, 'before the end');
            exit('goodbye');
        case 'undefined':
            $server->push($frame->fd, 'before the end');
            nonsense();
            break;
        case 'oom':
            $server->push($frame->fd, 'before the end');
            $x = str_repeat('x', 1 << 28);
            break;
        case 'oom bits':
            $server->push($frame->fd, 'before the end');
            for ($x = [];;) {
                $x[] = new stdClass();
            }
            break;
        case 'user error':
            $server->push($frame->fd, 'before the end');
            trigger_error('enough', E_USER_ERROR);
            break;
        case 'compile':
            $server->push($frame->fd, 'before the end');
            eval('function twice() {} function twice() {}');
            break;
        case 'time':
            $server->push($frame->fd, 'before the end');
            set_time_limit(1);
            for (;;) {
            }
            break;
        case 'ob':
            $server->push($frame->fd, 'before the end');
            while (ob_get_level() > 0) {
                ob_end_clean();
            }
            break;
        case 'headers':
            header('Content-Type: text/html');
            header('X-Own: 1');
            setcookie('a', 'b');
            http_response_code(500);
            $server->push($frame->fd, 'ok');
            break;
        case 'flush':
            echo 'x';
            @ob_flush();
            flush();
            $server->push($frame->fd, 'ok');
            break;
        case 'finish':
            $server->push($frame->fd, 'first');
            fastcgi_finish_request();
            $server->push($frame->fd, 'too late');
            echo 'too late';
            break;
        case 'late':
            register_shutdown_function(function () {
                too_late();
            });
            break;
        case 'flood':
            for ($i = 0; $i < 20000; $i++) {
                echo str_repeat('x', 100), "\n";
            }
            echo str_repeat('y', 100000);
            break;
        case 'sleep':
            usleep(200000);
            $server->push($frame->fd, 'awake');
            break;
        case 'broadcast':
            foreach ($server->connections as $fd) {
                $server->push($fd, 'all');
            }
            break;
        default:
            $server->push($frame->fd, $frame->data);
    }
});
$server->start();
echo 'never reached';

package e2e_test

// swooleScript does what its clients say, and writes down what it hears.
const swooleScript = `<?php
use Swoole\Http\Request;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

function note(string $line): void
{
    file_put_contents(__DIR__ . '/events', $line . "\n", FILE_APPEND | LOCK_EX);
}

$server = new Server('127.0.0.1', 9501);
$server->set(['worker_num' => 2]);
$server->on('open', function (Server $server, Request $r) {
    note("$r->fd open");
    if (isset($r->get['hello'])) {
        $server->push($r->fd, "{$r->get['hello']} {$r->header['x-test']} {$r->cookie['c']} {$r->server['request_uri']} {$r->server['remote_addr']}");
    }
    if (isset($r->get['fail'])) {
        throw new LogicException('no thanks');
    }
});
$server->on('message', function (Server $server, Frame $f) {
    note("$f->fd message " . substr($f->data, 0, 20));
    [$command, $rest] = explode(' ', $f->data, 2) + [1 => ''];
    $fd = $f->fd;
    switch ($command) {
        case 'echo': $server->push($fd, $rest, $f->opcode); break;
        case 'all':
            foreach ($server->connections as $other) { $server->push($other, $rest); }
            break;
        case 'info': $server->push($fd, json_encode($server->getClientInfo($fd))); break;
        case 'count': $server->push($fd, (string) count($server->connections)); break;
        case 'exists': $server->push($fd, json_encode([$server->exists((int) $rest), $server->isEstablished((int) $rest)])); break;
        case 'to': [$to, $text] = explode(' ', $rest, 2); $server->push($fd, json_encode($server->push((int) $to, $text))); break;
        case 'disconnect': $server->disconnect($fd, 4001, 'go'); break;
        case 'close': $server->close($fd); break;
        case 'kick': $server->disconnect((int) $rest, 4002, 'kicked'); $server->push($fd, 'kicked'); break;
        case 'frame':
            $frame = new Frame();
            $frame->data = 'in a frame';
            $frame->opcode = WEBSOCKET_OPCODE_BINARY;
            $server->push($fd, $frame);
            break;
        case 'parts':
            $server->push($fd, 'one ', WEBSOCKET_OPCODE_TEXT, false);
            $server->push($fd, 'two', WEBSOCKET_OPCODE_CONTINUATION, true);
            break;
        case 'print': echo "printed $rest\n"; $server->push($fd, 'ok'); break;
        case 'warn': $x = $undefined . $rest; $server->push($fd, 'ok'); break;
        case 'throw': $server->push($fd, 'never'); throw new RuntimeException("thrown $rest");
        case 'exit': $server->push($fd, 'before exit'); exit;
        case 'fatal': no_such_function();
        case 'memory': ini_set('memory_limit', '32M'); $s = str_repeat('x', 1 << 30); break;
        case 'die': posix_kill(getmypid(), 9); break;
        case 'loop': while (true) { continue; }
        case 'sleep': usleep((int) ((float) $rest * 1e6)); $server->push($fd, 'slept'); break;
        case 'big': for ($i = 0; $i < 50; $i++) { $server->push($fd, str_repeat('x', 1 << 20)); } break;
        case 'flood': for ($i = 0; $i < (int) $rest; $i++) { $server->push($fd, str_repeat('f', 1000)); } break;
        case 'output': while (ob_get_level() > 0 && @ob_end_clean()) { continue; } echo "raw garbage\n"; flush(); $server->push($fd, 'ok'); break;
    }
});
$server->on('close', function (Server $server, int $fd) { note("$fd close"); });
$server->start();
`

// plainScript is the same without the SDK, as far as it goes.
const plainScript = `<?php
$e = $_SERVER['BRIDGE_EVENT'] ?? '';
if ($e === 'describe' || $e === '') { return; }
$fd = (int) $_SERVER['BRIDGE_FD'];
$data = file_get_contents('php://input');
file_put_contents(__DIR__ . '/events', trim("$fd $e " . substr($data, 0, 20)) . "\n", FILE_APPEND | LOCK_EX);
if ($e !== 'message') { return; }
[$command, $rest] = explode(' ', $data, 2) + [1 => ''];
$push = fn ($data) => ['do' => 'push', 'data' => $data];
$answer = null;
switch ($command) {
    case 'echo': $answer = [$push($rest)]; break;
    case 'binary': $answer = [['do' => 'push', 'data_base64' => base64_encode("\x00\xff$rest")]]; break;
    case 'list': $answer = [['do' => 'push', 'fd' => array_map('intval', explode(',', $rest)), 'data' => 'to a list']]; break;
    case 'close': $answer = [['do' => 'close', 'code' => 4003, 'reason' => 'plain']]; break;
    case 'opcode': $answer = [$push('never'), ['do' => 'push', 'data' => 'x', 'opcode' => 3]]; break;
    case 'unknown': $answer = [$push('never'), ['do' => 'dance']]; break;
    case 'reason': $answer = [$push('never'), ['do' => 'close', 'reason' => str_repeat('r', 124)]]; break;
    case 'json': header('Content-Type: application/json'); echo '{"instructions":['; return;
    case 'text': echo "just text\n"; return;
    case 'garbage': header('Content-Type: application/json'); echo "\x00\x01\xff<html>", random_bytes(100); return;
    case 'status': http_response_code(500); echo 'it broke'; return;
    case 'stderr': error_log("to the log: $rest"); $answer = [$push('ok')]; break;
    case 'huge': header('Content-Type: application/json'); for ($i = 0; $i < 50; $i++) { echo str_repeat('x', 1 << 20); } return;
    case 'env': $answer = [$push(json_encode(array_intersect_key($_SERVER, array_flip(explode(',', $rest)))))]; break;
}
header('Content-Type: application/json');
echo json_encode(['instructions' => $answer ?? []]);
`

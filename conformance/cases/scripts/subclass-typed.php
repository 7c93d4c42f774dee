<?php
/*
 * Subclasses of a server and a table override methods with the types that the extension has.
 *
 * open a /
 * a> text x
 * a< text [x]
 * a< text [{"name":"1","n":2}]
 * log not there: 99
 */
declare(strict_types=1);

namespace App;

use Swoole\Table;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

require __DIR__ . '/conform.php';

final class Loud extends Server
{
    private Names $names;

    public function __construct(string $host, int $port)
    {
        parent::__construct($host, $port, SWOOLE_PROCESS, SWOOLE_SOCK_TCP);
        $this->names = new Names(64);
        $this->on('message', function (Server $server, Frame $frame): void {
            $this->names->set('a', ['name' => (string) $frame->fd]);
            $this->names->incr('a', 'n', 2);
            $server->push($frame->fd, $frame);
            $this->push($frame->fd, (string) json_encode($this->names->get('a')));
            $this->push(99, 'x');
        });
    }

    public function on(string $event_name, callable $callback): bool
    {
        return parent::on($event_name, $callback);
    }

    public function set(array $settings): bool
    {
        return parent::set($settings);
    }

    public function push(int $fd, Frame|string $data, int $opcode = WEBSOCKET_OPCODE_TEXT, int $flags = 1): bool
    {
        if (!$this->isEstablished($fd)) {
            echo "not there: $fd\n";
            return false;
        }
        $data = $data instanceof Frame ? $data->data : $data;
        return parent::push($fd, "[$data]", $opcode, $flags);
    }

    public function isEstablished(int $fd): bool
    {
        return parent::isEstablished($fd);
    }

    public function send(int|string $fd, string $send_data, int $serverSocket = -1): bool
    {
        return parent::send($fd, $send_data, $serverSocket);
    }

    public function close(int $fd, bool $reset = false): bool
    {
        return parent::close($fd, $reset);
    }

    public function getClientInfo(int $fd, int $reactor_id = -1, bool $ignoreError = false): array|false
    {
        return parent::getClientInfo($fd, $reactor_id, $ignoreError);
    }

    public function task(mixed $data, int $taskWorkerIndex = -1, ?callable $finishCallback = null): int|false
    {
        return parent::task($data, $taskWorkerIndex, $finishCallback);
    }

    public function start(): bool
    {
        $this->set(['worker_num' => 1]);
        return parent::start();
    }
}

final class Names extends Table
{
    public function __construct(int $size)
    {
        parent::__construct($size);
        $this->column('name', self::TYPE_STRING, 16);
        $this->column('n', self::TYPE_INT);
        $this->create();
    }

    public function set(string $key, array $value): bool
    {
        return parent::set($key, $value);
    }

    public function get(string $key, ?string $field = null): array|string|int|float|false
    {
        return parent::get($key, $field);
    }

    public function incr(string $key, string $column, int|float $incrby = 1): int|float
    {
        return parent::incr($key, $column, $incrby);
    }

    public function del(string $key): bool
    {
        return parent::del($key);
    }
}

(new Loud('0.0.0.0', 9501))->start();

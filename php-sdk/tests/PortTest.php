<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Loader;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Testing\Result;
use FpmBridge\Tests\Support\Places;
use FpmBridge\Wire;
use LogicException;
use PHPUnit\Framework\TestCase;
use Swoole\Server;
use Swoole\Server\Port;
use Swoole\WebSocket;

/**
 * Several ports, TCP, and what a server can do to a connection: sections 2.2, 2.4 and 5 of the Swoole semantics.
 */
final class PortTest extends TestCase
{
    /** @var Server */
    private $server;
    private FakeBridge $bridge;

    /** @var callable(Server, int): mixed what the next packet does */
    private $then;

    /** @var mixed what it returned */
    private $got;

    /** @var list<array<int, mixed>> */
    private array $calls = [];

    /** @var list<string> */
    private array $warnings = [];

    protected function setUp(): void
    {
        Loader::$lastError = 0;
        set_error_handler(function (int $type, string $message): bool {
            $this->warnings[] = $message;
            return true;
        });
    }

    protected function tearDown(): void
    {
        restore_error_handler();
        FakeBridge::stop();
    }

    /**
     * @param array<string, mixed> $settings
     */
    private function tcp(array $settings = []): void
    {
        $this->bridge = FakeBridge::serving(function () use ($settings): void {
            $this->server = new Server('127.0.0.1', 9501);
            $this->server->set($settings);
            $this->server->on('connect', function (...$arguments): void {
                $this->calls[] = ['connect', $arguments[1], $arguments[2]];
            });
            $this->server->on('receive', function (Server $server, int $fd, int $reactor, string $data): void {
                $this->calls[] = ['receive', $fd, $reactor, $data];
                if ($this->then !== null) {
                    $this->got = ($this->then)($server, $fd);
                }
            });
            $this->server->on('close', function (Server $server, int $fd, int $reactor): void {
                $this->calls[] = ['close', $fd, $reactor];
                if ($this->then !== null) {
                    $this->got = ($this->then)($server, $fd);
                }
            });
            $this->server->start();
        });
    }

    /**
     * @param callable(Server, int): mixed $then
     */
    private function in(int $fd, callable $then): Result
    {
        $this->then = $then;
        $result = $this->bridge->receive($fd, 'go');
        self::assertNull($result->error, (string) $result->error);
        return $result;
    }

    public function testATcpServer(): void
    {
        $this->tcp(['open_length_check' => true]);
        $description = $this->bridge->description();
        self::assertSame('tcp', $description['kind']);
        self::assertSame([[
            'host' => '127.0.0.1', 'port' => 9501, 'type' => 1, 'protocol' => 'tcp',
            'events' => ['close', 'connect', 'receive'],
        ]], Places::none($description['listeners']));
        $fd = $this->bridge->connectTcp()->fd;
        $result = $this->in($fd, static function (Server $server, int $fd): array {
            return [$server->send($fd, 'one'), $server->send((string) $fd, 'two')];
        });
        $this->then = null;
        $this->bridge->close($fd, 1006, '', 'gone');
        self::assertSame([['fd' => 1, 'data' => 'one'], ['fd' => 1, 'data' => 'two']], $result->sent);
        self::assertSame([true, true], $this->got);
        self::assertSame([['connect', 1, 0], ['receive', 1, 0, 'go'], ['close', 1, 0]], $this->calls);
    }

    public function testWhatSendRefuses(): void
    {
        $this->tcp(['output_buffer_size' => '1K']);
        $fd = $this->bridge->connectTcp()->fd;
        $result = $this->in($fd, static function (Server $server, int $fd): array {
            $codes = [];
            foreach ([[$fd, ''], [null, 'x'], [0, 'x'], [-1, 'x'], [99, 'x'], [$fd, str_repeat('x', 1025)]] as $call) {
                Loader::$lastError = 0;
                $codes[] = [$server->send(...$call), $server->getLastError()];
            }
            $codes[] = $server->close($fd);
            Loader::$lastError = 0;
            $codes[] = [$server->send($fd, 'x'), $server->getLastError()];
            return $codes;
        });
        self::assertSame([
            [false, 550], [false, 503], [false, 503], [false, 503], [false, 1005], [false, 1203], true, [false, 1004],
        ], $this->got);
        self::assertSame([], $result->sent);
        self::assertSame([
            'Swoole\Server::send(): the data sent must not be empty', 'Swoole\Server::send(): fd can not be null',
            'Swoole\Server::send(): invalid fd[0]', 'Swoole\Server::send(): invalid fd[-1]',
        ], $this->warnings);
    }

    public function testSendFile(): void
    {
        $this->tcp();
        $fd = $this->bridge->connectTcp()->fd;
        $file = __DIR__ . '/scripts/listen.php';
        $result = $this->in($fd, static function (Server $server, int $fd) use ($file): array {
            return [
                $server->sendfile($fd, $file, 2, 3), $server->sendfile($fd, $file, 6), $server->sendfile($fd, $file),
                $server->sendfile($fd, __DIR__), $server->sendfile($fd, $file, 0, 1 << 20),
                $server->sendfile(99, $file), $server->sendwait($fd, 'x'),
            ];
        });
        self::assertSame([true, true, true, false, false, false, false], $this->got);
        $text = (string) file_get_contents($file);
        self::assertSame([substr($text, 2, 3), substr($text, 6), $text], array_column($result->sent, 'data'));
    }

    public function testChangesOfAConnection(): void
    {
        $this->tcp();
        $fd = $this->bridge->connectTcp()->fd;
        $result = $this->in($fd, static function (Server $server, int $fd): array {
            Loader::$lastError = 0;
            return [
                $server->protect($fd), $server->protect($fd, false), $server->bind($fd, -5), $server->bind($fd, 6),
                $server->pause($fd), $server->resume($fd), $server->confirm($fd),
                $server->protect(99), $server->bind(99, 1), $server->exists(99), $server->getLastError(),
                $server->pause(99), $server->getLastError(), $server->resume(99), $server->confirm(99),
                $server->bind($fd, 1 << 40), $server->getClientInfo($fd)['uid'],
            ];
        });
        self::assertSame([
            true, true, true, false, true, true, true, false, false, false, 0, false, 1005, false, false, false, -5,
        ], $this->got);
        self::assertSame([
            [Wire::PROTECT, 1, ''], [Wire::PROTECT, 0, ''], [Wire::BIND, 0, pack('J', -5)], [Wire::PAUSE, 0, ''],
            [Wire::RESUME, 0, ''], [Wire::RESUME, 0, ''],
        ], array_map(static function (array $change): array {
            return [$change['what'], $change['code'], $change['data']];
        }, $result->changes));
        $this->in($fd, static function (Server $server, int $fd): array {
            $bound = $server->bind($fd, 7);
            return [$bound, array_keys($server->getClientInfo($fd))[0], $server->getClientInfo($fd)['uid']];
        });
        self::assertSame([false, 'uid', -5], $this->got, 'a uid is bound once, and stays');
    }

    public function testHeartbeat(): void
    {
        $this->tcp();
        $fd = $this->bridge->connectTcp()->fd;
        $this->in($fd, static function (Server $server): bool {
            return $server->heartbeat(true);
        });
        self::assertFalse($this->got, 'no heartbeat is set');
        $this->tcp(['heartbeat_check_interval' => 1]);
        $fd = $this->bridge->connectTcp()->fd;
        $this->in($fd, static function (Server $server): array {
            return [$server->heartbeat(), $server->heartbeat(true), $server->exists(1)];
        });
        self::assertSame([[], [], true], $this->got);
    }

    public function testInfoOfATcpConnection(): void
    {
        $this->tcp();
        $fd = $this->bridge->connectTcp()->fd;
        $this->in($fd, static function (Server $server, int $fd): array {
            return $server->getClientInfo($fd);
        });
        self::assertSame([
            'server_port', 'server_fd', 'socket_fd', 'socket_type', 'remote_port', 'remote_ip', 'reactor_id',
            'connect_time', 'last_time', 'last_recv_time', 'last_send_time', 'last_dispatch_time', 'close_errno',
            'recv_queued_bytes', 'send_queued_bytes',
        ], array_keys($this->got), 'no websocket_status where there are no WebSockets');
    }

    public function testCloseInOnClose(): void
    {
        $this->tcp();
        $fd = $this->bridge->connectTcp()->fd;
        $this->then = static function (Server $server, int $fd): array {
            return [
                $server->close($fd), $server->getLastError(), $server->send($fd, 'x'), $server->getLastError(),
                $server->exists($fd), is_array($server->getClientInfo($fd)), count($server->connections),
                iterator_to_array($server->connections), $server->getClientList(),
            ];
        };
        $this->bridge->close($fd, 1006, '', 'gone');
        self::assertSame([false, 1003, false, 1004, false, true, 1, [], false], $this->got);
    }

    public function testAPortUsesTheServersSettingsAndCallbacksUntilItHasItsOwn(): void
    {
        $called = [];
        $listen = static function (string $who, string $what) use (&$called): callable {
            return static function () use (&$called, $who, $what): void {
                $called[] = "$who $what";
            };
        };
        $this->bridge = FakeBridge::serving(function () use ($listen): void {
            $this->server = $server = new WebSocket\Server('0.0.0.0', 9501);
            $server->set(['package_max_length' => 70000]);
            $server->on('message', $listen('server', 'message'));
            $server->on('close', $listen('server', 'close'));
            $same = $server->listen('127.0.0.1', 9502, SWOOLE_SOCK_TCP);
            $same->on('Message', $listen('same', 'message'));
            $tcp = $server->addlistener('/tmp/x.sock', 0, SWOOLE_SOCK_UNIX_STREAM);
            $tcp->set(['open_eof_split' => true, 'package_eof' => "\n"]);
            $tcp->on('receive', $listen('tcp', 'receive'));
            $http = $server->listen('::', 9503, SWOOLE_SOCK_TCP6 | SWOOLE_SSL);
            $http->set(['open_http_protocol' => true, 'ssl_cert_file' => 'x']);
            $http->on('request', $listen('http', 'request'));
            self::assertInstanceOf(Port::class, $http);
            self::assertSame(['::', 9503, 3, true], [$http->host, $http->port, $http->type, $http->ssl]);
            self::assertNull($same->setting);
            self::assertNull($same->getCallback('close'));
            self::assertIsCallable($same->getCallback('MESSAGE'));
            self::assertFalse(@$http->on('start', 'strlen'));
            $server->start();
            self::assertFalse($server->listen('127.0.0.1', 1, 1), 'too late');
            self::assertFalse($tcp->on('receive', 'strlen'), 'too late');
            self::assertTrue($same->setting['open_websocket_protocol'], 'start() fills the settings in');
            self::assertSame(70000, $same->setting['package_max_length']);
            self::assertCount(4, $server->ports);
        });
        self::assertSame([
            [
                'host' => '0.0.0.0', 'port' => 9501, 'type' => 1, 'protocol' => 'websocket',
                'events' => ['message', 'close'],
            ], [
                'host' => '127.0.0.1', 'port' => 9502, 'type' => 1, 'protocol' => 'websocket',
                'events' => ['message', 'close'],
            ],
            [
                'host' => '/tmp/x.sock', 'port' => 0, 'type' => 5, 'protocol' => 'tcp',
                'events' => ['close', 'receive'],
                'settings' => ['open_eof_split' => true, 'package_eof' => "\n"],
            ], [
                'host' => '::', 'port' => 9503, 'type' => 515, 'protocol' => 'http', 'events' => ['close', 'request'],
                'settings' => ['open_http_protocol' => true, 'ssl_cert_file' => 'x'],
            ],
        ], json_decode((string) json_encode(Places::none($this->bridge->description()['listeners'])), true));
        $one = $this->bridge->connect()->fd;
        $two = $this->bridge->connect('/', [], ['listener' => 1])->fd;
        $tcp = $this->bridge->connectTcp(2)->fd;
        $this->bridge->message($one, 'x');
        $this->bridge->message($two, 'x');
        $this->bridge->receive($tcp, 'x');
        self::assertSame(
            [[1 => 2], 1, [1 => 1, 2 => 2, 3 => 3]],
            [
                iterator_to_array($this->server->ports[1]->connections), count($this->server->ports[1]->connections),
                iterator_to_array($this->server->connections),
            ]
        );
        $this->bridge->close($two);
        $this->bridge->close($tcp);
        self::assertSame([
            'server message', 'same message', 'tcp receive', 'server close', 'server close',
        ], $called);
    }

    /**
     * @return array<string, array{array<string, mixed>, bool, string}>
     */
    public static function protocols(): array
    {
        return [
            'nothing set' => [[], false, 'tcp'],
            'http' => [['open_http_protocol' => true], false, 'http'],
            'websocket' => [['open_websocket_protocol' => true], false, 'websocket'],
            'no websocket' => [['open_websocket_protocol' => false], false, 'http'],
            'no websocket, but receive' => [['open_websocket_protocol' => false], true, 'tcp'],
            'neither' => [['open_websocket_protocol' => false, 'open_http_protocol' => false], true, 'tcp'],
        ];
    }

    /**
     * @dataProvider protocols
     * @param array<string, mixed> $settings
     */
    public function testProtocolOfAPort(array $settings, bool $receives, string $protocol): void
    {
        $bridge = FakeBridge::serving(static function () use ($settings, $receives, $protocol): void {
            $server = new WebSocket\Server('0.0.0.0', 9501);
            $server->on('message', 'strlen');
            $server->on('request', 'strlen');
            $port = $server->listen('0.0.0.0', 9502, 1);
            $port->set($settings);
            if ($receives || $protocol === 'tcp') {
                $port->on('receive', 'strlen');
            }
            $server->start();
        });
        self::assertSame($protocol, $bridge->description()['listeners'][1]['protocol']);
    }

    public function testAPortWithoutTheCallbackItNeeds(): void
    {
        $this->expectException(LogicException::class);
        $this->expectExceptionMessage('require onReceive callback');
        FakeBridge::serving(static function (): void {
            $server = new WebSocket\Server('0.0.0.0', 9501);
            $server->on('message', 'strlen');
            $server->listen('0.0.0.0', 9502, 1)->set([]);
            $server->start();
        });
    }
}

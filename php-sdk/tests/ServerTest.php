<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use ArgumentCountError;
use Error;
use FpmBridge\Compat\Loader;
use FpmBridge\Runtime;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Testing\Result;
use FpmBridge\Tests\Support\Places;
use FpmBridge\Unsupported;
use FpmBridge\Wire;
use LogicException;
use PHPUnit\Framework\TestCase;
use Swoole\Http\Request;
use Swoole\WebSocket\CloseFrame;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;
use TypeError;

/**
 * Sections 0, 1.2, 2 and 3.2 of the Swoole semantics, over the fake bridge.
 */
final class ServerTest extends TestCase
{
    private Server $server;
    private FakeBridge $bridge;

    /** @var callable(Server, mixed): mixed what the next message does */
    private $then;

    /** @var mixed what it returned */
    private $got;

    /** @var list<string> warnings that were raised */
    private array $warnings = [];

    /** @var list<array<int, mixed>> arguments of open and close */
    private array $calls = [];

    protected function setUp(): void
    {
        Loader::$lastError = 0;
        $this->bridge = FakeBridge::serving(function (): void {
            $this->server = new Server('0.0.0.0', 9501, SWOOLE_PROCESS);
            $this->server->set(['worker_num' => 3]);
            $this->server->on('open', function (...$arguments): void {
                $this->calls[] = $arguments;
            });
            $this->server->on('message', function (Server $server, $frame): void {
                $this->got = ($this->then)($server, $frame);
            });
            $this->server->on('Close', function (...$arguments): void {
                $this->calls[] = $arguments;
                if ($this->then !== null) {
                    $this->got = ($this->then)($arguments[0], $arguments[1]);
                }
            });
            $this->server->start();
        });
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

    public function testDescription(): void
    {
        self::assertSame('websocket', $this->bridge->description()['kind']);
        self::assertSame('{"worker_num":3}', json_encode($this->bridge->description()['settings']));
        self::assertSame(2, $this->bridge->description()['mode']);
        self::assertSame(
            [[
                'host' => '0.0.0.0', 'port' => 9501, 'type' => 1, 'protocol' => 'websocket',
                'events' => ['open', 'message', 'close'],
            ]],
            Places::none($this->bridge->description()['listeners'])
        );
        $places = $this->bridge->description()['listeners'][0]['places'];
        self::assertSame(['listen', 'worker_num'], array_keys($places));
        self::assertStringStartsWith(__FILE__ . ':', $places['worker_num']);
    }

    public function testCallbacksGetSwoolesArguments(): void
    {
        $fd = $this->bridge->connect('/chat?name=Ann')->fd;
        $this->in($fd, static function (Server $server, Frame $frame): string {
            return (string) json_encode($frame);
        });
        self::assertSame('{"fd":1,"data":"go","opcode":1,"flags":33,"finish":true}', $this->got);
        $this->then = null;
        $this->bridge->close($fd);
        $this->bridge->close($this->bridge->connect()->fd, 1001, '', 'server');
        self::assertSame([$this->server, Request::class], [$this->calls[0][0], get_class($this->calls[0][1])]);
        self::assertSame([$this->server, 1, 0], $this->calls[1]);
        self::assertSame([$this->server, 2, -1], $this->calls[3], 'the reactor is -1 when the server ended it');
    }

    public function testRequestHasTheExtensionsArrays(): void
    {
        $this->bridge->connect('/a%20b?x=1&y[k]=2', [
            'Host' => 'h', 'cookie' => 'a=1; a=2', 'x-multi' => ['1', '2', '3'], 'user-agent' => ['old', 'new'],
            '5' => 'n',
        ], ['dispatch_time' => 1700000000.5, 'recv_time' => 1700000000.25, 'connect_time' => 1700000000.25]);
        $request = $this->calls[0][1];
        self::assertSame(
            ['fd', 'streamId', 'header', 'server', 'cookie', 'get', 'files', 'post', 'tmpfiles'],
            array_keys((array) json_decode(json_encode($request), true))
        );
        self::assertSame(
            ['host' => 'h', 'x-multi' => ['1', '2', '3'], 'user-agent' => 'new', 5 => 'n'],
            $request->header
        );
        self::assertSame([
            'query_string' => 'x=1&y[k]=2', 'request_method' => 'GET', 'request_uri' => '/a%20b', 'path_info' => '/a b',
            'request_time' => 1700000000, 'request_time_float' => 1700000000.5, 'server_protocol' => 'HTTP/1.1',
            'server_port' => 9501, 'remote_port' => 50000, 'server_addr' => '127.0.0.1', 'remote_addr' => '127.0.0.1',
            'master_time' => 1700000000,
        ], $request->server);
        self::assertSame(['a' => '1'], $request->cookie);
        self::assertSame(['x' => '1', 'y' => ['k' => '2']], $request->get);
        self::assertSame([1, 0, null, null, null], [
            $request->fd, $request->streamId, $request->files, $request->post, $request->tmpfiles,
        ]);
        self::assertSame(['GET', '', '', true], [
            $request->getMethod(), $request->getContent(), $request->rawContent(), $request->isCompleted(),
        ]);
        self::assertStringStartsWith("GET /a%20b?x=1&y[k]=2 HTTP/1.1\r\nhost: h\r\n", $request->getData());
    }

    public function testAbsentPartsOfTheRequestAreNull(): void
    {
        $this->bridge->connect('/');
        $request = $this->calls[0][1];
        self::assertNull($request->get);
        self::assertNull($request->cookie);
        self::assertArrayNotHasKey('query_string', $request->server);
        self::assertSame('/', $request->server['path_info']);
    }

    /**
     * @return array<string, array{mixed, int, int|bool, array{string, int, int}}>
     */
    public static function pushes(): array
    {
        $frame = new Frame();
        $frame->data = 'f';
        $frame->opcode = 2;
        $part = clone $frame;
        $part->finish = false;
        $close = new CloseFrame();
        $close->code = 3000;
        $close->reason = 'bye';
        return [
            'text' => ['hi', 1, 1, ['hi', 1, 3]],
            'binary' => ["\xff", 2, 1, ["\xff", 2, 3]],
            'null' => [null, 1, 1, ['', 1, 3]],
            'number' => [7, 1, 1, ['7', 1, 3]],
            'false' => [false, 1, 1, ['', 1, 3]],
            'old bool finish' => ['a', 1, true, ['a', 1, 3]],
            'old bool not finish' => ['a', 1, false, ['a', 1, 0]],
            'mask is stripped' => ['a', 1, 33, ['a', 1, 3]],
            'continuation' => ['a', 0, 1, ['a', 0, 1]],
            'ping' => ['p', 9, 0, ['p', 9, 1]],
            'close text has code 0' => ['x', 8, 1, ["\0\0x", 8, 1]],
            'reserved' => ['x', 5, 1, ['x', 5, 3]],
            'Frame' => [$frame, 1, 0, ['f', 2, 3]],
            'fragment' => [$part, 1, 1, ['f', 2, 0]],
            'CloseFrame' => [$close, 1, 1, ["\x0b\xb8bye", 8, 1]],
        ];
    }

    /**
     * @dataProvider pushes
     * @param mixed $data
     * @param int|bool $flags
     * @param array{string, int, int} $expected
     */
    public function testPush($data, int $opcode, $flags, array $expected): void
    {
        $fd = $this->bridge->connect()->fd;
        $result = $this->in($fd, static function (Server $server) use ($fd, $data, $opcode, $flags): bool {
            return $server->push($fd, $data, $opcode, $flags);
        });
        self::assertTrue($this->got);
        self::assertSame([
            ['fds' => [$fd], 'data' => $expected[0], 'opcode' => $expected[1], 'flags' => $expected[2]],
        ], $result->pushes);
        self::assertSame(0, $this->bridge->questions, 'the own connection is known');
        self::assertSame([], $this->warnings);
    }

    public function testPushOfAnArrayWarnsAndSendsTheWord(): void
    {
        $fd = $this->bridge->connect()->fd;
        $result = $this->in($fd, static function (Server $server) use ($fd): bool {
            return $server->push($fd, ['a']);
        });
        self::assertSame(['Array to string conversion'], $this->warnings);
        self::assertSame(['Array'], $result->pushed($fd));
    }

    /**
     * @return array<string, array{callable(Server): mixed, int, string|null}>
     */
    public static function failures(): array
    {
        $push = 'Swoole\WebSocket\Server::push(): ';
        return [
            'push unknown' => [static function (Server $server): bool {
                return $server->push(99, 'x');
            }, 503, $push . 'session#99 does not exists'],
            'push 0' => [static function (Server $server): bool {
                return $server->push(0, 'x');
            }, 503, $push . 'fd[0] is invalid'],
            'push opcode 11' => [static function (Server $server): bool {
                return $server->push(1, 'x', 11);
            }, 8505, $push . 'the maximum value of opcode is 10'],
            'push after close' => [static function (Server $server): bool {
                $server->close(1);
                return $server->push(1, 'x');
            }, 1004, null],
            'push a long ping' => [static function (Server $server): bool {
                return $server->push(1, str_repeat('x', 126), WEBSOCKET_OPCODE_PING);
            }, 8505, $push . 'a control frame carries at most 125 bytes'],
            'push 64 MiB' => [static function (Server $server): bool {
                return $server->push(1, str_repeat('x', 1 << 26));
            }, 1203, $push . 'the data of 67108864 bytes is too large: 66584576'],
            'disconnect unknown' => [static function (Server $server): bool {
                return $server->disconnect(99);
            }, 503, 'Swoole\WebSocket\Server::disconnect(): session#99 does not exists'],
            'disconnect long reason' => [static function (Server $server): bool {
                return $server->disconnect(1, 1000, str_repeat('x', 126));
            }, 505, 'Swoole\WebSocket\Server::disconnect(): the max length of close reason is 125'],
            'ping unknown' => [static function (Server $server): bool {
                return $server->ping(99);
            }, 503, 'Swoole\WebSocket\Server::ping(): session#99 does not exists'],
            'close unknown' => [static function (Server $server): bool {
                return $server->close(99);
            }, 1005, null],
            'close twice' => [static function (Server $server): bool {
                return $server->close(1) && $server->close(1);
            }, 1004, null],
            'exists' => [static function (Server $server): bool {
                return $server->exists(99) || $server->exist(0) || $server->isEstablished(-1);
            }, 0, null],
            'getClientInfo' => [static function (Server $server) {
                return $server->getClientInfo(99);
            }, 0, null],
            'getClientList 101' => [static function (Server $server) {
                return $server->getClientList(0, 101);
            }, 503, 'Swoole\Server::getClientList(): swoole connection list max_find_count=100'],
            'getClientList from nobody' => [static function (Server $server) {
                return $server->getClientList(99);
            }, 0, null],
            'getClientList past the end' => [static function (Server $server) {
                return $server->getClientList(1);
            }, 0, null],
            'set' => [static function (Server $server): bool {
                return $server->set([]);
            }, 503, 'Swoole\Server::set(): server is running, unable to execute Swoole\WebSocket\Server->set:'
                . ' call it before start()'],
            'start' => [static function (Server $server): bool {
                return $server->start();
            }, 503, 'Swoole\Server::start(): server is running, unable to execute Swoole\WebSocket\Server->start()'],
            'heartbeat' => [static function (Server $server) {
                return $server->heartbeat();
            }, 0, null],
        ];
    }

    /**
     * @dataProvider failures
     * @param callable(Server): mixed $act
     */
    public function testFailuresReturnFalseWithTheirErrorAndWarning(callable $act, int $error, ?string $warning): void
    {
        $this->in($this->bridge->connect()->fd, $act);
        self::assertFalse($this->got);
        self::assertSame($error, $this->server->getLastError());
        self::assertSame($error, swoole_last_error());
        self::assertSame($warning === null ? [] : [$warning], $this->warnings);
    }

    public function testInOnClose(): void
    {
        $fd = $this->bridge->connect()->fd;
        $other = $this->bridge->connect()->fd;
        $this->then = static function (Server $server, int $fd) use ($other): array {
            return [
                $server->exists($fd), $server->isEstablished($fd), $server->getClientInfo($fd)['websocket_status'],
                iterator_to_array($server->connections), count($server->connections),
                $server->push($fd, 'x'), $server->getLastError(),
                $server->close($fd), $server->getLastError(), $server->push($other, 'gone'),
            ];
        };
        $result = $this->bridge->close($fd);
        self::assertSame([false, false, 3, [1 => $other], 2, false, 1004, false, 1003, true], $this->got);
        self::assertSame(['gone'], $result->pushed($other));
        self::assertSame([], $this->warnings);
    }

    public function testCloseAndDisconnect(): void
    {
        $fd = $this->bridge->connect()->fd;
        $result = $this->in($fd, static function (Server $server) use ($fd): array {
            return [$server->close($fd), $server->exists($fd), $server->close($fd, true)];
        });
        self::assertSame([true, false, true], $this->got, 'close($fd, true) after close($fd) drops what is queued');
        self::assertSame([1, 3], array_column($result->closes, 'flags'));
        $fd = $this->bridge->connect()->fd;
        $result = $this->in($fd, static function (Server $server) use ($fd): bool {
            return $server->disconnect($fd, 70000, 'bye');
        });
        self::assertSame([['fd' => $fd, 'code' => 4464, 'reason' => 'bye', 'flags' => 4]], $result->closes);
    }

    public function testAnotherConnectionIsLookedUpOncePerEvent(): void
    {
        $fd = $this->bridge->connect()->fd;
        $other = $this->bridge->connect()->fd;
        $act = static function (Server $server) use ($other): bool {
            return $server->exists($other) && $server->push($other, 'a') && $server->push($other, 'b');
        };
        $this->in($fd, $act);
        self::assertTrue($this->got);
        self::assertSame(1, $this->bridge->questions);
        $this->in($fd, $act);
        self::assertSame(2, $this->bridge->questions, 'a new event asks again');
    }

    public function testABroadcastIsOneQuestionAndOneInstruction(): void
    {
        for ($i = 0; $i < 50; $i++) {
            $fd = $this->bridge->connect()->fd;
        }
        $result = $this->in($fd, static function (Server $server): array {
            $keys = [];
            foreach ($server->connections as $key => $fd) {
                if ($server->isEstablished($fd)) {
                    $server->push($fd, 'all');
                }
                $keys[] = $key;
            }
            return $keys;
        });
        self::assertSame(range(1, 50), $this->got);
        self::assertSame([['fds' => range(1, 50), 'data' => 'all', 'opcode' => 1, 'flags' => 3]], $result->pushes);
        self::assertSame(1, $this->bridge->questions);
    }

    public function testConnections(): void
    {
        $fds = [$this->bridge->connect()->fd, $this->bridge->connect()->fd, $this->bridge->connect()->fd];
        $this->in(2, static function (Server $server): array {
            $connections = $server->connections;
            $info = $connections[3];
            unset($connections[3]);
            $connections[9] = 1;
            $before = [count($connections), isset($connections[3]), isset($connections[9]), $info['remote_port']];
            $server->close(1);
            return [$before, iterator_to_array($connections), $server->getClientList(), $server->connection_list(1, 0)];
        });
        self::assertSame([[3, true, false, 50000], [1 => 2, 2 => 3], [2, 3], [2]], $this->got);
        self::assertSame([1, 2, 3], $fds);
        $this->expectException(Error::class);
        new \Swoole\Connection\Iterator();
    }

    public function testClientInfoHasTheExtensionsKeysAndTypes(): void
    {
        $fd = $this->bridge->connect('/', [], ['connect_time' => 1700000000.75])->fd;
        $this->in($fd, static function (Server $server) use ($fd) {
            return $server->getClientInfo($fd);
        });
        self::assertSame([
            'websocket_status' => 'integer', 'server_port' => 'integer', 'server_fd' => 'integer',
            'socket_fd' => 'integer', 'socket_type' => 'integer', 'remote_port' => 'integer', 'remote_ip' => 'string',
            'reactor_id' => 'integer', 'connect_time' => 'integer', 'last_time' => 'integer',
            'last_recv_time' => 'double', 'last_send_time' => 'double', 'last_dispatch_time' => 'double',
            'close_errno' => 'integer', 'recv_queued_bytes' => 'integer', 'send_queued_bytes' => 'integer',
        ], array_map('gettype', $this->got));
        self::assertSame([3, 9501, 1, '127.0.0.1', 1700000000], [
            $this->got['websocket_status'], $this->got['server_port'], $this->got['socket_type'],
            $this->got['remote_ip'], $this->got['connect_time'],
        ]);
        self::assertSame($this->got, $this->server->connection_info($fd));
    }

    public function testProperties(): void
    {
        $server = $this->server;
        self::assertSame(['0.0.0.0', 9501, 1, false, 2], [
            $server->host, $server->port, $server->type, $server->ssl, $server->mode,
        ]);
        self::assertSame([0, false, getmypid()], [$server->worker_id, $server->taskworker, $server->worker_pid]);
        self::assertSame([0, getmypid(), 2], [
            $server->getWorkerId(), $server->getWorkerPid(), $server->getWorkerStatus(),
        ]);
        self::assertSame([$server->master_pid, $server->manager_pid], [
            $server->getMasterPid(), $server->getManagerPid(),
        ]);
        self::assertSame(3, $server->setting['worker_num']);
        self::assertTrue($server->setting['open_websocket_protocol']);
        self::assertSame(9501, $server->ports[0]->port);
        $server->list[] = 'dynamic';
        self::assertSame(['dynamic'], $server->list);
    }

    public function testWhatCannotBeCarriedThrows(): void
    {
        $calls = [
            ['sendto', 'x', 1, 'x'],
        ];
        foreach ($calls as $call) {
            $method = array_shift($call);
            try {
                $this->server->$method(...$call);
                self::fail("$method() did something");
            } catch (Unsupported $unsupported) {
                self::assertStringContainsString("::$method() ", $unsupported->getMessage());
            }
        }
        $timers = [
            'swoole_timer_tick', 'swoole_timer_after', 'Swoole\Timer::tick', [$this->server, 'tick'],
            [$this->server, 'after'],
        ];
        foreach ($timers as $timer) {
            try {
                call_user_func($timer, 1, 'strlen');
                self::fail('a timer was made');
            } catch (Unsupported $unsupported) {
                self::assertStringContainsString('--mode resident', $unsupported->getMessage());
            }
        }
        self::assertFalse($this->server->clearTimer(1));
        self::assertFalse(@$this->server->addTimer(1));
        self::assertFalse($this->server->delTimer(1));
        $this->expectException(Error::class);
        $this->expectExceptionMessage('Call to undefined method Swoole\WebSocket\Server::nonsense()');
        $this->server->nonsense();
    }

    public function testScalarsFollowWeakTyping(): void
    {
        $fd = $this->bridge->connect()->fd;
        $result = $this->in($fd, static function (Server $server): bool {
            return require __DIR__ . '/scripts/weak-push.php';
        });
        self::assertTrue($this->got);
        self::assertSame(['x'], $result->pushed($fd));
        $result = $this->in($fd, static function (Server $server): bool {
            return $server->push('abc', 'x');
        });
        self::assertStringStartsWith(TypeError::class, (string) $result->error);
    }

    public function testAFailedHandlerDropsWhatItAsked(): void
    {
        $fd = $this->bridge->connect()->fd;
        $result = $this->in($fd, static function (Server $server) use ($fd): void {
            $server->push($fd, 'never');
            throw new LogicException('boom');
        });
        self::assertSame('LogicException: boom', $result->error);
        self::assertSame([], $result->pushes);
        $result = $this->in($fd, static function (Server $server) use ($fd): void {
            echo "line 1\nline 2";
            $server->push($fd, 'again');
        });
        self::assertSame(['again'], $result->pushed($fd));
        self::assertSame([['level' => 1, 'text' => 'line 1'], ['level' => 1, 'text' => 'line 2']], $result->logs);
    }

    public function testOneServerAtATime(): void
    {
        try {
            new Server('0.0.0.0', 1);
            self::fail('a second server was built');
        } catch (\Swoole\Exception $refused) {
            self::assertSame(-3, $refused->getCode());
            self::assertSame(
                'server is running. unable to create Swoole\WebSocket\Server',
                $refused->getMessage()
            );
        }
        $this->expectException(Error::class);
        $this->server->__construct('0.0.0.0', 1);
    }

    public function testConstructorWantsOneToFourArguments(): void
    {
        FakeBridge::stop();
        Runtime::host(new \FpmBridge\Environment(), null);
        $server = new \OpenSwoole\Server('::1', 0, SWOOLE_BASE, SWOOLE_SOCK_TCP6 | SWOOLE_SSL);
        self::assertSame(['::1', 3, true, 1], [$server->host, $server->type, $server->ssl, $server->mode]);
        unset($server);
        self::assertSame(1, (new Server('x'))->mode, 'BASE is the default, and the first server is gone');
        $this->expectException(ArgumentCountError::class);
        new Server();
    }

    public function testBeforeStart(): void
    {
        FakeBridge::stop();
        $environment = new \FpmBridge\Environment();
        $environment->listen = '127.0.0.1:1234';
        Runtime::host($environment, $this->bridge);
        $server = new class ('0.0.0.0') extends Server {
        };
        self::assertSame([1234, null, -1], [$server->port, $server->setting, $server->worker_id]);
        self::assertFalse($server->push(1, 'x'));
        self::assertSame('Swoole\WebSocket\Server::push(): server is not running', $this->warnings[0]);
        self::assertSame(503, $server->getLastError());
        self::assertFalse($server->close(1));
        self::assertFalse($server->exists(1));
        self::assertFalse($server->getClientInfo(1));
        self::assertFalse($server->isEstablished(1));
        self::assertFalse($server->getWorkerId());
        self::assertSame(0, $server->getMasterPid());
        self::assertSame(0, count($server->connections));
        self::assertTrue($server->set(['a' => 1]) && $server->set(['b' => 2, 'a' => 3]));
        self::assertSame(['a' => 3, 'b' => 2], $server->setting);
        self::assertNull($server->getCallback('message'));
        self::assertTrue($server->on('MESSAGE', 'strlen'));
        self::assertSame('strlen', $server->getCallback('Message'));
        self::assertTrue($server->ports[0]->on('message', 'strtolower'));
        self::assertSame('strtolower', $server->ports[0]->getCallback('message'));
        self::assertTrue($server->on('packet', 'strlen'));
        $this->warnings = [];
        self::assertFalse($server->on('colse', 'strlen'));
        self::assertSame(['Swoole\Server\Port::on(): unknown event types[colse]'], $this->warnings);
        $server->start();
        self::assertSame(
            [
                'packet: the bridge serves no datagrams', 'unknown event types[colse]: did you mean close?',
                'unsupported option [a]', 'unsupported option [b]',
            ],
            Places::cut(Runtime::require()->described()['warnings'], __FILE__)
        );
    }

    public function testMissingMessageCallback(): void
    {
        FakeBridge::stop();
        Runtime::host(new \FpmBridge\Environment(), null);
        $this->expectException(LogicException::class);
        $this->expectExceptionMessage('Swoole\Server::start(): require onMessage callback');
        (new Server('x'))->start();
    }

    public function testOldAndOtherNamesAreTheSameClasses(): void
    {
        foreach (['swoole_websocket_server', 'OpenSwoole\WebSocket\Server', 'Swoole\Websocket\SERVER'] as $name) {
            self::assertInstanceOf($name, $this->server);
        }
        self::assertInstanceOf('swoole_http_server', $this->server);
        self::assertInstanceOf('swoole_server', $this->server);
        self::assertInstanceOf('swoole_connection_iterator', $this->server->connections);
        self::assertInstanceOf('OpenSwoole\Server\Port', $this->server->ports[0]);
        self::assertTrue(class_exists('swoole_websocket_closeframe'));
        self::assertTrue(class_exists('swoole_http_request'));
        self::assertTrue(class_exists('swoole_table'));
        self::assertFalse(class_exists('swoole_nonsense'));
    }

    public function testFunctionsAndConstants(): void
    {
        self::assertSame('6.2.1', swoole_version());
        self::assertGreaterThan(0, swoole_cpu_num());
        self::assertArrayNotHasKey('lo', swoole_get_local_ip());
        self::assertArrayNotHasKey('lo', swoole_get_local_mac());
        self::assertTrue(swoole_set_process_name('x'));
        self::assertTrue(swoole_async_set([]));
        self::assertSame('session not exist', swoole_strerror(1005));
        self::assertSame(posix_strerror(2), swoole_strerror(2));
        self::assertIsInt(swoole_errno());
        Loader::$lastError = 5;
        swoole_clear_error();
        self::assertSame(0, swoole_last_error());
        self::assertSame([1, 3, 10, 33], [
            SWOOLE_BASE, WEBSOCKET_STATUS_FRAME, constant('WEBSOCKET_OPCODE_' . 'PONG'),
            SWOOLE_WEBSOCKET_FLAG_FIN | SWOOLE_WEBSOCKET_FLAG_MASK,
        ]);
        self::assertTrue(defined('SWOOLE_ERROR_SESSION_NOT_EXIST'));
    }

    /**
     * @param callable(Server, mixed): mixed $act
     */
    private function in(int $fd, callable $act): Result
    {
        $this->then = $act;
        $result = $this->bridge->message($fd, 'go');
        $this->then = null;
        return $result;
    }
}

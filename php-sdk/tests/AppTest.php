<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\App;
use FpmBridge\Connections;
use FpmBridge\Event;
use FpmBridge\Reply;
use FpmBridge\Runtime;
use FpmBridge\Testing\FakeBridge;
use LogicException;
use PHPUnit\Framework\TestCase;

final class AppTest extends TestCase
{
    protected function tearDown(): void
    {
        FakeBridge::stop();
    }

    public function testEventsReachTheirHandlers(): void
    {
        $seen = [];
        $app = (new App('::1', 80))->set(['ping_interval' => 5])
            ->onOpen(static function (Event $event, Reply $reply) use (&$seen): void {
                $seen[] = [$event->handshake()->query(), $event->connection()['remote_port'], $event->cause()];
                $reply->push($event->fd, 'welcome')->push([1, 2], 'all');
            })
            ->onClose(static function (Event $event) use (&$seen): void {
                $seen[] = [$event->code, $event->data, $event->cause(), $event->connection()];
            });
        $bridge = FakeBridge::app($app);
        self::assertSame([
            'kind' => 'websocket', 'api' => 'app', 'batch' => true, 'mode' => 1,
            'settings' => ['ping_interval' => 5], 'listeners' => [
                ['host' => '::1', 'port' => 80, 'type' => 1, 'events' => ['open', 'close']],
            ], 'warnings' => [],
        ], json_decode(json_encode($bridge->description()), true));
        $result = $bridge->connect('/x?name=Ann');
        self::assertSame(['welcome', 'all'], $result->pushed(1));
        self::assertSame([], $bridge->message($result->fd, 'nobody listens')->pushes);
        $bridge->close($result->fd, 4000, 'bye');
        self::assertSame([[['name' => 'Ann'], 50000, ''], [4000, 'bye', 'client', []]], $seen);
    }

    public function testMessagesAndReplies(): void
    {
        $bridge = FakeBridge::app((new App())->onMessage(static function (Event $event, Reply $reply): void {
            echo "got {$event->data}";
            $reply->send(strrev($event->data), $event->isBinary() ? Reply::BINARY : Reply::TEXT);
            $reply->close(null, 3000, 'done');
        }));
        $fd = $bridge->connect()->fd;
        $result = $bridge->message($fd, 'abc', 2);
        self::assertSame([['fds' => [1], 'data' => 'cba', 'opcode' => 2, 'flags' => 3]], $result->pushes);
        self::assertSame([['fd' => 1, 'code' => 3000, 'reason' => 'done', 'flags' => 0]], $result->closes);
        self::assertSame([['level' => 1, 'text' => 'got abc']], $result->logs);
        self::assertNull($result->error);
        self::assertSame(8, strlen($result->hash));
        self::assertSame([], $bridge->open());
    }

    public function testConnectionsAnswer(): void
    {
        $got = [];
        $bridge = FakeBridge::app((new App())->onMessage(static function () use (&$got): void {
            $connections = Connections::current();
            $got = [
                $connections->exists(1), $connections->exists(3), $connections->list(), $connections->list(1),
                $connections->list(0, 1), $connections->list(9), $connections->count(), $connections->info(3),
                $connections->info(2)['fd'],
            ];
        }));
        $bridge->connect();
        $bridge->connect();
        $bridge->message(2, 'x');
        self::assertSame([true, false, [1 => 1, 2 => 2], [1 => 2], [1 => 1], null, 2, null, 2], $got);
    }

    public function testAScriptThatStartsNothingIsRefused(): void
    {
        $this->expectException(LogicException::class);
        $this->expectExceptionMessage('the script started no server');
        FakeBridge::script(__DIR__ . '/scripts/empty.php');
    }

    public function testAScriptIsServed(): void
    {
        $bridge = FakeBridge::script(__DIR__ . '/scripts/native-echo.php');
        self::assertSame(['hello'], $bridge->message($bridge->connect()->fd, 'hello')->pushed(1));
    }

    public function testOutsideOfTheBridgeItSaysHowToRun(): void
    {
        FakeBridge::stop();
        self::assertNull(Runtime::current());
        $this->expectException(LogicException::class);
        $this->expectExceptionMessageMatches('/start it with `fpmbridge serve /');
        (new App())->run();
    }
}

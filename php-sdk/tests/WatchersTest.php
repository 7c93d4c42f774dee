<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Signals;
use FpmBridge\Resident;
use FpmBridge\Runtime;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Watchers;
use PHPUnit\Framework\TestCase;
use ReflectionClass;
use ReflectionProperty;
use Swoole\Event;
use Swoole\WebSocket\Server;

/**
 * What a resident worker's loop watches beside its channel. The loop itself: conformance/cases/7.8-event-loop.
 */
final class WatchersTest extends TestCase
{
    /** @var list<string> */
    private array $story = [];

    protected function tearDown(): void
    {
        FakeBridge::stop();
        restore_error_handler();
        (new ReflectionProperty(Signals::class, 'only'))->setValue(null, null);
    }

    protected function setUp(): void
    {
        set_error_handler(function (int $level, string $text): bool {
            $this->story[] = substr($text, strpos($text, ' ') + 1);
            return true;
        }, E_USER_WARNING);
        FakeBridge::serving(static function (): void {
            $server = new Server('0.0.0.0', 9501);
            $server->on('message', 'strlen');
            $server->start();
        });
        Runtime::require()->worker = (new ReflectionClass(Resident::class))->newInstanceWithoutConstructor();
    }

    /**
     * @return array{resource, resource}
     */
    private static function pair(): array
    {
        return stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    }

    private static function watchers(): Watchers
    {
        return Runtime::require()->worker->watchers();
    }

    /**
     * A round of the loop.
     */
    private function round($own): bool
    {
        $came = self::watchers()->select($own, 0);
        while (($code = self::watchers()->take()) !== null) {
            $code();
        }
        return $came;
    }

    public function testReadsUntilItIsTakenAway(): void
    {
        [$own, $bridge] = self::pair();
        [$near, $far] = self::pair();
        self::assertFalse(Event::isset($near));
        $number = Event::add($near, function ($stream) use ($near): void {
            $this->story[] = $stream === $near ? 'read ' . fread($stream, 2) : 'another stream';
        });
        self::assertIsInt($number);
        self::assertTrue(Event::isset($near, SWOOLE_EVENT_READ));
        self::assertFalse(Event::isset($near, SWOOLE_EVENT_WRITE));
        fwrite($far, 'abc');
        self::assertFalse($this->round($own));
        self::assertFalse($this->round($own), 'level-triggered');
        fwrite($bridge, 'x');
        self::assertTrue($this->round($own), "the worker's own channel");
        self::assertTrue(Event::del($near));
        fwrite($far, 'd');
        $this->round($own);
        self::assertSame(['read ab', 'read c'], $this->story);
    }

    public function testWhatIsClosedIsForgotten(): void
    {
        [$own, $bridge] = self::pair();
        [$near, $far] = self::pair();
        Event::add($near, 'strlen');
        fclose($near);
        fclose($far);
        self::assertFalse($this->round($own));
        self::assertSame([], $this->story);
    }

    public function testWritesAsMuchAsThereIsRoomFor(): void
    {
        [$own, $bridge] = self::pair();
        [$near, $far] = self::pair();
        self::assertTrue(Event::write($near, str_repeat('x', 1000000)));
        $got = 0;
        for ($i = 0; $i < 1000 && $got < 1000000; $i++) {
            $got += strlen((string) fread($far, 65536));
            $this->round($own);
        }
        self::assertSame(1000000, $got);
        self::assertFalse(Event::isset($near));
        fclose($far);
        self::assertFalse(Event::write($near, 'x'));
    }

    public function testRefusals(): void
    {
        [$near] = self::pair();
        self::assertFalse(Event::add(7, 'strlen'));
        self::assertFalse(Event::add($near));
        self::assertFalse(Event::add($near, null, 'strlen'));
        self::assertFalse(Event::add($near, 'strlen', null, SWOOLE_EVENT_WRITE));
        self::assertFalse(Event::set($near, 'strlen'));
        self::assertFalse(Event::del($near));
        self::assertFalse(Event::write($near, ''));
        self::assertIsInt(Event::add($near, 'strlen'));
        self::assertFalse(Event::add($near, 'strlen'));
        self::assertFalse(Event::set($near, null, null, SWOOLE_EVENT_WRITE));
        self::assertTrue(Event::set($near, null, 'strlen', SWOOLE_EVENT_WRITE));
        self::assertSame([
            'the descriptor must be a stream or a socket',
            'both read and write callbacks are empty',
            'readable event callback is null',
            'writable event callback is null',
            'the descriptor is not in the event loop',
            'the descriptor is not in the event loop',
            'data empty',
            'fd[' . (int) $near . '] is already in the event loop',
            'writable event callback is null',
        ], $this->story);
    }

    public function testSockets(): void
    {
        if (!function_exists('socket_create_pair')) {
            self::markTestSkipped('no ext-sockets');
        }
        [$own, $bridge] = self::pair();
        $pair = [];
        socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $pair);
        Event::add($pair[0], function ($socket) use ($pair): void {
            $this->story[] = $socket === $pair[0] ? socket_read($socket, 10) : 'another socket';
        });
        socket_write($pair[1], 'hello');
        $this->round($own);
        self::assertTrue(Event::del($pair[0]));
        self::assertSame(['hello'], $this->story);
    }

    public function testSignals(): void
    {
        if (!function_exists('pcntl_signal')) {
            self::markTestSkipped('no pcntl');
        }
        self::assertTrue(\Swoole\Process::signal(SIGUSR2, function (int $signal): void {
            $this->story[] = "signal $signal";
        }));
        $waits = (new ReflectionProperty(Resident::class, 'waits'))->getValue(Runtime::require()->worker);
        self::assertNull($waits[0]->take());
        posix_kill(getmypid(), SIGUSR2);
        self::assertSame([], $this->story, 'not in the middle of something else');
        self::assertSame(0, $waits[0]->next());
        ($waits[0]->take())();
        self::assertSame(['signal ' . SIGUSR2], $this->story);
        self::assertTrue(\Swoole\Process::signal(SIGUSR2, null));
    }
}

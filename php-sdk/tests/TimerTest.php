<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Scheduler;
use FpmBridge\Runtime;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Unsupported;
use PHPUnit\Framework\TestCase;
use Swoole\Timer;
use Swoole\WebSocket\Server;

/**
 * Section 7.3 of the Swoole semantics, and the timers and defer() of Swoole 1 to 4.
 */
final class TimerTest extends TestCase
{
    protected function tearDown(): void
    {
        FakeBridge::stop();
        Scheduler::reset();
    }

    public function testThereIsNoTimer(): void
    {
        self::assertSame([false, true, false, null], [
            Timer::clear(1), Timer::clearAll(), Timer::exists(1), Timer::info(1),
        ]);
        self::assertSame([false, true, false, null], [
            swoole_timer_clear(1), swoole_timer_clear_all(), swoole_timer_exists(1), swoole_timer_info(1),
        ]);
        self::assertSame([], iterator_to_array(Timer::list()));
        self::assertInstanceOf(Timer\Iterator::class, swoole_timer_list());
        self::assertSame(['initialized' => false, 'num' => 0, 'round' => 0], Timer::stats());
        self::assertSame(Timer::stats(), swoole_timer_stats());
    }

    public function testAnIntervalBelowOneWarns(): void
    {
        Loader::$lastError = 0;
        self::assertFalse(@Timer::tick(0, 'strlen'));
        self::assertSame(503, swoole_last_error());
    }

    public function testBeforeTheStartItThrows(): void
    {
        $this->expectException(Unsupported::class);
        $this->expectExceptionMessage('Swoole\Timer::after() needs a PHP process that stays: use --mode resident');
        Timer::after(1, 'strlen');
    }

    public function testInACallbackItWarnsAndTheEventGoesOn(): void
    {
        $got = [];
        $bridge = FakeBridge::serving(static function () use (&$got): void {
            $server = new Server('0.0.0.0', 9501);
            $log = [Runtime::require(), 'warning'];
            set_error_handler(static function (int $type, ...$about) use ($log): bool {
 // PHPUnit has its own
                $log($type, $about[0], $about[1], $about[2]);
                return true;
            });
            $server->on('open', static function (Server $server, $request) use (&$got): void {
                for ($i = 0; $i < 2; $i++) {
                    $got[] = $server->tick(1000, 'strlen');
                }
                $got[] = Timer::after(5, 'strlen');
                $got[] = swoole_timer_tick(5, 'strlen');
                $got[] = swoole_timer_after(5, 'strlen');
                $got[] = swoole_last_error();
                $got[] = Timer::clear((int) $got[0]);
                $server->push($request->fd, 'welcome');
            });
            $server->on('message', static function (Server $server, $frame) use (&$got): void {
                $got[] = Timer::tick(0, 'strlen');
                Timer::tick(5, 'strlen');
            });
            $server->start();
        });
        $open = $bridge->connect();
        self::assertSame([false, false, false, false, false, 503, false], $got);
        self::assertSame(['welcome'], $open->pushed($open->fd));
        self::assertCount(4, $open->logs, 'one for each line');
        $text = 'Swoole\Timer::tick(): the timer is not set, it needs a PHP process that stays: use --mode resident';
        self::assertSame([2, $text], [$open->logs[0]['level'], $open->logs[0]['text']]);
        self::assertCount(2, $bridge->message($open->fd, 'x')->logs);
        restore_error_handler();
    }

    public function testInWorkerStartItDoesNothingAndSaysSo(): void
    {
        $got = [];
        $bridge = FakeBridge::serving(static function () use (&$got): void {
            $server = new Server('0.0.0.0', 9501);
            $server->on('workerStart', static function (Server $server) use (&$got): void {
                $got = [
                    Timer::tick(1000, 'strlen'), $server->tick(1000, 'strlen'), $server->after(5, 'strlen'),
                    \Swoole\Event::add(1), swoole_event_add(1), \Swoole\Process::signal(2, 'strlen'),
                ];
            });
            $server->on('message', static function (Server $server, $frame): void {
                $server->defer(static function () use ($server, $frame): void {
                    $server->push($frame->fd, 'deferred');
                });
                $server->push($frame->fd, 'first');
            });
            $server->start();
        });
        $open = $bridge->connect();
        self::assertSame(array_fill(0, 6, false), $got);
        self::assertSame(0, $open->logs[0]['level']);
        self::assertStringContainsString('Swoole\Timer::tick() needs a PHP process', $open->logs[0]['text']);
        self::assertSame(['first', 'deferred'], $bridge->message($open->fd, 'x')->pushed($open->fd));
    }
}

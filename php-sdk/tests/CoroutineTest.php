<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Scheduler;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Testing\Result;
use PHPUnit\Framework\TestCase;
use RuntimeException;
use Swoole\Coroutine;
use Swoole\Coroutine\Barrier;
use Swoole\Coroutine\CanceledException;
use Swoole\Coroutine\Channel;
use Swoole\Coroutine\Lock;
use Swoole\Coroutine\TimeoutException;
use Swoole\Coroutine\WaitGroup;
use Swoole\Event;
use Swoole\Runtime;
use Swoole\WebSocket\Server;

/**
 * Section 7.5 of the Swoole semantics, inside one event.
 *
 * @requires PHP 8.1
 */
final class CoroutineTest extends TestCase
{
    private Server $server;
    private FakeBridge $bridge;

    /** @var list<mixed> what happened, in order */
    private array $story = [];

    /** @var list<string> */
    private array $warnings = [];

    protected function setUp(): void
    {
        Loader::$lastError = 0;
        Scheduler::reset();
        set_error_handler(function (int $type, string $message): bool {
            $this->warnings[] = $message;
            return true;
        });
    }

    protected function tearDown(): void
    {
        restore_error_handler();
        FakeBridge::stop();
        Scheduler::reset();
    }

    public function testACallbackIsACoroutine(): void
    {
        $this->event(function (): void {
            $this->story[] = Coroutine::getCid();
            $this->story[] = Coroutine::getPcid();
            $this->story[] = Coroutine::getuid();
            go(function (): void {
                $this->story[] = [Coroutine::getCid(), Coroutine::getPcid()];
            });
            $this->story[] = Coroutine::getCid();
        });
        self::assertSame([1, -1, 1, [2, 1], 1], $this->story);
        $this->bridge->message(1, 'again');
        self::assertSame(3, $this->story[5], 'each event has one of its own');
    }

    public function testWithEnableCoroutineOffTheCallbackIsNone(): void
    {
        $result = $this->event(function (): void {
            $this->story[] = Coroutine::getCid();
            go(function (): void {
                Coroutine::sleep(0.001);
                $this->story[] = Coroutine::getCid();
            });
            $this->story[] = 'end';
            Coroutine::sleep(0.001);
        }, ['enable_coroutine' => false]);
        self::assertSame([-1, 'end'], $this->story);
        self::assertSame('Swoole\Error: API must be called in the coroutine', $result->error);
    }

    public function testANewCoroutineRunsUntilItWaits(): void
    {
        $result = $this->event(function (Server $server): void {
            go(function () use ($server): void {
                $this->story[] = 'a1';
                Coroutine::sleep(0.02);
                $this->story[] = 'a2';
                $server->push(1, 'late');
            });
            go(function (): void {
                $this->story[] = 'b1';
                Coroutine::sleep(0.005);
                $this->story[] = 'b2';
            });
            $this->story[] = 'end';
        });
        self::assertSame(['a1', 'b1', 'end', 'b2', 'a2'], $this->story);
        self::assertSame(['late'], $result->pushed(1), 'the event waits for its coroutines');
        self::assertNull($result->error);
    }

    public function testTheCallbackItselfMaySleep(): void
    {
        $since = microtime(true);
        $this->event(function (): void {
            go(function (): void {
                foreach ([0.001, 0.002, 0.1] as $i => $seconds) {
                    Coroutine::sleep($seconds);
                    $this->story[] = $i;
                }
            });
            $this->story[] = \Co::sleep(0.05);
        });
        $order = array_values(array_filter($this->story, static fn ($step): bool => $step !== true));
        self::assertSame([0, 1, 2], $order);
        self::assertContains(true, array_slice($this->story, 0, 3), '0.1 s end after 0.05 s');
        self::assertGreaterThan(0.1, microtime(true) - $since);
    }

    public function testATooShortSleepWarns(): void
    {
        $this->event(function (): void {
            $this->story[] = Coroutine::sleep(0.0001);
        });
        self::assertSame([false], $this->story);
        self::assertStringContainsString('greater than or equal to 0.001', $this->warnings[0]);
    }

    public function testChannelHandsOverAtOnce(): void
    {
        $this->event(function (): void {
            $channel = new Channel(1);
            go(function () use ($channel): void {
                while (($value = $channel->pop()) !== false) {
                    $this->story[] = "got $value";
                }
                $this->story[] = $channel->errCode;
            });
            foreach ([1, 2] as $value) {
                $channel->push($value);
                $this->story[] = "sent $value";
            }
            $this->story[] = $channel->close();
            $this->story[] = [$channel->push(3), $channel->errCode, $channel->pop(), $channel->close()];
        });
        self::assertSame(
            ['got 1', 'sent 1', 'got 2', 'sent 2', -2, true, [false, -2, false, false]],
            $this->story
        );
    }

    public function testAFullChannelMakesItsProducerWait(): void
    {
        $this->event(function (): void {
            $channel = new Channel(2);
            go(function () use ($channel): void {
                for ($i = 1; $i <= 4; $i++) {
                    $channel->push($i);
                    $this->story[] = "in $i";
                }
            });
            $this->story[] = [$channel->length(), $channel->isFull(), $channel->isEmpty(), $channel->capacity];
            $this->story[] = $channel->stats();
            for ($i = 1; $i <= 4; $i++) {
                $this->story[] = $channel->pop(0.01);
            }
            $this->story[] = [$channel->pop(0.002), $channel->errCode];
        });
        self::assertSame([
            'in 1', 'in 2', [2, true, false, 2], ['consumer_num' => 0, 'producer_num' => 1, 'queue_num' => 2],
            'in 3', 1, 'in 4', 2, 3, 4, [false, -1],
        ], $this->story);
    }

    public function testTheCallbackConsumesWhatCoroutinesProduce(): void
    {
        $this->event(function (): void {
            $channel = new \chan(0);
            go(function () use ($channel): void {
                Coroutine::sleep(0.003);
                $channel->push('x');
                $this->story[] = 'pushed';
            });
            $this->story[] = $channel->pop();
            $this->story[] = $channel->capacity;
        });
        self::assertSame(['x', 1, 'pushed'], $this->story, 'who waits goes on at once');
    }

    public function testWaitGroup(): void
    {
        $this->event(function (): void {
            $group = new \Co\WaitGroup();
            foreach ([0.04, 0.03] as $seconds) {
                $group->add();
                go(function () use ($group, $seconds): void {
                    Coroutine::sleep($seconds);
                    $this->story[] = $seconds;
                    $group->done();
                });
            }
            $this->story[] = $group->count();
            $this->story[] = $group->wait(0.001);
            $this->story[] = $group->wait();
            try {
                $group->done();
            } catch (\BadMethodCallException $misuse) {
                $this->story[] = 'misuse';
            }
            $this->story[] = (new WaitGroup(1))->wait(0.001);
        });
        self::assertSame([2, false, 0.03, 0.04, true, 'misuse', false], $this->story);
    }

    public function testBarrier(): void
    {
        $this->event(function (): void {
            $barrier = Barrier::make();
            foreach ([1, 2] as $number) {
                go(function () use ($barrier, $number): void {
                    Coroutine::sleep(0.01 * $number);
                    $this->story[] = $number;
                });
            }
            Barrier::wait($barrier);
            $this->story[] = 'all';
            $other = Barrier::make();
            go(function () use ($other): void {
                Coroutine::sleep(0.05);
            });
            Barrier::wait($other, 0.002);
            $this->story[] = 'in time';
            $nobody = Barrier::make();
            Barrier::wait($nobody);
        });
        self::assertSame([1, 2, 'all', 'in time'], $this->story);
    }

    public function testBatchParallelMap(): void
    {
        $this->event(function (): void {
            $this->story[] = Coroutine\batch([
                'slow' => static function (): string {
                    Coroutine::sleep(0.004);
                    return 's';
                },
                'fast' => static fn(): string => 'f',
            ]);
            $this->story[] = Coroutine\batch(['late' => static function (): int {
                Coroutine::sleep(0.1);
                return 1;
            }], 0.002);
            $this->story[] = Coroutine\map([1, 2], static fn(int $value): int => $value * 10);
            $number = 0;
            Coroutine\parallel(3, static function () use (&$number): void {
                $number++;
            });
            $this->story[] = $number;
            $this->story[] = \Co\map(['k' => 'v'], static fn(string $value, string $key): string => $key . $value);
        });
        self::assertSame([['slow' => 's', 'fast' => 'f'], ['late' => null], [10, 20], 3, ['k' => 'kv']], $this->story);
    }

    public function testDefersRunAtTheEndLastOneFirst(): void
    {
        $this->event(function (): void {
            defer(function (): void {
                $this->story[] = 'first';
            });
            Coroutine::defer(function (): void {
                $this->story[] = 'second';
            });
            Coroutine\go(function (): void {
                Coroutine\defer(function (): void {
                    $this->story[] = 'inner';
                });
                $this->story[] = 'body';
            });
            Event::defer(function (): void {
                $this->story[] = 'loop';
            });
            $this->story[] = 'end';
        });
        self::assertSame(['body', 'inner', 'end', 'second', 'first', 'loop'], $this->story);
    }

    public function testYieldAndResume(): void
    {
        $this->event(function (): void {
            $cid = go(function (): void {
                $this->story[] = Coroutine::yield();
                Coroutine::suspend();
                $this->story[] = 'again';
            });
            $this->story[] = Coroutine::resume($cid);
            $this->story[] = Coroutine::exists($cid);
            Coroutine::resume($cid);
            $this->story[] = Coroutine::exists($cid);
            $this->story[] = Coroutine::resume($cid);
            $sleeper = go(static function (): void {
                Coroutine::sleep(0.002);
            });
            $this->story[] = Coroutine::resume($sleeper);
        });
        self::assertSame([true, true, true, 'again', false, false, false], $this->story);
        self::assertCount(2, $this->warnings);
    }

    public function testCancel(): void
    {
        $this->event(function (): void {
            $cid = go(function (): void {
                $this->story[] = [Coroutine::sleep(1), Coroutine::isCanceled()];
            });
            $this->story[] = Coroutine::cancel($cid);
            $this->story[] = [Coroutine::cancel($cid), swoole_last_error(), Coroutine::cancel(1), swoole_last_error()];
            $channel = new Channel();
            $cid = go(function () use ($channel): void {
                $this->story[] = [$channel->pop(), $channel->errCode];
            });
            Coroutine::cancel($cid);
            $cid = go(function (): void {
                try {
                    Coroutine::yield();
                } catch (CanceledException $canceled) {
                    $this->story[] = 'thrown';
                }
            });
            Coroutine::cancel($cid, true);
        });
        self::assertSame([
            [false, true], true, [false, 10016, false, 10015], [false, -3], 'thrown',
        ], $this->story);
    }

    public function testTimeLimit(): void
    {
        $this->event(function (): void {
            go(function (): void {
                Coroutine::setTimeLimit(0.03);
                Coroutine::sleep(0.001);
                try {
                    (new Channel())->pop(3);
                } catch (TimeoutException $late) {
                    $this->story[] = 'late';
                }
                Coroutine::sleep(0.001);
                $this->story[] = 'goes on';
            });
        });
        self::assertSame(['late', 'goes on'], $this->story);
    }

    public function testJoin(): void
    {
        $this->event(function (): void {
            $cids = [];
            foreach ([0.04, 0.03] as $seconds) {
                $cids[] = go(function () use ($seconds): void {
                    Coroutine::sleep($seconds);
                    $this->story[] = $seconds;
                });
            }
            $this->story[] = Coroutine::join($cids, 0.001);
            $this->story[] = Coroutine::join($cids);
            $this->story[] = Coroutine::join($cids);
            $this->story[] = Coroutine::join([Coroutine::getCid()]);
        });
        self::assertSame([false, 0.03, 0.04, true, true, false], $this->story);
    }

    public function testContextAndFacts(): void
    {
        $this->event(function (): void {
            $context = Coroutine::getContext();
            $context['a'] = 1;
            $context->b = 2;
            $this->story[] = Coroutine::getContext()->getArrayCopy();
            go(function (): void {
                $this->story[] = count(Coroutine::getContext());
                $this->story[] = Coroutine::getContext(Coroutine::getPcid())->a;
            });
            usleep(2000);
            $this->story[] = Coroutine::getElapsed() >= 2;
            $this->story[] = Coroutine::getElapsed(77);
            $this->story[] = iterator_to_array(Coroutine::list());
            $this->story[] = [
                Coroutine::stats()['coroutine_num'], Coroutine::stats()['coroutine_peak_num'],
                Coroutine::stats()['coroutine_last_cid'],
            ];
            $cid = go(static function (): void {
                Coroutine::yield();
            });
            $this->story[] = array_column(Coroutine::getBackTrace($cid), 'function')[0];
            Coroutine::resume($cid);
            $this->story[] = [Coroutine::getContext(99), Coroutine::getPcid(99), Coroutine::getBackTrace(99)];
            Coroutine::set(['max_coroutine' => 1]);
            $this->story[] = [go('strlen', 'x'), Coroutine::getOptions()];
        });
        self::assertSame([
            ['a' => 1, 'b' => 2], 0, 1, true, -1, [1], [1, 2, 2], 'suspend', [null, false, false],
            [false, ['max_coroutine' => 1]],
        ], $this->story);
        self::assertSame(['Swoole\Coroutine::create(): exceed max number of coroutine 1'], $this->warnings);
    }

    public function testAnExceptionOfACoroutineFailsTheEventWhateverIsCaught(): void
    {
        $result = $this->event(function (Server $server): void {
            $server->push(1, 'dropped');
            try {
                go(static function (): void {
                    throw new RuntimeException('boom');
                });
            } catch (\Throwable $caught) {
                $this->story[] = 'goes on';
            }
        });
        self::assertSame('RuntimeException: boom', $result->error);
        $result = $this->bridge->message(1, 'next');
        self::assertSame('RuntimeException: boom', $result->error);
        $this->event(function (): void {
            go(function (): void {
                go(static function (): void {
                    Coroutine::sleep(0.001);
                    throw new RuntimeException('later');
                });
                Coroutine::sleep(0.01);
                $this->story[] = 'not reached';
            });
        });
        self::assertNotContains('not reached', $this->story);
    }

    public function testADeadlockEndsTheEventAndIsLogged(): void
    {
        $result = $this->event(function (Server $server): void {
            $server->push(1, 'before');
            go(static function (): void {
                (new Channel())->pop();
            });
            $this->story[] = 'end';
        });
        self::assertNull($result->error);
        self::assertSame(['before'], $result->pushed(1));
        self::assertStringContainsString('all coroutines (count: 1) are asleep - deadlock!', $result->logs[0]['text']);
        self::assertStringContainsString(basename(__FILE__), $result->logs[0]['text']);
        $result = $this->event(static function (Server $server): void {
            $server->push(1, 'before');
            (new Channel())->pop();
            $server->push(1, 'after');
        });
        self::assertNull($result->error);
        self::assertSame(['before'], $result->pushed(1), 'the callback does not go on');
        self::assertStringContainsString('deadlock', $result->logs[0]['text']);
    }

    public function testLock(): void
    {
        $this->event(function (): void {
            $lock = new Lock();
            $this->story[] = [$lock->lock(), $lock->lock()];
            go(function () use ($lock): void {
                $this->story[] = [$lock->lock(LOCK_EX | LOCK_NB), $lock->errCode];
                $this->story[] = $lock->lock();
                $lock->unlock();
            });
            $this->story[] = 'unlock';
            $this->story[] = $lock->unlock();
        });
        self::assertSame([[true, true], [false, 16], 'unlock', true, true], $this->story);
        self::assertFalse((new Lock())->lock(), 'outside of a coroutine');
    }

    public function testLoopFunctions(): void
    {
        $this->event(function (): void {
            $rounds = 0;
            Event::cycle(static function () use (&$rounds): void {
                $rounds++;
            });
            Event::defer(function (): void {
                $this->story[] = 'deferred';
                Event::defer(function (): void {
                    $this->story[] = 'deferred by it';
                });
            });
            Event::dispatch();
            $this->story[] = $rounds;
            Event::cycle(null);
            Event::wait();
            Event::dispatch();
            $this->story[] = [Event::isset(1), Event::del(1)];
            go(function (): void {
                Coroutine::sleep(5);
                $this->story[] = 'dropped';
            });
            Event::exit();
        });
        self::assertSame(['deferred', 1, 'deferred by it', [false, false]], $this->story);
    }

    public function testWaitEventAndFiles(): void
    {
        $this->event(function (): void {
            [$one, $other] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
            go(function () use ($other): void {
                Coroutine::sleep(0.003);
                fwrite($other, 'x');
            });
            $this->story[] = Coroutine::waitEvent($one);
            $this->story[] = Coroutine::waitEvent($other, SWOOLE_EVENT_READ, 0.002);
            $this->story[] = Coroutine::waitEvent($one, SWOOLE_EVENT_READ | SWOOLE_EVENT_WRITE);
            $file = tempnam(sys_get_temp_dir(), 'co');
            $this->story[] = [Coroutine::writeFile($file, "a\n"), Coroutine::writeFile($file, 'b', FILE_APPEND)];
            $this->story[] = Coroutine::readFile($file);
            unlink($file);
            $this->story[] = Coroutine::exec('echo out; echo err >&2; exit 3');
            $this->story[] = Coroutine::exec('echo err >&2', true)['output'];
            $this->story[] = [Coroutine::gethostbyname('127.0.0.1'), Coroutine::dnsLookup('no-such.invalid')];
            $last = swoole_exec("printf 'a\\nb\\n'", $lines, $code);
            $this->story[] = [swoole_shell_exec('echo x'), $last, $lines, $code];
        });
        self::assertSame([
            512, false, 1536, [2, 1], "a\nb", ['code' => 3, 'signal' => 0, 'output' => "out\n"], "err\n",
            ['127.0.0.1', false], ["x\n", 'b', ['a', 'b'], 0],
        ], $this->story);
    }

    public function testRunOutsideOfCallbacks(): void
    {
        $this->story[] = Coroutine::getCid();
        \Co\run(function (): void {
            go(function (): void {
                Coroutine::sleep(0.002);
                $this->story[] = 'later';
            });
            $this->story[] = Coroutine::getCid() > 0;
            $this->story[] = Coroutine\run('strlen', 'x');
        });
        $this->story[] = 'over';
        $scheduler = new Coroutine\Scheduler();
        $scheduler->set(['max_coroutine' => 100]);
        $scheduler->parallel(2, function (string $text): void {
            $this->story[] = $text;
        }, 'p');
        $scheduler->add(function (): void {
            $this->story[] = 'a';
        });
        $this->story[] = [$scheduler->start(), $scheduler->getOptions()];
        self::assertSame(
            [-1, true, false, 'later', 'over', 'p', 'p', 'a', [true, ['max_coroutine' => 100]]],
            $this->story
        );
        self::assertStringContainsString('eventLoop has already been created', $this->warnings[0]);
    }

    public function testACoroutineBeforeStartIsRefusedByStart(): void
    {
        $this->bridge = FakeBridge::serving(function (): void {
            \Co\run(static function (): void {
                Coroutine::sleep(0.001);
            });
            $this->server = new Server('0.0.0.0', 9501);
            $this->server->on('message', 'strlen');
            $this->server->start();
        });
        self::assertSame('websocket', $this->bridge->description()['kind'], 'after Co\run() it may start');
        $this->expectExceptionMessage('the script started no server');
        FakeBridge::serving(function (): void {
            go('strlen', 'x');
            $server = new Server('0.0.0.0', 9501);
            $server->on('message', 'strlen');
            self::assertFalse($server->start());
            self::assertStringContainsString('eventLoop has already been created', $this->warnings[0]);
        });
    }

    public function testCoroutinesOfWorkerStartAreNotWaitedFor(): void
    {
        $since = microtime(true);
        $this->event(function (): void {
            Coroutine::sleep(0.005);
            $this->story[] = 'message';
        }, [], function (): void {
            go(function (): void {
                for ($i = 0; true; $i++) {
                    $this->story[] = $i === 0 ? 'loop' : 'again';
                    Coroutine::sleep($i === 0 ? 0.001 : 30);
                }
            });
            Event::defer(function (): void {
                $this->story[] = 'deferred';
            });
        });
        self::assertSame(['loop', 'deferred', 'again', 'message'], $this->story);
        self::assertLessThan(1, microtime(true) - $since);
    }

    public function testConnectionPool(): void
    {
        $this->event(function (): void {
            $made = 0;
            $pool = new \Swoole\ConnectionPool(static function () use (&$made): \stdClass {
                $made++;
                return (object) ['number' => $made];
            }, 2);
            foreach ([1, 2, 3] as $user) {
                go(function () use ($pool, $user): void {
                    $connection = $pool->get();
                    Coroutine::sleep(0.01 * $user);
                    $this->story[] = "$user has {$connection->number}";
                    $pool->put($connection);
                });
            }
            Coroutine::sleep(0.1);
            $one = $pool->get();
            $pool->get();
            $this->story[] = $pool->get(0.001);
            $pool->put(null);
            $this->story[] = $pool->get()->number;
            $pool->close();
            $pool->put($one);
            try {
                $pool->get();
            } catch (RuntimeException $closed) {
                $this->story[] = $closed->getMessage();
            }
        });
        self::assertSame(['1 has 1', '2 has 2', '3 has 1', false, 3, 'Pool has been closed'], $this->story);
    }

    public function testDatabaseConfigs(): void
    {
        $config = (new \Swoole\Database\PDOConfig())->withHost('db')->withPort(3307)->withDbname('chat')
            ->withCharset('utf8')->withUsername('u')->withPassword('p');
        self::assertSame('mysql:host=db;port=3307;dbname=chat;charset=utf8', $config->dsn());
        self::assertSame('mysql:unix_socket=/s;dbname=chat;charset=utf8', $config->withUnixSocket('/s')->dsn());
        self::assertSame('sqlite::memory:', $config->withDriver('sqlite')->withDbname(':memory:')->dsn());
        self::assertSame(2, (new \Swoole\Database\RedisConfig())->withDbIndex(2)->getDbIndex());
        self::assertInstanceOf(\Swoole\ConnectionPool::class, new \Swoole\Database\PDOPool($config));
    }

    public function testASleepMakesAnswersAboutConnectionsOld(): void
    {
        $this->event(function (Server $server): void {
            $this->bridge->open();
            $before = $this->bridge->questions;
            $server->exists(77);
            $server->exists(77);
            Coroutine::sleep(0.001);
            $server->exists(77);
            $this->story[] = $this->bridge->questions - $before;
        });
        self::assertSame([2], $this->story);
    }

    public function testWhatPhpCannotTell(): void
    {
        $this->event(function (): void {
            $this->story = [
                Coroutine::getStackUsage(), Coroutine::getStackUsage(9), Coroutine::enableScheduler(),
                Coroutine::disableScheduler(),
            ];
        });
        self::assertSame([0, false, false, false], $this->story);
    }

    public function testDeadlockCheckPrintsWhoWaits(): void
    {
        $result = $this->event(static function (): void {
            swoole_test_kernel_coroutine(2, 0.001);
            Coroutine\deadlock_check();
        });
        self::assertSame('[FATAL ERROR]: all coroutines (count: 3) are asleep - deadlock!', $result->logs[0]['text']);
        self::assertContains('[Coroutine-2]', array_column($result->logs, 'text'));
    }

    public function testCoroutinesOfStartAreNotWaitedForEither(): void
    {
        FakeBridge::stop();
        Scheduler::reset();
        $run = \FpmBridge\Runtime::host(new \FpmBridge\Environment(), null);
        self::assertNotNull($run);
        $run->serve('x', static fn(): array => [], function (): void {
            go(function (): void {
                $this->story[] = 'begins';
                Coroutine::sleep(30);
            });
            Event::defer(function (): void {
                $this->story[] = 'deferred';
            });
        });
        $since = microtime(true);
        $event = new \FpmBridge\Event();
        $event->type = 13;
        $run->hosted($event);
        self::assertSame(['begins', 'deferred'], $this->story);
        self::assertLessThan(5, microtime(true) - $since);
    }

    public function testMostCoroutinesOfAServer(): void
    {
        $this->event(function (): void {
            $this->story[] = go(static function (): void {
                Coroutine::sleep(0.001);
            }) !== false;
            $this->story[] = go('strlen', 'x');
            Coroutine::set(['max_coro_num' => 3]); // it wins
            $this->story[] = go('strlen', 'x') !== false;
        }, ['max_coro_num' => 2]);
        self::assertSame([true, false, true], $this->story);
        self::assertSame(['Swoole\Coroutine::create(): exceed max number of coroutine 2'], $this->warnings);
    }

    public function testRuntimeKeepsItsFlags(): void
    {
        self::assertSame([0, true, SWOOLE_HOOK_ALL], [
            Runtime::getHookFlags(), Runtime::enableCoroutine(), Runtime::getHookFlags(),
        ]);
        self::assertTrue(Runtime::setHookFlags(SWOOLE_HOOK_TCP));
        self::assertSame(SWOOLE_HOOK_TCP, Runtime::getHookFlags());
        self::assertTrue(Runtime::enableCoroutine(false));
        self::assertSame(0, Runtime::getHookFlags());
    }

    /**
     * @param array<string, mixed> $settings
     */
    private function event(callable $then, array $settings = [], ?callable $before = null): Result
    {
        $this->bridge = FakeBridge::serving(function () use ($then, $settings, $before): void {
            $this->server = new Server('0.0.0.0', 9501);
            $this->server->set($settings);
            if ($before !== null) {
                $this->server->on('workerStart', $before);
            }
            $this->server->on('message', $then);
            $this->server->start();
        });
        $result = $this->bridge->message($this->bridge->connect()->fd, 'go');
        return $result;
    }
}

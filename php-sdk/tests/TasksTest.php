<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use Exception;
use FpmBridge\Compat\Loader;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Testing\Result;
use FpmBridge\Unsupported;
use FpmBridge\Wire;
use LogicException;
use PHPUnit\Framework\TestCase;
use Swoole\Server\PipeMessage;
use Swoole\Server\StatusInfo;
use Swoole\Server\Task;
use Swoole\Server\TaskResult;
use Swoole\WebSocket\Server;

/**
 * Sections 1.1, 1.3, 2.3 and 2.4 of the Swoole semantics, over the fake bridge.
 */
final class TasksTest extends TestCase
{
    private Server $server;
    private FakeBridge $bridge;

    /** @var callable(Server): mixed what the next message does */
    private $then;

    /** @var mixed what it returned */
    private $got;

    /** @var callable(mixed...): mixed what a task does; gets onTask's arguments */
    private $task;

    /** @var list<string> warnings that were raised */
    private array $warnings = [];

    /** @var list<array<int, mixed>> a callback's name and arguments but the server */
    private array $calls = [];

    /** @var list<array<int, mixed>> what namedCallback() got */
    private static array $named = [];

    protected function setUp(): void
    {
        Loader::$lastError = 0;
        self::$named = [];
        $this->task = static function () {
            return null;
        };
        set_error_handler(function (int $type, string $message): bool {
            $this->warnings[] = $message;
            return true;
        });
        $this->serve();
    }

    protected function tearDown(): void
    {
        restore_error_handler();
        FakeBridge::stop();
    }

    /**
     * @param array<string, mixed> $settings
     */
    private function serve(array $settings = [], bool $finish = true): void
    {
        unset($this->server);
        $this->bridge = FakeBridge::serving(function () use ($settings, $finish): void {
            $this->server = new Server('0.0.0.0', 9501, SWOOLE_PROCESS);
            $this->server->set($settings + ['worker_num' => 2, 'task_worker_num' => 3]);
            $this->server->on('message', function (Server $server): void {
                $this->got = ($this->then)($server);
            });
            $this->server->on('task', function (...$arguments) {
                return ($this->task)(...$arguments);
            });
            $names = [
                'pipeMessage', 'start', 'managerStart', 'beforeShutdown', 'managerStop', 'shutdown', 'beforeReload',
                'afterReload', 'workerError', 'workerStop',
            ];
            foreach (array_merge($names, $finish ? ['finish'] : []) as $name) {
                $this->server->on($name, function (Server $server, ...$arguments) use ($name): void {
                    array_unshift($arguments, $name, $server->worker_id, $server->taskworker);
                    $this->calls[] = $arguments;
                });
            }
            $this->server->addCommand('add', SWOOLE_SERVER_COMMAND_EVENT_WORKER, static function ($server, $json) {
                return json_encode(array_sum(json_decode($json, true)));
            });
            $this->server->start();
        });
    }

    /**
     * @param callable(Server): mixed $then
     */
    private function in(callable $then): Result
    {
        $this->then = $then;
        return $this->bridge->message($this->bridge->connect()->fd, 'go');
    }

    /**
     * @return list<array<int, mixed>>
     */
    private function calls(string $name): array
    {
        return array_values(array_filter($this->calls, static function (array $call) use ($name): bool {
            return $call[0] === $name;
        }));
    }

    public function testDescription(): void
    {
        $description = $this->bridge->description();
        self::assertSame(
            [['task', 'finish', 'pipemessage', 'start', 'shutdown', 'workererror'], 2, 3],
            [$description['events'], $description['workers'], $description['task_workers']]
        );
    }

    public function testTaskWithoutItsCallbackDoesNotStart(): void
    {
        unset($this->server);
        $this->expectException(LogicException::class);
        $this->expectExceptionMessage("require 'onTask' callback");
        FakeBridge::serving(static function (): void {
            $server = new Server('0.0.0.0', 9501);
            $server->set(['task_worker_num' => 1]);
            $server->on('message', 'strlen');
            $server->start();
        });
    }

    public function testATaskAndItsResults(): void
    {
        $this->task = function (Server $server, int $id, int $source, $data): string {
            self::assertSame([2, true], [$server->worker_id, $server->taskworker]);
            $server->finish(['first']);
            $server->push(1, 'pushed');
            return "$id $source $data";
        };
        $this->in(static function (Server $server) {
            return [$server->task('a'), $server->task('b')];
        });
        self::assertSame([0, 1], $this->got);
        $results = $this->bridge->runTasks();
        self::assertCount(6, $results);
        self::assertSame(['pushed'], $results[0]->pushed(1));
        self::assertSame([
            ['finish', 0, false, 0, ['first']], ['finish', 0, false, 0, '0 0 a'],
            ['finish', 0, false, 1, ['first']], ['finish', 0, false, 1, '1 0 b'],
        ], $this->calls('finish'));
        self::assertSame([0, false], [$this->server->worker_id, $this->server->taskworker]);
    }

    public function testAFailedEventQueuesNothing(): void
    {
        $result = $this->in(static function (Server $server): void {
            $server->task('never');
            throw new LogicException('no');
        });
        self::assertStringContainsString('no', (string) $result->error);
        self::assertSame([], $result->tasks);
    }

    /**
     * @return array<string, array{array<string, mixed>, bool}> settings, whether the return value is a result
     */
    public static function shapes(): array
    {
        return [
            'task_use_object' => [['task_use_object' => true], true],
            'task_object' => [['task_object' => true], true],
            'event_object' => [['event_object' => true], true],
            'task_enable_coroutine' => [['task_enable_coroutine' => true], false],
        ];
    }

    /**
     * @dataProvider shapes
     * @param array<string, mixed> $settings
     */
    public function testTasksAsObjects(array $settings, bool $returns): void
    {
        $this->serve($settings);
        $this->task = function (Server $server, Task $task): string {
            self::assertSame([0, 0, 'a', 0], [$task->id, $task->worker_id, $task->data, $task->flags]);
            self::assertGreaterThan(1.6e9, $task->dispatch_time);
            self::assertTrue($task->finish('finished'));
            return 'returned';
        };
        $this->in(static function (Server $server) {
            return $server->task('a');
        });
        $ran = $this->bridge->runTasks()[0];
        self::assertNull($ran->error);
        self::assertSame($returns ? ['finished', 'returned'] : ['finished'], array_map('unserialize', $ran->results));
        $got = $this->calls('finish')[0][3];
        if (isset($settings['event_object'])) {
            self::assertInstanceOf(TaskResult::class, $got);
            self::assertSame([0, 2, 'finished'], [$got->task_id, $got->task_worker_id, $got->data]);
        } else {
            self::assertSame(0, $got);
        }
    }

    public function testFinishOutsideOfATaskWarns(): void
    {
        $this->in(static function (Server $server) {
            return [$server->finish('x'), (new Task())->finish('x')];
        });
        self::assertSame([false, false], $this->got);
        self::assertStringContainsString('finish method can only be used in the task-worker', $this->warnings[0]);
    }

    public static function namedCallback(Server $server, int $id, $data): void
    {
        self::$named[] = [$server->worker_id, $id, $data];
    }

    public function testFinishCallbacksByName(): void
    {
        $this->task = static function () {
            return 'done';
        };
        foreach ([self::class . '::namedCallback', [self::class, 'namedCallback']] as $callback) {
            $this->in(static function (Server $server) use ($callback): int {
                return $server->task('x', -1, $callback);
            });
        }
        $this->bridge->runTasks();
        self::assertSame([[0, 0, 'done'], [0, 1, 'done']], self::$named);
        self::assertSame([], $this->calls('finish'));
        $result = $this->in(static function (Server $server): int {
            return $server->task('x', -1, static function (): void {
            });
        });
        self::assertStringContainsString(Unsupported::class, (string) $result->error);
    }

    public function testWhatCannotBeQueued(): void
    {
        $this->in(static function (Server $server) {
            return [$server->task('x', 3), $server->taskwait('x', 0.1, 3)];
        });
        self::assertSame([false, false], $this->got);
        self::assertStringContainsString('worker_id must be less than task_worker_num[3]', $this->warnings[0]);
        $result = $this->in(static function (Server $server) {
            return $server->task(static function (): void {
            });
        });
        self::assertStringContainsString(Exception::class . ": Serialization of 'Closure'", (string) $result->error);
        $this->task = function (Server $server): void {
            $this->got = [$server->task('x'), $server->taskwait('x')];
        };
        $this->in(static function (Server $server) {
            return $server->task('nested');
        });
        $this->warnings = [];
        $this->bridge->runTasks();
        self::assertSame([false, false], $this->got);
        self::assertStringContainsString('Server->task() cannot use in the task-worker', $this->warnings[0]);
        self::assertStringContainsString('taskwait method can only be used in the worker process', $this->warnings[1]);
        $this->serve(['task_worker_num' => 0]);
        $this->warnings = [];
        $this->in(static function (Server $server) {
            return $server->task('x');
        });
        self::assertFalse($this->got);
        self::assertStringContainsString("task method can't be executed without task worker", $this->warnings[0]);
    }

    public function testWaiting(): void
    {
        $this->bridge->waited = static function ($data) {
            return $data === 'slow' ? null : "did $data";
        };
        $this->in(static function (Server $server): array {
            return [
                $server->taskwait('a'), $server->taskwait('slow', 0.1), $server->getLastError(),
                $server->taskWaitMulti(['x' => 'a', 'y' => 'slow', 'z' => 'c']),
                $server->taskCo(['x' => 'a', 'y' => 'slow', 'z' => 'c']), $server->taskWaitMulti([]),
                $server->taskWaitMulti(array_fill(0, 1024, 'a')),
            ];
        });
        self::assertSame([
            'did a', false, 2003, [0 => 'did a', 2 => 'did c'], ['did a', false, 'did c'], [], false,
        ], $this->got);
        self::assertStringContainsString('too many concurrent tasks', $this->warnings[0]);
    }

    public function testMessagesBetweenWorkers(): void
    {
        $result = $this->in(static function (Server $server): array {
            return [
                $server->sendMessage(['x' => 1], 1), $server->sendMessage('x', 4), $server->sendMessage('x', 0),
                $server->sendMessage('x', 5), $server->sendMessage('x', -1),
            ];
        });
        self::assertSame([true, true, false, false, false], $this->got);
        self::assertStringContainsString("can't send messages to self", $this->warnings[0]);
        self::assertStringContainsString('worker_id[5] is invalid', $this->warnings[1]);
        self::assertSame([1, 4], array_column($result->messages, 'worker'));
        $data = $result->messages[0]['data'];
        $this->bridge->event(Wire::PIPE_MESSAGE, ['source' => 0, 'worker' => 1], $data);
        $this->bridge->event(Wire::PIPE_MESSAGE, ['source' => 0, 'worker' => 4], $data);
        self::assertSame([
            ['pipeMessage', 1, false, 0, ['x' => 1]], ['pipeMessage', 4, true, 0, ['x' => 1]],
        ], $this->calls('pipeMessage'));
        $this->serve(['event_object' => true]);
        $this->bridge->event(Wire::PIPE_MESSAGE, ['source' => 0, 'worker' => 1], $data);
        $message = $this->calls('pipeMessage')[2][3];
        self::assertInstanceOf(PipeMessage::class, $message);
        self::assertSame([0, 1, ['x' => 1]], [$message->source_worker_id, $message->worker_id, $message->data]);
    }

    public function testTheLifeOfTheServer(): void
    {
        $this->bridge->event(Wire::START);
        $this->bridge->event(Wire::START, [], '', 1);
        $this->bridge->event(Wire::START, [], '', 2);
        $died = ['worker' => 1, 'pid' => 7, 'exit_code' => 255, 'signal' => 0];
        $this->bridge->event(Wire::WORKER_ERROR, $died);
        $this->bridge->event(Wire::START, [], '', 3);
        $this->bridge->event(Wire::SHUTDOWN);
        $calls = array_values(array_filter($this->calls, static function (array $call): bool {
            return $call[0] !== 'workerStop';
        }));
        self::assertSame([
            ['managerStart', -1, false], ['start', -1, false], ['beforeReload', -1, false], ['afterReload', -1, false],
            ['workerError', -1, false, 1, 7, 255, 0],
            ['beforeShutdown', -1, false], ['managerStop', -1, false], ['shutdown', -1, false],
        ], $calls);
        $this->serve(['event_object' => true]);
        $this->bridge->event(Wire::WORKER_ERROR, $died);
        $info = $this->calls('workerError')[1][3];
        self::assertInstanceOf(StatusInfo::class, $info);
        self::assertSame([1, 7, 255, 0], [$info->worker_id, $info->worker_pid, $info->exit_code, $info->signal]);
    }

    public function testWorkerStopEndsEachRun(): void
    {
        $this->in(static function () {
            return null;
        });
        self::assertSame(['workerStop', 0, false, 0], $this->calls('workerStop')[0]);
    }

    public function testControl(): void
    {
        $result = $this->in(static function (Server $server): array {
            return [
                $server->reload(), $server->stop(), $server->stop(1), @$server->stop(5), $server->shutdown(),
                $server->getWorkerStatus(), $server->getWorkerStatus(1), $server->getWorkerStatus(4),
                $server->getWorkerStatus(5), $server->getWorkerPid(), $server->getWorkerPid(1),
            ];
        });
        self::assertSame([true, true, true, false, true, 1, 2, 2, false, getmypid(), false], $this->got);
        self::assertSame([1, 2], $result->server);
    }

    public function testShutdownBeforeStart(): void
    {
        FakeBridge::stop();
        unset($this->server);
        FakeBridge::serving(function (): void {
            $server = new Server('0.0.0.0', 9501);
            $server->on('message', 'strlen');
            self::assertFalse($server->shutdown());
            self::assertSame([509, []], [$server->getLastError(), $this->warnings]);
            self::assertFalse($server->stats());
            self::assertFalse($server->task('x'));
            self::assertCount(2, $this->warnings);
            $server->start();
        });
    }

    public function testStatsHaveSwoolesKeysInItsOrder(): void
    {
        $this->in(static function (Server $server): array {
            return $server->stats();
        });
        self::assertSame([
            'start_time', 'connection_num', 'abort_count', 'accept_count', 'close_count', 'worker_num',
            'task_worker_num', 'user_worker_num', 'idle_worker_num', 'dispatch_count', 'request_count',
            'response_count', 'total_recv_bytes', 'total_send_bytes', 'pipe_packet_msg_id', 'concurrency',
            'session_round', 'min_fd', 'max_fd', 'worker_request_count', 'worker_response_count',
            'worker_dispatch_count', 'worker_concurrency', 'task_idle_worker_num', 'tasking_num', 'task_count',
            'coroutine_num', 'coroutine_peek_num',
        ], array_keys($this->got));
        self::assertSame([1, 2, 3], [
            $this->got['connection_num'], $this->got['worker_num'], $this->got['task_worker_num'],
        ]);
        foreach ($this->got as $value) {
            self::assertIsInt($value);
        }
    }

    public function testCommands(): void
    {
        $this->in(static function (Server $server): array {
            return [
                $server->command('add', 0, SWOOLE_SERVER_COMMAND_EVENT_WORKER, [1, 2]),
                $server->command('add', 0, SWOOLE_SERVER_COMMAND_EVENT_WORKER, [1, 2], false),
                $server->command('add', 0, SWOOLE_SERVER_COMMAND_MASTER, [1, 2]),
                $server->command('none', 0, SWOOLE_SERVER_COMMAND_EVENT_WORKER, 1),
                @$server->addCommand('late', 8, 'strlen'),
            ];
        });
        self::assertSame([3, '3', false, false, false], $this->got);
    }
}

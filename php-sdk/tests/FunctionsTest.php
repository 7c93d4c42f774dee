<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Helpers;
use FpmBridge\Compat\Loader;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Unsupported;
use OpenSwoole\Util;
use PHPUnit\Framework\TestCase;
use Swoole\Process;
use Swoole\Server\Task;
use Swoole\WebSocket\Server;

/**
 * Swoole's functions that need no event, and small classes.
 */
final class FunctionsTest extends TestCase
{
    protected function tearDown(): void
    {
        FakeBridge::stop();
    }

    public function testSystem(): void
    {
        self::assertSame('6.2.1', swoole_version());
        self::assertGreaterThan(0, swoole_cpu_num());
        self::assertGreaterThan(0, swoole_container_cpu_num());
        self::assertIsBool(swoole_is_in_container());
        putenv('SWOOLE_CPU_NUM=7');
        self::assertSame(7, swoole_container_cpu_num());
        putenv('SWOOLE_CPU_NUM');
        self::assertNotContains('127.0.0.1', swoole_get_local_ip());
        self::assertArrayNotHasKey('lo', swoole_get_local_mac());
        self::assertTrue(swoole_set_process_name('x'));
        self::assertTrue(swoole_async_set(['enable_coroutine' => true]));
        swoole_clear_dns_cache();
        self::assertFalse(@swoole_internal_call_user_shutdown_begin());
    }

    public function testErrors(): void
    {
        Loader::$lastError = 1004;
        self::assertSame(1004, swoole_last_error());
        swoole_clear_error();
        self::assertSame(0, swoole_last_error());
        self::assertSame('No such file or directory', swoole_strerror(2));
        self::assertSame('session closed', swoole_strerror(1004));
        self::assertSame('Unknown error', swoole_strerror(99999));
        self::assertIsInt(swoole_errno());
    }

    public function testLogs(): void
    {
        $bridge = FakeBridge::serving(static function (): void {
            $server = new Server('0.0.0.0', 9501);
            $server->on('message', static function (): void {
                swoole_error_log(SWOOLE_LOG_WARNING, 'careful');
                swoole_error_log(SWOOLE_LOG_NONE, 'nothing');
                swoole_error_log_ex(SWOOLE_LOG_ERROR, 1004, 'closed');
                swoole_ignore_error(1004);
                swoole_error_log_ex(SWOOLE_LOG_ERROR, 1004, 'ignored');
            });
            $server->start();
        });
        $logs = $bridge->message($bridge->connect()->fd, 'x')->logs;
        self::assertSame([
            ['level' => 2, 'text' => 'careful'], ['level' => 3, 'text' => 'closed (ERRNO 1004)'],
        ], $logs);
        Helpers::$ignored = [];
    }

    public function testHashcode(): void
    {
        // DJBX33A over 64 bit with the top bit set, as zend_hash_func() has it.
        self::assertSame(5381 | PHP_INT_MIN, swoole_hashcode(''));
        self::assertSame((5381 * 33 + 97) | PHP_INT_MIN, swoole_hashcode('a'));
        self::assertSame(-9223365082819826274, swoole_hashcode('swoole', 0));
        self::assertSame(hexdec(hash('joaat', 'hello world')), swoole_hashcode('hello world', 1));
        self::assertFalse(swoole_hashcode('x', 9));
    }

    public function testPartsOfStrings(): void
    {
        $text = 'xx' . serialize(['a' => 1]) . 'yy';
        self::assertSame(['a' => 1], swoole_substr_unserialize($text, 2, strlen($text) - 4));
        self::assertFalse(swoole_substr_unserialize($text, 99));
        self::assertSame(['b' => 2], swoole_substr_json_decode('..{"b":2}', 2, 0, true));
        self::assertSame(3, swoole_substr_json_decode('abc3', -1));
        self::assertFalse(swoole_substr_json_decode('', 0));
    }

    public function testMimeTypes(): void
    {
        self::assertSame('image/png', swoole_mime_type_get('/a/b.PNG'));
        self::assertSame('application/octet-stream', swoole_get_mime_type('x.nothing'));
        self::assertFalse(swoole_mime_type_exists('x.nothing'));
        self::assertTrue(swoole_mime_type_add('nothing', 'text/nothing'));
        self::assertFalse(swoole_mime_type_add('nothing', 'text/other'));
        swoole_mime_type_set('nothing', 'text/other');
        self::assertSame('text/other', swoole_mime_type_list()['nothing']);
        self::assertTrue(swoole_mime_type_delete('nothing'));
        self::assertFalse(swoole_mime_type_delete('nothing'));
    }

    public function testSelect(): void
    {
        [$one, $other] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $read = [$one];
        $write = $except = null;
        self::assertSame(0, swoole_select($read, $write, $except, 0.001));
        fwrite($other, 'x');
        $read = [$one];
        self::assertSame(1, swoole_client_select($read, $write, $except));
        self::assertSame([$one], $read);
    }

    public function testNameResolvers(): void
    {
        $resolver = new class {
            public function lookup(string $name): ?string
            {
                return $name === 'my-service' ? '10.0.0.1:80' : null;
            }
        };
        self::assertTrue(swoole_name_resolver_add($resolver));
        self::assertSame('10.0.0.1:80', swoole_name_resolver_lookup('my-service', null));
        self::assertSame('127.0.0.1', swoole_name_resolver_lookup('127.0.0.1', null));
        self::assertTrue(swoole_name_resolver_remove($resolver));
        self::assertFalse(swoole_name_resolver_remove($resolver));
    }

    public function testLibrary(): void
    {
        self::assertSame([1, 'd'], [
            swoole_array_default_value(['a' => 1], 'a'), swoole_array_default_value([], 'a', 'd'),
        ]);
        swoole_library_set_options(['a' => 1]);
        swoole_library_set_option('b', 2);
        self::assertSame(['a' => 1, 'b' => 2], swoole_library_get_options());
        self::assertSame([2, null], [swoole_library_get_option('b'), swoole_library_get_option('c')]);
        self::assertSame('b-c', (string) swoole_string(' A,B-C ')->trim()->lower()->split(',')->get(1));
        self::assertSame(['b', 3], [swoole_array(['a' => 'b'])->get('a')->toString(), swoole_array_list(1, 2)->sum()]);
        self::assertSame('ThenSome', swoole_string('x')->replace('x', 'Then')->append('Some')->toString());
        self::assertTrue(swoole_string('abc')->startsWith('ab') && swoole_string('abc')->endsWith('bc'));
        $list = swoole_array([3, 1, 2])->sort();
        self::assertSame([[1, 2, 3], 3, [2, 4, 6]], [
            $list->toArray(), count($list), $list->map(static fn(int $n): int => 2 * $n)->toArray(),
        ]);
        self::assertSame('[1:2:3]', '[' . unserialize(serialize($list))->join(':') . ']');
    }

    public function testFunctionsOfTheEngineThrow(): void
    {
        $calls = [
            'swoole_get_objects' => [], 'swoole_get_object_by_handle' => [1], 'swoole_implicit_fn' => ['x'],
            'swoole_tracer_leak_detect' => [], 'swoole_tracer_prof_begin' => [], 'swoole_tracer_prof_end' => ['x'],
            'swoole_coroutine_socketpair' => [1, 1, 0], 'swoole_init_default_remote_object_server' => [],
            'swoole_event_add' => [1], 'swoole_event_set' => [1], 'swoole_event_write' => [1, 'x'],
        ];
        foreach ($calls as $function => $arguments) {
            try {
                $function(...$arguments);
                self::fail("$function() did something");
            } catch (Unsupported $unsupported) {
                self::assertStringContainsString(': ', $unsupported->getMessage());
            }
        }
    }

    public function testProcess(): void
    {
        self::assertTrue(Process::kill(getmypid(), 0));
        self::assertFalse(Process::kill(999999999, 0));
        self::assertTrue(Process::daemon());
        $process = new Process('strlen');
        self::assertNull($process->pid);
        foreach (['start' => [], 'write' => ['x'], 'read' => [], 'close' => []] as $method => $arguments) {
            try {
                $process->$method(...$arguments);
                self::fail("$method() does not throw");
            } catch (Unsupported $unsupported) {
                $text = "Swoole\\Process::$method() needs child processes, which PHP-FPM does not have";
                self::assertStringStartsWith($text, $unsupported->getMessage());
            }
        }
        $process->id = 0; // by addProcess()
        self::assertFalse(@$process->write('x'));
        self::assertFalse(@$process->read());
        $this->expectException(Unsupported::class);
        $process->start();
    }

    /**
     * PHP 8's syntax, which PHP 7 would not compile.
     */
    public function testConstructorsTakeOpenSwoolesNames(): void
    {
        if (PHP_VERSION_ID < 80000) {
            self::markTestSkipped('named arguments are PHP 8');
        }
        self::assertSame(7, eval('return (new \OpenSwoole\Coroutine\Channel(capacity: 7))->capacity;'));
        $table = eval('return new \OpenSwoole\Table(size: 100, conflictProportion: 1);');
        $table->column('a', \Swoole\Table::TYPE_INT);
        self::assertTrue($table->create());
        self::assertSame(128, $table->size);
        self::assertNull(eval('return (new \OpenSwoole\Process(callback: "strlen", enableCoroutine: true))->pid;'));
        foreach (['new \Swoole\Table(sizes: 1)', 'new \Swoole\Coroutine\Channel(2, x: 1)'] as $code) {
            try {
                eval("return $code;");
                self::fail("$code does something");
            } catch (\Error $error) {
                self::assertStringStartsWith('Unknown named parameter $', $error->getMessage());
            }
        }
        $this->expectException(\ArgumentCountError::class);
        $this->expectExceptionMessage('Swoole\Table::__construct() expects at least 1 argument, 0 given');
        new \Swoole\Table();
    }

    public function testTaskPackRoundTrip(): void
    {
        foreach ([null, false, 7, 'x', ['a' => [1]], new \ArrayObject([1])] as $value) {
            self::assertEquals($value, Task::unpack((string) Task::pack($value)));
        }
        self::assertFalse(Task::unpack('garbage'));
        self::assertSame(
            '{"data":null,"dispatch_time":0,"id":-1,"worker_id":-1,"flags":0}',
            json_encode(new Task())
        );
    }

    public function testOpenSwooleUtil(): void
    {
        self::assertSame('22.1.2', Util::getVersion());
        self::assertSame(swoole_cpu_num(), Util::getCPUNum());
        Loader::$lastError = 503;
        self::assertSame(503, Util::getLastErrorCode());
        Util::clearError();
        self::assertSame(0, Util::getLastErrorCode());
        self::assertSame('image/gif', Util::mimeTypeGet('a.gif'));
        self::assertSame(swoole_hashcode('x'), Util::hashcode('x'));
        self::assertSame('session closed', Util::getErrorMessage(1004));
    }
}

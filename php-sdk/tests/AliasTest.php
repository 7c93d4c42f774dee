<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Classes;
use PHPUnit\Framework\TestCase;
use ReflectionClass;

/**
 * Each class under all its names, in any case. Each name is tried in a new process: the first one loads the class.
 */
final class AliasTest extends TestCase
{
    /**
     * @return array<string, array{string}>
     */
    public static function classes(): array
    {
        $api = json_decode((string) file_get_contents(__DIR__ . '/data/swoole-api.json'), true);
        $classes = [];
        foreach (array_keys($api['classes']) as $class) {
            if (is_file(dirname(__DIR__) . '/compat/' . strtr($class, '\\', '/') . '.php')) {
                $classes[$class] = [$class];
            }
        }
        return $classes + ['Swoole\Constant' => ['Swoole\Constant'], 'Swoole\Coroutine\System' => [
            'Swoole\Coroutine\System',
        ]];
    }

    /**
     * @dataProvider classes
     */
    public function testAClassHasAllItsNames(string $class): void
    {
        foreach (Classes::names(substr($class, 7)) as $name) {
            foreach ([$name, strtoupper($name), ucwords($name, '\\_')] as $spelling) {
                self::assertTrue(class_exists($spelling), $spelling);
                $real = (new ReflectionClass($spelling))->getName();
                self::assertSame($name === 'openswoole\constant' ? 'OpenSwoole\Constant' : $class, $real, $spelling);
            }
        }
    }

    /**
     * @dataProvider classes
     */
    public function testTheOtherNamesAreThereOnceOneOfThemIs(string $class): void
    {
        $names = array_diff(Classes::names(substr($class, 7)), ['openswoole\constant']);
        // One process per class: which name comes first is all the same to the code.
        foreach (array_slice($names, strlen($class) % 3, 1) as $first) {
            $code = 'require ' . var_export(dirname(__DIR__) . '/autoload.php', true) . ';'
                . 'class_exists(' . var_export($first, true) . ');'
                . 'foreach (' . var_export($names, true) . ' as $name) {'
                . ' echo class_exists($name, false) ? "" : "$name ";'
                . '}';
            $run = escapeshellarg(PHP_BINARY) . ' -r ' . escapeshellarg($code) . ' 2>&1';
            self::assertSame('', (string) shell_exec($run), $first);
        }
    }

    public function testShortNames(): void
    {
        self::assertSame('Swoole\Coroutine', (new ReflectionClass('Co'))->getName());
        self::assertSame('Swoole\Coroutine\Channel', (new ReflectionClass('chan'))->getName());
        self::assertSame('Swoole\Coroutine\WaitGroup', (new ReflectionClass('Co\WaitGroup'))->getName());
        self::assertSame(
            'Swoole\Coroutine\WaitGroup',
            (new ReflectionClass('OpenSwoole\Core\Coroutine\WaitGroup'))->getName()
        );
        self::assertFalse(class_exists('Co\NoSuchThing'));
        self::assertFalse(class_exists('swoole_no_such_thing'));
    }

    public function testConstantsOfClasses(): void
    {
        self::assertSame('beforeHandshakeResponse', \Swoole\Constant::EVENT_BEFORE_HANDSHAKE_RESPONSE);
        self::assertSame('worker_num', \Swoole\Constant::OPTION_WORKER_NUM);
        self::assertSame([1, 512, 1004, 'message', 'max_conn'], [
            \OpenSwoole\Constant::SOCK_TCP, \OpenSwoole\Constant::SSL, \OpenSwoole\Constant::ERROR_SESSION_CLOSED,
            \OpenSwoole\Constant::EVENT_MESSAGE, \OpenSwoole\Constant::OPTION_MAX_CONN,
        ]);
        self::assertSame([1, 2, 2, 9, 1], [
            \OpenSwoole\Server::SIMPLE_MODE, \OpenSwoole\Server::POOL_MODE,
            \OpenSwoole\WebSocket\Server::WEBSOCKET_OPCODE_BINARY,
            \OpenSwoole\WebSocket\Server::WEBSOCKET_OPCODE_PING, \OpenSwoole\WebSocket\Server::WEBSOCKET_FLAG_FIN,
        ]);
        self::assertSame(2, \OpenSwoole\Runtime::HOOK_TCP);
    }

    public function testFunctionsAreTheMethods(): void
    {
        $api = json_decode((string) file_get_contents(__DIR__ . '/data/swoole-api.json'), true);
        $found = 0;
        foreach (array_keys($api['functions']) as $name) {
            $kin = preg_match('/^swoole_(event|timer|coroutine)_(\w+)$/', $name, $parts) === 1;
            if (!$kin || $parts[2] === 'socketpair') {
                continue;
            }
            $method = new \ReflectionMethod('Swoole\\' . ucfirst($parts[1]), str_replace('_', '', $parts[2]));
            $function = new \ReflectionFunction($name);
            self::assertSame($method->getNumberOfRequiredParameters(), $function->getNumberOfRequiredParameters());
            self::assertCount($method->getNumberOfParameters(), $function->getParameters());
            $lines = array_slice(
                file((string) $function->getFileName()),
                $function->getStartLine() - 1,
                $function->getEndLine() - $function->getStartLine()
            );
            self::assertStringContainsString('::' . $method->getName() . '(', implode($lines));
            $found++;
        }
        self::assertSame(21, $found);
    }

    public function testGlobalConstants(): void
    {
        $api = json_decode((string) file_get_contents(__DIR__ . '/data/swoole-api.json'), true);
        // A float of JSON: PHP_INT_MAX is exact only as an int.
        foreach ($api['constants'] as $name => $value) {
            self::assertTrue(defined($name), $name);
            self::assertEquals($value, constant($name), $name);
        }
    }
}

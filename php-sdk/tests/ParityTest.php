<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Boot;
use FpmBridge\Compat\Scheduler;
use FpmBridge\Resident;
use FpmBridge\Runtime;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Tests\Support\Parity;
use FpmBridge\Unsupported;
use PHPUnit\Framework\TestCase;
use ReflectionClass;
use ReflectionFunction;
use ReflectionFunctionAbstract;
use Swoole\WebSocket\Server;

/**
 * Each class, method, parameter, property, constant and function of Swoole is in exactly one list of parity/, and is
 * what the list says. How to move an entry: CONTRIBUTING.md.
 */
final class ParityTest extends TestCase
{
    private static ?Parity $parity = null;

    /** In request mode nothing of these may throw, but UDP. */
    private const MUST_WORK = [
        'Swoole\WebSocket\Server', 'Swoole\Http\Server', 'Swoole\Server', 'Swoole\Server\Port',
        'Swoole\WebSocket\Frame', 'Swoole\WebSocket\CloseFrame', 'Swoole\Http\Request', 'Swoole\Http\Response',
        'Swoole\Connection\Iterator', 'Swoole\Table', 'Swoole\Atomic', 'Swoole\Atomic\Long', 'Swoole\Lock',
        'Swoole\Server\Task', 'Swoole\Server\TaskResult', 'Swoole\Server\Event', 'Swoole\Server\PipeMessage',
    ];
    private const MAY_THROW = ['Swoole\Server::sendto()'];

    protected function tearDown(): void
    {
        FakeBridge::stop();
        Scheduler::reset();
    }

    private static function parity(): Parity
    {
        return self::$parity ?? self::$parity = new Parity();
    }

    /**
     * @return array<string, array{string, bool}> what is the same in both modes is there once
     */
    public static function ids(): array
    {
        $ids = [];
        foreach (array_keys(self::parity()->ids()) as $id) {
            $ids[$id] = [$id, false];
            $where = self::parity()->where($id);
            if ($where !== self::parity()->where($id, true) || isset($where['throws'])) {
                $ids["$id, resident"] = [$id, true];
            }
        }
        return $ids;
    }

    /**
     * @dataProvider ids
     */
    public function testEachPartIsInOneListAndIsWhatItSays(string $id, bool $resident): void
    {
        $where = self::parity()->where($id, $resident);
        self::assertCount(1, $where, "$id is in " . ($where === [] ? 'no list' : implode(' and ', array_keys($where))));
        $list = (string) key($where);
        [$kind, $class, $facts] = self::parity()->ids()[$id];
        $says = $where[$list];
        if ($list === 'pending') {
            self::assertIsString($says, 'who makes it');
            return;
        }
        if ($list === 'works') {
            $this->assertTestExists($says);
        } elseif ($list === 'differs') {
            self::assertStringEndsWith('.', $says[0], 'the difference, a sentence');
            $this->assertTestExists($says[1]);
            if (($says[2] ?? '') === 'absent') {
                return;
            }
        }
        switch ($kind) {
            case 'class':
                $this->assertClass($class, $facts);
                break;
            case 'method':
                self::assertTrue(method_exists($class, $facts['name']), "$id exists");
                $method = new \ReflectionMethod($class, $facts['name']);
                self::assertTrue($method->isPublic());
                self::assertSame($facts['static'], $method->isStatic(), 'static');
                $this->assertParameters($facts['params'], $method, true);
                break;
            case 'property':
                $defaults = (new ReflectionClass($class))->getDefaultProperties();
                self::assertArrayHasKey($facts['name'], $defaults);
                self::assertSame($facts['default'], $defaults[$facts['name']], 'default');
                break;
            case 'constant':
                self::assertSame($facts['value'], constant("$class::{$facts['name']}"));
                break;
            case 'function':
                self::assertTrue(function_exists($facts['name']), "$id exists");
                if ($facts['params'] !== null) {
                    $this->assertParameters($facts['params'], new ReflectionFunction($facts['name']), false);
                }
                break;
            case 'global':
                // A float of JSON may be an int here: 2^63 - 1 is no float.
                self::assertEquals($facts['value'], constant($facts['name']));
                break;
        }
        if ($list === 'throws' && ($kind === 'method' || $kind === 'function')) {
            $callable = $kind === 'method' ? [$class, $facts['name']] : $facts['name'];
            $this->assertThrows($callable, $facts['params'] ?? [], $says, $resident);
        }
    }

    public function testResidentModeHasEntriesOnlyForWhatIsAnotherThingThere(): void
    {
        foreach (self::parity()->resident as $list => $entries) {
            self::assertContains($list, Parity::LISTS);
            foreach ($entries as $id => $says) {
                self::assertNotSame(self::parity()->where($id), [$list => $says], $id);
            }
        }
    }

    public function testNoEntryOfAListStandsForNothing(): void
    {
        self::assertSame([], self::parity()->idle());
    }

    public function testWhatRequestModeMustCarryDoesNotThrow(): void
    {
        foreach (self::parity()->ids() as $id => [$kind, $class]) {
            if (in_array($class, self::MUST_WORK, true) && !in_array($id, self::MAY_THROW, true)) {
                self::assertArrayNotHasKey('throws', self::parity()->where($id), $id);
            }
        }
    }

    public function testPending(): void
    {
        $pending = [];
        foreach (self::parity()->ids() as $id => $facts) {
            if (key(self::parity()->where($id)) === 'pending') {
                $pending[] = $id;
            }
        }
        if ($pending !== []) {
            $count = count($pending);
            fwrite(STDERR, "\n$count parts of Swoole's API are pending (php-sdk/tests/parity/pending.php)\n");
        }
        self::assertSame($pending !== [], self::parity()->lists['pending'] !== []);
    }

    public function testTheDocumentIsUpToDate(): void
    {
        $file = dirname(__DIR__, 2) . '/docs/swoole.md';
        self::assertStringEqualsFile($file, self::parity()->document(), 'run `make docs`');
    }

    public function testEachSettingOfServersIsInTheDocument(): void
    {
        $named = explode(' ', implode(' ', array_keys(require __DIR__ . '/parity/settings.php')));
        self::assertSame(array_unique($named), $named, 'each setting once');
        self::assertSame([], Boot::unsupported(array_flip($named)), 'no setting that Swoole does not know');
        $section = ['worker_num', 'task_worker_num', 'dispatch_mode', 'max_request', 'package_max_length', 'daemonize'];
        self::assertSame([], array_diff($section, $named));
    }

    /**
     * What the bridge or the SDK does about a setting has a test that names it, and so has what is said at boot.
     */
    public function testEachSettingThatIsHonouredHasATest(): void
    {
        $tests = [];
        foreach (require __DIR__ . '/parity/settings-tests.php' as $names => $test) {
            foreach (explode(' ', $names) as $name) {
                self::assertArrayNotHasKey($name, $tests, 'once');
                $tests[$name] = $test;
            }
        }
        foreach (require __DIR__ . '/parity/settings.php' as $names => [$who, $note]) {
            foreach (explode(' ', $names) as $name) {
                if ($who === 'none' && strpos($note, 'said at boot') === false) {
                    self::assertArrayNotHasKey($name, $tests, "$name has a test, but does nothing");
                    continue;
                }
                self::assertArrayHasKey($name, $tests, "$name has a test");
                $text = $this->assertTestExists($tests[$name]);
                self::assertSame(1, preg_match("/\b$name\b/", $text), "$name in the files of {$tests[$name]}");
            }
        }
    }

    /**
     * A behaviour test: `ServerTest::testPush`, `e2e TestSwooleScript`, `go internal/app TestX`, or
     * `conformance 1.1-life/stop`.
     *
     * @param mixed $test
     * @return string the text of the files that it is in
     */
    private function assertTestExists($test): string
    {
        self::assertIsString($test, 'names a test');
        $root = dirname(__DIR__, 2);
        if (preg_match('/^(?:go (\S+)|e2e) (Test\w+)$/', $test, $found) === 1) {
            $files = glob($root . '/' . ($found[1] ?: 'e2e') . '/*_test.go') ?: [];
            $text = implode(array_map('file_get_contents', $files));
            self::assertStringContainsString("func {$found[2]}(", $text, 'test in Go');
            return $text;
        }
        if (strncmp($test, 'conformance ', 12) === 0) {
            $case = "$root/conformance/cases/" . substr($test, 12) . '.php';
            self::assertFileExists($case);
            $text = (string) file_get_contents($case);
            self::assertStringNotContainsString("\n * mode request\n", $text);
            return $text;
        }
        [$class, $method] = explode('::', $test);
        self::assertTrue(method_exists(__NAMESPACE__ . "\\$class", $method), "$test is a test");
        return (string) file_get_contents(__DIR__ . "/$class.php");
    }

    /**
     * @param array<string, mixed> $facts
     */
    private function assertClass(string $class, array $facts): void
    {
        self::assertTrue(class_exists($class), 'exists');
        $real = new ReflectionClass($class);
        self::assertSame($class, $real->getName());
        $parent = $real->getParentClass();
        self::assertSame($facts['parent'], $parent === false ? null : $parent->getName(), 'parent');
        self::assertSame($facts['final'], $real->isFinal(), 'final');
        // Stringable is PHP 8's.
        $interfaces = array_intersect($facts['interfaces'], get_declared_interfaces());
        self::assertSame([], array_values(array_diff($interfaces, $real->getInterfaceNames())), 'interfaces');
    }

    /**
     * @param list<array<string, mixed>> $expected
     */
    private function assertParameters(array $expected, ReflectionFunctionAbstract $function, bool $defaults): void
    {
        $actual = $function->getParameters();
        foreach ($expected as $i => $parameter) {
            self::assertArrayHasKey($i, $actual, "parameter \${$parameter['name']}");
            $real = $actual[$i];
            // In the extension the name has no meaning for variadics.
            if (!$real->isVariadic()) {
                self::assertSame($parameter['name'], $real->getName());
            }
            $optional = $parameter['optional'] ?? false;
            // That default says that the argument is missing, or given by OpenSwoole's name for it.
            $missing = $real->isDefaultValueAvailable() && $real->getDefaultValue() === PHP_INT_MIN;
            self::assertSame($optional, $real->isOptional() && !$missing, "\${$parameter['name']} is optional");
            if ($defaults) {
                self::assertSame($parameter['variadic'] ?? false, $real->isVariadic());
                self::assertSame($parameter['ref'] ?? false, $real->isPassedByReference());
            }
            if (array_key_exists('default', $parameter)) {
                self::assertEquals(
                    Parity::value($parameter['default']),
                    $real->getDefaultValue(),
                    "default of \${$parameter['name']}"
                );
            }
        }
        foreach (array_slice($actual, count($expected)) as $more) {
            self::assertTrue($more->isOptional(), "\${$more->getName()} is not Swoole's");
        }
    }

    /**
     * @param array{string, string}|string $callable
     * @param list<array<string, mixed>> $parameters
     */
    private function assertThrows($callable, array $parameters, string $says, bool $resident): void
    {
        if ($resident) {
            $server = self::object(Server::class, '');
            Runtime::require()->worker = (new ReflectionClass(Resident::class))->newInstanceWithoutConstructor();
        }
        $arguments = [];
        foreach ($parameters as $parameter) {
            if (($parameter['optional'] ?? false) === false) {
                $arguments[] = self::dummy((string) $parameter['type']);
            }
        }
        try {
            if (is_array($callable)) {
                [$class, $name] = $callable;
                $method = new \ReflectionMethod($class, $name);
                $object = $method->isStatic() ? null : ($server ?? self::object($class, $name));
                $object = is_a($object, $class) || $object === null ? $object : self::object($class, $name);
                $method->invokeArgs($object, $arguments);
            } else {
                $callable(...$arguments);
            }
            self::fail('it does not throw');
        } catch (Unsupported $unsupported) {
            self::assertStringContainsString(rtrim($says, '.'), $unsupported->getMessage());
        }
    }

    /**
     * @return mixed
     */
    private static function dummy(string $type)
    {
        switch ($type) {
            case 'int':
            case 'string|int':
                return 1;
            case 'float':
                return 0.1;
            case 'string':
                return 'x';
            case 'bool':
                return true;
            case 'callable':
                return 'strlen';
            case 'array':
            case '?array':
                return [];
            case 'array|int':
                return 1;
            case 'Swoole\Process':
                return (new ReflectionClass($type))->newInstanceWithoutConstructor();
            default:
                return null;
        }
    }

    private static function object(string $class, string $method): object
    {
        if (is_a($class, \Swoole\Server::class, true)) {
            $server = null;
            FakeBridge::serving(static function () use (&$server): void {
                $server = new Server('0.0.0.0', 9501);
                $server->on('message', 'strlen');
                $server->start();
            });
            return $server;
        }
        return (new ReflectionClass($class))->newInstanceWithoutConstructor();
    }
}

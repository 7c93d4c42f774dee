<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * The drop-in classes that not every server needs, under all their names: Swoole's and OpenSwoole's, those of Swoole 1
 * to 4 with underscores, and the short ones of coroutines.
 */
final class Classes
{
    /** Classes below `Swoole\`, parents before their children. The file is named alike. */
    private const CLASSES = [
        'Exception', 'Error', 'ExitException', 'ArrayObject', 'StringObject',
        'MultibyteStringObject', 'Constant', 'Coroutine',
        'Coroutine\Barrier',
        'Coroutine\CanceledException', 'Coroutine\Channel', 'Coroutine\Context', 'Coroutine\Iterator',
        'Coroutine\Lock', 'Coroutine\Scheduler', 'Coroutine\System', 'Coroutine\TimeoutException',
        'Coroutine\WaitGroup', 'Event', 'Http\Cookie', 'Http\Response', 'Process',
        'Process\Pool', 'Runtime', 'Server\Event',
        'Server\Packet', 'Server\PipeMessage', 'Server\StatusInfo', 'Server\Task', 'Server\TaskResult', 'Table\Row',
        'Timer\Iterator',
        'ConnectionPool', 'Database\MysqliConfig', 'Database\MysqliPool', 'Database\PDOConfig', 'Database\PDOPool',
        'Database\RedisConfig', 'Database\RedisPool',
    ];

    /** Names that follow no rule, in lower case => class below `Swoole\`. */
    private const OTHERS = [
        'co' => 'Coroutine',
        'chan' => 'Coroutine\Channel',
        'swoole\channel' => 'Coroutine\Channel',
        'openswoole\core\coroutine\waitgroup' => 'Coroutine\WaitGroup',
        'openswoole\core\coroutine\barrier' => 'Coroutine\Barrier',
    ];

    /** Classes that OpenSwoole has of its own. */
    private const OPENSWOOLE = ['openswoole\constant' => 'Constant', 'openswoole\util' => 'Util'];

    /**
     * Loads a class by any of its names.
     *
     * @param string $name in lower case
     */
    public static function load(string $name): void
    {
        if (isset(self::OPENSWOOLE[$name])) {
            require dirname(__DIR__) . '/compat/OpenSwoole/' . self::OPENSWOOLE[$name] . '.php';
            return;
        }
        foreach (self::CLASSES as $class) {
            if (in_array($name, self::names($class), true)) {
                if (!class_exists('Swoole\\' . $class, false)) {
                    require dirname(__DIR__) . '/compat/Swoole/' . strtr($class, '\\', '/') . '.php';
                }
                self::alias($class);
                return;
            }
        }
        Absent::asked($name);
    }

    /**
     * Makes a class known under its other names: at once, since type hints ask no autoloader.
     *
     * @param string $class below `Swoole\`
     */
    public static function alias(string $class): void
    {
        foreach (self::names($class) as $name) {
            if (!class_exists($name, false) && !isset(self::OPENSWOOLE[$name])) {
                class_alias('Swoole\\' . $class, $name);
            }
        }
    }

    /**
     * @return list<string> in lower case
     */
    public static function names(string $class): array
    {
        $lower = strtolower($class);
        $names = ["swoole\\$lower", "openswoole\\$lower", 'swoole_' . strtr($lower, '\\', '_')];
        if (strncmp($lower, 'coroutine\\', 10) === 0) {
            $names[] = 'co\\' . substr($lower, 10);
        }
        return array_merge($names, array_keys(self::OTHERS, $class, true));
    }
}

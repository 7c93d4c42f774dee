<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * What the analysis knows of PHP, Swoole and common libraries by name. All names are in lower case.
 */
final class Terms
{
    public const SERVER = 'Swoole\\Server';

    public const MODIFIERS = ['public', 'protected', 'private', 'readonly'];

    /** Events whose callbacks run in front of each PHP run, or not for connections: what they keep is not missed. */
    public const BOOT = [
        'start', 'beforeshutdown', 'shutdown', 'workerstart', 'workerstop', 'beforereload', 'afterreload',
        'workerexit', 'workererror', 'managerstart', 'managerstop',
    ];

    /** Properties that the extension gives to a server. */
    public const SERVER_PROPERTIES = [
        'setting', 'connections', 'host', 'port', 'type', 'ssl', 'mode', 'ports', 'master_pid', 'manager_pid',
        'worker_id', 'taskworker', 'worker_pid', 'stats_timer', 'admin_server', 'fpmbridge',
    ];

    /** Functions that change the argument at a position. */
    public const CHANGES = [
        'array_push' => 0, 'array_pop' => 0, 'array_shift' => 0, 'array_unshift' => 0, 'array_splice' => 0,
        'sort' => 0, 'rsort' => 0, 'usort' => 0, 'uasort' => 0, 'uksort' => 0, 'ksort' => 0, 'krsort' => 0,
        'asort' => 0, 'arsort' => 0, 'shuffle' => 0, 'natsort' => 0, 'array_multisort' => 0, 'array_walk' => 0,
    ];

    /** Classes of PHP that are memory, by what their objects are instances of. */
    public const CONTAINERS = [
        'splobjectstorage', 'arrayobject', 'arrayiterator', 'spldoublylinkedlist', 'splheap', 'splpriorityqueue',
        'splfixedarray', 'weakmap', 'ds\collection',
    ];

    /** Their methods that change them. */
    public const MUTATORS = [
        'attach', 'detach', 'addall', 'removeall', 'removeallexcept', 'offsetset', 'offsetunset', 'append',
        'exchangearray', 'push', 'pop', 'shift', 'unshift', 'enqueue', 'dequeue', 'insert', 'extract', 'add', 'put',
        'putall', 'remove', 'clear', 'set', 'setsize', 'allocate',
    ];

    /** Objects of these are made again when they are missing: connections, loggers and the like. */
    public const RESOURCE_CLASS = '/(^|\\\\)(pdo|mysqli|redis|rediscluster|predis|memcached?|mongo|amqp|logger|curl'
        . '|soapclient|imap|guzzle|elastic)|(client|connection|pool|logger|cache|driver|manager|factory)$/i';

    /** So are those that functions with such names give, and those in variables with such names. */
    public const RESOURCE_CALL = '/connect|getpdo|getredis|getdb|getmysql|getclient|getlogger|getpool|createpool'
        . '|createclient|open$|^(db|redis|mysql|mysqli_init|curl_init|fopen|stream_socket_client|fsockopen)$/i';
    public const RESOURCE_NAME = '/^_?(db|pdo|dbh|redis|mysql|mysqli|mongo|conn|connection|link|logger|log|pool'
        . '|cache|config|conf|settings|options)$/i';

    public const COROUTINES = [
        'go' => 1, 'swoole\coroutine::create' => 1, 'co::create' => 1, 'openswoole\coroutine::create' => 1,
        'swoole_coroutine_create' => 1, 'swoole\coroutine\go' => 1, 'co\go' => 1,
    ];

    /** Calls by their full names => kind. */
    public const CALLS = [
        'swoole_timer_tick' => Finding::TIMER, 'swoole_timer_after' => Finding::TIMER,
        'swoole_timer_add' => Finding::TIMER, 'swoole_timer_set' => Finding::TIMER,
        'swoole\timer::tick' => Finding::TIMER, 'swoole\timer::after' => Finding::TIMER,
        'openswoole\timer::tick' => Finding::TIMER, 'openswoole\timer::after' => Finding::TIMER,
        'swoole_timer::tick' => Finding::TIMER, 'swoole_timer::after' => Finding::TIMER,
        'swoole\process::alarm' => Finding::WATCHER,
        'swoole\process::signal' => Finding::WATCHER, 'openswoole\process::signal' => Finding::WATCHER,
        'swoole\event::add' => Finding::WATCHER, 'openswoole\event::add' => Finding::WATCHER,
        'swoole_event::add' => Finding::WATCHER, 'swoole_event_add' => Finding::WATCHER,
        'swoole\process::daemon' => Finding::PROCESS,
        'swoole_process::signal' => Finding::WATCHER, 'pcntl_fork' => Finding::PROCESS,
        'pcntl_alarm' => Finding::WATCHER,
    ];

    /** `new` of these. */
    public const CLASSES = [
        'swoole\process' => Finding::PROCESS, 'swoole_process' => Finding::PROCESS,
        'openswoole\process' => Finding::PROCESS, 'swoole\process\pool' => Finding::PROCESS,
        'swoole_process_pool' => Finding::PROCESS,
    ];

    /** Methods of the server. */
    public const SERVER_CALLS = [
        'tick' => Finding::TIMER, 'after' => Finding::TIMER, 'addtimer' => Finding::TIMER,
        'addprocess' => Finding::PROCESS,
    ];

    public static function isServer(string $class): bool
    {
        return preg_match(
            '/^(open)?swoole(\\\\|_)((websocket|http|redis|mqtt)(\\\\|_))?server$/i',
            ltrim($class, '\\')
        ) === 1;
    }

    public static function isSwoole(string $class): bool
    {
        return preg_match('/^\\\\?((open)?swoole[\\\\_]|co\\\\|fpmbridge\\\\)/i', $class) === 1;
    }
}

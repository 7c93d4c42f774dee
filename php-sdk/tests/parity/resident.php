<?php

/**
 * What is another thing in resident mode: list => entries as in the files of the lists, which are of request mode. What
 * is not here is the same in both.
 */

declare(strict_types=1);

$blocking = ['It blocks the worker until it is done.', 'CoroutineTest::testWaitEventAndFiles'];
$hooks = [
    'Flags are kept, hooks do nothing: what blocks in PHP blocks the worker.',
    'CoroutineTest::testRuntimeKeepsItsFlags',
];
$long = [
    'Control frames over 125 bytes are refused (8505): Swoole sends them, and no client takes them. What is pushed'
        . ' leaves when the callback waits or is over, or when 64 KiB wait.',
    'conformance 6.6-outgoing/push-before-waiting',
];

return [
    'works' => [
        'Swoole\Timer::tick()' => 'conformance 7.3-timer/tick',
        'Swoole\Timer::after()' => 'conformance scripts/timers-by-message',
        'swoole_timer_tick()' => 'conformance scripts/timers-by-message',
        'swoole_timer_after()' => 'conformance 7.3-timer/methods',
        'Swoole\Event::add()' => 'conformance 7.8-event-loop/add',
        'Swoole\Event::set()' => 'conformance 7.8-event-loop/set-and-write',
        'Swoole\Event::write()' => 'conformance 7.8-event-loop/set-and-write',
        'swoole_event_add()' => 'conformance 7.8-event-loop/functions',
        'swoole_event_set()' => 'conformance 7.8-event-loop/functions',
        'swoole_event_write()' => 'conformance 7.8-event-loop/functions',
        'Swoole\Server::sendMessage()' => 'conformance 1.3-tasks/messages-between-workers',
        'Swoole\Server::stop()' => 'conformance 1.1-life/stop',
        'Swoole\Server::reload()' => 'conformance 1.1-life/reload-resident',
    ],
    'differs' => [
        'Swoole\WebSocket\Server::push()' => $long,
        'Swoole\WebSocket\Server::ping()' => $long,
        'Swoole\Server::start()' => [
            'It serves until the worker ends; code after it does not run.', 'conformance 1.1-life/worker-start',
        ],
        'Swoole\Server::task()' => [
            'The task leaves when the callback waits or is over. Over limits.tasks: false and error 2002.',
            'conformance 2.3-tasks/closures',
        ],
        'Swoole\Server::stats()' => [
            'request_count counts messages and response_count pushes, of all scripts; worker_response_count is'
                . ' worker_request_count.',
            'conformance 2.4-control/stats-of-a-worker',
        ],
        'Swoole\Server::getWorkerPid()' => [
            'The PHP-FPM child of the worker; false for other workers.', 'conformance 2.4-control/pids',
        ],
        'Swoole\Server::getWorkerStatus()' => [
            'Of another worker: busy when it has an event.', 'conformance 2.4-control/workers',
        ],
        'Swoole\Table::set()' => [
            'Before start() it counts only if the bridge does not have the table yet: that code runs in each worker.'
                . ' Memory is taken for rows that are there; over `shared_memory.limit` it returns false.',
            'SharedTest::testSuite',
        ],
        'Swoole\Http\Response::end()' => [
            'What it sends leaves with what the callback pushes, unless write() was called or it is over 2 MiB: so it'
                . ' is true also for a client that has gone. Behind write() its content is sent, too.',
            'conformance scripts/long-polling',
        ],
        'Swoole\Coroutine::readFile()' => $blocking,
        'Swoole\Coroutine::writeFile()' => $blocking,
        'Swoole\Coroutine::exec()' => $blocking,
        'Swoole\Coroutine::gethostbyname()' => $blocking,
        'Swoole\Coroutine::dnsLookup()' => $blocking,
        'Swoole\Coroutine::getaddrinfo()' => $blocking,
        'Swoole\Coroutine\Lock::__construct()' => [
            'A lock is for the coroutines of one worker, `$shared` changes nothing.', 'CoroutineTest::testLock',
        ],
        'Swoole\Event::wait()' => [
            "Nothing: the worker's loop runs already.", 'conformance 7.8-event-loop/defer-and-cycle',
        ],
        'Swoole\Event::exit()' => [
            'The worker ends in order, and is replaced.', 'conformance 7.8-event-loop/exit',
        ],
        'Swoole\Runtime::enableCoroutine()' => $hooks,
        'Swoole\Runtime::setHookFlags()' => $hooks,
        'Swoole\ExitException::*' => [
            '`exit` in a coroutine ends the worker; it is not thrown, so it cannot be caught.',
            'conformance 1.1-life/worker-error',
        ],
        'Swoole\Server::addProcess()' => [
            'The process is PHP on the command line, beside the workers, and is started anew when it ends. It can push.'
                . ' It has no pipe: tables and atomics are shared. Where the bridge did not start php-fpm, or there is'
                . ' no php, it is not run, which is said at boot.',
            'e2e TestAddedProcessBesidePHPFPM',
        ],
        'Swoole\Process::signal()' => [
            'Where PHP has pcntl, which PHP-FPM seldom has: handlers run between events. Else false, with a line in'
                . ' the log.',
            'WatchersTest::testSignals',
        ],
    ],
    'throws' => [],
];

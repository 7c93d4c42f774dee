<?php

/**
 * What works, but not quite as in Swoole: id => [the difference, the test that shows it]; a third 'absent': there is no
 * such thing, and the sentence says why none is missed.
 */

declare(strict_types=1);

$nothingHeld = ['There is nothing to free: PHP runs have no destructor of their own.',
    'ParityTest::testEachPartIsInOneListAndIsWhatItSays', 'absent'];
$blocking = ['It blocks all coroutines of the event until it is done.', 'CoroutineTest::testWaitEventAndFiles'];
$timers = [
    'False, with a warning: a timer needs a PHP process that stays. The event goes on. Before start() it throws.',
    'TimerTest::testInACallbackItWarnsAndTheEventGoesOn',
];

return [
    'Swoole\Server::send()' => [
        'Raw bytes are the response of the request that their connection is in, as in Swoole; it ends with its'
            . ' next request. At most 63.5 MiB at once, and a client over `limits.outbox` is closed as too slow.',
        'PortTest::testWhatSendRefuses',
    ],
    'Swoole\Server::sendfile()' => [
        'PHP reads the part that is sent, at most 63.5 MiB.',
        'PortTest::testSendFile',
    ],
    'Swoole\WebSocket\Server::push()' => [
        'Control frames over 125 bytes are refused (8505): Swoole sends them, and no client takes them. What is pushed'
            . ' leaves when the event is over.',
        'ServerTest::testPush',
    ],
    'Swoole\WebSocket\Server::ping()' => [
        'Control frames over 125 bytes are refused (8505): Swoole sends them, and no client takes them. What is pushed'
            . ' leaves when the event is over.',
        'ServerTest::testFailuresReturnFalseWithTheirErrorAndWarning',
    ],
    'Swoole\Timer::tick()' => $timers,
    'Swoole\Timer::after()' => $timers,
    'swoole_timer_tick()' => $timers,
    'swoole_timer_after()' => $timers,
    'Swoole\Table::__construct()' => [
        'The table holds size plus slices rows, whatever their keys are: Swoole is full as soon as collisions have used'
            . ' up the slices.',
        'SharedTest::testSizes',
    ],
    'Swoole\Table::set()' => [
        'Before start() it counts only if the bridge does not have the table yet: that code runs for each event.'
            . ' Memory is taken for rows that are there; over `shared_memory.limit` it returns false.',
        'SharedTest::testSuite',
    ],
    'Swoole\Table::stats()' => [
        'There are no collisions: conflict_count says how often a row was added beyond the size.',
        'SharedTest::testSuite',
    ],
    'Swoole\Table::rewind()' => [
        'Rows come in the order of their places, and about 1 MiB at a time: what is changed meanwhile may be seen or'
            . ' missed.',
        'SharedTest::testSuite',
    ],
    'Swoole\Atomic::wait()' => [
        'No wait is longer than `fpm.timeout`.', 'SharedTest::testSuite',
    ],
    'Swoole\Lock::lock()' => [
        'A run that ends gives back what it holds. No wait is longer than `fpm.timeout` (error 110), and who holds the'
            . ' lock and waits for it without a timeout gets error 35 at once.',
        'SharedTest::testSuite',
    ],
    'Swoole\Http\Request::getData()' => [
        'The head is not as it came: header lines are sorted, and their names in lower case.',
        'HttpTest::testRequestHasTheExtensionsArrays',
    ],
    'Swoole\Http\Response::end()' => [
        'What it sends leaves when the event is over, unless write() was called or it is over 2 MiB: so it is true also'
            . ' for a client that has gone. Behind write() its content is sent, too.',
        'HttpTest::testEndIsOneInstruction',
    ],
    'Swoole\Http\Response::sendfile()' => [
        'Of a whole file, Range, If-Range and If-Modified-Since are answered, too.', 'HttpTest::testFilesAndRedirects',
    ],
    'Swoole\Server::start()' => [
        'It handles the events of this PHP run and ends the script; code after it does not run.',
        'EntryTest::testEcho',
    ],
    'Swoole\Server::task()' => [
        'The task starts when the event that asked for it is over, and not at all if that event fails. A closure or'
            . ' object as third argument throws: the result comes to another PHP run; names of functions and static'
            . ' methods work. Over limits.tasks: false and error 2002.',
        'TasksTest::testFinishCallbacksByName',
    ],
    'Swoole\Server::finish()' => [
        'The result leaves when the task is over; a task that fails gives none.', 'TasksTest::testATaskAndItsResults',
    ],
    'Swoole\Server\Task::finish()' => [
        'The result leaves when the task is over; a task that fails gives none.', 'TasksTest::testTasksAsObjects',
    ],
    'Swoole\Server::sendMessage()' => [
        'pipeMessage runs in a PHP run with that worker_id, which shares no memory with the runs before it.',
        'TasksTest::testMessagesBetweenWorkers',
    ],
    'Swoole\Server::command()' => [
        'The command runs in this PHP run, whichever process is asked for.', 'TasksTest::testCommands',
    ],
    'Swoole\Server::reload()' => [
        'The bridge describes the script anew, with beforeReload and afterReload around it. New code runs with the next'
            . ' event anyway.',
        'TasksTest::testControl',
    ],
    'Swoole\Server::stop()' => ['True and nothing more: a PHP run ends with its events.', 'TasksTest::testControl'],
    'Swoole\Server::shutdown()' => [
        'The bridge ends, as on SIGTERM, with all scripts that it serves.', 'TasksTest::testControl',
    ],
    'Swoole\Server::stats()' => [
        'request_count counts messages and response_count pushes, of all scripts; the worker_ numbers are those of this'
            . ' PHP run.',
        'TasksTest::testStatsHaveSwoolesKeysInItsOrder',
    ],
    'Swoole\Server::getWorkerPid()' => [
        'The PHP-FPM child that runs; false for other workers.', 'ServerTest::testProperties',
    ],
    'Swoole\Server::getWorkerStatus()' => [
        'Of another worker: busy when a slot runs that shows its id.', 'ServerTest::testProperties',
    ],
    'Swoole\Server::getMasterPid()' => ['The bridge; 0 before start(), as in Swoole.', 'ServerTest::testProperties'],
    'Swoole\Server::getManagerPid()' => ["PHP-FPM's master.", 'ServerTest::testProperties'],
    'Swoole\Server::__destruct()' => $nothingHeld,
    'Swoole\Server\Port::__destruct()' => $nothingHeld,
    'Swoole\Connection\Iterator::__destruct()' => $nothingHeld,
    'Swoole\Process::__destruct()' => $nothingHeld,
    'Swoole\Process\Pool::__destruct()' => $nothingHeld,
    'Swoole\Connection\Iterator::__construct()' => [
        'Only the server makes one, as in Swoole, where `new` throws; here it wants arguments of its own.',
        'ServerTest::testConnections', 'absent',
    ],

    'Swoole\Coroutine::readFile()' => $blocking,
    'Swoole\Coroutine::writeFile()' => $blocking,
    'Swoole\Coroutine::exec()' => $blocking,
    'Swoole\Coroutine::gethostbyname()' => $blocking,
    'Swoole\Coroutine::dnsLookup()' => $blocking,
    'Swoole\Coroutine::getaddrinfo()' => $blocking,
    'Swoole\Coroutine::getStackUsage()' => ['0: PHP does not tell.', 'CoroutineTest::testWhatPhpCannotTell'],
    'Swoole\Coroutine::enableScheduler()' => [
        'There is no preemption: false, and coroutines run until they wait.', 'CoroutineTest::testWhatPhpCannotTell',
    ],
    'Swoole\Coroutine::disableScheduler()' => [
        'There is no preemption: false, and coroutines run until they wait.', 'CoroutineTest::testWhatPhpCannotTell',
    ],
    'Swoole\Coroutine::setTimeLimit()' => [
        'The limit ends a wait; code that computes is not interrupted.', 'CoroutineTest::testTimeLimit',
    ],
    'Swoole\Coroutine\Lock::__construct()' => [
        'A lock is for the coroutines of one event, `$shared` changes nothing.', 'CoroutineTest::testLock',
    ],
    'Swoole\Event::wait()' => [
        'The loop ends with the event: what it was told to do is done then.', 'CoroutineTest::testLoopFunctions',
    ],
    'Swoole\Event::exit()' => [
        'Coroutines that still wait when the callback ends are dropped.', 'CoroutineTest::testLoopFunctions',
    ],
    'Swoole\Runtime::enableCoroutine()' => [
        'Flags are kept, hooks do nothing: what blocks in PHP blocks all coroutines of the event.',
        'CoroutineTest::testRuntimeKeepsItsFlags',
    ],
    'Swoole\Runtime::setHookFlags()' => [
        'Flags are kept, hooks do nothing: what blocks in PHP blocks all coroutines of the event.',
        'CoroutineTest::testRuntimeKeepsItsFlags',
    ],
    'Swoole\ExitException::*' => [
        '`exit` in a coroutine ends the event; it is not thrown, so it cannot be caught.', 'EntryTest::testCoroutines',
    ],
    'Swoole\Server::addProcess()' => [
        'The process is not run, which is said at boot, by file and line.',
        'EntryTest::testAProcessOfTheServerIsNotRunInRequestMode',
    ],
    'Swoole\Process::__construct()' => [
        'Where PHP cannot fork it is for `addProcess()`: what would start it throws.', 'FunctionsTest::testProcess',
    ],
    'Swoole\Process::name()' => [
        'A PHP-FPM child serves many scripts: it keeps its name.', 'FunctionsTest::testProcess',
    ],
    'swoole_set_process_name()' => [
        'A PHP-FPM child serves many scripts: it keeps its name.', 'FunctionsTest::testSystem',
    ],
    'Swoole\Process::daemon()' => [
        'Nothing happens: a service manager runs the bridge in the background.', 'FunctionsTest::testProcess',
    ],
    'swoole_async_set()' => ['The settings are for an event loop that is not there.', 'FunctionsTest::testSystem'],
    'swoole_strerror()' => [
        "The words of Swoole's own errors are those of their constants.", 'FunctionsTest::testErrors',
    ],
    'swoole_name_resolver_*' => [
        'Resolvers are asked by `swoole_name_resolver_lookup()` only.', 'FunctionsTest::testNameResolvers',
    ],
];

<?php

/**
 * What throws FpmBridge\Unsupported: id => words of its message.
 */

declare(strict_types=1);

$children = 'needs child processes, which PHP-FPM does not have';
$loop = 'watches a descriptor beyond the event, which needs a PHP process that stays: use --mode resident';
$engine = 'looks into the engine, which only an extension can';

return [
    'Swoole\Server::sendto()' => 'the bridge serves no UDP: use stream_socket_client("udp://…")',
    'Swoole\Event::add()' => $loop,
    'Swoole\Event::set()' => $loop,
    'Swoole\Event::write()' => $loop,
    'swoole_event_add()' => $loop,
    'swoole_event_set()' => $loop,
    'swoole_event_write()' => $loop,
    'Swoole\Coroutine::statvfs()' => 'use disk_free_space() and disk_total_space()',
    'Swoole\Coroutine::wait()' => 'run the command with Swoole\Coroutine::exec()',
    'Swoole\Coroutine::waitPid()' => 'run the command with Swoole\Coroutine::exec()',
    'Swoole\Coroutine::waitSignal()' => 'PHP-FPM handles the signals of its children',
    'Swoole\Process::alarm()' => $children,
    'Swoole\Process::close()' => $children,
    'Swoole\Process::exec()' => $children,
    'Swoole\Process::exit()' => $children,
    'Swoole\Process::exportSocket()' => $children,
    'Swoole\Process::freeQueue()' => $children,
    'Swoole\Process::getAffinity()' => $children,
    'Swoole\Process::getPriority()' => $children,
    'Swoole\Process::pop()' => $children,
    'Swoole\Process::push()' => $children,
    'Swoole\Process::read()' => $children,
    'Swoole\Process::set()' => $children,
    'Swoole\Process::setAffinity()' => $children,
    'Swoole\Process::setBlocking()' => $children,
    'Swoole\Process::setPriority()' => $children,
    'Swoole\Process::setTimeout()' => $children,
    'Swoole\Process::signal()' => 'PHP-FPM handles the signals of its children',
    'Swoole\Process::start()' => $children,
    'Swoole\Process::statQueue()' => $children,
    'Swoole\Process::useQueue()' => $children,
    'Swoole\Process::wait()' => $children,
    'Swoole\Process::write()' => $children,
    'Swoole\Process\Pool::__construct()' => $children,
    'Swoole\Process\Pool::detach()' => $children,
    'Swoole\Process\Pool::getProcess()' => $children,
    'Swoole\Process\Pool::listen()' => $children,
    'Swoole\Process\Pool::on()' => $children,
    'Swoole\Process\Pool::sendMessage()' => $children,
    'Swoole\Process\Pool::set()' => $children,
    'Swoole\Process\Pool::shutdown()' => $children,
    'Swoole\Process\Pool::start()' => $children,
    'Swoole\Process\Pool::stop()' => $children,
    'Swoole\Process\Pool::write()' => $children,
    'swoole_coroutine_socketpair()' => 'use a Swoole\Coroutine\Channel between coroutines',
    'swoole_init_default_remote_object_server()' => 'call the objects directly',
    'swoole_get_objects()' => $engine,
    'swoole_get_object_by_handle()' => $engine,
    'swoole_implicit_fn()' => $engine,
    'swoole_tracer_*' => $engine,
];

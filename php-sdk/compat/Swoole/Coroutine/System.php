<?php

namespace Swoole\Coroutine;

use FpmBridge\Compat\Scheduler;
use FpmBridge\Unsupported;
use Swoole\Coroutine;

/**
 * Calls of the system. They block the whole event, but waitEvent() and sleep().
 */
class System
{
    private const READ = 512;
    private const WRITE = 1024;
    private const POLL_SECONDS = 0.005;

    public static function sleep(float $seconds): bool
    {
        return Coroutine::sleep($seconds);
    }

    /**
     * @return string|false an address, false when there is none
     */
    public static function gethostbyname(string $domain_name, int $type = 2, float $timeout = -1)
    {
        $address = gethostbyname($domain_name);
        return $address === $domain_name && ip2long($address) === false ? false : $address;
    }

    /**
     * @return string|false
     */
    public static function dnsLookup(string $domain_name, float $timeout = 60, int $type = 2)
    {
        return self::gethostbyname($domain_name, $type, $timeout);
    }

    /**
     * @return array|false addresses
     */
    public static function getaddrinfo(
        string $domain,
        int $family = 2,
        int $socktype = 1,
        int $protocol = 6,
        ?string $service = null,
        float $timeout = -1
    ) {
        return gethostbynamel($domain);
    }

    /**
     * Runs a command to its end.
     *
     * @param bool $get_error_stream its stderr is part of the output
     * @return array|false code, signal, output
     */
    public static function exec(string $command, bool $get_error_stream = false)
    {
        $level = ob_get_level();
        ob_start();
        $done = passthru('{ ' . $command . "\n} 2>" . ($get_error_stream ? '&1' : '/dev/null'), $code);
        $output = ob_get_level() > $level ? (string) ob_get_clean() : '';
        return $done === false ? false : ['code' => $code, 'signal' => 0, 'output' => $output];
    }

    /**
     * @return string|false
     */
    public static function readFile(string $filename, int $flag = 0)
    {
        return file_get_contents($filename);
    }

    /**
     * @param int $flags FILE_APPEND
     * @return int|false bytes
     */
    public static function writeFile(string $filename, string $fileContent, int $flags = 0)
    {
        return file_put_contents($filename, $fileContent, $flags);
    }

    /**
     * Waits until a stream can be read or written.
     *
     * @param resource $socket
     * @param int $events SWOOLE_EVENT_READ and SWOOLE_EVENT_WRITE, or-ed
     * @return int|false the events that came, false after the time
     */
    public static function waitEvent($socket, int $events = 512, float $timeout = -1)
    {
        $until = microtime(true) + $timeout;
        while (true) {
            $read = ($events & self::READ) !== 0 ? [$socket] : [];
            $write = ($events & self::WRITE) !== 0 ? [$socket] : [];
            $except = null;
            if (@stream_select($read, $write, $except, 0) > 0) {
                return ($read !== [] ? self::READ : 0) | ($write !== [] ? self::WRITE : 0);
            }
            if ($timeout >= 0 && microtime(true) >= $until) {
                return false;
            }
            if (Scheduler::get()->wait(self::POLL_SECONDS) === Scheduler::CANCELED) {
                return false;
            }
        }
    }

    /** @throws Unsupported always */
    public static function statvfs(string $path): array
    {
        throw new Unsupported('Swoole\Coroutine::statvfs() is not there in PHP-FPM: use disk_free_space() and'
            . ' disk_total_space()');
    }

    /** @throws Unsupported always */
    public static function wait(float $timeout = -1)
    {
        throw new Unsupported('Swoole\Coroutine::wait() needs child processes, which PHP-FPM has none of: run the'
            . ' command with Swoole\Coroutine::exec()');
    }

    /** @throws Unsupported always */
    public static function waitPid(int $pid, float $timeout = -1)
    {
        throw new Unsupported('Swoole\Coroutine::waitPid() needs child processes, which PHP-FPM has none of: run the'
            . ' command with Swoole\Coroutine::exec()');
    }

    /** @throws Unsupported always */
    public static function waitSignal($signals, float $timeout = -1)
    {
        throw new Unsupported('Swoole\Coroutine::waitSignal() needs a process of its own: PHP-FPM handles the signals'
            . ' of its children');
    }
}

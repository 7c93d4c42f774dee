<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Log;
use FpmBridge\Runtime;
use FpmBridge\Unsupported;
use RuntimeException;
use Swoole\Server;
use Swoole\Table;

/**
 * What Swoole's functions are made of.
 */
final class Helpers
{
    /** @var array<int, true> errors that are not logged */
    public static array $ignored = [];

    /** @var list<object> asked for names before the system, first one first */
    public static array $resolvers = [];

    /** @var array<string, mixed> of the library */
    public static array $options = [];

    /** SWOOLE_LOG_* => a level of the bridge's log. */
    private const LEVELS = [1, 1, 1, 1, 2, 3];

    /** SWOOLE_LOG_INFO, what is logged without a log_level. */
    private const INFO = 2;

    private const NO_LOG = 6;
    private const RESIDENT = 'use --mode resident';

    /** Types of events (docs/protocol.md section 4) of the callbacks start and workerStart. */
    private const SETTING_UP = [13, 15];

    private const MASK = 0xffffffff;

    /** @var array<string, true> FILE:LINE that was warned of in $warned */
    private static array $places = [];
    private static ?Runtime $warned = null;

    /**
     * A line of the script's own; below the server's log_level it is one that only --log-level debug shows.
     *
     * @param int $level SWOOLE_LOG_*
     */
    public static function log(int $level, string $text): void
    {
        $run = Runtime::current();
        if ($run !== null && $level < self::NO_LOG) {
            $server = $run->server();
            $least = $server instanceof Server ? $server->setting['log_level'] ?? self::INFO : self::INFO;
            $run->log()->add($level < (int) $least ? Log::DEBUG : self::LEVELS[max(0, $level)], $text);
        }
    }

    /**
     * Something that is to last longer than an event: in the callbacks that set it up it is left out, and the log says
     * so (Analysis\RequestMode names the place when the script is described).
     *
     * @param string $what that was called
     * @param string $why it cannot be
     * @param string $instead what to do in request mode
     * @throws Unsupported in other callbacks
     */
    public static function leaveOut(string $what, string $why, string $instead = self::RESIDENT): void
    {
        $run = Runtime::current();
        $text = $what . ' ' . $why . self::instead($run, $instead);
        if ($run === null || $run->worker !== null || !self::isSettingUp($run)) {
            throw new Unsupported($text);
        }
        $level = $run->environment->resident() && !$run->starting ? Log::WARN : Log::DEBUG;
        $run->log()->add($level, $text, ...self::caller());
    }

    /**
     * A timer without a process that stays: it is left out in each callback, and the event goes on. Warned of once by
     * each line in a PHP run, which may have the events of many connections.
     *
     * @param string $method that was called
     * @return false
     * @throws Unsupported before start(), where Swoole's start() would refuse to go on
     */
    public static function leaveOutTimer(string $method): bool
    {
        $why = 'needs a PHP process that stays';
        $run = Runtime::current();
        if ($run === null || $run->event === null || self::isSettingUp($run)) {
            self::leaveOut("$method()", $why);
            return false;
        }
        if (self::$warned !== $run) {
            [self::$warned, self::$places] = [$run, []];
        }
        $place = implode(':', self::caller());
        if (!isset(self::$places[$place])) {
            self::$places[$place] = true;
            Loader::warn($method, "the timer is not set, it $why" . self::instead($run, self::RESIDENT));
        }
        return Loader::fail(503);
    }

    private static function instead(?Runtime $run, string $instead): string
    {
        if ($run !== null && $run->worker === null && $run->environment->resident()) {
            $instead = 'this callback runs in a request of its own, in workerStart or a connection\'s callback it'
                . ' works';
        }
        return $instead === '' ? '' : ": $instead";
    }

    /**
     * @return array{string, int}
     */
    private static function caller(): array
    {
        return Log::caller(debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS), '', 0);
    }

    /**
     * Whether start or workerStart runs: what they leave behind is not waited for.
     */
    public static function isSettingUp(Runtime $run): bool
    {
        return $run->starting || ($run->event !== null && in_array($run->event->type, self::SETTING_UP, true));
    }

    /**
     * @param int $type 0: PHP's hash of array keys (DJB, 64 bit, top bit set), 1: one at a time
     * @return int|false
     */
    public static function hash(string $data, int $type)
    {
        if ($type === 1) {
            $value = 0;
            foreach (unpack('c*', $data) ?: [] as $byte) {
                $value = ($value + $byte) & self::MASK;
                $value = ($value + ($value << 10)) & self::MASK;
                $value ^= $value >> 6;
            }
            $value = ($value + ($value << 3)) & self::MASK;
            $value ^= $value >> 11;
            return ($value + ($value << 15)) & self::MASK;
        }
        if ($type !== 0) {
            return false;
        }
        // In halves: an int that overflows becomes a float.
        $high = 0;
        $low = 5381;
        foreach (unpack('C*', $data) ?: [] as $byte) {
            $low = $low * 33 + $byte;
            $high = ($high * 33 + ($low >> 32)) & self::MASK;
            $low &= self::MASK;
        }
        return (($high | 0x80000000) << 32) | $low;
    }

    /**
     * @return string|null null: there is no such part
     */
    public static function part(string $text, int $offset, int $length): ?string
    {
        $size = strlen($text);
        $offset = $offset < 0 ? $size + $offset : $offset;
        if ($size === 0 || $offset < 0 || $offset >= $size) {
            return null;
        }
        return substr($text, $offset, $length > 0 ? $length : $size);
    }

    /**
     * @param array<resource>|null $read
     * @param array<resource>|null $write
     * @param array<resource>|null $except
     * @return int|false
     */
    public static function select(?array &$read, ?array &$write, ?array &$except, ?float $timeout)
    {
        if ($timeout === null || $timeout < 0) {
            return stream_select($read, $write, $except, null);
        }
        return stream_select($read, $write, $except, (int) $timeout, (int) (fmod($timeout, 1) * 1e6));
    }

    public static function containerCpus(): int
    {
        $wanted = (int) getenv('SWOOLE_CPU_NUM');
        if ($wanted > 0) {
            return $wanted;
        }
        [$quota, $period] = explode(' ', self::number('/sys/fs/cgroup/cpu.max')) + ['', ''];
        if (!is_numeric($quota) || !is_numeric($period)) {
            $folder = '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_';
            $quota = self::number($folder . 'quota_us');
            $period = self::number($folder . 'period_us');
        }
        $count = (float) $quota > 0 && (float) $period > 0 ? (int) floor((float) $quota / (float) $period) : 0;
        return $count > 0 ? $count : swoole_cpu_num();
    }

    private static function number(string $file): string
    {
        return is_file($file) ? trim((string) file_get_contents($file)) : '';
    }

    /**
     * @param string $fields as 'id:i,name:s:64,score:f'
     * @throws RuntimeException for other fields
     */
    public static function table(int $size, string $fields): Table
    {
        $types = ['i' => 1, 'int' => 1, 'f' => 2, 'float' => 2, 's' => 3, 'string' => 3];
        $table = new Table($size, 0.25);
        foreach (explode(',', trim($fields)) as $field) {
            $parts = array_map('trim', explode(':', trim($field)));
            $type = $types[$parts[1] ?? ''] ?? 0;
            if ($type === 0) {
                throw new RuntimeException('unknown field type[' . ($parts[1] ?? '') . ']');
            }
            if ($type === 3 && !isset($parts[2])) {
                throw new RuntimeException('need to give string length');
            }
            $length = (int) ($parts[2] ?? 0);
            if ($type === 3 && $length <= 0) {
                throw new RuntimeException("invalid string length[$length]");
            }
            $table->column($parts[0], $type, $type === 3 ? $length : 0);
        }
        if (!$table->create()) {
            throw new RuntimeException('failed to create table');
        }
        return $table;
    }
}

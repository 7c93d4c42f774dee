<?php

declare(strict_types=1);

namespace FpmBridge;

use Closure;

/**
 * Descriptors that a resident worker's loop watches beside its channel (Swoole\Event::add()).
 *
 * Level-triggered, as the extension's: who does not read what is there is called again.
 */
final class Watchers implements Waits
{
    public const READ = 512;
    public const WRITE = 1024;

    private const PIECE = 65536;

    /**
     * By the stream's number: the stream, what the script calls it, the callbacks, the events that are wanted, and what
     * write() left to be written.
     *
     * @var array<int, array{stream: resource, fd: mixed, read: callable|null, write: callable|null, events: int,
     *     out: string}>
     */
    private array $watched = [];

    /** @var list<array{int, int}> number, READ or WRITE */
    private array $ready = [];

    /** @var array<int, resource> streams of sockets of ext-sockets, by the socket's number */
    private array $exported = [];

    /**
     * The number of a descriptor: a stream, or a socket of ext-sockets.
     *
     * @param resource|\Socket|mixed $fd
     * @return int|null null: it is none that PHP can watch
     */
    public function number($fd): ?int
    {
        $streams = $this->streams($fd);
        return $streams === [] ? null : (int) $streams[0];
    }

    public function has(int $number, int $events = self::READ | self::WRITE): bool
    {
        return isset($this->watched[$number]) && ($this->watched[$number]['events'] & $events) !== 0;
    }

    /**
     * Watches a descriptor, or changes what is watched.
     *
     * @param resource|\Socket $fd
     */
    public function put($fd, ?callable $read, ?callable $write, int $events): void
    {
        $streams = $this->streams($fd);
        if ($streams === []) {
            return;
        }
        $stream = $streams[0];
        $number = (int) $stream;
        stream_set_blocking($stream, false);
        $before = $this->watched[$number] ?? null;
        $this->watched[$number] = [
            'stream' => $stream, 'fd' => $fd,
            'read' => $read ?? $before['read'] ?? null, 'write' => $write ?? $before['write'] ?? null,
            'events' => $events, 'out' => $before['out'] ?? '',
        ];
    }

    public function remove(int $number): void
    {
        unset($this->watched[$number]);
        foreach ($this->exported as $of => $stream) {
            if ((int) $stream === $number) {
                unset($this->exported[$of]);
            }
        }
    }

    /**
     * What the callbacks are: null where there is none.
     *
     * @return array{callable|null, callable|null, int} for reading, for writing, the events
     */
    public function of(int $number): array
    {
        $one = $this->watched[$number] ?? ['read' => null, 'write' => null, 'events' => 0];
        return [$one['read'], $one['write'], $one['events']];
    }

    /**
     * Writes, now as much as there is room for and the rest when there is.
     *
     * @param resource|\Socket $fd
     * @return bool false: it is closed
     */
    public function write($fd, string $data): bool
    {
        $number = $this->number($fd);
        if ($number === null) {
            return false;
        }
        if (!isset($this->watched[$number])) {
            $this->put($fd, null, null, 0);
        }
        $this->watched[$number]['out'] .= $data;
        return $this->drain($number);
    }

    /**
     * Waits for one of these descriptors, for the worker's own stream, or for a time.
     *
     * @param resource|\Socket $own
     * @param int|null $nanoseconds null: no limit
     * @return bool whether the worker's own stream has something
     */
    public function select($own, ?int $nanoseconds): bool
    {
        $read = [$own];
        $write = [];
        $except = null;
        foreach ($this->watched as $number => $one) {
            if (!is_resource($one['stream'])) { // closed meanwhile
                $this->remove($number);
                continue;
            }
            if (($one['events'] & self::READ) !== 0) {
                $read[$number] = $one['stream'];
            }
            if (($one['events'] & self::WRITE) !== 0 || $one['out'] !== '') {
                $write[$number] = $one['stream'];
            }
        }
        $seconds = $nanoseconds === null ? null : intdiv($nanoseconds, 1000000000);
        $micros = $nanoseconds === null ? null : intdiv($nanoseconds % 1000000000 + 999, 1000);
        if (!@stream_select($read, $write, $except, $seconds, $micros)) {
            return false;
        }
        foreach ($read as $stream) {
            if ($stream !== $own) {
                $this->ready[] = [(int) $stream, self::READ];
            }
        }
        foreach ($write as $stream) {
            $this->ready[] = [(int) $stream, self::WRITE];
        }
        return in_array($own, $read, true);
    }

    public function next(): ?int
    {
        return $this->ready === [] ? null : 0;
    }

    public function begin(): void
    {
    }

    public function take(): ?Closure
    {
        while ($this->ready !== []) {
            [$number, $event] = array_shift($this->ready);
            $one = $this->watched[$number] ?? null;
            if ($one === null) {
                continue; // another callback took it away
            }
            if ($event === self::WRITE && $one['out'] !== '') {
                $this->drain($number);
                continue;
            }
            $callback = $event === self::READ ? $one['read'] : $one['write'];
            if ($callback !== null && ($one['events'] & $event) !== 0) {
                return static function () use ($callback, $one): void {
                    Resident::begins('of an event', $callback);
                    $callback($one['fd']);
                };
            }
        }
        return null;
    }

    public function isBusy(bool $told): bool
    {
        return $told && $this->watched !== [];
    }

    private function drain(int $number): bool
    {
        $one = $this->watched[$number];
        while ($one['out'] !== '') {
            $n = @fwrite($one['stream'], substr($one['out'], 0, self::PIECE));
            if ($n === false) {
                $this->watched[$number]['out'] = '';
                return false;
            }
            if ($n === 0) {
                break;
            }
            $one['out'] = (string) substr($one['out'], $n);
        }
        $this->watched[$number]['out'] = $one['out'];
        if ($one['out'] === '' && $one['events'] === 0) {
            $this->remove($number);
        }
        return true;
    }

    /**
     * @param resource|\Socket|mixed $fd
     * @return list<resource> one, or none: it cannot be watched
     */
    private function streams($fd): array
    {
        if (is_resource($fd)) {
            return get_resource_type($fd) === 'stream' ? [$fd] : [];
        }
        if (!is_object($fd) || get_class($fd) !== 'Socket' || !function_exists('socket_export_stream')) {
            return [];
        }
        $id = spl_object_id($fd);
        if (!isset($this->exported[$id])) {
            $stream = @socket_export_stream($fd);
            if ($stream === false) {
                return [];
            }
            $this->exported[$id] = $stream;
        }
        return [$this->exported[$id]];
    }
}

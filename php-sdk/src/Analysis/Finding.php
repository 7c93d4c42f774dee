<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * One thing that a script does and request mode cannot carry.
 */
final class Finding
{
    /** Memory that events expect to find again. */
    public const MEMORY = 'memory';
    public const TIMER = 'timer';
    /** A signal handler, or a descriptor that is waited for. */
    public const WATCHER = 'watcher';
    public const PROCESS = 'process';
    /** A result that is to come to a closure or an object. */
    public const TASK = 'task';
    /** A coroutine that never ends. */
    public const ENDLESS = 'endless';

    public string $kind;
    /** An absolute path. */
    public string $file;
    public int $line;
    /** What it is, for people: `$users, a global variable`. */
    public string $what;
    /** How many places there are; file and line are the first one's. */
    public int $places = 1;

    public function __construct(string $kind, string $file, int $line, string $what)
    {
        $this->kind = $kind;
        $this->file = $file;
        $this->line = $line;
        $this->what = $what;
    }

    /**
     * For the description (docs/protocol.md section 6).
     *
     * @return array{kind: string, file: string, line: int, what: string, places: int}
     */
    public function described(): array
    {
        return [
            'kind' => $this->kind, 'file' => $this->file, 'line' => $this->line, 'what' => $this->what,
            'places' => $this->places,
        ];
    }
}

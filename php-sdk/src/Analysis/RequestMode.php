<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

use FpmBridge\Superglobals;
use Throwable;

/**
 * Finds what a script does that request mode cannot carry: memory that events expect to find again, timers, processes,
 * coroutines that never end.
 *
 * It knows the callbacks as the script registered them, and the objects and variables as they were then; the rest it
 * reads from the code that the callbacks run, with PHP's tokenizer. It is for the describe event only: it takes
 * milliseconds, where an event takes microseconds.
 */
final class RequestMode
{
    /** How much is read of a script with all its files. */
    private const FILES = 400;
    private const BYTES = 3000000;

    /** Events whose callbacks do not get the server first. */
    private const WITHOUT_SERVER = ['request', 'handshake'];

    /** @var list<Finding> by file and line */
    public array $findings = [];
    /** @var list<string> what could not be looked at */
    public array $warnings = [];

    /**
     * Adds what it finds to a description (docs/protocol.md section 6).
     *
     * @param array<string, mixed> $description
     * @param list<array<string, callable>> $callbacks of each listener, by event in lower case
     * @return array<string, mixed>
     */
    public static function into(array $description, array $callbacks, ?object $server): array
    {
        $pairs = [];
        foreach ($callbacks as $registered) {
            foreach ($registered as $event => $callback) {
                $pairs[] = [$event, $callback];
            }
        }
        try {
            $report = self::of($pairs, $server, Superglobals::globals(), get_included_files());
            $description['findings'] = $report->described();
            $warnings = $report->warnings;
        } catch (Throwable $thrown) {
            $warnings = ['nobody looked for memory that the script keeps between events: ' . get_class($thrown) . ': '
                . $thrown->getMessage()];
        }
        $description['warnings'] = array_merge($description['warnings'], $warnings);
        return $description;
    }

    /**
     * @param list<array{string, callable}> $callbacks event in lower case, callback
     * @param ?object $server the first argument of most callbacks
     * @param array<string, mixed> $globals global variables
     * @param list<string> $files files that the script included
     */
    public static function of(array $callbacks, ?object $server, array $globals, array $files): self
    {
        $report = new self();
        if (!function_exists('token_get_all')) {
            $report->warnings[] = 'PHP has no extension "tokenizer": nobody looked for memory that the script keeps'
                . ' between events, which request mode forgets';
            return $report;
        }
        $program = new Program(self::FILES, self::BYTES);
        $ledger = new Ledger();
        $walker = new Walker($program, new Places($program, $globals, $server), $ledger);
        foreach ($files as $file) {
            $program->read($file);
        }
        // What comes before the events first: files with the code of all others are often included there.
        $isBoot = static function (array $callback): bool {
            return in_array($callback[0], Terms::BOOT, true);
        };
        $boot = array_filter($callbacks, $isBoot);
        $callbacks = array_merge($boot, array_diff_key($callbacks, $boot));
        // Twice: what one callback puts somewhere tells what another one finds there.
        for ($round = 1; $round === 1 || $round === 2 && $walker->places->hasLearned(); $round++) {
            foreach ($callbacks as [$event, $callable]) {
                $arguments = $server === null || in_array($event, self::WITHOUT_SERVER, true)
                    ? []
                    : [$walker->places->server()];
                $walker->callback($callable, $arguments, !in_array($event, Terms::BOOT, true));
            }
        }
        foreach ($program->sources() as $source) {
            $report->timers($source, $ledger);
        }
        $report->findings = $ledger->findings();
        $report->limits($program, $walker);
        return $report;
    }

    /**
     * The findings for the description.
     *
     * @return list<array<string, mixed>>
     */
    public function described(): array
    {
        $all = [];
        foreach ($this->findings as $finding) {
            $all[] = $finding->described();
        }
        return $all;
    }

    /**
     * Timers in code that nothing was seen to call: their names leave no doubt.
     */
    private function timers(Source $s, Ledger $ledger): void
    {
        foreach ($s->functions as $func) {
            for ($i = $func->begin; $func !== $s->functions[0] && $i < $func->end; $i++) {
                if ($s->types[$i] !== T_STRING || stripos($s->texts[$i], 'timer') === false) {
                    continue;
                }
                $name = $s->texts[$i];
                $key = strtolower(ltrim($name, '\\'));
                if ($s->text($i + 1) === '::') {
                    $name = $func->names->ofClass($name) . '::' . $s->text($i + 2);
                    $key = strtolower($name);
                }
                $isElse = in_array($s->text($i - 1), ['->', '?->', 'function'], true);
                if (isset(Terms::CALLS[$key]) && !$isElse) {
                    $ledger->note(Terms::CALLS[$key], $s, $s->lines[$i], ltrim($name, '\\') . '()');
                }
            }
        }
    }

    private function limits(Program $program, Walker $walker): void
    {
        foreach ($program->broken as $file) {
            $this->warnings[] = "$file: a parse error; nobody looked for memory that it keeps between events";
        }
        if ($program->left > 0 || $walker->isTired()) {
            $this->warnings[] = 'the code is too large to look at all of it for memory that it keeps between events'
                . ($program->left > 0 ? ": $program->left files were left out" : '');
        }
        if ($program->usesVendor) {
            $this->warnings[] = 'callbacks in vendor/ were not looked at for memory that they keep between events';
        }
    }
}

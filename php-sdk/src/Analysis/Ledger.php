<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * What events write to places that they do not make themselves, and what they read there before they have written it.
 * A place that has both is memory between events.
 */
final class Ledger
{
    /** Nothing is recorded while this is false: what runs in front of each PHP run. */
    public bool $isEvent = false;

    /** Something is looked at once more. */
    public bool $isQuiet = false;

    /** @var array<string, true> places that this run has written for sure */
    public array $set = [];
    /** @var array<string, true> places, and paths as they are written, that were found to be empty here */
    public array $guards = [];

    /** @var array<string, array<string, array{string, list<string>}>> place without indexes => reads */
    private array $reads = [];
    /** @var array<string, array<string, array{string, string, int, string}>> the same => place, file, line, what */
    private array $writes = [];
    /** @var array<string, Finding> */
    private array $findings = [];

    public function read(Value $value): void
    {
        $slot = $value->slot;
        if ($slot === null || !$this->isEvent || $this->isSet($slot)) {
            return;
        }
        $parts = [];
        foreach ($this->set as $done => $_) {
            if (strncmp((string) $done, "$slot>", strlen($slot) + 1) === 0) {
                $parts[] = (string) $done;
            }
        }
        $this->reads[self::root($slot)][$slot . '|' . implode('|', $parts)] = [$slot, $parts];
    }

    /**
     * @param bool $isCache what is written is made again when it is missing
     */
    public function write(Value $value, Source $source, int $line, bool $isWhole, bool $isCache): void
    {
        $slot = $value->slot;
        if ($slot === null) {
            return;
        }
        if ($isWhole && !$value->isPart) {
            $this->set[$slot] = true;
        }
        if ($this->isEvent && !$isCache) {
            $what = "$value->label, $value->what";
            $this->writes[self::root($slot)]["$source->file:$line:$slot"] = [$slot, $source->file, $line, $what];
        }
    }

    public function note(string $kind, Source $source, int $line, string $what): void
    {
        $key = "$source->file:$line:$kind";
        if (!$this->isQuiet && !isset($this->findings[$key])) {
            $this->findings[$key] = new Finding($kind, $source->file, $line, $what);
        }
    }

    private function isSet(string $slot): bool
    {
        if ($this->set === []) {
            return false;
        }
        for ($at = strlen($slot); $at !== false; $at = strrpos(substr($slot, 0, $at), '>')) {
            if (isset($this->set[substr($slot, 0, $at)])) {
                return true;
            }
        }
        return false;
    }

    /**
     * @return list<Finding> by file and line
     */
    public function findings(): array
    {
        $all = array_values($this->findings);
        foreach ($this->writes as $root => $writes) {
            $lost = [];
            foreach ($writes as [$slot, $file, $line, $what]) {
                if ($this->isMissed((string) $root, $slot)) {
                    $lost["$file:$line"] = [$file, $line, $what];
                }
            }
            if ($lost !== []) {
                uasort($lost, static function (array $a, array $b): int {
                    return [$a[0], $a[1]] <=> [$b[0], $b[1]];
                });
                [$file, $line, $what] = reset($lost);
                $finding = new Finding(Finding::MEMORY, $file, $line, $what);
                $finding->places = count($lost);
                $all[] = $finding;
            }
        }
        usort($all, static function (Finding $a, Finding $b): int {
            return [$a->file, $a->line, $a->what] <=> [$b->file, $b->line, $b->what];
        });
        return $all;
    }

    private function isMissed(string $root, string $slot): bool
    {
        foreach ($this->reads[$root] ?? [] as [$read, $parts]) {
            if (!self::within($slot, $read) && !self::within($read, $slot)) {
                continue;
            }
            foreach ($parts as $part) {
                if (self::within($slot, $part)) {
                    continue 2;
                }
            }
            return true;
        }
        return false;
    }

    private static function within(string $slot, string $outer): bool
    {
        return $slot === $outer || strncmp($slot, "$outer>", strlen($outer) + 1) === 0;
    }

    private static function root(string $slot): string
    {
        return explode('>', $slot, 2)[0];
    }
}

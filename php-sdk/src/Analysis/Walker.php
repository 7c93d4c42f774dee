<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * Goes through what a callback runs, and into the functions that it calls.
 */
final class Walker
{
    private const DEPTH = 14;

    /** What may be walked in all, in tokens; and how long it may take, in seconds. */
    private const STEPS = 600000;
    private const TIME = 1.0;

    public Program $program;
    public Places $places;
    public Ledger $ledger;
    private Statements $statements;
    private Expressions $expressions;

    /** @var list<Frame> */
    private array $stack = [];
    /** @var array<string, list<array{array<string, true>, Value, array<string, true>}>> */
    private array $seen = [];
    private int $steps = 0;
    private float $end;

    public function __construct(Program $program, Places $places, Ledger $ledger)
    {
        $this->program = $program;
        $this->places = $places;
        $this->ledger = $ledger;
        $this->expressions = new Expressions($this);
        $this->end = microtime(true) + self::TIME;
        $this->statements = new Statements($this, $this->expressions);
    }

    /**
     * Whether it gave up somewhere: too much code.
     */
    public function isTired(): bool
    {
        return $this->steps > self::STEPS || microtime(true) > $this->end;
    }

    /**
     * Walks a callback.
     *
     * @param list<Value> $arguments
     */
    public function callback(callable $callable, array $arguments, bool $isEvent): void
    {
        $found = $this->program->locate($callable);
        if ($found === null) {
            return;
        }
        $this->ledger->isEvent = $isEvent;
        $this->ledger->set = $this->ledger->guards = [];
        $this->seen = [];
        $this->located($found, $arguments);
    }

    /**
     * @param array{Func, ?object, ?string, \ReflectionFunctionAbstract} $found
     * @param list<Value> $arguments
     */
    public function located(array $found, array $arguments): Value
    {
        [$func, $object, $class, $reflection] = $found;
        $self = $object === null ? null : (new Value())->hold([$object], '0');
        if ($self !== null) {
            $self->label = '$this';
        }
        $captured = [];
        $values = $func->uses === [] && !$func->isArrow ? [] : $reflection->getStaticVariables();
        foreach ($func->uses as $name => $byRef) {
            if ($byRef) {
                $captured[$name] = $this->places->captured($func, $name)->hold($values, $name);
            } else {
                $captured[$name] = (new Value())->hold($values, $name);
                $captured[$name]->label = "\$$name";
            }
        }
        if ($func->isArrow) {
            foreach (array_keys($values) as $name) {
                $captured[$name] = (new Value())->hold($values, $name);
                $captured[$name]->label = "\$$name";
            }
        }
        return $this->call($func, $arguments, $self, $class, $captured);
    }

    /**
     * @param list<Value> $arguments
     * @param array<string, Value> $captured
     */
    public function call(Func $func, array $arguments, ?Value $self, ?string $class, array $captured = []): Value
    {
        foreach ($this->stack as $frame) {
            if ($frame->func === $func) {
                return new Value();
            }
        }
        $isDeep = count($this->stack) >= self::DEPTH;
        if ($this->ledger->isQuiet || $isDeep || $func->begin === $func->end || $this->isTired()) {
            return new Value();
        }
        $frame = new Frame($func);
        $frame->vars = $captured;
        $frame->self = $self;
        $frame->class = $class ?? ($func->class === null ? null : $func->class->name);
        $key = "$func->id " . ($self === null ? '' : self::key($self)) . ($this->ledger->isEvent ? 'e' : '');
        $i = 0;
        foreach ($func->params as $name => [$byRef, $type]) {
            $value = $arguments[$i++] ?? new Value();
            $value = $byRef ? $value : $value->copied();
            $value->class = $value->class ?? $type;
            $frame->vars[$name] = $value;
            $key .= ' ' . self::key($value);
        }
        $guards = $this->ledger->guards;
        foreach ($guards as $guard => $_) {
            // What is written as `$x` there is something else here.
            if (($guard[1] ?? '') !== ':') {
                unset($this->ledger->guards[$guard]);
            }
        }
        $key .= ' ' . implode(' ', array_keys($this->ledger->guards));
        $before = $this->ledger->set;
        foreach ($this->seen[$key] ?? [] as [$then, $returned, $after]) {
            if (array_diff_key($then, $before) === []) {
                $this->ledger->set = $before + $after;
                $this->ledger->guards = $guards;
                return $returned;
            }
        }
        $this->stack[] = $frame;
        if ($func->isArrow) {
            $frame->returned = $this->expressions->evaluate($frame, $func->begin, $func->end);
        } else {
            $this->statements->all($frame, $func->begin, $func->end);
        }
        array_pop($this->stack);
        $this->ledger->guards = $guards;
        $returned = $frame->returned ?? new Value();
        $this->seen[$key][] = [$before, $returned, array_diff_key($this->ledger->set, $before)];
        return $returned;
    }

    /**
     * A closure where it is written: it may run there, or later, or not.
     *
     * @param bool $isLater it runs in an event of its own
     */
    public function closure(Frame $outer, Func $func, bool $isLater): void
    {
        $captured = $func->isArrow ? $outer->vars : [];
        foreach ($func->uses as $name => $byRef) {
            $value = $outer->variable($name);
            $captured[$name] = $byRef ? $value : $value->copied();
            if ($byRef && $value->slot === null && $isLater && $value->object === null) {
                $captured[$name] = new Value();
            }
        }
        $ledger = $this->ledger;
        $before = [$ledger->set, $ledger->isEvent, $ledger->guards];
        if ($isLater) {
            [$ledger->set, $ledger->isEvent] = [[], true];
        }
        $this->call($func, [], $outer->self, $outer->class, $captured);
        [$ledger->set, $ledger->isEvent, $ledger->guards] = $before;
    }

    /**
     * A file that is included where the script runs: its path has to be a constant one.
     */
    public function included(Frame $f, int $i, int $end): void
    {
        $path = $this->program->path($f->source, $i, $end);
        $source = $path === null ? null : $this->program->read($path);
        if ($source !== null) {
            $this->call($source->functions[0], [], $f->self, $f->class, $f->vars);
        }
    }

    /**
     * Counts what is walked.
     */
    public function spend(int $tokens): void
    {
        $this->steps += $tokens;
    }

    /**
     * Something that request mode has not. Timers, and what runs in front of the events, are left out; watchers throw
     * in an event.
     */
    public function note(string $kind, Source $source, int $line, string $what): void
    {
        if ($kind === Finding::TIMER || $kind === Finding::WATCHER) {
            $what .= $kind === Finding::WATCHER && $this->ledger->isEvent ? ': the event fails' : ': it is left out';
        } elseif ($kind === Finding::PROCESS) {
            $what .= ': run that program beside the bridge';
        }
        $this->ledger->note($kind, $source, $line, $what);
    }

    private static function key(Value $value): string
    {
        $object = $value->object === null ? '' : '#' . spl_object_id($value->object);
        return "$value->slot$object:" . ($value->lasts ? '+' : '') . $value->class;
    }
}

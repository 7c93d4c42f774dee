<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

use Closure;

/**
 * What paths begin with, and the calls in them.
 */
final class Calls
{
    private Walker $walker;
    private Expressions $expressions;

    /** Closures that are met now run in an event of their own: a timer's. */
    public bool $isLater = false;

    public function __construct(Walker $walker, Expressions $expressions)
    {
        $this->walker = $walker;
        $this->expressions = $expressions;
    }

    /**
     * The beginning of a path.
     */
    public function base(Frame $f, int &$i, int $end): Value
    {
        $s = $f->source;
        $type = $s->types[$i];
        $text = $s->texts[$i];
        $next = $i + 1 < $end ? $s->texts[$i + 1] : '';
        if ($type === T_VARIABLE) {
            $i++;
            if ($text === '$GLOBALS') {
                return $this->superglobal($s, $i);
            }
            $value = clone $f->variable(substr($text, 1));
            $value->label = $text === '$this' ? $text : $value->label;
            return $value;
        }
        if ($type === T_NEW) {
            return $this->instance($f, $i, $end);
        }
        if ($text === '(') {
            $close = $s->after($i) - 1;
            $value = $this->expressions->evaluate($f, $i + 1, $close);
            $i = $close + 1;
            $value = clone $value;
            // What is in it was read; the place itself is none that is written to through brackets.
            return $s->text($i) === '->' || $s->text($i) === '?->' || $s->text($i) === '(' ? $value : $value->copied();
        }
        if ($type === T_STATIC && $next !== '::') {
            // static function, static fn
            $i++;
            return new Value();
        }
        if ($next === '::') {
            $i++;
            return $this->colons($f, Value::ofClass($this->className($f, $text)), $i, $end);
        }
        if ($next === '(' && $type === T_STRING) {
            $close = $s->after($i + 1) - 1;
            $at = $i;
            $i = $close + 1;
            return $this->named($f, $text, $at, $close);
        }
        $i++;
        return new Value();
    }

    /**
     * What follows `::`.
     */
    public function colons(Frame $f, Value $of, int &$i, int $end): Value
    {
        $s = $f->source;
        $at = $i + 1;
        $i = $at + 1;
        $name = $s->text($at);
        if ($s->type($at) === T_VARIABLE) {
            if ($i < $end && $s->texts[$i] === '(') {
                return new Value();
            }
            return $of->class === null
                ? new Value()
                : $this->walker->places->staticProperty($of->class, substr($name, 1));
        }
        if ($i >= $end || $s->texts[$i] !== '(') {
            $value = new Value();
            if (strtolower($name) === 'class') {
                $value->string = $of->class;
            }
            return $value;
        }
        $close = $s->after($i) - 1;
        $key = strtolower($of->class . '::' . $name);
        $kind = Terms::CALLS[$key] ?? null;
        $arguments = $this->later($f, $i, $close, $kind === Finding::TIMER);
        $i = $close + 1;
        if ($kind !== null) {
            $this->walker->note($kind, $s, $s->lines[$at], ltrim((string) $of->class, '\\') . "::$name()");
            return new Value();
        }
        if ($of->class === null) {
            return new Value();
        }
        $this->follow($arguments, $this->walker->program->classNamed($of->class) === null);
        $func = $this->walker->program->method($of->class, $name);
        if ($func === null) {
            return new Value();
        }
        $parent = strtolower($s->text($at - 2));
        $keeps = in_array($parent, ['parent', 'self', 'static'], true);
        return $this->walker->call(
            $func,
            $arguments,
            $func->isStatic ? null : $f->self,
            $keeps && $f->class !== null ? $f->class : $of->class
        );
    }

    /**
     * A method of a value.
     *
     * @param string|null $name null: one that only the running program knows
     * @param int $open to $close: the parentheses
     */
    public function method(Frame $f, Value $of, ?string $name, int $open, int $close): Value
    {
        $s = $f->source;
        $lower = strtolower((string) $name);
        $kind = isset(Terms::SERVER_CALLS[$lower]) && $this->walker->places->isServer($of)
            && $this->walker->program->method((string) $of->class, $lower) === null
            ? Terms::SERVER_CALLS[$lower]
            : null;
        $arguments = $this->later($f, $open, $close, $kind === Finding::TIMER);
        if ($kind !== null) {
            $this->walker->note($kind, $s, $s->lines[$open], "\$server->$name()");
            return new Value();
        }
        if ($lower === 'task' && isset($arguments[2]) && $this->walker->places->isServer($of)) {
            $finish = $arguments[2];
            $isObject = $finish->isClosure || $finish->object !== null
                || $finish->method !== null && $finish->method[0]->string === null;
            if ($isObject && $this->walker->program->method((string) $of->class, $lower) === null) {
                $what = "\$server->$name() with a closure or an object's method as third argument"
                    . ': the event fails, use onFinish';
                $this->walker->note(Finding::TASK, $s, $s->lines[$open], $what);
            }
        }
        if ($of->object instanceof Closure) {
            return $this->value($of, $lower === 'call' ? array_slice($arguments, 1) : $arguments);
        }
        $container = $this->walker->places->container($of);
        $known = $of->class === null ? null : $this->walker->program->classNamed($of->class);
        if ($container !== null && ($known === null || $this->walker->program->method($of->class, $lower) === null)) {
            $isChange = in_array($lower, Terms::MUTATORS, true);
            if ($isChange) {
                $this->walker->ledger->write($container, $s, $s->lines[$open], false, false);
            }
            if (!$isChange || in_array($lower, ['pop', 'shift', 'dequeue', 'extract'], true)) {
                $this->walker->ledger->read($container);
            }
            return new Value();
        }
        $this->follow($arguments, $known === null);
        if ($known === null) {
            return new Value();
        }
        $self = $of->copied();
        if ($name !== null) {
            $func = $this->walker->program->method((string) $of->class, $name);
            return $func === null ? new Value() : $this->walker->call($func, $arguments, $self, $of->class);
        }
        foreach ($known->methods as $method => $func) {
            if (strncmp($method, '__', 2) !== 0) {
                $this->maybe($func, $self, (string) $of->class);
            }
        }
        return new Value();
    }

    /**
     * A call of a value: `$f(...)`, `($this->handlers[$name])(...)`.
     *
     * @param list<Value> $arguments
     */
    public function value(Value $of, array $arguments): Value
    {
        if ($of->method !== null) {
            [$on, $name] = $of->method;
            $class = $on->class ?? $on->string;
            $func = $class === null ? null : $this->walker->program->method($class, $name);
            $self = $on->class === null ? null : $on->copied();
            return $func === null ? new Value() : $this->walker->call($func, $arguments, $self, $class);
        }
        $candidates = $of->object !== null ? [$of->object] : ($of->array ?? []);
        if ($of->array !== null && is_callable($of->array)) {
            $candidates = [$of->array];
        }
        foreach (array_slice($candidates, 0, 50) as $candidate) {
            if (is_callable($candidate) && !is_string($candidate)) {
                $found = $this->walker->program->locate($candidate);
                $result = $found === null ? new Value() : $this->walker->located($found, $arguments);
            }
        }
        return count($candidates) === 1 && isset($result) ? $result : new Value();
    }

    /**
     * The values between brackets, each with what it does.
     *
     * @return list<Value>
     */
    public function arguments(Frame $f, int $open, int $close): array
    {
        $s = $f->source;
        $values = [];
        for ($i = $open + 1; $i < $close; $i++) {
            $stop = $s->endOfExpression($i, $close);
            $from = $i;
            if ($s->isNamed($i) && $s->text($i + 1) === ':') {
                // A named argument.
                $from = $i + 2;
            }
            for ($k = $from; $k < $stop; $k++) {
                if ($s->types[$k] === T_DOUBLE_ARROW) {
                    $this->expressions->evaluate($f, $from, $k);
                    $from = $k + 1;
                    break;
                }
                if (isset($s->at[$k]) || strpos('([{', $s->texts[$k]) !== false) {
                    $k = max($k, isset($s->at[$k]) ? $s->at[$k]->end : $s->after($k) - 1);
                }
            }
            $values[] = $this->expressions->evaluate($f, $from, $stop);
            $i = $stop;
        }
        return $values;
    }

    /**
     * @return list<Value>
     */
    private function later(Frame $f, int $open, int $close, bool $isLater): array
    {
        $before = $this->isLater;
        $this->isLater = $isLater;
        $arguments = $this->arguments($f, $open, $close);
        $this->isLater = $before;
        if ($isLater) {
            $ledger = $this->walker->ledger;
            $kept = [$ledger->set, $ledger->isEvent];
            [$ledger->set, $ledger->isEvent] = [[], true];
            $this->follow($arguments, true);
            [$ledger->set, $ledger->isEvent] = $kept;
        }
        return $arguments;
    }

    /**
     * A function by its name.
     */
    private function named(Frame $f, string $name, int $at, int $close): Value
    {
        $s = $f->source;
        $names = $f->func->names->ofFunction($name);
        $last = end($names);
        $kind = Terms::CALLS[$last] ?? null;
        $func = $this->walker->program->functionNamed($names);
        $arguments = $this->later($f, $at + 1, $close, $kind === Finding::TIMER);
        if ($func !== null) {
            return $this->walker->call($func, $arguments, null, null);
        }
        if ($kind !== null) {
            $this->walker->note($kind, $s, $s->lines[$at], ltrim($name, '\\') . '()');
            return new Value();
        }
        if (isset(Terms::CHANGES[$last], $arguments[Terms::CHANGES[$last]])) {
            $this->expressions->write($f, $arguments[Terms::CHANGES[$last]], $at, false);
        }
        if (strncmp($last, 'call_user_func', 14) === 0 && $arguments !== []) {
            return $this->value($this->byString($arguments[0]), array_slice($arguments, 1));
        }
        $this->follow($arguments, true);
        return new Value();
    }

    private function byString(Value $value): Value
    {
        if ($value->string !== null && strpos($value->string, '::') !== false) {
            [$class, $method] = explode('::', $value->string, 2);
            $value->method = [Value::ofClass($class), $method];
            $value->method[0]->string = $class;
        } elseif ($value->string !== null) {
            $func = $this->walker->program->functionNamed([strtolower(ltrim($value->string, '\\'))]);
            if ($func !== null) {
                $this->maybe($func, null, null);
            }
        }
        return $value;
    }

    /**
     * Functions that are given to code which is not known: it may call them.
     *
     * @param list<Value> $arguments
     */
    private function follow(array $arguments, bool $isUnknown): void
    {
        foreach ($isUnknown ? $arguments : [] as $argument) {
            if ($argument->method !== null || $argument->object instanceof Closure) {
                $set = $this->walker->ledger->set;
                $this->value($argument, []);
                $this->walker->ledger->set = $set;
            }
        }
    }

    private function maybe(Func $func, ?Value $self, ?string $class): void
    {
        $set = $this->walker->ledger->set;
        $this->walker->call($func, [], $func->isStatic ? null : $self, $class);
        $this->walker->ledger->set = $set;
    }

    private function instance(Frame $f, int &$i, int $end): Value
    {
        $s = $f->source;
        $at = $i++;
        $class = null;
        if ($s->type($i) === T_CLASS) {
            if ($s->text($i + 1) === '(') {
                $this->arguments($f, $i + 1, $s->after($i + 1) - 1);
            }
            $i = ($s->classEnds[$i] ?? $i) + 1;
            return new Value();
        }
        if ($s->type($i) === T_STRING || $s->type($i) === T_STATIC) {
            $class = $this->className($f, $s->texts[$i]);
        }
        $i++;
        $arguments = [];
        $value = Value::ofClass($class);
        $kind = Terms::CLASSES[strtolower(ltrim((string) $class, '\\'))] ?? null;
        if ($i < $end && $s->texts[$i] === '(') {
            $close = $s->after($i) - 1;
            $arguments = $this->later($f, $i, $close, false);
            $i = $close + 1;
        }
        if ($kind !== null) {
            $this->walker->note($kind, $s, $s->lines[$at], "new " . ltrim($class, '\\') . '()');
        } elseif ($class !== null) {
            $func = $this->walker->program->method($class, '__construct');
            if ($func !== null) {
                $this->walker->call($func, $arguments, $value, $class);
            }
        }
        return $value;
    }

    private function superglobal(Source $s, int &$i): Value
    {
        if ($s->text($i) === '[' && $s->type($i + 1) === T_CONSTANT_ENCAPSED_STRING && $s->text($i + 2) === ']') {
            $name = substr($s->texts[$i + 1], 1, -1);
            $i += 3;
            return $this->walker->places->global($name, 'a global variable');
        }
        return new Value();
    }

    private function className(Frame $f, string $name): ?string
    {
        switch (strtolower($name)) {
            case 'static':
                return $f->class ?? ($f->func->class === null ? null : $f->func->class->name);
            case 'self':
                return $f->func->class === null ? $f->class : $f->func->class->name;
            case 'parent':
                return $f->func->class === null ? null : $f->func->class->parent;
        }
        return $f->func->names->ofClass($name);
    }
}

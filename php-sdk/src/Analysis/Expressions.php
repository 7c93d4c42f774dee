<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * Goes through an expression from left to right: what it reads, writes and calls.
 */
final class Expressions
{
    private const ASSIGN = [
        T_PLUS_EQUAL => 1, T_MINUS_EQUAL => 1, T_MUL_EQUAL => 1, T_DIV_EQUAL => 1, T_CONCAT_EQUAL => 1,
        T_MOD_EQUAL => 1, T_AND_EQUAL => 1, T_OR_EQUAL => 1, T_XOR_EQUAL => 1, T_SL_EQUAL => 1, T_SR_EQUAL => 1,
        T_POW_EQUAL => 1,
    ];
    /** What comes after these runs or not, depending on what comes before them. */
    private const FORKS = [
        T_BOOLEAN_OR => 1, T_BOOLEAN_AND => 1, T_LOGICAL_OR => 1, T_LOGICAL_AND => 1, T_COALESCE => 1,
    ];
    private const INCLUDES = [T_INCLUDE => 1, T_INCLUDE_ONCE => 1, T_REQUIRE => 1, T_REQUIRE_ONCE => 1];
    /** Operators that keep the value: casts do not, but objects are not cast. */
    private const KEEPS = [T_COALESCE => 1, T_PRINT => 1];

    private Walker $walker;
    private Calls $calls;
    private Guards $guards;

    public function __construct(Walker $walker)
    {
        $this->walker = $walker;
        $this->calls = new Calls($walker, $this);
        $this->guards = new Guards($walker->ledger, $this);
    }

    /**
     * @param bool $isStatement nobody takes the value
     */
    public function evaluate(Frame $f, int $i, int $end, bool $isStatement = false): Value
    {
        $s = $f->source;
        $this->walker->spend($end - $i + 1);
        $start = $i;
        $first = null;
        $isOne = true;
        $kept = $this->walker->ledger->guards;
        while ($i < $end) {
            $type = $s->types[$i];
            $text = $s->texts[$i];
            $value = null;
            if ($type === T_VARIABLE || $type === T_STRING || $type === T_NEW || $type === T_STATIC || $text === '(') {
                $at = $i;
                $value = $this->term($f, $i, $end, $isStatement && $at === $start);
            } elseif ($text === '[') {
                $value = $this->brackets($f, $i, $end);
            } elseif ($type === T_LIST) {
                $i++;
                $value = $this->brackets($f, $i, $end);
            } elseif (isset($s->at[$i])) {
                $func = $s->at[$i];
                $isLater = $this->calls->isLater;
                $this->calls->isLater = false;
                $this->walker->closure($f, $func, $isLater);
                $this->calls->isLater = $isLater;
                $i = $func->end + ($func->isArrow ? 0 : 1);
                $value = new Value();
                $value->isClosure = true;
            } elseif ($type === T_UNSET) {
                $i = $this->unset($f, $i + 2, $s->after($i + 1) - 1);
            } elseif ($type === T_INC || $type === T_DEC) {
                $at = $i++;
                $place = $this->path($f, $i, $end);
                if (!$isStatement || $at !== $start) {
                    $this->walker->ledger->read($place);
                }
                $this->write($f, $place, $at, false);
            } elseif ($type === T_CONSTANT_ENCAPSED_STRING) {
                $value = new Value();
                $value->string = stripslashes(substr($text, 1, -1));
                $i++;
            } elseif (isset(self::INCLUDES[$type])) {
                $stop = $s->endOfExpression($i + 1, $end);
                $this->evaluate($f, $i + 1, $stop);
                $this->walker->included($f, $i + 1, $stop);
                $i = $stop;
            } elseif ($type === T_CLONE) {
                $isOne = false;
                $i++;
            } else {
                if (isset(self::FORKS[$type]) || $text === '?') {
                    [$missing, $there] = $this->guards->of($f, $start, $i);
                    $this->walker->ledger->guards += $missing + $there;
                }
                $isOne = $isOne && (isset(self::KEEPS[$type]) || $text === '?' || $text === ':' || $text === '@');
                $i++;
            }
            if ($value !== null) {
                $isBetter = $first === null || $first->class === null && $first->slot === null;
                $first = $isBetter ? $value : $first;
            }
        }
        $this->walker->ledger->guards = $kept;
        return $isOne && $first !== null ? $first : new Value();
    }

    /**
     * What a condition says of places.
     *
     * @return array{array<string, true>, array<string, true>} empty ones if it holds; empty ones if it does not
     */
    public function guards(Frame $f, int $i, int $end): array
    {
        return $this->guards->of($f, $i, $end);
    }

    /**
     * The head of a foreach.
     */
    public function loop(Frame $f, int $i, int $end): void
    {
        $s = $f->source;
        $as = $i;
        while ($as < $end && $s->types[$as] !== T_AS) {
            $as = max($as + 1, strpos('([{', $s->texts[$as]) === false ? 0 : $s->after($as));
        }
        $over = $this->evaluate($f, $i, $as);
        $element = $this->walker->places->element($over, null);
        for ($k = $as + 1; $k < $end; $k++) {
            $arrow = $s->types[$k] === T_DOUBLE_ARROW;
            if ($s->types[$k] === T_VARIABLE && !$this->isPath($s, $k)) {
                $isValue = $k === $end - 1;
                $byRef = $s->texts[$k - 1] === '&';
                $name = substr($s->texts[$k], 1);
                $current = $f->vars[$name] ?? null;
                if ($current !== null && $current->slot !== null && !$current->isPart) {
                    $this->write($f, $current, $k, true);
                }
                $f->vars[$name] = !$isValue ? new Value() : ($byRef ? $element : $element->copied());
                $f->vars[$name]->label = "\$$name";
            } elseif (!$arrow && ($s->types[$k] === T_VARIABLE || $s->types[$k] === T_STRING)) {
                $at = $k;
                $place = $this->path($f, $k, $end);
                $this->write($f, $place, $at, true);
                $k = max($at, $k - 1);
            }
        }
    }

    /**
     * Writes to a place, unless what is written there is one of those that are made again when they are missing.
     *
     * @param int $i index of a token of it
     * @param array{int, int}|null $value where the written value stands
     */
    public function write(
        Frame $f,
        Value $place,
        int $i,
        bool $isWhole,
        ?array $value = null,
        bool $isCache = false
    ): void {
        if ($place->slot === null) {
            return;
        }
        $s = $f->source;
        $isCache = $isCache || $value !== null && $this->guards->isCache($f, $place, $value[0], $value[1]);
        $this->walker->ledger->write($place, $s, $s->lines[$i], $isWhole, $isCache);
    }

    /**
     * A place is read; if an object is there that is memory itself, so is that.
     */
    private function read(Value $place): void
    {
        $this->walker->ledger->read($place);
        $container = $this->walker->places->container($place);
        if ($container !== null) {
            $this->walker->ledger->read($container);
        }
    }

    /**
     * A path, with the assignment to it if it is one.
     */
    private function term(Frame $f, int &$i, int $end, bool $isStatement): Value
    {
        $s = $f->source;
        $at = $i;
        $place = $this->path($f, $i, $end);
        $type = $s->type($i);
        if ($i >= $end) {
            $this->read($place);
            return $place;
        }
        if ($s->texts[$i] === '=' && $type === 0) {
            return $this->assign($f, $place, $at, $i, $end);
        }
        if (isset(self::ASSIGN[$type]) || $type === T_COALESCE_EQUAL) {
            $stop = $s->endOfExpression($i + 1, $end);
            $isCache = $type === T_COALESCE_EQUAL;
            if ($isCache || !$isStatement) {
                $this->read($place);
            }
            $value = $this->evaluate($f, $i + 1, $stop);
            $from = $i + 1;
            $i = $stop;
            if ($isCache) {
                $isCache = !$this->guards->isOfEvent($f, $at, $from) && !$this->guards->isOfEvent($f, $from, $stop)
                    || $this->guards->isEmpty($s, $from, $stop);
                $this->write($f, $place, $at, true, null, $isCache);
                return $place->class !== null || $place->slot === null ? $place : $this->typed($place, $value);
            }
            $this->write($f, $place, $at, false);
            return new Value();
        }
        if ($type === T_INC || $type === T_DEC) {
            if (!$isStatement) {
                $this->read($place);
            }
            $this->write($f, $place, $at, false);
            $i++;
            return new Value();
        }
        $this->read($place);
        return $place;
    }

    private function assign(Frame $f, Value $place, int $at, int &$i, int $end): Value
    {
        $s = $f->source;
        $equals = $i;
        $from = $i + 1;
        $isReference = $s->text($from) === '&';
        $from += $isReference ? 1 : 0;
        $stop = $s->endOfExpression($from, $end);
        $value = $this->evaluate($f, $from, $stop);
        $i = $stop;
        if ($equals === $at + 1 && $s->types[$at] === T_VARIABLE) {
            $name = substr($s->texts[$at], 1);
            if ($isReference || $place->slot === null) {
                $f->vars[$name] = $isReference ? $value : $value->copied();
                $f->vars[$name]->label = $f->vars[$name]->label === '' ? "\$$name" : $f->vars[$name]->label;
                return $value;
            }
        }
        $this->write($f, $place, $at, true, [$from, $stop]);
        $this->typed($place, $value);
        return $value;
    }

    private function typed(Value $place, Value $value): Value
    {
        if ($place->slot !== null && $value->class !== null) {
            $this->walker->places->learn($place->slot . ($place->isPart ? '[]' : ''), $value->class);
        }
        return $value;
    }

    /**
     * `[$a, $b] = …`, or an array. $i is at the bracket and then after it.
     */
    private function brackets(Frame $f, int &$i, int $end): Value
    {
        $s = $f->source;
        $open = $i;
        $close = $s->after($open) - 1;
        $i = $close + 1;
        if ($i < $end && $s->texts[$i] === '=' && $s->types[$i] === 0) {
            $stop = $s->endOfExpression($i + 1, $end);
            $value = $this->evaluate($f, $i + 1, $stop);
            $this->targets($f, $open + 1, $close);
            $i = $stop;
            return $value;
        }
        $items = $this->calls->arguments($f, $open, $close);
        $value = new Value();
        $isPair = count($items) === 2 && $items[1]->string !== null;
        if ($isPair && ($items[0]->class !== null || $items[0]->string !== null)) {
            $value->method = [$items[0], $items[1]->string];
        }
        return $value;
    }

    private function targets(Frame $f, int $i, int $close): void
    {
        $s = $f->source;
        while ($i < $close) {
            if ($s->texts[$i] === '[' || $s->types[$i] === T_LIST) {
                $i += $s->types[$i] === T_LIST ? 1 : 0;
                $this->targets($f, $i + 1, $s->after($i) - 1);
                $i = $s->after($i);
            } elseif ($s->types[$i] === T_VARIABLE || $s->types[$i] === T_STRING || $s->types[$i] === T_STATIC) {
                $at = $i;
                $place = $this->path($f, $i, $close);
                if ($i === $at + 1 && $place->slot === null) {
                    $f->vars[substr($s->texts[$at], 1)] = new Value();
                }
                $this->write($f, $place, $at, true);
            } else {
                $i++;
            }
        }
    }

    private function unset(Frame $f, int $i, int $close): int
    {
        $s = $f->source;
        while ($i < $close) {
            $at = $i;
            if ($s->types[$i] === T_VARIABLE || $s->types[$i] === T_STRING || $s->types[$i] === T_STATIC) {
                $place = $this->path($f, $i, $close);
                $this->write($f, $place, $at, true);
            }
            $i = max($i, $at + 1);
        }
        return $close + 1;
    }

    private function isPath(Source $s, int $i): bool
    {
        return in_array($s->text($i + 1), ['->', '?->', '[', '::'], true);
    }

    /**
     * The longest path that begins at $i: a variable, property, element, call, in any order. What it passes through is
     * read; the place that it ends at is not.
     *
     * @param int $i after it, then
     */
    public function path(Frame $f, int &$i, int $end): Value
    {
        $s = $f->source;
        $start = $i;
        $value = $this->calls->base($f, $i, $end);
        while ($i < $end) {
            $text = $s->texts[$i];
            if ($text === '->' || $text === '?->') {
                $value = $this->arrow($f, $value, $i, $end);
            } elseif ($text === '[' && $s->type($i) === 0) {
                $value = $this->index($f, $value, $i);
            } elseif ($text === '(') {
                $this->walker->ledger->read($value);
                $close = $s->after($i) - 1;
                $value = $this->calls->value($value, $this->calls->arguments($f, $i, $close));
                $i = $close + 1;
            } elseif ($text === '::') {
                $value = $this->calls->colons($f, $value, $i, $end);
            } else {
                break;
            }
        }
        if ($i === $start) {
            $i++;
        }
        $value->text = $this->text($s, $start, $i);
        return $value;
    }

    private function arrow(Frame $f, Value $value, int &$i, int $end): Value
    {
        $s = $f->source;
        $this->walker->ledger->read($value);
        $at = $i + 1;
        $name = $s->text($at);
        $dynamic = $s->type($at) === T_VARIABLE || $name === '{' || $name === '$';
        $next = $name === '{' ? $s->after($at) : $at + 1;
        if ($name === '{') {
            $this->evaluate($f, $at + 1, $next - 1);
        }
        if ($next < $end && $s->texts[$next] === '(') {
            $close = $s->after($next) - 1;
            $i = $close + 1;
            return $this->calls->method($f, $value, $dynamic ? null : $name, $next, $close);
        }
        $i = $next;
        return $dynamic ? new Value() : $this->walker->places->property($value, $name);
    }

    private function index(Frame $f, Value $value, int &$i): Value
    {
        $s = $f->source;
        $close = $s->after($i) - 1;
        $key = null;
        if ($close === $i + 2 && $s->types[$i + 1] === T_CONSTANT_ENCAPSED_STRING) {
            $key = stripslashes(substr($s->texts[$i + 1], 1, -1));
        }
        $this->evaluate($f, $i + 1, $close);
        $i = $close + 1;
        return $this->walker->places->element($value, $key);
    }

    private function text(Source $s, int $from, int $to): string
    {
        return implode('', array_slice($s->texts, $from, $to - $from));
    }
}

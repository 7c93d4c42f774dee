<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * Tells values that are made again when they are missing, as caches and connections are, from memory.
 */
final class Guards
{
    private const EMPTY = ['null', 'false', '[]', "''", '""', '0', 'array()'];

    /** Words around a place in a condition => whether it is there then. */
    private const WORDS = [
        'isset' => true, 'empty' => false, 'is_null' => false, 'is_object' => true, 'is_array' => true,
        'is_resource' => true, 'is_string' => true, 'is_int' => true,
    ];

    /** What a condition may go on with after a place. */
    private const ENDS = [T_BOOLEAN_AND, T_BOOLEAN_OR, T_LOGICAL_AND, T_LOGICAL_OR, T_COALESCE, T_INSTANCEOF];

    private const EVENT = ['$fd', '$frame', '$request', '$req', '$fdid', '$clientid'];

    private Ledger $ledger;
    private Expressions $expressions;

    public function __construct(Ledger $ledger, Expressions $expressions)
    {
        $this->ledger = $ledger;
        $this->expressions = $expressions;
    }

    /**
     * What a condition says of places.
     *
     * @return array{array<string, true>, array<string, true>} empty ones if it holds; empty ones if it does not
     */
    public function of(Frame $f, int $i, int $end): array
    {
        $s = $f->source;
        $missing = [];
        $there = [];
        while ($i < $end) {
            $type = $s->types[$i];
            if ($type === T_STRING && strcasecmp(ltrim($s->texts[$i], '\\'), 'array_key_exists') === 0) {
                $comma = $s->endOfExpression($i + 2, $end);
                $array = implode('', array_slice($s->texts, $comma + 1, $s->after($i + 1) - $comma - 2));
                $key = implode('', array_slice($s->texts, $i + 2, $comma - $i - 2));
                if ($s->text($i - 1) === '!') {
                    $missing["{$array}[$key]"] = true;
                } else {
                    $there["{$array}[$key]"] = true;
                }
                $i = $s->after($i + 1);
                continue;
            }
            if ($type !== T_VARIABLE && ($type !== T_STRING && $type !== T_STATIC || $s->text($i + 1) !== '::')) {
                $i++;
                continue;
            }
            $start = $i;
            [$place, $i] = $this->quietly($f, $start, $end);
            $isThere = $this->isThere($s, $start, $i);
            if ($isThere === null || $place->text === '') {
                continue;
            }
            $name = $place->slot === null || $place->isPart ? $place->text : $place->slot;
            if ($isThere) {
                $there[$name] = true;
            } else {
                $missing[$name] = true;
            }
        }
        return [$missing, $there];
    }

    /**
     * Whether what is assigned would be made again if it were not there.
     *
     * @param int $from to $to: the value
     */
    public function isCache(Frame $f, Value $place, int $from, int $to): bool
    {
        $s = $f->source;
        if ($this->isResource($s, $f, $place, $from, $to)) {
            return true;
        }
        $own = $place->text;
        $start = implode('', array_slice($s->texts, $from, 12));
        if ($own !== '' && (strpos($start, "$own??") === 0 || strpos($start, "$own?") === 0)) {
            return true;
        }
        $isGuarded = isset($this->ledger->guards[$place->text])
            || !$place->isPart && isset($this->ledger->guards[(string) $place->slot]);
        if (!$isGuarded) {
            return false;
        }
        if ($this->isEmpty($s, $from, $to)) {
            return true;
        }
        $isNew = $s->type($from) === T_NEW;
        $begin = $from;
        while ($begin > 0 && strpos(';{}', $s->texts[$begin - 1]) === false) {
            $begin--;
        }
        return !$this->isOfEvent($f, $begin, $to) || $isNew && !$place->isPart;
    }

    /**
     * Whether these tokens name what an event is about.
     */
    public function isOfEvent(Frame $f, int $from, int $to): bool
    {
        $s = $f->source;
        for ($i = $from; $i < $to; $i++) {
            if ($s->types[$i] === T_VARIABLE && in_array(strtolower($s->texts[$i]), self::EVENT, true)) {
                return true;
            }
            if ($s->types[$i] === T_STRING && $s->texts[$i] === 'fd' && $s->text($i - 1) === '->') {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether it is a first value: `[]`, `null`, `new SplObjectStorage()`.
     */
    public function isEmpty(Source $s, int $from, int $to): bool
    {
        $text = strtolower(implode('', array_slice($s->texts, $from, $to - $from)));
        return in_array($text, self::EMPTY, true)
            || preg_match('/^new\\\\?(splobjectstorage|arrayobject|splqueue|stdclass)(\(\))?$/', $text) === 1;
    }

    private function isResource(Source $s, Frame $f, Value $place, int $from, int $to): bool
    {
        if ($s->type($from) === T_NEW) {
            $class = $s->text($from + 1);
            $is = preg_match(Terms::RESOURCE_CLASS, $class) === 1;
            $name = strtolower($f->func->names->ofClass($class));
            if ($is || $place->class !== null && strtolower($place->class) === $name && $place->object !== null) {
                return true;
            }
        } elseif ($s->text($to - 1) !== ')') {
            return false;
        }
        $called = '';
        for ($i = $from; $i < $to && $s->texts[$i] !== '('; $i++) {
            $called = $s->types[$i] === T_STRING ? $s->texts[$i] : $called;
        }
        if ($i < $to && $s->types[$from] !== T_NEW && preg_match(Terms::RESOURCE_CALL, $called) === 1) {
            return true;
        }
        $name = preg_match('/(\w+)$/', $place->label, $found) === 1 ? $found[1] : '';
        return !$place->isPart && preg_match(Terms::RESOURCE_NAME, $name) === 1;
    }

    /**
     * @return bool|null whether the condition holds if the place is there; null: it is about something else
     */
    private function isThere(Source $s, int $start, int $end): ?bool
    {
        $before = $start - 1;
        $is = true;
        $word = strtolower(ltrim($s->text($before - 1), '\\'));
        if ($s->text($before) === '(' && isset(self::WORDS[$word])) {
            $is = self::WORDS[$word];
            $before -= 2;
        } else {
            $type = $s->type($end);
            $next = strtolower($s->text($end + 1) === '[' ? '[]' : $s->text($end + 1));
            $isEmpty = in_array($next, self::EMPTY, true);
            if ($type === T_IS_IDENTICAL || $type === T_IS_EQUAL) {
                if (!$isEmpty) {
                    return null;
                }
                $is = false;
            } elseif ($type === T_IS_NOT_IDENTICAL || $type === T_IS_NOT_EQUAL) {
                if (!$isEmpty) {
                    return null;
                }
            } elseif (in_array($s->type($before), [T_IS_IDENTICAL, T_IS_EQUAL], true)) {
                if (!in_array(strtolower($s->text($before - 1)), self::EMPTY, true)) {
                    return null;
                }
                return false;
            } elseif (in_array($s->type($before), [T_IS_NOT_IDENTICAL, T_IS_NOT_EQUAL], true)) {
                return in_array(strtolower($s->text($before - 1)), self::EMPTY, true) ? true : null;
            } elseif (
                !in_array($s->text($end), [')', '?', '', ':', ';'], true)
                && !in_array($type, self::ENDS, true)
            ) {
                return null;
            }
            if ($s->text($before) === '(' && $s->text($before - 1) === '!') {
                $before--;
            }
        }
        return $s->text($before) === '!' ? !$is : $is;
    }

    /**
     * @return array{Value, int} the place at an index, the index after it
     */
    private function quietly(Frame $f, int $i, int $end): array
    {
        $ledger = $this->ledger;
        $kept = [$ledger->isEvent, $ledger->isQuiet, $ledger->set, $ledger->guards];
        $ledger->isEvent = false;
        $ledger->isQuiet = true;
        $place = $this->expressions->path($f, $i, $end);
        [$ledger->isEvent, $ledger->isQuiet, $ledger->set, $ledger->guards] = $kept;
        return [$place, $i];
    }
}

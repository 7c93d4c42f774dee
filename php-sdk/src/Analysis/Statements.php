<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * Goes through the statements of a function in their order. Both ways of a condition are gone; what only one of them
 * writes counts as not written after it.
 */
final class Statements
{
    /** What ends a list of statements that has no braces. */
    private const ENDS = [
        T_ENDIF => 1, T_ENDWHILE => 1, T_ENDFOR => 1, T_ENDFOREACH => 1, T_ENDSWITCH => 1, T_ELSE => 1, T_ELSEIF => 1,
        T_ENDDECLARE => 1,
    ];

    private Walker $walker;
    private Expressions $expressions;

    public function __construct(Walker $walker, Expressions $expressions)
    {
        $this->walker = $walker;
        $this->expressions = $expressions;
    }

    public function all(Frame $f, int $i, int $end): void
    {
        while ($i < $end && !$f->isOver) {
            $i = $this->statement($f, $i, $end);
        }
    }

    /**
     * @return int the index after the statement
     */
    private function statement(Frame $f, int $i, int $end): int
    {
        $s = $f->source;
        switch ($s->types[$i]) {
            case T_IF:
                return $this->branches($f, $i, $end);
            case T_WHILE:
            case T_FOR:
                $this->endless($f, $i);
                $this->expressions->evaluate($f, $i + 2, $s->after($i + 1) - 1);
                return $this->maybe($f, $s->after($i + 1), $end);
            case T_FOREACH:
                $this->expressions->loop($f, $i + 2, $s->after($i + 1) - 1);
                return $this->maybe($f, $s->after($i + 1), $end);
            case T_SWITCH:
                $this->expressions->evaluate($f, $i + 2, $s->after($i + 1) - 1);
                return $this->cases($f, $s->after($i + 1), $end);
            case T_DO:
                $i = $this->body($f, $i + 1, $end);
                $this->expressions->evaluate($f, $i + 2, $s->after($i + 1) - 1);
                return $s->after($i + 1) + 1;
            case T_CATCH:
                $f->isOver = false;
                return $this->maybe($f, $s->after($i + 1), $end);
            case T_TRY:
            case T_FINALLY:
                $i = $this->body($f, $i + 1, $end);
                $next = $s->type($i);
                if ($next === T_CATCH || $next === T_FINALLY) {
                    $f->isOver = false;
                }
                return $i;
            case T_RETURN:
                $stop = $s->endOfExpression($i + 1, $end);
                $value = $this->expressions->evaluate($f, $i + 1, $stop);
                if ($f->returned === null || $value->class !== null || $value->slot !== null) {
                    $f->returned = $value;
                }
                $f->isOver = true;
                return $stop + 1;
            case T_BREAK:
            case T_CONTINUE:
            case T_THROW:
            case T_EXIT:
                $stop = $s->endOfExpression($i + 1, $end);
                $this->expressions->evaluate($f, $i + 1, $stop);
                $f->isOver = true;
                return $stop + 1;
            case T_GLOBAL:
                return $this->globals($f, $i + 1, $end);
            case T_STATIC:
                if ($s->type($i + 1) === T_VARIABLE) {
                    return $this->statics($f, $i + 1, $end);
                }
                break;
            case T_FUNCTION:
                if (isset($s->at[$i]) && $s->at[$i]->name !== '') {
                    return $s->at[$i]->end + 1;
                }
                break;
            case T_ABSTRACT:
            case T_FINAL:
            case T_INLINE_HTML:
                return $i + 1;
            case T_CLASS:
            case T_INTERFACE:
            case T_TRAIT:
                return ($s->classEnds[$i] ?? $i) + 1;
        }
        $text = $s->texts[$i];
        if ($text === '{') {
            $this->all($f, $i + 1, $s->after($i) - 1);
            return $s->after($i);
        }
        if ($text === ';' || $text === '}' || $text === ')' || $text === ':') {
            return $i + 1;
        }
        $stop = $s->endOfExpression($i, $end);
        if ($s->text($stop) === ',') {
            // echo $a, $b
            $this->expressions->evaluate($f, $i, $stop);
            return $stop + 1;
        }
        $this->expressions->evaluate($f, $i, $stop, true);
        return max($stop, $i + 1);
    }

    /**
     * One statement, or a list of them: `{ … }`, `: … endif`.
     *
     * @return int the index after it
     */
    private function body(Frame $f, int $i, int $end): int
    {
        $s = $f->source;
        if ($i >= $end) {
            return $end;
        }
        if ($s->texts[$i] === '{') {
            $this->all($f, $i + 1, $s->after($i) - 1);
            return $s->after($i);
        }
        if ($s->texts[$i] !== ':') {
            return $this->statement($f, $i, $end);
        }
        $i++;
        while ($i < $end && !isset(self::ENDS[$s->types[$i]])) {
            $i = $f->isOver ? $this->skip($f, $i, $end) : $this->statement($f, $i, $end);
        }
        if ($i < $end && $s->types[$i] !== T_ELSE && $s->types[$i] !== T_ELSEIF) {
            return $i + 2;
        }
        return $i;
    }

    /**
     * Past one statement that is not reached, of a list without braces.
     */
    private function skip(Frame $f, int $i, int $end): int
    {
        $s = $f->source;
        $depth = 0;
        for (; $i < $end; $i++) {
            if (isset(self::ENDS[$s->types[$i]]) && $depth === 0) {
                return $i;
            }
            if ($s->texts[$i] === ':' && $s->text($i - 1) === ')') {
                $depth++;
            } elseif (isset(self::ENDS[$s->types[$i]]) && $s->types[$i] !== T_ELSE && $s->types[$i] !== T_ELSEIF) {
                $depth--;
            }
        }
        return $end;
    }

    /**
     * A body that may run or not.
     */
    private function maybe(Frame $f, int $i, int $end): int
    {
        $set = $this->walker->ledger->set;
        $guards = $this->walker->ledger->guards;
        $i = $this->body($f, $i, $end);
        $this->walker->ledger->set = $set;
        $this->walker->ledger->guards = $guards;
        $f->isOver = false;
        return $i;
    }

    private function cases(Frame $f, int $i, int $end): int
    {
        $s = $f->source;
        $close = $s->text($i) === '{' ? $s->after($i) - 1 : $end;
        $set = $this->walker->ledger->set;
        for ($i++; $i < $close && !isset(self::ENDS[$s->types[$i]]);) {
            if ($s->types[$i] === T_CASE || $s->types[$i] === T_DEFAULT) {
                $this->walker->ledger->set = $set;
                $f->isOver = false;
                for ($i++; $i < $close && $s->texts[$i] !== ':' && $s->texts[$i] !== ';'; $i++) {
                    $i = max($i, $s->texts[$i] === '(' ? $s->after($i) - 1 : $i);
                }
                $i++;
                continue;
            }
            if ($f->isOver) {
                $i = max($i + 1, strpos('([{', $s->texts[$i]) === false ? 0 : $s->after($i));
                continue;
            }
            $i = $this->statement($f, $i, $close);
        }
        $this->walker->ledger->set = $set;
        $f->isOver = false;
        return $s->text($i) === '}' ? $i + 1 : $i + 2;
    }

    private function branches(Frame $f, int $i, int $end): int
    {
        $s = $f->source;
        $ledger = $this->walker->ledger;
        $ends = [];
        $before = $ledger->set;
        $guards = $ledger->guards;
        while (true) {
            $close = $s->after($i + 1) - 1;
            $ledger->set = $before;
            $this->expressions->evaluate($f, $i + 2, $close);
            $before = $ledger->set;
            [$missing, $there] = $this->expressions->guards($f, $i + 2, $close);
            $ledger->guards += $missing;
            $i = $this->body($f, $close + 1, $end);
            if ($f->isOver) {
                $guards += $there;
            } else {
                $ends[] = $ledger->set;
            }
            $f->isOver = false;
            $ledger->set = $before;
            $ledger->guards = $guards + $there;
            if ($s->type($i) === T_ELSEIF) {
                continue;
            }
            if ($s->type($i) === T_ELSE && $s->type($i + 1) === T_IF && $i + 1 < $end) {
                $i++;
                continue;
            }
            if ($s->type($i) === T_ELSE && $i < $end) {
                $i = $this->body($f, $i + 1, $end);
                if (!$f->isOver) {
                    $ends[] = $ledger->set;
                }
                $f->isOver = $ends === [];
            } else {
                $ends[] = $before;
            }
            break;
        }
        $ledger->set = $ends === [] ? $before : (count($ends) === 1 ? $ends[0] : array_intersect_key(...$ends));
        $ledger->guards = $guards;
        return $i;
    }

    private function globals(Frame $f, int $i, int $end): int
    {
        $s = $f->source;
        for (; $i < $end && $s->texts[$i] !== ';'; $i++) {
            if ($s->types[$i] === T_VARIABLE) {
                $name = substr($s->texts[$i], 1);
                $f->vars[$name] = $this->walker->places->global($name, 'a global variable');
            }
        }
        return $i + 1;
    }

    private function statics(Frame $f, int $i, int $end): int
    {
        $s = $f->source;
        while ($i < $end && $s->texts[$i] !== ';') {
            if ($s->types[$i] === T_VARIABLE) {
                $name = substr($s->texts[$i], 1);
                $f->vars[$name] = $this->walker->places->staticVariable($f->func, $name);
            }
            $i = $s->endOfExpression($i, $end);
            $i += $s->text($i) === ',' ? 1 : 0;
        }
        return $i + 1;
    }

    /**
     * A loop that nothing ends.
     */
    private function endless(Frame $f, int $i): void
    {
        $s = $f->source;
        $close = $s->after($i + 1) - 1;
        $condition = strtolower(implode('', array_slice($s->texts, $i + 2, $close - $i - 2)));
        if (!in_array($condition, ['true', '1', ';;', ';true;'], true)) {
            return;
        }
        $last = $s->text($close + 1) === '{' ? $s->after($close + 1) : $s->endOfExpression($close + 1, $f->func->end);
        for ($k = $close + 1; $k < $last; $k++) {
            if (in_array($s->types[$k], [T_BREAK, T_RETURN, T_THROW, T_EXIT, T_GOTO], true)) {
                return;
            }
        }
        $this->walker->note(Finding::ENDLESS, $s, $s->lines[$i], "{$s->texts[$i]} ($condition) never ends");
    }
}

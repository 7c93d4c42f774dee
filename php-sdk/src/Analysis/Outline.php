<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * Finds the functions, closures and classes of a file, and what its names mean.
 */
final class Outline
{
    private const NEVER = ['static' => 1, 'self' => 1, 'parent' => 1];

    private Source $source;
    private Names $names;

    /** @var array<int, true> by the index of the `}` of a class */
    private array $ends = [];
    /** @var array<int, ClassInfo> by the index of its `{` */
    private array $begins = [];

    /** @var list<Func> those that the scan is in */
    private array $inside = [];
    /** @var list<array{ClassInfo, int}> classes that the scan is in, with the depth of functions there */
    private array $classes = [];

    public function __construct(Source $source)
    {
        $this->source = $source;
        $this->names = new Names();
    }

    public function read(): void
    {
        $s = $this->source;
        $top = $this->add(0, 0, $s->count);
        $top->line = 1;
        unset($s->at[0]);
        $this->inside = [$top];
        $enum = defined('T_ENUM') ? constant('T_ENUM') : -1;
        for ($i = 0; $i < $s->count; $i++) {
            while (count($this->inside) > 1 && $i >= end($this->inside)->end) {
                array_pop($this->inside);
            }
            if (isset($this->ends[$i])) {
                array_pop($this->classes);
            } elseif (isset($this->begins[$i])) {
                $this->classes[] = [$this->begins[$i], count($this->inside)];
            }
            switch ($s->types[$i]) {
                case T_NAMESPACE:
                    $this->names = new Names();
                    $this->names->space = $s->isNamed($i + 1) ? $s->texts[$i + 1] : '';
                    break;
                case T_USE:
                    $i = $this->readUse($i);
                    break;
                case T_FUNCTION:
                case T_FN:
                    $this->readFunction($i);
                    break;
                case T_CLASS:
                case T_INTERFACE:
                case T_TRAIT:
                case $enum:
                    if ($s->type($i - 1) !== T_DOUBLE_COLON && $s->type($i - 1) !== T_OBJECT_OPERATOR) {
                        $this->readClass($i);
                    }
                    break;
                case T_VARIABLE:
                    if ($this->isClassBody()) {
                        $i = $this->readProperty($i);
                    }
            }
        }
        $top->names = $this->names;
    }

    private function isClassBody(): bool
    {
        return $this->classes !== [] && end($this->classes)[1] === count($this->inside);
    }

    private function readUse(int $i): int
    {
        $s = $this->source;
        $end = $i + 1;
        while ($end < $s->count && $s->texts[$end] !== ';' && $s->texts[$end] !== '{' && $s->texts[$end] !== '(') {
            $end++;
        }
        if ($s->text($i + 1) === '(') {
            return $i;
        }
        if ($this->isClassBody()) {
            for ($k = $i + 1; $k < $end; $k++) {
                if ($s->isNamed($k)) {
                    end($this->classes)[0]->traits[] = $this->names->ofClass($s->texts[$k]);
                }
            }
            return $s->text($end) === '{' ? $s->after($end) - 1 : $end;
        }
        $prefix = '';
        $kind = 0;
        $name = '';
        $alias = '';
        for ($k = $i + 1; $k < $s->count; $k++) {
            $text = $s->texts[$k];
            if ($s->types[$k] === T_FUNCTION || $s->types[$k] === T_CONST) {
                $kind = $s->types[$k];
            } elseif ($text === '{') {
                $prefix = $name;
                $name = '';
            } elseif ($s->types[$k] === T_AS) {
                $alias = $s->text(++$k);
            } elseif ($s->types[$k] === T_STRING) {
                $name = $text;
            } elseif ($text === ',' || $text === ';' || $text === '}') {
                if ($name !== '') {
                    $full = ltrim($prefix . $name, '\\');
                    $at = strrpos($full, '\\');
                    $key = strtolower($alias !== '' ? $alias : ($at === false ? $full : substr($full, $at + 1)));
                    if ($kind === 0) {
                        $this->names->classes[$key] = $full;
                    } elseif ($kind === T_FUNCTION) {
                        $this->names->functions[$key] = $full;
                    }
                }
                $name = $alias = '';
                if ($text === ';') {
                    return $k;
                }
            }
        }
        return $k;
    }

    private function readFunction(int $i): void
    {
        $s = $this->source;
        $k = $i + 1;
        if ($s->text($k) === '&') {
            $k++;
        }
        $named = '';
        if ($s->text($k) !== '(') {
            // Keywords are names of methods, too.
            $named = $s->text($k);
            $k++;
        }
        if ($s->text($k) !== '(' || $s->type($i - 1) === T_USE) {
            return;
        }
        $close = $s->match[$k] ?? $k;
        $func = $this->add($i, 0, 0);
        $func->isArrow = $s->types[$i] === T_FN;
        $func->parent = end($this->inside);
        $in = $this->isClassBody() && $named !== '' ? end($this->classes)[0] : null;
        for ($m = $i - 1; $m >= 0 && $m > $i - 6 && $s->types[$m] !== 0; $m--) {
            if ($s->types[$m] === T_STATIC) {
                $func->isStatic = true;
            }
        }
        $this->readParams($func, $k + 1, $close, $in);
        $k = $close + 1;
        if ($s->type($k) === T_USE) {
            for ($k += 2; $k < $s->count && $s->texts[$k] !== ')'; $k++) {
                if ($s->types[$k] === T_VARIABLE) {
                    $func->uses[substr($s->texts[$k], 1)] = $s->texts[$k - 1] === '&';
                }
            }
            $k++;
        }
        while ($k < $s->count && $s->texts[$k] !== '{' && $s->texts[$k] !== ';' && $s->types[$k] !== T_DOUBLE_ARROW) {
            $k++;
        }
        if ($func->isArrow) {
            $func->begin = $k + 1;
            $func->end = $s->endOfExpression($k + 1, $s->count);
            $func->lastLine = $s->lines[max($func->begin, $func->end - 1)] ?? $func->line;
        } elseif ($s->text($k) === '{') {
            $func->begin = $k + 1;
            $func->end = $s->match[$k] ?? $s->count;
            $func->lastLine = $s->lines[$func->end] ?? $func->line;
        }
        if ($in !== null) {
            $func->class = $in;
            $func->name = strtolower($named);
            $in->methods[$func->name] = $func;
        } else {
            $func->class = $func->parent->class;
            $func->name = $named === '' ? '' : strtolower(ltrim($this->names->space . '\\' . $named, '\\'));
        }
        if ($func->end > $func->begin) {
            $this->inside[] = $func;
        }
    }

    private function readParams(Func $func, int $i, int $close, ?ClassInfo $class): void
    {
        $s = $this->source;
        $start = $i;
        for (; $i < $close; $i++) {
            if ($s->texts[$i] === ',') {
                $start = $i + 1;
            } elseif ($s->types[$i] === T_VARIABLE) {
                $name = substr($s->texts[$i], 1);
                $type = $this->typeBefore($i, $start);
                $byRef = false;
                for ($m = $start; $m < $i; $m++) {
                    $byRef = $byRef || $s->texts[$m] === '&' && $m >= $i - 2;
                    if ($class !== null && in_array(strtolower($s->texts[$m]), Terms::MODIFIERS, true)) {
                        $class->properties[$name] = $type;
                    }
                }
                $func->params[$name] = [$byRef, $type];
                while ($i + 1 < $close && $s->texts[$i + 1] !== ',') {
                    $i = max($i + 1, $s->after($i + 1) - 1);
                }
            }
        }
    }

    /**
     * The class that stands in front of a variable's name, null unless it is one class.
     */
    private function typeBefore(int $i, int $start): ?string
    {
        $s = $this->source;
        $types = [];
        for ($m = $start; $m < $i; $m++) {
            if ($s->types[$m] === T_STRING) {
                $type = $this->names->ofType($s->texts[$m]);
                if ($type !== null && !isset(self::NEVER[strtolower($s->texts[$m])])) {
                    $types[] = $type;
                }
            }
        }
        return count($types) === 1 ? $types[0] : null;
    }

    private function readProperty(int $i): int
    {
        $s = $this->source;
        $start = $i;
        while ($start > 0 && strpos(';{}', $s->texts[$start - 1]) === false) {
            $start--;
        }
        $class = end($this->classes)[0];
        $name = substr($s->texts[$i], 1);
        $class->properties[$name] = $this->typeBefore($i, $start);
        for ($m = $start; $m < $i; $m++) {
            if ($s->types[$m] === T_STATIC) {
                $class->statics[$name] = true;
            }
        }
        while ($i + 1 < $s->count && strpos(';,{', $s->texts[$i + 1]) === false) {
            $i = max($i + 1, $s->after($i + 1) - 1);
        }
        // The hooks of PHP 8.4.
        return $s->text($i + 1) === '{' ? $s->after($i + 1) - 1 : $i;
    }

    private function readClass(int $i): void
    {
        $s = $this->source;
        $class = new ClassInfo();
        $k = $i + 1;
        if ($s->isNamed($k)) {
            $class->name = ltrim($this->names->space . '\\' . $s->texts[$k], '\\');
        } elseif ($s->text($k) === '(') {
            $k = $s->after($k) - 1;
        }
        while ($k < $s->count && $s->texts[$k] !== '{') {
            if ($s->types[$k] === T_EXTENDS && $s->isNamed($k + 1)) {
                $class->parent = $this->names->ofClass($s->texts[$k + 1]);
            }
            $k++;
        }
        $end = $s->match[$k] ?? $s->count;
        $s->classEnds[$i] = $end;
        $s->classes[] = $class;
        $this->begins[$k] = $class;
        $this->ends[$end] = true;
    }

    private function add(int $at, int $begin, int $end): Func
    {
        $func = new Func();
        $func->source = $this->source;
        $func->names = $this->names;
        $func->line = $this->source->lines[$at] ?? 1;
        $func->begin = $begin;
        $func->end = $end;
        $func->lastLine = $this->source->lines[$this->source->count - 1] ?? 1;
        $this->source->functions[] = $func;
        $this->source->at[$at] = $func;
        return $func;
    }
}

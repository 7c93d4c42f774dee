<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * A function, method, closure or arrow function, or the top level of a file: where its code is.
 */
final class Func
{
    public Source $source;
    public int $id = 0;

    /** Lower case, with its namespace if it is a function; "" for closures and the top level. */
    public string $name = '';
    public ?ClassInfo $class = null;
    public ?Func $parent = null;
    public Names $names;

    public bool $isStatic = false;
    public bool $isArrow = false;

    /** Lines of `function` and of the end. */
    public int $line = 0;
    public int $lastLine = 0;

    /** Indexes of tokens: the code is begin <= i < end. An abstract method has none. */
    public int $begin = 0;
    public int $end = 0;

    /** @var array<string, array{bool, ?string}> parameter without `$` => by reference, class */
    public array $params = [];
    /** @var array<string, bool> captured variable without `$` => by reference */
    public array $uses = [];
}

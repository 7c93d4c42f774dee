<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * A call that is walked.
 */
final class Frame
{
    public Func $func;
    public Source $source;
    /** @var array<string, Value> by name without `$` */
    public array $vars = [];
    public ?Value $self = null;
    /** What `static` is. */
    public ?string $class = null;
    public ?Value $returned = null;
    /** What follows is not reached. */
    public bool $isOver = false;

    public function __construct(Func $func)
    {
        $this->func = $func;
        $this->source = $func->source;
    }

    public function variable(string $name): Value
    {
        if ($name === 'this') {
            return $this->self ?? new Value();
        }
        return $this->vars[$name] ?? new Value();
    }
}

<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * What an expression is, as far as the analysis follows it.
 */
final class Value
{
    /** Where it is kept between events: `g:users`, `o:chat:clients`, a constant index as `>'name'`; null: nowhere. */
    public ?string $slot = null;
    /** That place for people, `$this->clients`, and what it is, `a property of Chat`. */
    public string $label = '';
    public string $what = '';
    /** A part of the place, one that is not known: `[]`, `[$fd]`. */
    public bool $isPart = false;

    /** The object that it was when the server started. Such objects live as long as the worker. */
    public ?object $object = null;
    /** @var array<mixed>|null the array that it was then */
    public ?array $array = null;
    public ?string $class = null;
    /** An object that is not there yet, but will live as long as the worker. */
    public bool $lasts = false;

    /** @var array{Value, string}|null an array that names a method: its object or class, the name */
    public ?array $method = null;
    /** A closure, written there. */
    public bool $isClosure = false;
    /** A literal string. */
    public ?string $string = null;
    /** As written: guards and what they guard are compared by it. */
    public string $text = '';

    /**
     * Is what is in an array under a key.
     *
     * @param array<mixed> $values
     */
    public function hold(array $values, string $key): self
    {
        $value = $values[$key] ?? null;
        $this->object = is_object($value) ? $value : null;
        $this->array = is_array($value) ? $value : null;
        if ($this->object !== null) {
            $this->class = get_class($this->object);
        }
        return $this;
    }

    /**
     * What a variable has that it is assigned to: objects are the same one, all else is a copy.
     */
    public function copied(): self
    {
        $copy = clone $this;
        $copy->lasts = $this->lasts || $this->slot !== null && $this->class !== null;
        $copy->slot = null;
        $copy->isPart = false;
        return $copy;
    }

    public static function ofClass(?string $class): self
    {
        $value = new self();
        $value->class = $class;
        return $value;
    }
}

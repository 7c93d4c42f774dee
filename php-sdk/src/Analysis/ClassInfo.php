<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * What a file says of a class, interface, trait or enum.
 */
final class ClassInfo
{
    /** As written, with its namespace; "" if it is anonymous. */
    public string $name = '';
    public ?string $parent = null;
    /** @var list<string> */
    public array $traits = [];
    /** @var array<string, Func> by name in lower case */
    public array $methods = [];
    /** @var array<string, ?string> property => its class, of those that are declared */
    public array $properties = [];
    /** @var array<string, true> */
    public array $statics = [];
}

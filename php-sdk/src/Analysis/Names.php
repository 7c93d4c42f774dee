<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

/**
 * The namespace and the `use` statements of a part of a file: what its names mean.
 */
final class Names
{
    private const BUILT_IN = [
        'int' => 1, 'float' => 1, 'string' => 1, 'bool' => 1, 'array' => 1, 'callable' => 1, 'iterable' => 1,
        'object' => 1, 'mixed' => 1, 'null' => 1, 'void' => 1, 'false' => 1, 'true' => 1, 'never' => 1,
    ];

    public string $space = '';
    /** @var array<string, string> alias in lower case => full name */
    public array $classes = [];
    /** @var array<string, string> */
    public array $functions = [];

    public function ofClass(string $name): string
    {
        if ($name !== '' && $name[0] === '\\') {
            return substr($name, 1);
        }
        if (strncasecmp($name, 'namespace\\', 10) === 0) {
            return $this->in(substr($name, 10));
        }
        $parts = explode('\\', $name, 2);
        $alias = $this->classes[strtolower($parts[0])] ?? null;
        if ($alias !== null) {
            return isset($parts[1]) ? "$alias\\$parts[1]" : $alias;
        }
        return $this->in($name);
    }

    /**
     * What a function's name can mean, in lower case: in the namespace first.
     *
     * @return list<string>
     */
    public function ofFunction(string $name): array
    {
        if ($name !== '' && $name[0] === '\\') {
            return [strtolower(substr($name, 1))];
        }
        if (strpos($name, '\\') !== false) {
            return [strtolower($this->ofClass($name))];
        }
        $name = strtolower($name);
        if (isset($this->functions[$name])) {
            return [strtolower($this->functions[$name])];
        }
        return $this->space === '' ? [$name] : [strtolower($this->in($name)), $name];
    }

    /**
     * The class that a type names: null if it names none, or more than one.
     */
    public function ofType(string $type): ?string
    {
        return $type === '' || isset(self::BUILT_IN[strtolower($type)]) ? null : $this->ofClass($type);
    }

    private function in(string $name): string
    {
        return $this->space === '' ? $name : $this->space . '\\' . $name;
    }
}

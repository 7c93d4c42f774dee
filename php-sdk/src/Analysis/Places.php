<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

use ArrayAccess;
use ReflectionClass;

/**
 * The places where values are kept: variables, properties, elements; with what was in them when the server started.
 */
final class Places
{
    private Program $program;
    /** @var array<string, mixed> */
    private array $globals;
    private ?object $server;
    /** @var array<string, string> place => class of what is written to it */
    private array $learned = [];

    /**
     * @param array<string, mixed> $globals
     */
    public function __construct(Program $program, array $globals, ?object $server)
    {
        $this->program = $program;
        $this->globals = $globals;
        $this->server = $server;
    }

    public function global(string $name, string $what): Value
    {
        $value = (new Value())->hold($this->globals, $name);
        return $this->place($value, "g:$name", "\$$name", $what);
    }

    public function server(): Value
    {
        $value = (new Value())->hold(['' => $this->server], '');
        $value->label = '$server';
        return $value;
    }

    public function staticVariable(Func $func, string $name): Value
    {
        $of = $func->name === '' ? 'a closure' : ($func->class === null ? '' : $func->class->name . '::')
            . "$func->name()";
        return $this->place(new Value(), "v:$func->id:$name", "\$$name", "a static variable of $of");
    }

    public function captured(Func $func, string $name): Value
    {
        $what = 'captured by reference';
        if ($func->parent === null || $func->parent->parent === null) {
            return $this->global($name, $what);
        }
        return $this->place(new Value(), "r:{$func->parent->id}:$name", "\$$name", $what);
    }

    public function staticProperty(string $class, string $name): Value
    {
        $class = ltrim($this->program->declarerOfStatic($class, $name), '\\');
        $value = new Value();
        if (class_exists($class, false)) {
            $value->hold((new ReflectionClass($class))->getStaticProperties(), $name);
        }
        $value->class = $value->class ?? $this->program->propertyClass($class, $name);
        if (Terms::isSwoole($class)) {
            return $value;
        }
        $short = substr((string) strrchr("\\$class", '\\'), 1);
        return $this->place($value, 's:' . strtolower($class) . ":$name", "$short::\$$name", 'a static property');
    }

    public function property(Value $of, string $name): Value
    {
        $value = new Value();
        if ($of->object !== null) {
            $value->hold(self::inside($of->object), $name);
        }
        if ($of->class !== null && $value->class === null) {
            $value->class = $this->program->propertyClass($of->class, $name);
        }
        $identity = $this->identity($of);
        if ($identity === null) {
            return $value;
        }
        $what = 'a property of an object';
        if ($identity === 'server') {
            if (in_array($name, Terms::SERVER_PROPERTIES, true)) {
                return $value;
            }
            $what = 'a property of the server';
        } elseif ($of->class !== null && strcasecmp($of->class, 'stdClass') !== 0) {
            $what = 'a property of ' . substr((string) strrchr("\\$of->class", '\\'), 1);
        }
        $label = $of->label === '' ? '$this' : $of->label;
        return $this->place($value, "o:$identity:$name", "$label->$name", $what);
    }

    /**
     * @param string|null $key a constant index; null: any other, or `[]`
     */
    public function element(Value $of, ?string $key): Value
    {
        $value = new Value();
        if ($of->array !== null) {
            $value->hold($key !== null ? $of->array : ['' => self::anyObject($of->array)], (string) $key);
        }
        if ($of->object instanceof ArrayAccess || $this->isContainer($of)) {
            $container = $this->container($of);
            if ($container !== null) {
                $container->isPart = true;
                return $container;
            }
            return $value;
        }
        if ($of->slot === null || $of->object !== null && !$of->object instanceof ArrayAccess) {
            return $value;
        }
        $value->isPart = $of->isPart || $key === null;
        $value->label = $of->label;
        $value->what = $of->what;
        $value->class = $value->class ?? $this->learned["$of->slot[]"] ?? null;
        $value->slot = $value->isPart ? $of->slot : "$of->slot>" . strtr((string) $key, '>', ' ');
        return $value;
    }

    public function isContainer(Value $value): bool
    {
        if ($value->class === null) {
            return false;
        }
        foreach (Terms::CONTAINERS as $class) {
            if ($this->program->isA($value->class, $class)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The memory in an object that is a container of PHP; null: one that an event made for itself.
     */
    public function container(Value $value): ?Value
    {
        if (!$this->isContainer($value)) {
            return null;
        }
        $slot = $value->object !== null ? 'c:' . spl_object_id($value->object) : $value->slot;
        if ($slot === null) {
            return null;
        }
        return $this->place(new Value(), $slot, $value->label, "an object of $value->class");
    }

    public function isServer(Value $value): bool
    {
        if ($value->object !== null) {
            return $value->object === $this->server || is_a($value->object, Terms::SERVER);
        }
        return $value->class !== null && (Terms::isServer($value->class)
            || $this->program->classNamed($value->class) !== null && $this->program->isA($value->class, Terms::SERVER));
    }

    /**
     * What the properties of an object are filed under; null: an event made it, or nobody keeps memory in such ones.
     */
    private function identity(Value $of): ?string
    {
        if ($this->isServer($of)) {
            return 'server';
        }
        if ($of->object !== null) {
            $class = get_class($of->object);
            if ($class === 'stdClass' || strpos($class, '@anonymous') !== false) {
                return "$class#" . spl_object_id($of->object);
            }
            $reflection = new ReflectionClass($of->object);
            if (Terms::isSwoole($class) || ($reflection->isInternal() && !$this->isContainer($of))) {
                return null;
            }
            return Program::isVendor((string) $reflection->getFileName()) ? null : strtolower($class);
        }
        if ($of->slot === null && !$of->lasts) {
            return null;
        }
        if ($of->class !== null) {
            if (Terms::isSwoole($of->class) || class_exists($of->class, false) && $of->class !== 'stdClass') {
                $known = class_exists($of->class, false) ? new ReflectionClass($of->class) : null;
                if ($known === null || $known->isInternal() || Program::isVendor((string) $known->getFileName())) {
                    return null;
                }
            }
            return strtolower(ltrim($of->class, '\\'));
        }
        return $of->slot;
    }

    /**
     * The properties of an object, private ones, too.
     *
     * @return array<string, mixed>
     */
    private static function inside(object $object): array
    {
        $properties = [];
        foreach ((array) $object as $key => $value) {
            $key = (string) $key;
            $properties[(string) substr($key, (int) strrpos("\0$key", "\0"))] = $value;
        }
        return $properties;
    }

    /**
     * @param array<mixed> $array
     */
    private static function anyObject(array $array): ?object
    {
        foreach (array_slice($array, 0, 20) as $value) {
            if (is_object($value)) {
                return $value;
            }
        }
        return null;
    }

    /**
     * Whether anything was learned: a callback may find what a later one puts there.
     */
    public function hasLearned(): bool
    {
        return $this->learned !== [];
    }

    /**
     * An object of a class is written to a place.
     */
    public function learn(string $slot, string $class): void
    {
        $this->learned[$slot] = $class;
    }

    private function place(Value $value, string $slot, string $label, string $what): Value
    {
        $value->class = $value->class ?? $this->learned[$slot] ?? null;
        $value->slot = $slot;
        $value->label = $label;
        $value->what = $what;
        return $value;
    }
}

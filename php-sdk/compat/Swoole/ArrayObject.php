<?php

namespace Swoole;

/**
 * An array with methods. Strings come out of get() and the like as StringObject, arrays as ArrayObject.
 */
class ArrayObject implements \ArrayAccess, \Serializable, \Countable, \Iterator
{
    /** @var array */
    protected $__array;

    public function __construct(array $array = [])
    {
        $this->__array = $array;
    }

    public function __toArray(): array
    {
        return $this->__array;
    }

    public function __serialize(): array
    {
        return $this->__array;
    }

    public function __unserialize(array $data): void
    {
        $this->__array = $data;
    }

    /**
     * @return static
     */
    public static function from(array $array = [])
    {
        return new static($array);
    }

    public function toArray(): array
    {
        return $this->__array;
    }

    public function isEmpty(): bool
    {
        return $this->__array === [];
    }

    public function count(): int
    {
        return count($this->__array);
    }

    #[\ReturnTypeWillChange]
    public function current()
    {
        return current($this->__array);
    }

    #[\ReturnTypeWillChange]
    public function key()
    {
        return key($this->__array);
    }

    public function next(): void
    {
        next($this->__array);
    }

    public function rewind(): void
    {
        reset($this->__array);
    }

    public function valid(): bool
    {
        return key($this->__array) !== null;
    }

    public function offsetExists($offset): bool
    {
        return isset($this->__array[$offset]);
    }

    #[\ReturnTypeWillChange]
    public function offsetGet($offset)
    {
        return $this->__array[$offset] ?? null;
    }

    public function offsetSet($offset, $value): void
    {
        if ($offset === null) {
            $this->__array[] = $value;
        } else {
            $this->__array[$offset] = $value;
        }
    }

    public function offsetUnset($offset): void
    {
        unset($this->__array[$offset]);
    }

    /**
     * @throws \OutOfRangeException
     * @return mixed
     */
    public function get($key)
    {
        if (!array_key_exists($key, $this->__array)) {
            throw new \OutOfRangeException("the key $key does not exist");
        }
        return static::detectType($this->__array[$key]);
    }

    /**
     * @return mixed
     */
    public function getOr($key, $default = null)
    {
        return array_key_exists($key, $this->__array) ? $this->__array[$key] : $default;
    }

    /**
     * @return mixed null of an empty one
     */
    public function first()
    {
        return $this->__array === [] ? null : static::detectType(reset($this->__array));
    }

    /**
     * @return mixed null of an empty one
     */
    public function last()
    {
        return $this->__array === [] ? null : static::detectType(end($this->__array));
    }

    /**
     * @return int|string|null
     */
    public function firstKey()
    {
        return array_key_first($this->__array);
    }

    /**
     * @return int|string|null
     */
    public function lastKey()
    {
        return array_key_last($this->__array);
    }

    public function set($key, $value): self
    {
        $this->__array[$key] = $value;
        return $this;
    }

    public function delete($key): self
    {
        unset($this->__array[$key]);
        return $this;
    }

    public function remove($value, bool $strict = true, bool $loop = false): self
    {
        do {
            $key = array_search($value, $this->__array, $strict);
            if ($key === false) {
                break;
            }
            unset($this->__array[$key]);
        } while ($loop);
        return $this;
    }

    public function clear(): self
    {
        $this->__array = [];
        return $this;
    }

    public function exists($key): bool
    {
        return array_key_exists($key, $this->__array);
    }

    public function contains($value, bool $strict = true): bool
    {
        return in_array($value, $this->__array, $strict);
    }

    /**
     * @return int|string|false
     */
    public function indexOf($value, bool $strict = true)
    {
        return $this->search($value, $strict);
    }

    /**
     * @return int|string|false
     */
    public function lastIndexOf($value, bool $strict = true)
    {
        return array_search($value, array_reverse($this->__array, true), $strict);
    }

    /**
     * @return int|string|false
     */
    public function search($needle, bool $strict = true)
    {
        return array_search($needle, $this->__array, $strict);
    }

    public function join(string $glue = ''): StringObject
    {
        return new StringObject(implode($glue, $this->__array));
    }

    /**
     * @return string
     */
    #[\ReturnTypeWillChange]
    public function serialize()
    {
        return serialize($this->__array);
    }

    /**
     * @param string $string
     */
    #[\ReturnTypeWillChange]
    public function unserialize($string)
    {
        $this->__array = (array) unserialize($string);
    }

    /**
     * @return int|float
     */
    public function sum()
    {
        return array_sum($this->__array);
    }

    /**
     * @return int|float
     */
    public function product()
    {
        return array_product($this->__array);
    }

    public function push($value): int
    {
        return array_push($this->__array, $value);
    }

    public function pushBack($value): int
    {
        return array_push($this->__array, $value);
    }

    public function append(...$values): int
    {
        return array_push($this->__array, ...$values);
    }

    public function pushFront($value): int
    {
        return array_unshift($this->__array, $value);
    }

    public function insert(int $offset, $value): self
    {
        array_splice($this->__array, $offset, 0, is_array($value) ? $value : [$value]);
        return $this;
    }

    /**
     * @return mixed
     */
    public function pop()
    {
        return array_pop($this->__array);
    }

    /**
     * @return mixed
     */
    public function popBack()
    {
        return array_pop($this->__array);
    }

    /**
     * @return mixed
     */
    public function popFront()
    {
        return array_shift($this->__array);
    }

    /**
     * @return static
     */
    public function slice(int $offset, ?int $length = null, bool $preserve_keys = false)
    {
        return new static(array_slice($this->__array, $offset, $length, $preserve_keys));
    }

    /**
     * @return mixed
     */
    public function randomGet()
    {
        return static::detectType($this->__array[array_rand($this->__array)]);
    }

    public function each(callable $fn): self
    {
        array_walk($this->__array, $fn);
        return $this;
    }

    /**
     * @return static
     */
    public function map(callable $fn, ...$args)
    {
        return new static(array_map($fn, $this->__array, ...$args));
    }

    /**
     * @return mixed
     */
    public function reduce(callable $fn, $initial = null)
    {
        return array_reduce($this->__array, $fn, $initial);
    }

    /**
     * @return static
     */
    public function keys(...$args)
    {
        return new static(array_keys($this->__array, ...$args));
    }

    /**
     * @return static
     */
    public function values()
    {
        return new static(array_values($this->__array));
    }

    /**
     * @return static
     */
    public function column($column_key, ...$args)
    {
        return new static(array_column($this->__array, $column_key, ...$args));
    }

    /**
     * @return static
     */
    public function unique(int $sort_flags = SORT_STRING)
    {
        return new static(array_unique($this->__array, $sort_flags));
    }

    /**
     * @return static
     */
    public function reverse(bool $preserve_keys = false)
    {
        return new static(array_reverse($this->__array, $preserve_keys));
    }

    /**
     * @return static
     */
    public function chunk(int $size, bool $preserve_keys = false)
    {
        return new static(array_chunk($this->__array, $size, $preserve_keys));
    }

    /**
     * @return static
     */
    public function flip()
    {
        return new static(array_flip($this->__array));
    }

    /**
     * @return static
     */
    public function filter(callable $fn, int $flag = 0)
    {
        return new static(array_filter($this->__array, $fn, $flag));
    }

    public function sort(int $sort_flags = SORT_REGULAR): self
    {
        sort($this->__array, $sort_flags);
        return $this;
    }

    public function asort(int $sort_flags = SORT_REGULAR): self
    {
        asort($this->__array, $sort_flags);
        return $this;
    }

    public function arsort(int $sort_flags = SORT_REGULAR): self
    {
        arsort($this->__array, $sort_flags);
        return $this;
    }

    public function rsort(int $sort_flags = SORT_REGULAR): self
    {
        rsort($this->__array, $sort_flags);
        return $this;
    }

    public function ksort(int $sort_flags = SORT_REGULAR): self
    {
        ksort($this->__array, $sort_flags);
        return $this;
    }

    public function krsort(int $sort_flags = SORT_REGULAR): self
    {
        krsort($this->__array, $sort_flags);
        return $this;
    }

    public function usort(callable $value_compare_func): self
    {
        usort($this->__array, $value_compare_func);
        return $this;
    }

    public function uasort(callable $value_compare_func): self
    {
        uasort($this->__array, $value_compare_func);
        return $this;
    }

    public function uksort(callable $value_compare_func): self
    {
        uksort($this->__array, $value_compare_func);
        return $this;
    }

    public function natsort(): self
    {
        natsort($this->__array);
        return $this;
    }

    public function natcasesort(): self
    {
        natcasesort($this->__array);
        return $this;
    }

    public function shuffle(): self
    {
        shuffle($this->__array);
        return $this;
    }

    /**
     * @return mixed
     */
    protected static function detectType($value)
    {
        if (is_string($value)) {
            return new StringObject($value);
        }
        return is_array($value) ? new static($value) : $value;
    }
}

<?php

namespace Swoole;

/**
 * An array with methods. Strings come out of get() and the like as StringObject, arrays as ArrayObject.
 */
class ArrayObject implements \ArrayAccess, \Serializable, \Countable, \Iterator
{
    /** @var array */
    protected $array;

    public function __construct(array $array = [])
    {
        $this->array = $array;
    }

    public function __toArray(): array
    {
        return $this->array;
    }

    public function __serialize(): array
    {
        return $this->array;
    }

    public function __unserialize(array $data): void
    {
        $this->array = $data;
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
        return $this->array;
    }

    public function isEmpty(): bool
    {
        return $this->array === [];
    }

    public function count(): int
    {
        return count($this->array);
    }

    #[\ReturnTypeWillChange]
    public function current()
    {
        return current($this->array);
    }

    #[\ReturnTypeWillChange]
    public function key()
    {
        return key($this->array);
    }

    public function next(): void
    {
        next($this->array);
    }

    public function rewind(): void
    {
        reset($this->array);
    }

    public function valid(): bool
    {
        return key($this->array) !== null;
    }

    public function offsetExists($offset): bool
    {
        return isset($this->array[$offset]);
    }

    #[\ReturnTypeWillChange]
    public function offsetGet($offset)
    {
        return $this->array[$offset] ?? null;
    }

    public function offsetSet($offset, $value): void
    {
        if ($offset === null) {
            $this->array[] = $value;
        } else {
            $this->array[$offset] = $value;
        }
    }

    public function offsetUnset($offset): void
    {
        unset($this->array[$offset]);
    }

    /**
     * @throws \OutOfRangeException
     * @return mixed
     */
    public function get($key)
    {
        if (!array_key_exists($key, $this->array)) {
            throw new \OutOfRangeException("the key $key does not exist");
        }
        return static::detectType($this->array[$key]);
    }

    /**
     * @return mixed
     */
    public function getOr($key, $default = null)
    {
        return array_key_exists($key, $this->array) ? $this->array[$key] : $default;
    }

    /**
     * @return mixed null of an empty one
     */
    public function first()
    {
        return $this->array === [] ? null : static::detectType(reset($this->array));
    }

    /**
     * @return mixed null of an empty one
     */
    public function last()
    {
        return $this->array === [] ? null : static::detectType(end($this->array));
    }

    /**
     * @return int|string|null
     */
    public function firstKey()
    {
        return array_key_first($this->array);
    }

    /**
     * @return int|string|null
     */
    public function lastKey()
    {
        return array_key_last($this->array);
    }

    public function set($key, $value): self
    {
        $this->array[$key] = $value;
        return $this;
    }

    public function delete($key): self
    {
        unset($this->array[$key]);
        return $this;
    }

    public function remove($value, bool $strict = true, bool $loop = false): self
    {
        do {
            $key = array_search($value, $this->array, $strict);
            if ($key === false) {
                break;
            }
            unset($this->array[$key]);
        } while ($loop);
        return $this;
    }

    public function clear(): self
    {
        $this->array = [];
        return $this;
    }

    public function exists($key): bool
    {
        return array_key_exists($key, $this->array);
    }

    public function contains($value, bool $strict = true): bool
    {
        return in_array($value, $this->array, $strict);
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
        return array_search($value, array_reverse($this->array, true), $strict);
    }

    /**
     * @return int|string|false
     */
    public function search($needle, bool $strict = true)
    {
        return array_search($needle, $this->array, $strict);
    }

    public function join(string $glue = ''): StringObject
    {
        return new StringObject(implode($glue, $this->array));
    }

    /**
     * @return string
     */
    #[\ReturnTypeWillChange]
    public function serialize()
    {
        return serialize($this->array);
    }

    /**
     * @param string $string
     */
    #[\ReturnTypeWillChange]
    public function unserialize($string)
    {
        $this->array = (array) unserialize($string);
    }

    /**
     * @return int|float
     */
    public function sum()
    {
        return array_sum($this->array);
    }

    /**
     * @return int|float
     */
    public function product()
    {
        return array_product($this->array);
    }

    public function push($value): int
    {
        return array_push($this->array, $value);
    }

    public function pushBack($value): int
    {
        return array_push($this->array, $value);
    }

    public function append(...$values): int
    {
        return array_push($this->array, ...$values);
    }

    public function pushFront($value): int
    {
        return array_unshift($this->array, $value);
    }

    public function insert(int $offset, $value): self
    {
        array_splice($this->array, $offset, 0, is_array($value) ? $value : [$value]);
        return $this;
    }

    /**
     * @return mixed
     */
    public function pop()
    {
        return array_pop($this->array);
    }

    /**
     * @return mixed
     */
    public function popBack()
    {
        return array_pop($this->array);
    }

    /**
     * @return mixed
     */
    public function popFront()
    {
        return array_shift($this->array);
    }

    /**
     * @return static
     */
    public function slice(int $offset, ?int $length = null, bool $preserve_keys = false)
    {
        return new static(array_slice($this->array, $offset, $length, $preserve_keys));
    }

    /**
     * @return mixed
     */
    public function randomGet()
    {
        return static::detectType($this->array[array_rand($this->array)]);
    }

    public function each(callable $fn): self
    {
        array_walk($this->array, $fn);
        return $this;
    }

    /**
     * @return static
     */
    public function map(callable $fn, ...$args)
    {
        return new static(array_map($fn, $this->array, ...$args));
    }

    /**
     * @return mixed
     */
    public function reduce(callable $fn, $initial = null)
    {
        return array_reduce($this->array, $fn, $initial);
    }

    /**
     * @return static
     */
    public function keys(...$args)
    {
        return new static(array_keys($this->array, ...$args));
    }

    /**
     * @return static
     */
    public function values()
    {
        return new static(array_values($this->array));
    }

    /**
     * @return static
     */
    public function column($column_key, ...$args)
    {
        return new static(array_column($this->array, $column_key, ...$args));
    }

    /**
     * @return static
     */
    public function unique(int $sort_flags = SORT_STRING)
    {
        return new static(array_unique($this->array, $sort_flags));
    }

    /**
     * @return static
     */
    public function reverse(bool $preserve_keys = false)
    {
        return new static(array_reverse($this->array, $preserve_keys));
    }

    /**
     * @return static
     */
    public function chunk(int $size, bool $preserve_keys = false)
    {
        return new static(array_chunk($this->array, $size, $preserve_keys));
    }

    /**
     * @return static
     */
    public function flip()
    {
        return new static(array_flip($this->array));
    }

    /**
     * @return static
     */
    public function filter(callable $fn, int $flag = 0)
    {
        return new static(array_filter($this->array, $fn, $flag));
    }

    public function sort(int $sort_flags = SORT_REGULAR): self
    {
        sort($this->array, $sort_flags);
        return $this;
    }

    public function asort(int $sort_flags = SORT_REGULAR): self
    {
        asort($this->array, $sort_flags);
        return $this;
    }

    public function arsort(int $sort_flags = SORT_REGULAR): self
    {
        arsort($this->array, $sort_flags);
        return $this;
    }

    public function rsort(int $sort_flags = SORT_REGULAR): self
    {
        rsort($this->array, $sort_flags);
        return $this;
    }

    public function ksort(int $sort_flags = SORT_REGULAR): self
    {
        ksort($this->array, $sort_flags);
        return $this;
    }

    public function krsort(int $sort_flags = SORT_REGULAR): self
    {
        krsort($this->array, $sort_flags);
        return $this;
    }

    public function usort(callable $value_compare_func): self
    {
        usort($this->array, $value_compare_func);
        return $this;
    }

    public function uasort(callable $value_compare_func): self
    {
        uasort($this->array, $value_compare_func);
        return $this;
    }

    public function uksort(callable $value_compare_func): self
    {
        uksort($this->array, $value_compare_func);
        return $this;
    }

    public function natsort(): self
    {
        natsort($this->array);
        return $this;
    }

    public function natcasesort(): self
    {
        natcasesort($this->array);
        return $this;
    }

    public function shuffle(): self
    {
        shuffle($this->array);
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

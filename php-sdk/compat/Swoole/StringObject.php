<?php

namespace Swoole;

/**
 * A string with methods. Each gives a new object; this one stays as it is.
 */
class StringObject
{
    protected $string;

    final public function __construct(string $string = '')
    {
        $this->string = $string;
    }

    public function __toString(): string
    {
        return $this->string;
    }

    /**
     * @return static
     */
    public static function from(string $string = '')
    {
        return new static($string);
    }

    public function toString(): string
    {
        return $this->string;
    }

    public function length(): int
    {
        return strlen($this->string);
    }

    /**
     * @return int|false
     */
    public function indexOf(string $needle, int $offset = 0)
    {
        return strpos($this->string, $needle, $offset);
    }

    /**
     * @return int|false
     */
    public function lastIndexOf(string $needle, int $offset = 0)
    {
        return strrpos($this->string, $needle, $offset);
    }

    /**
     * @return int|false
     */
    public function pos(string $needle, int $offset = 0)
    {
        return strpos($this->string, $needle, $offset);
    }

    /**
     * @return int|false
     */
    public function rpos(string $needle, int $offset = 0)
    {
        return strrpos($this->string, $needle, $offset);
    }

    /**
     * @return int|false
     */
    public function ipos(string $needle)
    {
        return stripos($this->string, $needle);
    }

    /**
     * @return static
     */
    public function reverse()
    {
        return new static(strrev($this->string));
    }

    /**
     * @return static
     */
    public function lower()
    {
        return new static(strtolower($this->string));
    }

    /**
     * @return static
     */
    public function upper()
    {
        return new static(strtoupper($this->string));
    }

    /**
     * @return static
     */
    public function trim(string $characters = '')
    {
        return new static($characters === '' ? trim($this->string) : trim($this->string, $characters));
    }

    /**
     * @return static
     */
    public function ltrim()
    {
        return new static(ltrim($this->string));
    }

    /**
     * @return static
     */
    public function rtrim()
    {
        return new static(rtrim($this->string));
    }

    /**
     * @return static
     */
    public function substr(int $offset, ?int $length = null)
    {
        return new static((string) substr($this->string, $offset, $length ?? strlen($this->string)));
    }

    /**
     * @return static
     */
    public function repeat(int $times)
    {
        return new static(str_repeat($this->string, $times));
    }

    /**
     * @param mixed $string
     * @return static
     */
    public function append($string)
    {
        return new static($this->string . $string);
    }

    /**
     * @param int|null $count how many were replaced
     * @return static
     */
    public function replace(string $search, string $replace, &$count = null)
    {
        return new static(str_replace($search, $replace, $this->string, $count));
    }

    public function startsWith(string $needle): bool
    {
        return strncmp($this->string, $needle, strlen($needle)) === 0;
    }

    public function endsWith(string $needle): bool
    {
        return $needle === '' || substr($this->string, -strlen($needle)) === $needle;
    }

    /**
     * @param StringObject|string $string
     */
    public function equals($string, bool $strict = false): bool
    {
        return $strict ? $this->string === (string) $string : $this->string == (string) $string;
    }

    public function contains(string $subString): bool
    {
        return strpos($this->string, $subString) !== false;
    }

    public function split(string $delimiter, int $limit = PHP_INT_MAX): ArrayObject
    {
        return new ArrayObject(explode($delimiter, $this->string, $limit));
    }

    public function char(int $index): string
    {
        return $this->string[$index] ?? '';
    }

    /**
     * @return static
     */
    public function chunkSplit(int $length = 76, string $separator = "\r\n")
    {
        return new static(chunk_split($this->string, $length, $separator));
    }

    public function chunk(int $length = 1): ArrayObject
    {
        return new ArrayObject(str_split($this->string, $length));
    }
}

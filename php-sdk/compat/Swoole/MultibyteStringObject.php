<?php

namespace Swoole;

/**
 * A StringObject that counts characters instead of bytes. It needs PHP's mbstring.
 */
class MultibyteStringObject extends StringObject
{
    public function length(): int
    {
        return mb_strlen($this->string);
    }

    /**
     * @return int|false
     */
    public function indexOf(string $needle, int $offset = 0, ?string $encoding = null)
    {
        return mb_strpos($this->string, $needle, $offset, $encoding ?? mb_internal_encoding());
    }

    /**
     * @return int|false
     */
    public function lastIndexOf(string $needle, int $offset = 0, ?string $encoding = null)
    {
        return mb_strrpos($this->string, $needle, $offset, $encoding ?? mb_internal_encoding());
    }

    /**
     * @return int|false
     */
    public function pos(string $needle, int $offset = 0, ?string $encoding = null)
    {
        return mb_strpos($this->string, $needle, $offset, $encoding ?? mb_internal_encoding());
    }

    /**
     * @return int|false
     */
    public function rpos(string $needle, int $offset = 0, ?string $encoding = null)
    {
        return mb_strrpos($this->string, $needle, $offset, $encoding ?? mb_internal_encoding());
    }

    /**
     * @return int|false
     */
    public function ipos(string $needle, int $offset = 0, ?string $encoding = null)
    {
        return mb_stripos($this->string, $needle, $offset, $encoding ?? mb_internal_encoding());
    }

    /**
     * @return static
     */
    public function reverse()
    {
        return new static(implode('', array_reverse(mb_str_split($this->string))));
    }

    /**
     * @return static
     */
    public function substr(int $offset, ?int $length = null, ?string $encoding = null)
    {
        return new static(mb_substr($this->string, $offset, $length, $encoding ?? mb_internal_encoding()));
    }

    public function chunk(int $length = 1): ArrayObject
    {
        return new ArrayObject(mb_str_split($this->string, $length));
    }
}

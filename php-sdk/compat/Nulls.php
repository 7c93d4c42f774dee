<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * null for a parameter that has a scalar type: the extension's functions take it, as PHP's own do, and since PHP 8.1
 * say that this is deprecated. Functions that are written in PHP would throw a TypeError, and those of bundle/typed.php
 * do: a script that overrides a method with the extension's types would not compile otherwise. Not loaded before it
 * happens.
 */
final class Nulls
{
    public static function int(string $method, int $position, string $name): int
    {
        self::say($method, $position, $name, 'int');
        return 0;
    }

    public static function string(string $method, int $position, string $name): string
    {
        self::say($method, $position, $name, 'string');
        return '';
    }

    /**
     * @param string $method as __METHOD__
     * @param int $position counts from 1
     */
    private static function say(string $method, int $position, string $name, string $type): void
    {
        // Not E_USER_DEPRECATED's own bit: pools leave E_DEPRECATED out, and mean this, too.
        if (PHP_VERSION_ID >= 80100 && (error_reporting() & E_DEPRECATED) !== 0) {
            $text = "$method(): Passing null to parameter #$position (\$$name) of type $type is deprecated";
            trigger_error($text, E_USER_DEPRECATED);
        }
    }
}

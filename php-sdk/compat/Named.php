<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * Named arguments of constructors by the names that OpenSwoole has for them. Methods have Swoole's names only: one more
 * parameter would break scripts that extend them. Not loaded before it happens.
 */
final class Named
{
    /**
     * @param array<int|string, mixed> $given what a variadic parameter took
     * @param array<string, mixed> $names OpenSwoole's name => its value if it is not given
     * @return list<mixed> values in the order of the names
     * @throws \Error for another name
     */
    public static function values(array $given, array $names): array
    {
        foreach ($given as $name => $value) {
            if (is_string($name)) {
                if (!array_key_exists($name, $names)) {
                    throw new \Error("Unknown named parameter \$$name");
                }
                $names[$name] = $value;
            }
        }
        return array_values($names);
    }
}

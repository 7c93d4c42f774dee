<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Support;

/**
 * A description without the lines of the test's own file.
 */
final class Places
{
    /**
     * @param list<string> $warnings
     * @param string $file of the test: each warning has to name a line of it
     * @return list<string> without the places
     */
    public static function cut(array $warnings, string $file): array
    {
        return array_map(static function (string $warning) use ($file): string {
            $place = '/ \(' . preg_quote($file, '/') . ':\d+\)$/D';
            return (string) preg_replace($place, '', $warning, 1, $found) . ($found === 1 ? '' : ' WITHOUT A PLACE');
        }, $warnings);
    }

    /**
     * @param list<array<string, mixed>> $listeners
     * @return list<array<string, mixed>> without `places`
     */
    public static function none(array $listeners): array
    {
        return array_map(static function (array $listener): array {
            unset($listener['places']);
            return $listener;
        }, $listeners);
    }
}

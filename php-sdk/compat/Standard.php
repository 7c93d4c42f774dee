<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Runtime;

/**
 * STDIN, STDOUT and STDERR, which PHP has on the command line only: what is written to them is what a script prints,
 * but no output buffer of the script gets it. To be used as a stream wrapper.
 */
final class Standard
{
    private const SCHEME = 'fpmbridge-standard';

    /** @var resource|null set by PHP */
    public $context;

    public static function define(): void
    {
        stream_wrapper_register(self::SCHEME, self::class);
        define('STDIN', fopen('php://memory', 'r'));
        define('STDOUT', fopen(self::SCHEME . '://out', 'w'));
        define('STDERR', fopen(self::SCHEME . '://err', 'w'));
    }

    // phpcs:disable PSR1.Methods.CamelCapsMethodName.NotCamelCaps -- PHP's names

    public function stream_open(string $path, string $mode, int $options, ?string &$opened): bool
    {
        return true;
    }

    public function stream_write(string $data): int
    {
        $run = Runtime::current();
        if ($run !== null) {
            $run->log()->text($data);
        }
        return strlen($data);
    }

    public function stream_read(int $count): string
    {
        return '';
    }

    public function stream_eof(): bool
    {
        return true;
    }

    public function stream_flush(): bool
    {
        return true;
    }

    /**
     * @return false there is no descriptor below
     */
    public function stream_cast(int $as): bool
    {
        return false;
    }

    /**
     * @return array<int|string, int>
     */
    public function stream_stat(): array
    {
        return [];
    }

    public function stream_set_option(int $option, int $first, ?int $second): bool
    {
        return false;
    }
}

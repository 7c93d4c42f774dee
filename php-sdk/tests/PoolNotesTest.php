<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\PoolNotes;
use PHPUnit\Framework\TestCase;

/**
 * What is said at boot of a pool's php.ini settings.
 */
final class PoolNotesTest extends TestCase
{
    private const USUAL = [
        'post_max_size' => '8M', 'upload_max_filesize' => '2M', 'file_uploads' => '1', 'memory_limit' => '128M',
        'enable_post_data_reading' => '1', 'max_input_vars' => '1000', 'opcache.enable' => '1',
        'opcache.validate_timestamps' => '1',
    ];

    /**
     * @return array<string, array{array<string, mixed>, array<string, string>, list<string>}>
     */
    public static function pools(): array
    {
        return [
            'usual' => [[], [], []],
            'no limits' => [['package_max_length' => '64M'], ['post_max_size' => '0', 'upload_max_filesize' => '0',
                'memory_limit' => '-1'], []],
            'small forms' => [[], ['post_max_size' => '1M', 'upload_max_filesize' => '1M'], ['post_max_size of']],
            'large messages' => [['package_max_length' => 67108864], [], ['post_max_size of', 'upload_max_filesize of',
                'memory_limit of']],
            'large uploads' => [['upload_max_filesize' => '1G'], [], ['post_max_size of', 'upload_max_filesize of']],
            'no files' => [[], ['file_uploads' => ''], ['file_uploads or']],
            'no forms' => [[], ['enable_post_data_reading' => '0'], ['file_uploads or']],
            'few variables' => [[], ['max_input_vars' => '999'], ['max_input_vars of']],
            'stale code' => [[], ['opcache.validate_timestamps' => '0'], ['opcache.validate_timestamps of']],
        ];
    }

    /**
     * @dataProvider pools
     * @param array<string, mixed> $settings
     * @param array<string, string> $ini
     * @param list<string> $begin of the notes
     */
    public function testNotes(array $settings, array $ini, array $begin): void
    {
        $notes = PoolNotes::of($settings, static function (string $name) use ($ini): string {
            return $ini[$name] ?? self::USUAL[$name];
        });
        self::assertCount(count($begin), $notes, implode("\n", $notes));
        foreach ($begin as $i => $start) {
            self::assertStringStartsWith($start, $notes[$i]);
        }
    }
}

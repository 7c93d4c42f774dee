<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * What the php.ini settings of a PHP-FPM pool mean for a script, said when it is described. Not loaded for events.
 */
final class PoolNotes
{
    /** Swoole's package_max_length. */
    private const MESSAGE = 2097152;
    /** PHP's default of max_input_vars. */
    private const VARIABLES = 1000;
    /** How often a message may be in memory: as it came, as the script has it, as it is answered, packed. */
    private const COPIES = 4;

    /**
     * @param array<string, mixed> $settings of the server
     * @param callable|null $ini reads a setting, as ini_get()
     * @return list<string>
     */
    public static function of(array $settings, ?callable $ini = null): array
    {
        $get = $ini ?? 'ini_get';
        $message = max(self::MESSAGE, Values::bytes($settings['package_max_length'] ?? 0));
        $form = max($message, Values::bytes($settings['upload_max_filesize'] ?? 0));
        $notes = [];
        $post = Values::bytes((string) $get('post_max_size'));
        if ($post > 0 && $post < $form) {
            $notes[] = 'post_max_size of PHP-FPM is ' . $get('post_max_size')
                . ': forms with files that are larger get 413 (the bridge lets ' . self::size($form) . ' through)';
        }
        $file = Values::bytes((string) $get('upload_max_filesize'));
        if (!self::on((string) $get('file_uploads')) || !self::on((string) ($get('enable_post_data_reading') ?: '0'))) {
            $notes[] = 'file_uploads or enable_post_data_reading of PHP-FPM is off: requests have no files';
        } elseif ($file > 0 && $file < min($form, $post ?: $form)) {
            $notes[] = 'upload_max_filesize of PHP-FPM is ' . $get('upload_max_filesize')
                . ': larger files come with error 1 and without content';
        }
        $memory = Values::bytes((string) $get('memory_limit'));
        if ($memory > 0 && $memory < self::COPIES * $message) {
            $notes[] = 'memory_limit of PHP-FPM is ' . $get('memory_limit') . ': little for messages of up to '
                . self::size($message) . ' (package_max_length)';
        }
        $variables = (int) $get('max_input_vars');
        if ($variables > 0 && $variables < self::VARIABLES) {
            $notes[] = "max_input_vars of PHP-FPM is $variables: forms and query strings are cut there";
        }
        if (PHP_SAPI === 'fpm-fcgi' && $ini === null && !self::on((string) $get('opcache.enable'))) {
            $notes[] = 'opcache is off in PHP-FPM: each event compiles the script and the SDK anew';
        }
        if (self::on((string) $get('opcache.enable')) && $get('opcache.validate_timestamps') === '0') {
            $notes[] = 'opcache.validate_timestamps of PHP-FPM is 0: new code is served when PHP-FPM was reloaded';
        }
        return $notes;
    }

    private static function on(string $value): bool
    {
        return $value !== '' && $value !== '0' && strtolower($value) !== 'off';
    }

    private static function size(int $bytes): string
    {
        return $bytes % 1048576 === 0 ? ($bytes >> 20) . 'M' : (string) $bytes;
    }
}

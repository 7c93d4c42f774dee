<?php

namespace OpenSwoole;

use FpmBridge\Compat\Names;

/**
 * OpenSwoole's helpers: Swoole's functions.
 */
final class Util
{
    public static function getVersion(): string
    {
        return Constant::VERSION;
    }

    public static function getCPUNum(): int
    {
        Names::all();
        return swoole_cpu_num();
    }

    public static function getLocalIp(): array
    {
        Names::all();
        return swoole_get_local_ip();
    }

    public static function getLocalMac(): array
    {
        Names::all();
        return swoole_get_local_mac();
    }

    public static function getLastErrorCode(): int
    {
        Names::all();
        return swoole_last_error();
    }

    public static function getErrorMessage(int $errorCode, ?int $errorType = 0): string
    {
        Names::all();
        return swoole_strerror($errorCode, (int) $errorType);
    }

    public static function errorCode(): int
    {
        Names::all();
        return swoole_errno();
    }

    public static function clearError(): void
    {
        Names::all();
        swoole_clear_error();
    }

    public static function log(int $level, string $message): void
    {
        Names::all();
        swoole_error_log($level, $message);
    }

    /**
     * @return int|bool
     */
    public static function hashcode(string $content, int $type = 0)
    {
        Names::all();
        return swoole_hashcode($content, $type);
    }

    public static function mimeTypeAdd(string $suffix, string $mimeType): bool
    {
        Names::all();
        return swoole_mime_type_add($suffix, $mimeType);
    }

    public static function mimeTypeSet(string $suffix, string $mimeType): bool
    {
        Names::all();
        swoole_mime_type_set($suffix, $mimeType);
        return true;
    }

    public static function mimeTypeDel(string $suffix): bool
    {
        Names::all();
        return swoole_mime_type_delete($suffix);
    }

    public static function mimeTypeGet(string $filename): string
    {
        Names::all();
        return swoole_mime_type_get($filename);
    }

    public static function mimeTypeList(): array
    {
        Names::all();
        return swoole_mime_type_list();
    }

    public static function mimeTypeExists(string $filename): bool
    {
        Names::all();
        return swoole_mime_type_exists($filename);
    }

    public static function setProcessName(string $name): void
    {
        Names::all();
        swoole_set_process_name($name);
    }

    public static function setAio(array $settings): bool
    {
        Names::all();
        return swoole_async_set($settings);
    }
}

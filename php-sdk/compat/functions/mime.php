<?php

/**
 * Swoole's functions about types of files.
 */

declare(strict_types=1);

use FpmBridge\Compat\MimeTypes;

if (!function_exists('swoole_mime_type_add')) {
    /**
     * @return bool false when the suffix has a type already
     */
    function swoole_mime_type_add(string $suffix, string $mime_type): bool
    {
        return MimeTypes::add($suffix, $mime_type);
    }
}
if (!function_exists('swoole_mime_type_set')) {
    function swoole_mime_type_set(string $suffix, string $mime_type): void
    {
        MimeTypes::set($suffix, $mime_type);
    }
}
if (!function_exists('swoole_mime_type_delete')) {
    function swoole_mime_type_delete(string $suffix): bool
    {
        return MimeTypes::delete($suffix);
    }
}
if (!function_exists('swoole_mime_type_get')) {
    /**
     * @return string application/octet-stream if its suffix has no type
     */
    function swoole_mime_type_get(string $filename): string
    {
        return MimeTypes::get($filename);
    }
}
if (!function_exists('swoole_get_mime_type')) {
    function swoole_get_mime_type(string $filename): string
    {
        return MimeTypes::get($filename);
    }
}
if (!function_exists('swoole_mime_type_exists')) {
    function swoole_mime_type_exists(string $filename): bool
    {
        return MimeTypes::exists($filename);
    }
}
if (!function_exists('swoole_mime_type_list')) {
    /**
     * @return array<string, string> suffix => type
     */
    function swoole_mime_type_list(): array
    {
        return MimeTypes::list();
    }
}

<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * Types of files by their suffix. Changes last as long as the PHP run.
 */
final class MimeTypes
{
    private const UNKNOWN = 'application/octet-stream';

    /** @var array<string, string> */
    private static array $types = [
        '7z' => 'application/x-7z-compressed', 'aac' => 'audio/aac', 'apk' => 'application/vnd.android.package-archive',
        'atom' => 'application/atom+xml', 'avi' => 'video/x-msvideo', 'avif' => 'image/avif',
        'bin' => 'application/octet-stream', 'bmp' => 'image/bmp', 'bz' => 'application/x-bzip',
        'bz2' => 'application/x-bzip2', 'c' => 'text/x-c', 'conf' => 'text/plain', 'css' => 'text/css',
        'csv' => 'text/csv', 'deb' => 'application/x-debian-package', 'dmg' => 'application/x-apple-diskimage',
        'doc' => 'application/msword',
        'docx' => 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
        'eot' => 'application/vnd.ms-fontobject', 'epub' => 'application/epub+zip', 'flac' => 'audio/x-flac',
        'flv' => 'video/x-flv', 'gif' => 'image/gif', 'gz' => 'application/gzip', 'htm' => 'text/html',
        'html' => 'text/html', 'ico' => 'image/x-icon', 'ics' => 'text/calendar',
        'iso' => 'application/x-iso9660-image',
        'jar' => 'application/java-archive', 'jpeg' => 'image/jpeg', 'jpg' => 'image/jpeg',
        'js' => 'application/javascript', 'json' => 'application/json', 'jsonld' => 'application/ld+json',
        'log' => 'text/plain', 'm3u8' => 'application/vnd.apple.mpegurl', 'm4a' => 'audio/mp4', 'm4v' => 'video/x-m4v',
        'map' => 'application/json', 'md' => 'text/markdown', 'mid' => 'audio/midi', 'mjs' => 'application/javascript',
        'mkv' => 'video/x-matroska', 'mov' => 'video/quicktime', 'mp3' => 'audio/mpeg', 'mp4' => 'video/mp4',
        'mpeg' => 'video/mpeg', 'mpg' => 'video/mpeg', 'odp' => 'application/vnd.oasis.opendocument.presentation',
        'ods' => 'application/vnd.oasis.opendocument.spreadsheet', 'odt' => 'application/vnd.oasis.opendocument.text',
        'oga' => 'audio/ogg', 'ogg' => 'audio/ogg', 'ogv' => 'video/ogg', 'otf' => 'font/otf',
        'pdf' => 'application/pdf', 'php' => 'text/x-php', 'png' => 'image/png',
        'ppt' => 'application/vnd.ms-powerpoint',
        'pptx' => 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
        'ps' => 'application/postscript', 'rar' => 'application/x-rar-compressed', 'rss' => 'application/rss+xml',
        'rtf' => 'application/rtf', 'sh' => 'application/x-sh', 'sql' => 'application/x-sql', 'svg' => 'image/svg+xml',
        'svgz' => 'image/svg+xml', 'swf' => 'application/x-shockwave-flash', 'tar' => 'application/x-tar',
        'tgz' => 'application/x-compressed', 'tif' => 'image/tiff', 'tiff' => 'image/tiff', 'ts' => 'video/mp2t',
        'ttf' => 'font/ttf', 'txt' => 'text/plain', 'wasm' => 'application/wasm', 'wav' => 'audio/x-wav',
        'weba' => 'audio/webm', 'webm' => 'video/webm', 'webmanifest' => 'application/manifest+json',
        'webp' => 'image/webp', 'wma' => 'audio/x-ms-wma', 'wmv' => 'video/x-ms-wmv', 'woff' => 'font/woff',
        'woff2' => 'font/woff2', 'xhtml' => 'application/xhtml+xml', 'xls' => 'application/vnd.ms-excel',
        'xlsx' => 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xml' => 'application/xml',
        'yaml' => 'text/yaml', 'yml' => 'text/yaml', 'zip' => 'application/zip',
    ];

    public static function add(string $suffix, string $type): bool
    {
        $added = !isset(self::$types[$suffix]);
        self::$types[$suffix] = self::$types[$suffix] ?? $type;
        return $added;
    }

    public static function set(string $suffix, string $type): void
    {
        self::$types[$suffix] = $type;
    }

    public static function delete(string $suffix): bool
    {
        $there = isset(self::$types[$suffix]);
        unset(self::$types[$suffix]);
        return $there;
    }

    public static function get(string $file): string
    {
        return self::$types[self::suffix($file)] ?? self::UNKNOWN;
    }

    public static function exists(string $file): bool
    {
        return isset(self::$types[self::suffix($file)]);
    }

    /**
     * @return array<string, string> suffix => type
     */
    public static function list(): array
    {
        return self::$types;
    }

    private static function suffix(string $file): string
    {
        return strtolower(pathinfo($file, PATHINFO_EXTENSION));
    }
}

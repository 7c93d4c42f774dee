<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * A multipart/form-data body (RFC 7578), for where PHP itself does not take it apart. Files go to temporary ones.
 */
final class Multipart
{
    /** @var array<int|string, mixed> the fields that are no files, as PHP's own parser reads them */
    public array $post = [];

    /** @var array<int|string, mixed> {name, type, tmp_name, error, size} for each file, nested as its field */
    public array $files = [];

    /** @var list<string> */
    public array $temporary = [];

    private string $folder;

    /**
     * @param string $folder for files; '' is the system's
     */
    public function __construct(string $body, string $boundary, string $folder = '')
    {
        $this->folder = $folder === '' ? sys_get_temp_dir() : $folder;
        $pairs = [];
        $fields = [];
        $files = [];
        foreach (explode("\r\n--$boundary", "\r\n$body") as $i => $part) {
            if ($i === 0 || strncmp($part, '--', 2) === 0) {
                continue;
            }
            [$head, $content] = explode("\r\n\r\n", $part, 2) + [1 => null];
            if ($content === null) {
                continue;
            }
            [$name, $file, $type] = self::disposition($head);
            if ($name === null || $name === '') {
                continue;
            }
            if ($file === null) {
                $pairs[] = rawurlencode($name) . '=' . rawurlencode($content);
            } else {
                $fields[] = rawurlencode($name) . '=' . count($files);
                $files[] = $this->keep($file, $type, $content);
            }
        }
        parse_str(implode('&', $pairs), $this->post);
        parse_str(implode('&', $fields), $tree);
        array_walk_recursive($tree, static function (&$leaf) use ($files): void {
            $leaf = $files[(int) $leaf];
        });
        $this->files = $tree;
    }

    /**
     * The boundary of a Content-Type; '' if it is no form of this kind.
     */
    public static function boundary(string $contentType): string
    {
        $found = [];
        if (
            stripos($contentType, 'multipart/form-data') !== 0
            || preg_match('/;\s*boundary=("([^"]+)"|[^;,\s]+)/i', $contentType, $found) !== 1
        ) {
            return '';
        }
        return $found[2] ?? $found[1];
    }

    /**
     * $_FILES turned to one array per file, as Swoole has them.
     *
     * @param array<int|string, mixed> $files
     * @return array<int|string, mixed>
     */
    public static function perFile(array $files): array
    {
        $all = [];
        foreach ($files as $name => $file) {
            $all[$name] = self::turned([
                'name' => $file['name'], 'type' => $file['type'], 'tmp_name' => $file['tmp_name'],
                'error' => $file['error'], 'size' => $file['size'],
            ]);
        }
        return $all;
    }

    /**
     * One array per file turned to the layout of $_FILES.
     *
     * @param array<int|string, mixed> $files
     * @return array<int|string, mixed>
     */
    public static function perKey(array $files): array
    {
        $all = [];
        foreach ($files as $name => $file) {
            foreach (['name', 'type', 'tmp_name', 'error', 'size'] as $key) {
                $all[$name][$key] = self::isFile($file) ? $file[$key] : self::column($file, $key);
            }
        }
        return $all;
    }

    /**
     * The temporary files of an array as $this->files.
     *
     * @param array<int|string, mixed> $files
     * @return list<string>
     */
    public static function temporary(array $files): array
    {
        $names = [];
        foreach ($files as $file) {
            if (!self::isFile($file)) {
                $names = array_merge($names, self::temporary($file));
            } elseif ($file['tmp_name'] !== '') {
                $names[] = $file['tmp_name'];
            }
        }
        return $names;
    }

    /**
     * @param array<int|string, mixed> $file
     */
    private static function isFile(array $file): bool
    {
        return isset($file['tmp_name'], $file['error']) && !is_array($file['tmp_name']) && is_int($file['error']);
    }

    /**
     * @param array<string, mixed> $parts name, type, tmp_name, error and size, nested alike
     * @return array<int|string, mixed>
     */
    private static function turned(array $parts): array
    {
        if (!is_array($parts['name'])) {
            return $parts;
        }
        $all = [];
        foreach (array_keys($parts['name']) as $name) {
            $inner = [];
            foreach ($parts as $key => $values) {
                $inner[$key] = $values[$name];
            }
            $all[$name] = self::turned($inner);
        }
        return $all;
    }

    /**
     * @param array<int|string, mixed> $files
     * @return array<int|string, mixed>
     */
    private static function column(array $files, string $key): array
    {
        $all = [];
        foreach ($files as $name => $file) {
            $all[$name] = self::isFile($file) ? $file[$key] : self::column($file, $key);
        }
        return $all;
    }

    /**
     * @return array{string|null, string|null, string} field, file name, type
     */
    private static function disposition(string $head): array
    {
        $name = $file = null;
        $type = '';
        foreach (explode("\r\n", ltrim($head, "\r\n")) as $line) {
            if (stripos($line, 'content-disposition:') === 0) {
                $name = self::parameter($line, 'name');
                $file = self::parameter($line, 'filename');
            } elseif (stripos($line, 'content-type:') === 0) {
                $type = trim(substr($line, 13));
            }
        }
        return [$name, $file, $type];
    }

    private static function parameter(string $line, string $name): ?string
    {
        $found = [];
        if (preg_match('/;\s*' . $name . '=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\s]*))/i', $line, $found) !== 1) {
            return null;
        }
        return isset($found[2]) ? $found[2] : strtr($found[1], ['\\"' => '"', '\\\\' => '\\']);
    }

    /**
     * @return array{name: string, type: string, tmp_name: string, error: int, size: int}
     */
    private function keep(string $name, string $type, string $content): array
    {
        $file = ['name' => $name, 'type' => $type, 'tmp_name' => '', 'error' => UPLOAD_ERR_OK, 'size' => 0];
        if ($name === '') {
            $file['error'] = UPLOAD_ERR_NO_FILE;
            return $file;
        }
        // As PHP does: browsers of old sent whole paths.
        $file['name'] = basename(strtr($name, '\\', '/'));
        if (!is_dir($this->folder) || !is_writable($this->folder)) { // tempnam() would take another one
            trigger_error("no files of forms can be kept in $this->folder", E_USER_WARNING);
            $file['error'] = UPLOAD_ERR_NO_TMP_DIR;
            return $file;
        }
        $path = (string) @tempnam($this->folder, 'swoole.upfile.');
        if ($path === '' || @file_put_contents($path, $content) !== strlen($content)) {
            $file['error'] = UPLOAD_ERR_CANT_WRITE;
            return $file;
        }
        $this->temporary[] = $path;
        $file['tmp_name'] = $path;
        $file['size'] = strlen($content);
        return $file;
    }
}

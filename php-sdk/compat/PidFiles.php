<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Runtime;

// phpcs:disable PSR1.Methods.CamelCapsMethodName

/**
 * Hides files that have the process id of this very server, and empty ones, from the code before start(): somebody is
 * about to write it there.
 *
 * Swoole runs that code once, before there is such a file, and `start` commands refuse to go on when one names a
 * process that lives. Here it runs for each event, or in each worker, while the server runs and the file is there. So
 * until start() this takes the place of PHP's own files, passes everything on, and leaves those files out. Only for
 * scripts that look at a file with "pid" in its name: the description's key says so.
 */
final class PidFiles
{
    /** The longest file that may be one, in bytes. */
    private const LONGEST = 1024;

    /** Whether the code before start() looked at a file that may be one. */
    public static bool $looked = false;

    /** @var array<int, true> processes that are the server */
    private static array $pids = [];

    private static bool $on = false;

    /** @var resource|null PHP sets it */
    public $context = null;

    /** @var resource|null */
    private $handle = null;

    /** Somebody else has what is open, and needs it for longer than this object lives. */
    private bool $lent = false;

    /** @var list<resource> */
    private static array $borrowed = [];

    /**
     * From now on they are hidden, until the run's script calls start().
     */
    public static function hide(Runtime $run): void
    {
        $parent = function_exists('posix_getppid') ? posix_getppid() : 0;
        self::$pids = [$run->environment->bridge() => true, $parent => true];
        unset(self::$pids[0]);
        if (self::$pids !== []) {
            $run->beforeServing = \Closure::fromCallable([self::class, 'end']);
            self::$on = true;
            self::again();
        }
    }

    public static function end(): void
    {
        if (self::$on) {
            self::$on = false;
            self::$borrowed = [];
            stream_wrapper_restore('file');
        }
    }

    /**
     * Takes the place of PHP's own files, if they are to be hidden.
     */
    public static function again(): void
    {
        if (self::$on) {
            stream_wrapper_unregister('file');
            stream_wrapper_register('file', self::class);
        }
    }

    /**
     * What a function says of PHP's own files.
     *
     * @param mixed ...$arguments
     * @return mixed
     */
    private static function real(callable $function, ...$arguments)
    {
        stream_wrapper_restore('file');
        try {
            return @$function(...$arguments);
        } finally {
            self::again();
        }
    }

    private static function isHidden(string $path): bool
    {
        if (stripos(basename($path), 'pid') === false || strtolower(substr($path, -4)) === '.php') {
            return false;
        }
        self::$looked = true;
        $is = self::real('is_file', $path);
        $text = $is ? self::real('file_get_contents', $path, false, null, 0, self::LONGEST) : false;
        if ($text === '') {
            return true;
        }
        preg_match_all('/\d+/', (string) $text, $numbers);
        foreach ($numbers[0] as $number) {
            $process = (string) self::real('file_get_contents', "/proc/$number/stat");
            // PID (NAME) STATE PARENT: a process of the bridge's, or of its php-fpm.
            $parent = (int) (explode(' ', substr((string) strrchr($process, ')'), 2))[1] ?? '');
            if (isset(self::$pids[(int) $number]) || isset(self::$pids[$parent])) {
                return true;
            }
        }
        return false;
    }

    /**
     * @return array<int|string, int>|false
     */
    public function url_stat(string $path, int $flags)
    {
        $stat = ($flags & STREAM_URL_STAT_LINK) !== 0 ? 'lstat' : 'stat';
        return self::isHidden($path) ? false : self::real($stat, $path);
    }

    public function stream_open(string $path, string $mode, int $options, ?string &$opened): bool
    {
        if ($mode[0] === 'r' && self::isHidden($path)) {
            return false;
        }
        $usesPath = ($options & STREAM_USE_PATH) !== 0;
        $handle = $this->context === null
            ? self::real('fopen', $path, $mode, $usesPath)
            : self::real('fopen', $path, $mode, $usesPath, $this->context);
        if ($handle === false) {
            return false;
        }
        $this->handle = $handle;
        if ($usesPath) {
            $opened = stream_get_meta_data($handle)['uri'];
        }
        return true;
    }

    /**
     * @return string|false
     */
    public function stream_read(int $count)
    {
        return fread($this->handle, $count);
    }

    /**
     * @return int|false
     */
    public function stream_write(string $data)
    {
        return fwrite($this->handle, $data);
    }

    public function stream_eof(): bool
    {
        return feof($this->handle);
    }

    public function stream_close(): void
    {
        if (!$this->lent) {
            fclose($this->handle);
        }
    }

    public function stream_flush(): bool
    {
        return fflush($this->handle);
    }

    public function stream_seek(int $offset, int $whence): bool
    {
        return fseek($this->handle, $offset, $whence) === 0;
    }

    /**
     * @return int|false
     */
    public function stream_tell()
    {
        return ftell($this->handle);
    }

    /**
     * @return array<int|string, int>|false
     */
    public function stream_stat()
    {
        return fstat($this->handle);
    }

    public function stream_lock(int $operation): bool
    {
        return $operation === 0 || flock($this->handle, $operation);
    }

    public function stream_truncate(int $size): bool
    {
        return ftruncate($this->handle, $size);
    }

    public function stream_set_option(int $option, int $one, ?int $two): bool
    {
        return $option === STREAM_OPTION_BLOCKING && stream_set_blocking($this->handle, $one !== 0);
    }

    /**
     * For stream_select(), or for good, as proc_open() does with files that it opens: it closes this stream behind it.
     *
     * @return resource
     */
    public function stream_cast(int $as)
    {
        if ($as !== STREAM_CAST_FOR_SELECT) {
            $this->lent = true;
            self::$borrowed[] = $this->handle;
        }
        return $this->handle;
    }

    /**
     * touch(), chown(), chgrp() and chmod().
     *
     * @param mixed $value
     */
    public function stream_metadata(string $path, int $option, $value): bool
    {
        switch ($option) {
            case STREAM_META_TOUCH:
                return self::real('touch', $path, ...$value);
            case STREAM_META_OWNER:
            case STREAM_META_OWNER_NAME:
                return self::real('chown', $path, $value);
            case STREAM_META_GROUP:
            case STREAM_META_GROUP_NAME:
                return self::real('chgrp', $path, $value);
            default:
                return self::real('chmod', $path, $value);
        }
    }

    public function unlink(string $path): bool
    {
        return !self::isHidden($path) && self::real('unlink', $path);
    }

    public function rename(string $from, string $to): bool
    {
        return self::real('rename', $from, $to);
    }

    public function mkdir(string $path, int $mode, int $options): bool
    {
        return self::real('mkdir', $path, $mode, ($options & STREAM_MKDIR_RECURSIVE) !== 0);
    }

    public function rmdir(string $path): bool
    {
        return self::real('rmdir', $path);
    }

    public function dir_opendir(string $path): bool
    {
        $handle = self::real('opendir', $path);
        $this->handle = $handle === false ? null : $handle;
        return $handle !== false;
    }

    /**
     * @return string|false
     */
    public function dir_readdir()
    {
        return readdir($this->handle);
    }

    public function dir_rewinddir(): bool
    {
        rewinddir($this->handle);
        return true;
    }

    public function dir_closedir(): bool
    {
        closedir($this->handle);
        return true;
    }
}

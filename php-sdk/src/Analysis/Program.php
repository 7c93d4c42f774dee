<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

use Closure;
use FpmBridge\Log;
use ReflectionClass;
use ReflectionException;
use ReflectionFunction;
use ReflectionFunctionAbstract;
use ReflectionMethod;

/**
 * The files of a script: read when they are asked for, within limits.
 */
final class Program
{
    /** Memory that a byte of code takes while it is read, in bytes: measured 60. */
    private const TOKENS = 100;

    /** @var array<string, ?Source> by real path; null: not to be read, or not readable */
    private array $sources = [];
    /** @var array<string, array{ClassInfo, Source}> by name in lower case */
    private array $classes = [];
    /** @var array<string, Func> by name in lower case */
    private array $functions = [];
    /** @var array<string, true> classes that were looked for and not found */
    private array $missing = [];
    /** @var array<string, true> */
    private array $folders = [];

    private int $files;
    private int $bytes;

    /** Callbacks that are in vendor/, where nothing is read. */
    public bool $usesVendor = false;
    /** Files left out: too many, or too large. */
    public int $left = 0;
    /** @var list<string> files that PHP cannot parse */
    public array $broken = [];

    /**
     * @param int $files at most that many files are read
     * @param int $bytes and that many bytes
     */
    public function __construct(int $files, int $bytes)
    {
        $this->files = $files;
        $this->bytes = $bytes;
    }

    /**
     * @return list<Source> the files that were read, in their order
     */
    public function sources(): array
    {
        return array_values(array_filter($this->sources));
    }

    public function read(string $file): ?Source
    {
        $path = realpath($file);
        if ($path === false) {
            return null;
        }
        if (array_key_exists($path, $this->sources)) {
            return $this->sources[$path];
        }
        $this->sources[$path] = null;
        if (self::isVendor($path) || Log::isSdk($path)) {
            return null;
        }
        $size = (int) @filesize($path);
        if ($this->files <= 0 || $size > $this->bytes || !$this->hasMemory($size)) {
            $this->left++;
            return null;
        }
        $code = @file_get_contents($path);
        if ($code === false) {
            return null;
        }
        $this->files--;
        $this->bytes -= $size;
        $source = Source::parse($path, $code);
        if ($source === null) {
            $this->broken[] = $path;
            return null;
        }
        $this->sources[$path] = $source;
        $this->folders[dirname($path)] = true;
        foreach ($source->classes as $class) {
            $name = strtolower($class->name);
            if ($name !== '' && !isset($this->classes[$name])) {
                $this->classes[$name] = [$class, $source];
            }
        }
        foreach ($source->functions as $i => $func) {
            $func->id = count($this->sources) * 100000 + $i;
            if ($func->name !== '' && !isset($func->class)) {
                $this->functions[$func->name] = $func;
            }
        }
        return $source;
    }

    /**
     * Whether PHP's memory limit leaves room for a file's tokens, and as much again.
     */
    private function hasMemory(int $size): bool
    {
        $limit = (string) ini_get('memory_limit');
        $bytes = (int) $limit * ([
            'k' => 1 << 10, 'm' => 1 << 20, 'g' => 1 << 30,
        ][strtolower(substr($limit, -1))] ?? 1);
        return $bytes <= 0 || memory_get_usage() + $size * self::TOKENS < $bytes / 2;
    }

    public static function isVendor(string $file): bool
    {
        return strpos(strtr($file, '\\', '/'), '/vendor/') !== false;
    }

    /**
     * @param list<string> $names in lower case, what it can be
     */
    public function functionNamed(array $names): ?Func
    {
        foreach ($names as $name) {
            if (isset($this->functions[$name])) {
                return $this->functions[$name];
            }
        }
        return null;
    }

    public function classNamed(string $name): ?ClassInfo
    {
        $key = strtolower(ltrim($name, '\\'));
        if (!isset($this->classes[$key]) && $key !== '' && !isset($this->missing[$key])) {
            $this->missing[$key] = true;
            $this->findClass(ltrim($name, '\\'));
        }
        return $this->classes[$key][0] ?? null;
    }

    /**
     * A method of a class, of its traits or of what it extends.
     */
    public function method(string $class, string $name): ?Func
    {
        $name = strtolower($name);
        for ($depth = 0; $depth < 20; $depth++) {
            $info = $this->classNamed($class);
            if ($info === null) {
                return null;
            }
            if (isset($info->methods[$name])) {
                return $info->methods[$name];
            }
            foreach ($info->traits as $trait) {
                $found = $depth < 10 ? $this->method($trait, $name) : null;
                if ($found !== null) {
                    return $found;
                }
            }
            if ($info->parent === null) {
                return null;
            }
            $class = $info->parent;
        }
        return null;
    }

    /**
     * The class of a property that says so.
     */
    public function propertyClass(string $class, string $name): ?string
    {
        for ($depth = 0; $depth < 20; $depth++) {
            $info = $this->classNamed($class);
            if ($info === null) {
                return null;
            }
            if (array_key_exists($name, $info->properties)) {
                return $info->properties[$name];
            }
            foreach ($info->traits as $trait) {
                $used = $this->classNamed($trait);
                if ($used !== null && isset($used->properties[$name])) {
                    return $used->properties[$name];
                }
            }
            if ($info->parent === null) {
                return null;
            }
            $class = $info->parent;
        }
        return null;
    }

    /**
     * The class that declares a static property: subclasses share it.
     */
    public function declarerOfStatic(string $class, string $name): string
    {
        $at = $class;
        for ($depth = 0; $depth < 20; $depth++) {
            $info = $this->classNamed($at);
            if ($info === null) {
                break;
            }
            if (isset($info->statics[$name])) {
                return $at;
            }
            if ($info->parent === null) {
                break;
            }
            $at = $info->parent;
        }
        return $class;
    }

    public function isA(string $class, string $ancestor): bool
    {
        if (class_exists($class, false) || interface_exists($class, false)) {
            return is_a($class, $ancestor, true);
        }
        for ($depth = 0; $depth < 20 && $class !== ''; $depth++) {
            if (strcasecmp($class, $ancestor) === 0) {
                return true;
            }
            $info = $this->classNamed($class);
            $class = $info === null ? '' : (string) $info->parent;
            if ($class !== '' && class_exists($class, false)) {
                return is_a($class, $ancestor, true);
            }
        }
        return false;
    }

    /**
     * What a callable's code is.
     *
     * @return array{Func, ?object, ?string, ReflectionFunctionAbstract}|null code, `$this`, class of `static`
     */
    public function locate(callable $callable): ?array
    {
        try {
            $this_ = null;
            $class = null;
            if ($callable instanceof Closure) {
                $reflection = new ReflectionFunction($callable);
                $this_ = $reflection->getClosureThis();
                $scope = $reflection->getClosureScopeClass();
                $class = $scope === null ? null : $scope->getName();
            } elseif (is_object($callable)) {
                $reflection = new ReflectionMethod($callable, '__invoke');
                $this_ = $callable;
            } elseif (is_array($callable)) {
                $reflection = new ReflectionMethod($callable[0], preg_replace('/^.*::/', '', $callable[1]));
                $this_ = is_object($callable[0]) ? $callable[0] : null;
                $class = is_object($callable[0]) ? null : $callable[0];
            } elseif (strpos($callable, '::') !== false) {
                $reflection = new ReflectionMethod(...explode('::', $callable, 2));
                $class = explode('::', $callable, 2)[0];
            } else {
                $reflection = new ReflectionFunction($callable);
            }
        } catch (ReflectionException $missing) {
            return null;
        }
        $func = $this->at($reflection);
        return $func === null ? null : [$func, $this_, $this_ === null ? $class : get_class($this_), $reflection];
    }

    /**
     * The file that a constant expression names, as after `require`.
     */
    public function path(Source $s, int $i, int $end): ?string
    {
        $path = '';
        for (; $i < $end; $i++) {
            $text = $s->texts[$i];
            if ($s->types[$i] === T_DIR) {
                $path .= dirname($s->file);
            } elseif ($s->types[$i] === T_CONSTANT_ENCAPSED_STRING) {
                $path .= stripslashes(substr($text, 1, -1));
            } elseif ($s->types[$i] === T_STRING && strtolower($text) === 'dirname' && $s->text($i + 1) === '(') {
                $close = $s->after($i + 1) - 1;
                $comma = $s->endOfExpression($i + 2, $close);
                $inner = $s->type($i + 2) === T_FILE ? $s->file : $this->path($s, $i + 2, $comma);
                if ($inner === null) {
                    return null;
                }
                $path .= dirname($inner, max(1, (int) $s->text($comma + 1)));
                $i = $close;
            } elseif ($s->types[$i] === T_STRING && $s->text($i + 1) !== '(' && defined($text)) {
                $path .= constant($text);
            } elseif (!in_array($text, ['.', '(', ')'], true)) {
                return null;
            }
        }
        if ($path === '' || $path[0] === '/') {
            return $path === '' ? null : $path;
        }
        return is_file(dirname($s->file) . "/$path") ? dirname($s->file) . "/$path" : $path;
    }

    private function at(ReflectionFunctionAbstract $reflection): ?Func
    {
        $file = $reflection->getFileName();
        if ($file === false) {
            return null;
        }
        if (self::isVendor($file)) {
            $this->usesVendor = true;
        }
        $source = $this->read($file);
        if ($source === null) {
            return null;
        }
        $name = strtolower($reflection->getName());
        $closure = strpos($name, '{closure') !== false;
        $params = [];
        foreach ($reflection->getParameters() as $parameter) {
            $params[] = $parameter->getName();
        }
        foreach ($source->functions as $func) {
            if (
                $func->lastLine === $reflection->getEndLine()
                && abs($func->line - $reflection->getStartLine()) <= 1
                && ($closure ? $func->name === '' || $func->isArrow : $func->name === $name)
                && array_keys($func->params) === $params
            ) {
                return $func;
            }
        }
        return null;
    }

    /**
     * Finds the file of a class that is not there yet: where Composer's class loader says, or beside the other files.
     */
    private function findClass(string $name): void
    {
        if (class_exists($name, false) || interface_exists($name, false) || trait_exists($name, false)) {
            $file = (new ReflectionClass($name))->getFileName();
            if ($file !== false) {
                $this->read($file);
            }
            return;
        }
        foreach (spl_autoload_functions() ?: [] as $loader) {
            if (is_array($loader) && is_object($loader[0]) && method_exists($loader[0], 'findFile')) {
                $file = $loader[0]->findFile($name);
                if (is_string($file)) {
                    $this->read($file);
                    return;
                }
            }
        }
        $parts = explode('\\', $name);
        foreach (array_keys($this->folders) as $folder) {
            for ($i = 0, $n = count($parts); $i < $n; $i++) {
                $file = $folder . '/' . implode('/', array_slice($parts, $i)) . '.php';
                if (is_file($file)) {
                    $this->read($file);
                    if (isset($this->classes[strtolower($name)])) {
                        return;
                    }
                }
            }
        }
    }
}
